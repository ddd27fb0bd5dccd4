"""From Start to the summary: clicks that come twice, Stop, Resume, Drop, and sums that add up."""

import asyncio
import csv
import io

import pytest

from sandbox.kit import Account
from sandbox.mail import Behaviour
from sandbox.mail.addresses import ODD, Address
from sandbox.people import FORMS, TAGS, People, Person, State
from sandbox.slack import Message, NotDrawn
from tests.conversation.conftest import Open
from tests.conversation.scene import SMALL, Scene, figures, hurried_updates, pick
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")

LABELS = [category.label for category in Category]


def _rows(scene: Scene, message: Message) -> list[dict[str, str]]:
    """Read the file in a message's thread."""
    reply = next(m for m in scene.slack.thread(message) if scene.slack.files_of(m))
    content = scene.slack.files_of(reply)[0].content or b""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _balance(text: str) -> int:
    return int(text.split("Balance: ")[1].split(" ")[0].replace(",", ""))


async def _with_silence(scene: Scene, people: People) -> Account:
    """Open an account of these people and of one whose mail server never says a word."""
    scene.world.mail.add_domain("waitsforever.com", Behaviour.SILENT)
    truth = Address("nobody@waitsforever.com", Category.UNKNOWN, Category.UNKNOWN)
    last = people.persons[-1]
    silent = Person(last.id + 1, None, truth.address, State.ACTIVE, last.created_at, (), (), truth)
    return await scene.connect(
        scene.new_account(people=People((*people.persons, silent), TAGS, FORMS))
    )


async def test_the_summary_counts_everybody_once_as_the_truth_is(scene: Scene) -> None:
    await scene.connect(scene.new_account(SMALL, greylisted=2))
    message = await scene.quote()
    before = figures(scene.slack.as_text(message))["Balance now"]
    await scene.slack.person("owner").click(message, action_id="run_start")
    text = await scene.shows(message, "# Summary")
    counts = {label: figures(text)[label] for label in LABELS}
    assert counts == {category.label: len(scene.ids(category)) for category in Category}
    whole = len(scene.account.subscribers)
    assert sum(counts.values()) == whole
    free = counts["Unknown"]
    assert f"{whole} credits held: {whole - free} charged, {free} given back" in text
    assert _balance(text) == before - whole + free
    assert "[Clean up]" in text
    assert "Safe rate: 41.7 %" in text
    reply = await scene.delivered(message)
    assert "@owner" in scene.slack.as_text(reply)
    assert [file.name[-4:] for file in scene.slack.files_of(reply)] == [".csv"]


async def test_odd_addresses_end_with_a_verdict_each(scene: Scene) -> None:
    odd = [p for p in scene.world.people.active if p.truth in ODD]
    assert len(odd) == len(ODD)
    await scene.finished_run(scene.new_account(people=People(tuple(odd), TAGS, FORMS)))
    rows = _rows(scene, scene.said()[0])
    assert {int(row["subscriber_id"]): row["category"] for row in rows} == {
        person.id: person.category.label for person in odd
    }
    assert len(rows) == len(odd)
    text = scene.slack.as_text(scene.said()[0])
    assert sum(figures(text)[label] for label in LABELS) == len(odd)


async def test_an_address_shared_by_two_subscribers_is_a_verdict_for_each(scene: Scene) -> None:
    first, *rest = pick(scene.world.people, {Category.SAFE: 1, Category.INVALID: 1}).persons
    again = Person(
        first.id - 1, None, first.address, first.state, first.created_at, (), (), first.truth
    )
    message = await scene.finished_run(
        scene.new_account(people=People((again, first, *rest), TAGS, FORMS))
    )
    assert figures(scene.slack.as_text(message))["Safe"] == 2


async def test_a_list_of_safe_addresses_offers_no_clean_up(scene: Scene) -> None:
    message = await scene.finished_run(scene.new_account({Category.SAFE: 3}))
    text = scene.slack.as_text(message)
    assert "nothing to clean up" in text
    assert "[Clean up]" not in text


async def test_start_pressed_by_two_people_at_once_starts_one_run(scene: Scene) -> None:
    await scene.connect()
    message = await scene.quote()
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await asyncio.gather(
        owner.click(message, action_id="run_start"), colleague.click(message, action_id="run_start")
    )
    text = await scene.shows(message, "# Summary")
    whole = len(scene.account.subscribers)
    assert f"{whole} credits held" in text
    told = await scene.slack.until(lambda: [*scene.told("owner"), *scene.told("colleague")])
    assert len(told) == 1
    loser = "colleague" if scene.told("colleague") else "owner"
    winner = "owner" if loser == "colleague" else "colleague"
    assert f"@{winner} started this run" in told[0] or f"@{winner} decided" in told[0]
    assert "Your click changed nothing" in told[0]


async def test_start_delivered_twice_starts_one_run(scene: Scene) -> None:
    await scene.connect()
    message = await scene.quote()
    scene.slack.deliver_next_twice()
    await scene.slack.person("owner").click(message, action_id="run_start")
    text = await scene.shows(message, "# Summary")
    assert f"{len(scene.account.subscribers)} credits held" in text
    assert len(scene.said()) == 1


async def test_cancel_ends_the_quote_and_nothing_is_charged(scene: Scene) -> None:
    await scene.connect()
    message = await scene.quote()
    asked = len(scene.world.mail.journal.commands)
    await scene.slack.person("colleague").click(message, action_id="run_cancel")
    text = await scene.shows(message, "@colleague cancelled the quote")
    assert "nothing was charged" in text
    assert "[" not in text
    assert len(scene.world.mail.journal.commands) == asked


async def test_start_and_cancel_at_once_have_one_winner(scene: Scene) -> None:
    await scene.connect()
    message = await scene.quote()
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await asyncio.gather(
        colleague.click(message, action_id="run_cancel"),
        owner.click(message, action_id="run_start"),
    )
    text = await scene.slack.until(
        lambda: next(
            (
                text
                for text in [scene.slack.as_text(message)]
                if "# Summary" in text or "cancelled" in text
            ),
            None,
        ),
        20,
    )
    told = await scene.slack.until(lambda: [*scene.told("owner"), *scene.told("colleague")])
    assert len(told) == 1
    assert ("@owner" if "# Summary" in text else "@colleague cancelled") in told[0]


async def test_a_stopped_run_can_be_dropped_and_the_rest_is_free(scene: Scene) -> None:
    await _with_silence(scene, pick(scene.world.people, {Category.SAFE: 3}))
    message = await scene.quote()
    before = figures(scene.slack.as_text(message))["Balance now"]
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await owner.click(message, action_id="run_start")
    await scene.shows(message, "[Stop]")
    press = await colleague.click(message, action_id="run_stop")
    assert press.confirm is not None, "Stop asks first"
    text = await scene.shows(message, "# Stopped")
    assert "@colleague pressed Stop" in text
    assert "[Resume] [Drop]" in text
    await owner.click(message, action_id="run_drop")
    text = await scene.shows(message, "# Summary")
    assert sum(figures(text)[label] for label in LABELS) == 4
    assert _balance(text) == before - 4 + figures(text)["Unknown"]
    await scene.delivered(message)
    with pytest.raises(NotDrawn):
        await owner.click(message, action_id="run_resume")


async def test_stop_can_be_thought_better_of(scene: Scene) -> None:
    await _with_silence(scene, pick(scene.world.people, {Category.SAFE: 1}))
    message = await scene.quote()
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="run_start")
    await scene.shows(message, "[Stop]")
    press = await owner.click(message, action_id="run_stop", accept=False)
    assert press.delivery is None
    await owner.slash("/verify", "status")
    status = await scene.hears("owner", scene.account.name)
    assert "[Stop]" in status
    await owner.click(scene.slack.ephemerals("owner")[-1], action_id="run_stop")
    await scene.shows(message, "# Stopped")
    await owner.click(message, action_id="run_drop")
    await scene.shows(message, "# Summary")


async def test_a_stopped_run_goes_on_with_resume_and_asks_nobody_twice(open_own: Open) -> None:
    scene = await open_own(RETRY_DELAYS_SECONDS="3")
    await scene.connect(scene.new_account(SMALL, greylisted=2))
    message = await scene.quote()
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="run_start")
    await scene.shows(message, "a second look is due")
    asked = scene.world.mail.journal.recipients()
    await owner.click(message, action_id="run_stop")
    text = await scene.shows(message, "# Stopped")
    assert "[Resume]" in text
    await owner.click(message, action_id="run_resume")
    text = await scene.shows(message, "# Summary")
    counts = {label: figures(text)[label] for label in LABELS}
    assert counts == {category.label: len(scene.ids(category)) for category in Category}
    later = scene.world.mail.journal.recipients()[len(asked) :]
    domains = {address.rpartition("@")[2].strip("<>") for address in later}
    assert domains <= {"patientmail.org", "greyheron.net"}, "only the greylisted are asked again"


async def test_a_run_that_waits_for_a_second_look_survives_ctrl_c(open_own: Open) -> None:
    scene = await open_own(RETRY_DELAYS_SECONDS="2")
    await scene.connect(scene.new_account(SMALL, greylisted=2))
    message = await scene.quote()
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.shows(message, "a second look is due")
    assert await scene.bot.stop() == 0
    await scene.bot.start()
    text = await scene.shows(message, "# Summary", within=30)
    assert figures(text)["Safe"] == len(scene.ids(Category.SAFE))
    await scene.delivered(message)


async def test_progress_is_shown_no_more_often_than_was_set(open_own: Open) -> None:
    scene = await open_own(people=1_500, PROGRESS_SECONDS="0.4", SMTP_RATE="200")
    everybody = [p for p in scene.world.people.active if p.category is Category.SAFE]
    await scene.connect(scene.new_account(people=People(tuple(everybody), TAGS, FORMS)))
    message = await scene.quote()
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.shows(message, "# Summary", within=40)
    assert any("of" in version.text for version in message.history)
    assert hurried_updates(message, "Verifying", 0.2) == []
    moved = {version.text for version in message.history if " done, " in version.text}
    assert len(moved) >= 3, "there was progress to see"
