"""Any record that could be: hostile names, large numbers, every state."""

from datetime import timedelta

from hypothesis import strategies as st

from convertkit import ApiVersion
from storage.plans import PLAN_CATEGORIES, Plan, PlanRow
from storage.records import (
    Audience,
    Cleanup,
    CleanupReport,
    Connection,
    CreditEntry,
    Run,
    RunReport,
    Schedule,
)
from storage.states import (
    Action,
    AudienceKind,
    Cadence,
    CleanupState,
    ConnectionStatus,
    CreditKind,
    RunState,
    StopReason,
    UnsubscribeState,
)
from tests.commands.views.samples import NOW
from verification import Category

_HOSTILE = st.sampled_from(
    (
        "VIP <!channel> *bold*",
        "<@U0EVIL> & <https://example.com|click>",
        "_a_ ~b~ `c` ```d``` :tada: > quote",
        "\u202egnp.exe\u2066",
        "line\nbreak\ttab\x00nul",
        "&lt;!here&gt;",
        "<!date^0^{date}|x>",
        "é日本語👩‍👩‍👧",
        "*" * 300,
        "&" * 300,
        "x" * 5000,
        " ",
        "",
    )
)
texts = st.one_of(_HOSTILE, st.text(max_size=400))
counts = st.integers(0, 10_000_000)
ids = st.integers(1, 2**53)
moments = st.timedeltas(timedelta(days=-2000), timedelta(days=5000)).map(lambda far: NOW + far)
users = st.one_of(st.sampled_from(("U0ANNA", "W0BEN")), texts)
earlier = st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda ago: NOW - ago)

categories = st.dictionaries(st.sampled_from(Category), counts)
connections = st.builds(
    Connection,
    id=ids,
    workspace_id=st.just("T0TEAM"),
    name=texts,
    account_name=texts,
    api_version=st.sampled_from(ApiVersion),
    last_four=st.text(max_size=4),
    status=st.sampled_from(ConnectionStatus),
    connected_by=users,
)


@st.composite
def _audiences(draw: st.DrawFn) -> Audience:
    kind = draw(st.sampled_from(AudienceKind))
    if kind is AudienceKind.SUBSCRIBERS:
        return Audience(kind)
    names = draw(st.lists(texts, min_size=1, max_size=6))
    return Audience(kind, tuple(range(len(names))), tuple(names))


audiences = _audiences()
runs = st.builds(
    Run,
    id=ids,
    workspace_id=texts,
    connection_id=ids,
    audience=audiences,
    requested_by=users,
    channel_id=st.just("C0LIST"),
    message_ts=st.none(),
    state=st.sampled_from(RunState),
    created_at=moments,
    subscribers=counts,
    duplicates=counts,
    decided_by=st.none() | users,
    started_at=st.none() | earlier,
    finished_at=st.none() | moments,
    stop_reason=st.none() | st.sampled_from(StopReason),
    note=st.none() | texts,
    schedule_id=st.none() | ids,
    attempt=st.integers(0, 5),
)
run_reports = st.builds(
    RunReport,
    run=runs,
    connection=connections,
    balance=counts,
    counts=categories,
    roles=counts,
    typos=counts,
    held=counts,
    charged=counts,
    released=counts,
    waiting=counts,
    retry_at=st.none() | moments,
    previous_safe_share=st.none() | st.floats(0, 1),
)
plans = st.fixed_dictionaries(
    {
        category: st.builds(PlanRow, enabled=st.booleans(), action=st.sampled_from(Action))
        for category in PLAN_CATEGORIES
    }
).map(Plan)
cleanups = st.builds(
    Cleanup,
    id=ids,
    workspace_id=st.just("T0TEAM"),
    run_id=ids,
    plan=plans,
    requested_by=users,
    channel_id=st.just("C0LIST"),
    message_ts=st.none(),
    state=st.sampled_from(CleanupState),
    created_at=moments,
    expires_at=moments,
    subscribers=counts,
    digest=st.just("d" * 64),
    decided_by=st.none() | users,
    decided_at=st.none() | moments,
    stopped_by=st.none() | users,
    stop_reason=st.none() | st.sampled_from(StopReason),
    note=st.none() | texts,
    requested_at=st.none() | moments,
    finished_at=st.none() | moments,
    attempt=st.integers(0, 5),
)
cleanup_reports = st.builds(
    CleanupReport,
    cleanup=cleanups,
    run=runs,
    connection=connections,
    by_category=categories,
    by_state=st.dictionaries(st.sampled_from(UnsubscribeState), counts),
    next_proof_at=st.none() | moments,
)
entries = st.builds(
    CreditEntry,
    kind=st.sampled_from(CreditKind),
    credits=counts,
    run_id=st.none() | ids,
    made_by=st.none() | users,
    note=st.none() | texts,
    made_at=moments,
)
schedules = st.builds(
    Schedule,
    id=ids,
    workspace_id=st.just("T0TEAM"),
    connection_id=ids,
    audience=audiences,
    cadence=st.sampled_from(Cadence),
    day=st.integers(0, 31),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    timezone=st.sampled_from(("Europe/Paris", "America/Argentina/ComodRivadavia")),
    channel_id=st.sampled_from(("C0LIST", "not a channel <!here>")),
    created_by=users,
    created_at=moments,
)
