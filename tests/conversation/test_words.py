"""What a person can type after the two commands, and what they read then."""

import pytest

from tests.conversation.conftest import Open
from tests.conversation.scene import Scene
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("command", ["/verify", "/cleanup"])
async def test_help_explains_commands_categories_and_the_commonest_troubles(
    scene: Scene, command: str
) -> None:
    await scene.slack.person("newcomer").slash(command, "help")
    text = await scene.hears("newcomer", command)
    for word in ("schedule", "status", "credits", "connect", "help"):
        assert f"/verify {word}" in text
    for category in Category:
        assert category.label in text
    assert "I cannot find the API Secret" in text
    assert "Subscribers do not show up as unsubscribed" in text
    assert "Account Settings > Advanced" in text
    assert scene.said() == [], "nobody else sees it"


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        pytest.param("/verify", "everything now", id="verify"),
        pytest.param("/cleanup", "delete", id="cleanup"),
        pytest.param("/verify", "<!channel> *now*", id="hostile"),
        pytest.param("/verify", "x" * 3000, id="long"),
    ],
)
async def test_a_word_that_is_not_understood_is_answered_with_the_help(
    scene: Scene, command: str, typed: str
) -> None:
    await scene.slack.person("owner").slash(command, typed)
    text = await scene.hears("owner", "is not something I know")
    assert "/verify status" in text
    assert scene.said() == []


@pytest.mark.parametrize("typed", ["HELP", "  help  "])
async def test_words_are_understood_however_they_are_typed(scene: Scene, typed: str) -> None:
    await scene.slack.person("owner").slash("/verify", typed)
    assert "is not something I know" not in await scene.hears("owner", "/verify status")


async def test_a_new_workspace_is_granted_two_hundred_credits_and_the_operator_adds_more(
    open_own: Open,
) -> None:
    scene = await open_own(WELCOME_CREDITS="200")
    refused = await scene.bot.ask("credits", "grant", "T0SANDBOX", "5")
    assert "Nothing was granted" in refused
    owner = scene.slack.person("owner")
    await owner.slash("/verify", "credits")
    assert "+200 granted" in await scene.hears("owner", "Balance: 200 credits")
    assert "Granted 50 credits" in await scene.bot.ask(
        "credits", "grant", "T0SANDBOX", "50", "--note", "for <!here> & friends"
    )
    await owner.slash("/verify", "credits")
    text = await scene.hears("owner", "Balance: 250 credits")
    assert "for <!here> & friends" in text


async def test_credits_show_what_a_run_held_spent_and_gave_back(scene: Scene) -> None:
    await scene.finished_run()
    await scene.slack.person("owner").slash("/verify", "credits")
    text = await scene.hears("owner", "Balance")
    assert "-10 held" in text
    assert "9 of the held credits spent" in text
    assert "+1 given back" in text


async def test_why_shows_the_evidence_to_whoever_asks(scene: Scene) -> None:
    await scene.finished_run()
    address = next(
        s.facts.address for s in scene.account.subscribers if s.id in scene.ids(Category.INVALID)
    )
    scene.typed.add(address)
    await scene.slack.person("colleague").slash("/verify", f"why {address}")
    text = await scene.hears("colleague", address)
    assert "Invalid" in text
    assert "The rule that decided" in text
    assert len(scene.said()) == 1, "nobody else sees it"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        pytest.param("why", "Type the address as it is in ConvertKit", id="nobody"),
        pytest.param("why stranger@example.com", "was not verified here", id="stranger"),
    ],
)
async def test_why_says_what_it_needs_to_know(scene: Scene, typed: str, answer: str) -> None:
    await scene.slack.person("owner").slash("/verify", typed)
    await scene.hears("owner", answer)


async def test_status_says_when_nothing_is_running(open_own: Open) -> None:
    scene = await open_own()
    await scene.slack.person("owner").slash("/verify", "status")
    await scene.hears("owner", "Nothing is running and nothing is scheduled")


async def test_status_shows_what_waits_for_somebody(scene: Scene) -> None:
    await scene.request(await scene.finished_run(scene.new_account(name="Waits for approval")))
    await scene.connect(scene.new_account(name="Waits for start"))
    await scene.quote()
    await scene.slack.person("colleague").slash("/verify", "status")
    text = await scene.hears("colleague", "# Status")
    assert "Waits for start: the quote waits for Start or Cancel" in text
    assert "Waits for approval: waits for Approve or Reject" in text


async def test_cleanup_without_a_finished_run_says_what_to_do_first(open_own: Open) -> None:
    scene = await open_own()
    owner = scene.slack.person("owner")
    await owner.slash("/cleanup")
    await scene.hears("owner", "There is no finished run to clean up yet")
    await scene.connect()
    await scene.quote()
    await owner.slash("/cleanup")
    text = await scene.hears("owner", "is not finished yet")
    assert scene.account.name in text
    await owner.click(scene.slack.ephemerals("owner")[-1], action_id="verify_open")
    await scene.dialog("owner", "verify")
