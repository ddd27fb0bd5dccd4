"""The composition root: the one file that knows every class, and puts them together."""

import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import in_background
from bot.board import Board
from bot.metrics import CountingFailures, CountingVerifier, Metrics, served
from bot.notifier import SlackNotifier
from bot.probing import keep_looking
from bot.roles import Role, engine_of
from bot.settings import Settings, seconds
from bot.uploads import Uploads
from commands.lists import Lists
from commands.register import register
from commands.services import Services
from convertkit import Endpoints, open_http
from jobs.accounts import Accounts
from jobs.calendar import Calendar
from jobs.cleanup import CleanupJob
from jobs.takeup import OPENING, keep_taking_up, take_up
from jobs.tidy import Tidy
from jobs.verify import SHELF_LIVES, VerifyJob
from jobs.watch import Watch
from jobs.workflows import Workflows
from storage.address_keys import AddressKeys
from storage.cleanups import Cleanups
from storage.connections import Connections
from storage.credits import Credits
from storage.database import Database
from storage.decisions import Decisions
from storage.evidence import EvidenceBook
from storage.known_verdicts import KnownVerdicts
from storage.migrations import migrate
from storage.reports import Reports
from storage.retention import Retention
from storage.reuse import Reuse
from storage.run_subscribers import RunSubscribers
from storage.runs import Runs
from storage.schedules import Schedules
from storage.turns import Turns
from storage.unsubscribes import Unsubscribes
from storage.vault import Vault, decode_key, load_or_make_key
from storage.watching import Watching
from storage.workspaces import Workspaces
from verification import ProbeOptions, Verifier, build_engine

#: What the key is derived for that known verdicts are kept under; it never changes.
KNOWN_VERDICTS = "known verdicts"


def clock() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


def open_vault(settings: Settings) -> Vault:
    """Open the vault with the key from the environment, or else from the key file."""
    given = settings.encryption_key.get_secret_value()
    return Vault(decode_key(given) if given else load_or_make_key(settings.data_dir / "key"))


@contextlib.asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database with its newest schema."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database, wait=settings.database_wait_seconds)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


def open_slack(settings: Settings) -> AsyncWebClient:
    """Open Slack's Web API; what it refuses for a moment is asked again."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url
    )
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    client.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=2))
    return client


def probe_options(settings: Settings, made_up_key: bytes) -> ProbeOptions:
    """Say how, as whom and how politely mail servers are asked."""
    return ProbeOptions(
        helo_name=settings.smtp_helo,
        mail_from=settings.smtp_mail_from,
        smtp_port=settings.smtp_port,
        rate=settings.smtp_rate,
        resolver=settings.resolver,
        allow_private_networks=settings.allow_private_networks,
        probe_reluctant_providers=settings.probe_reluctant_providers,
        made_up_key=made_up_key,
    )


@contextlib.asynccontextmanager
async def running_bot(
    settings: Settings, role: Role, metrics: Metrics, verifier: Verifier | None = None
) -> AsyncIterator[AsyncApp]:
    """Put everything together and take up what was left undone.

    Without a verifier the built-in engine verifies, and looks now and then whether it may.
    """
    async with contextlib.AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = await stack.enter_async_context(engine_of(settings, role))
        database = await stack.enter_async_context(open_database(settings))
        http = await stack.enter_async_context(open_http(metrics.count_answer))
        vault = open_vault(settings)
        client = open_slack(settings)
        client.retry_handlers.insert(0, CountingFailures(metrics))

        proof_delays = seconds(settings.proof_delays_seconds)
        the_runs, subscribers = Runs(database), RunSubscribers(database)
        the_cleanups, unsubscribes = Cleanups(database), Unsubscribes(database)
        decisions = Decisions(database)
        connections, schedules = Connections(database, vault), Schedules(database)
        keys = AddressKeys(vault.derive(KNOWN_VERDICTS))
        known = KnownVerdicts(database, keys)
        reports = Reports(database, proof_delays=proof_delays)
        accounts = Accounts(
            connections=connections,
            http=http,
            endpoints=Endpoints(v3=settings.convertkit_v3_url, v4=settings.convertkit_v4_url),
            calls_per_minute=settings.convertkit_calls_per_minute,
        )
        turns = Turns(database)
        notifier = SlackNotifier(
            client=client,
            board=Board(
                client=client,
                turns=turns,
                progress_seconds=settings.progress_seconds,
            ),
            uploads=Uploads(client),
            turns=turns,
            runs=the_runs,
            subscribers=subscribers,
            cleanups=the_cleanups,
            unsubscribes=unsubscribes,
            reports=reports,
            clock=clock,
            calls_per_minute=settings.convertkit_calls_per_minute,
            folder=settings.data_dir,
        )
        options = probe_options(settings, vault.derive("made-up address"))
        prober = build_engine(options)
        workflows = Workflows(
            engine,
            VerifyJob(
                runs=the_runs,
                subscribers=subscribers,
                reuse=Reuse(database, keys),
                known=known,
                connections=connections,
                accounts=accounts,
                verifier=CountingVerifier(verifier or prober, metrics),
                notifier=notifier,
                clock=clock,
                retry_delays=seconds(settings.retry_delays_seconds),
                is_closing=engine.is_closing,
            ),
            CleanupJob(
                cleanups=the_cleanups,
                decisions=decisions,
                unsubscribes=unsubscribes,
                runs=the_runs,
                connections=connections,
                accounts=accounts,
                notifier=notifier,
                clock=clock,
                proof_delays=proof_delays,
                is_closing=engine.is_closing,
            ),
            outage_delays=seconds(settings.outage_delays_seconds),
        )
        tidy = Tidy(
            engine,
            runs=the_runs,
            cleanups=the_cleanups,
            decisions=decisions,
            retention=Retention(database, known),
            notifier=notifier,
            clock=clock,
            keep=timedelta(days=settings.retention_days),
            reuse=max(SHELF_LIVES.values()),
        )
        watching = Watching(database)
        served_metrics = served(
            metrics,
            watching,
            host=settings.metrics_host,
            port=settings.metrics_port,
            clock=clock,
        )
        await stack.enter_async_context(served_metrics)
        watch = Watch(
            watching=watching,
            notifier=notifier,
            clock=clock,
            after=timedelta(minutes=settings.stuck_minutes),
        )
        calendar = Calendar(
            schedules=schedules, runs=the_runs, workflows=workflows, tidy=tidy, clock=clock
        )
        app = AsyncApp(
            client=client,
            # Given none, Bolt makes loggers at the root's level: DEBUG shows what a dialog holds.
            logger=logging.getLogger("slack_bolt"),
            raise_error_for_unhandled_request=True,
        )
        register(
            app,
            Services(
                workspaces=Workspaces(database, welcome_credits=settings.welcome_credits),
                connections=connections,
                runs=the_runs,
                cleanups=the_cleanups,
                decisions=decisions,
                schedules=schedules,
                credits=Credits(database),
                reports=reports,
                evidence=EvidenceBook(database, keys),
                accounts=accounts,
                workflows=workflows,
                calendar=calendar,
                lists=Lists(accounts),
                notifier=notifier,
                clock=clock,
                approval_expires=timedelta(seconds=settings.approval_expires_seconds),
                retention_days=settings.retention_days,
            ),
        )
        if role.works and verifier is None:
            # Before the engine takes anything up: nobody is asked until the first look has ended.
            looking = keep_looking(prober, options, settings.smtp_check_hosts)
            await stack.enter_async_context(in_background(looking))
        await engine.launch()
        stack.push_async_callback(engine.close)
        # On SQLite this is the only process, and it has made nothing yet.
        opened_before = clock() - (timedelta() if database.is_sqlite else OPENING)
        await take_up(workflows, the_runs, the_cleanups, opened_before=opened_before)
        if role.works:
            undone = keep_taking_up(workflows, the_runs, the_cleanups, clock)
            await stack.enter_async_context(in_background(undone))
        await stack.enter_async_context(in_background(watch.keep_looking()))
        await calendar.start()
        stack.callback(calendar.stop)
        yield app
