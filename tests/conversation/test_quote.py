"""From the Verify dialog to the quote: audiences, duplicates, prices, channels that are shut."""

import asyncio
from dataclasses import replace

import pytest

from sandbox.kit import Fault, Route
from sandbox.people import People, Person, State, make_people
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene, figures, pick
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _tagged(scene: Scene, *tags: int) -> list[set[int]]:
    return [
        {s.id for s in scene.account.subscribers if tag in s.tags and s.facts.state is State.ACTIVE}
        for tag in tags
    ]


async def test_the_quote_says_how_many_what_it_costs_and_what_is_left(scene: Scene) -> None:
    await scene.connect()
    message = await scene.quote()
    shown = figures(scene.slack.as_text(message))
    count = len(scene.account.subscribers)
    assert shown["Subscribers"] == shown["Cost"] == count
    assert shown["Duplicates removed"] == 0
    assert shown["Balance after"] == shown["Balance now"] - count
    assert "[Start] [Cancel]" in scene.slack.as_text(message)


async def test_two_tags_that_share_subscribers_count_each_of_them_once(scene: Scene) -> None:
    await scene.connect(scene.new_account({Category.SAFE: 60}))
    newsletter, customers = _tagged(scene, 3_910_001, 3_910_002)
    assert newsletter & customers
    message = await scene.quote(kind="tags", choices=["Newsletter", "Customers"])
    text = scene.slack.as_text(message)
    assert 'Tagged groups "Newsletter" and "Customers"' in text
    assert figures(text)["Subscribers"] == len(newsletter | customers)
    assert figures(text)["Duplicates removed"] == len(newsletter & customers)


async def test_two_forms_are_verified_together(scene: Scene) -> None:
    await scene.connect(scene.new_account({Category.SAFE: 40}))
    on = [
        {s.id for s in scene.account.subscribers if form in s.forms} for form in (5240001, 5240002)
    ]
    message = await scene.quote(kind="forms", choices=["Home page", "Free chapter"])
    assert figures(scene.slack.as_text(message))["Subscribers"] == len(on[0] | on[1])


async def test_an_archived_form_is_not_offered(scene: Scene) -> None:
    await scene.connect()
    view = await scene.fill_verify(kind="forms")
    assert "Spring giveaway (closed)" not in str(view.blocks)


async def test_a_hostile_tag_name_is_drawn_literally(scene: Scene) -> None:
    await scene.connect(scene.new_account({Category.SAFE: 60}))
    message = await scene.submit_verify(kind="tags", choices=["VIP <!channel> *bold*"])
    text = await scene.shows(message, "VIP <!channel>")
    # Slack has no escape for a star, so a look-alike is drawn.
    assert "\u2217bold\u2217" in text
    assert "&lt;!channel&gt;" in str(message.blocks)
    assert scene.slack.broadcasts == []


async def test_a_hostile_account_name_is_drawn_literally(scene: Scene) -> None:
    await scene.connect(scene.new_account(name="<!everyone> & <https://example.com|us> ~gone~"))
    text = scene.slack.as_text(await scene.quote())
    assert "<!everyone> & <https://example.com|us>" in text


@pytest.mark.parametrize(
    ("kind", "name"),
    [pytest.param("tags", "Nobody yet", id="tag"), pytest.param("forms", "Coming soon", id="form")],
)
async def test_an_empty_tag_or_form_gets_a_sentence_and_no_start(
    scene: Scene, kind: str, name: str
) -> None:
    await scene.connect()
    message = await scene.submit_verify(kind=kind, choices=[name])
    text = await scene.shows(message, "nothing to verify")
    assert name in text
    assert "Nothing was charged" in text or "nothing was charged" in text
    assert "[Start]" not in text


async def test_an_account_with_nobody_gets_a_sentence(scene: Scene) -> None:
    await scene.connect(scene.new_account(people=People(())))
    message = await scene.submit_verify()
    assert "[Start]" not in await scene.shows(message, "nothing to verify")


async def test_an_account_without_tags_says_so_where_they_would_be(scene: Scene) -> None:
    await scene.connect(scene.new_account(people=People(())))
    owner = scene.slack.person("owner")
    await owner.slash("/verify")
    view = await scene.dialog("owner", "verify")
    await owner.choose(view, "audience", "tags")
    await scene.dialog_shows("owner", "no tags")
    submission = await owner.submit(view)
    assert submission.errors, "the dialog stays, with a sentence at the audience"
    assert scene.said() == []


async def test_tags_are_not_left_out_unnoticed(scene: Scene) -> None:
    await scene.connect()
    view = await scene.fill_verify(kind="tags")
    submission = await scene.slack.person("owner").submit(view)
    assert submission.errors
    assert scene.said() == []


async def test_more_than_a_hundred_tags_are_searched_by_typing(scene: Scene) -> None:
    few = make_people(30, many_tags=150)
    quick = pick(scene.world.people, {Category.SAFE: 5})
    campaign = next(tag for tag in few.tags if tag.name == "Campaign 123")
    persons = tuple(_with_tag(person, campaign.id) for person in quick.persons)
    await scene.connect(scene.new_account(people=People(persons, few.tags, few.forms)))
    owner = scene.slack.person("owner")
    await owner.slash("/verify")
    view = await scene.dialog("owner", "verify")
    await owner.choose(view, "audience", "tags")
    await scene.dialog_shows("owner", "Type to search 155 tags")
    options = await owner.suggest(view, "choices_search", "gn 12")
    assert {o["text"]["text"] for o in options} == {f"Campaign 12{n}" for n in range(10)}
    assert len(await owner.suggest(view, "choices_search", "")) == 100
    assert await owner.suggest(view, "choices_search", "nothing like it") == ()
    await owner.choose(view, "choices_search", "Campaign 123")
    assert (await owner.submit(view)).errors == {}
    message = await scene.slack.until(lambda: next(iter(scene.said()), None))
    text = await scene.shows(message, "[Start]")
    assert "Campaign 123" in text
    assert figures(text)["Subscribers"] == 5


async def test_a_dialog_submitted_twice_makes_one_run(scene: Scene) -> None:
    await scene.connect()
    view = await scene.fill_verify()
    scene.slack.deliver_next_twice()
    await scene.slack.person("owner").submit(view)
    message = await scene.slack.until(lambda: next(iter(scene.said()), None))
    await scene.shows(message, "[Start]")
    await asyncio.sleep(0.3)
    assert len(scene.said()) == 1


async def test_another_connection_can_be_chosen_in_the_dialog(scene: Scene) -> None:
    first = await scene.connect(scene.new_account({Category.SAFE: 4}, name="The older one"))
    await scene.connect(scene.new_account({Category.SAFE: 7}, name="The newer one"))
    owner = scene.slack.person("owner")
    view = await scene.fill_verify(kind="tags")
    await owner.choose(view, "connection", "The older one")
    await scene.slack.until(lambda: "Reading the tags" not in scene.slack.as_text(view))
    await owner.choose(view, "audience", "subscribers")
    await scene.slack.until(lambda: "choices" not in str(view.blocks))
    await owner.submit(view)
    message = await scene.slack.until(lambda: next(iter(scene.said()), None))
    text = await scene.shows(message, "[Start]")
    assert "The older one" in text
    assert figures(text)["Subscribers"] == len(first.subscribers)


async def test_a_channel_without_the_bot_is_refused_at_its_field_until_it_is_invited(
    scene: Scene,
) -> None:
    scene.forgiven.add("not_in_channel")
    await scene.connect()
    owner = scene.slack.person("owner")
    view = await scene.fill_verify(channel="random")
    submission = await owner.submit(view)
    assert "/invite" in submission.errors["channel"]
    await owner.slash("/verify", "status")
    await scene.slack.until(lambda: scene.told("owner"))
    assert scene.account.name not in scene.told("owner")[-1], "nothing was kept"
    scene.slack.invite_bot("random")
    try:
        assert (await owner.submit(view)).errors == {}
        message = await scene.slack.until(lambda: next(iter(scene.said("random")), None))
        await scene.shows(message, "[Start]")
    finally:
        scene.slack.kick_bot("random")


async def test_a_private_channel_without_the_bot_is_refused_at_its_field(scene: Scene) -> None:
    scene.forgiven.add("channel_not_found")
    await scene.connect()
    view = await scene.fill_verify(channel="leadership")
    submission = await scene.slack.person("owner").submit(view)
    assert "/invite" in submission.errors["channel"]


async def test_a_dialog_submitted_twice_for_a_shut_channel_keeps_nothing(scene: Scene) -> None:
    scene.forgiven.add("not_in_channel")
    await scene.connect()
    owner = scene.slack.person("owner")
    view = await scene.fill_verify(channel="random")
    scene.slack.deliver_next_twice()
    await owner.submit(view)
    # A run that is made next may take the discarded one's number.
    await scene.quote()
    await owner.slash("/verify", "status")
    assert (await scene.hears("owner", "Status")).count(scene.account.name) == 1


async def test_an_archived_channel_is_refused_at_its_field(scene: Scene) -> None:
    scene.forgiven.add("is_archived")
    await scene.connect()
    view = await scene.fill_verify(channel="general")
    scene.slack.archive("general")
    try:
        submission = await scene.slack.person("owner").submit(view)
    finally:
        scene.slack.store.change_channel("general", is_archived=False)
    assert "archived" in submission.errors["channel"]


async def test_a_secret_revoked_before_the_list_is_read_says_how_to_reconnect(
    scene: Scene,
) -> None:
    account = await scene.connect()
    scene.world.kit.revoke(account)
    message = await scene.submit_verify()
    text = await scene.shows(message, "[Replace the secret]")
    assert "Nothing was charged" in text or "nothing was charged" in text
    newer = scene.world.kit.add_v4_key(account)
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="connection_replace")
    view = await scene.dialog("owner", "connect")
    await owner.fill(view, "secret", newer)
    assert (await owner.submit(view)).errors == {}
    await scene.dialog("owner", "connected")
    await scene.quote()


async def test_a_secret_revoked_while_tags_are_chosen_asks_for_a_new_one(scene: Scene) -> None:
    account = await scene.connect()
    owner = scene.slack.person("owner")
    await owner.slash("/verify")
    view = await scene.dialog("owner", "verify")
    scene.world.kit.revoke(account)
    await owner.choose(view, "audience", "tags")
    await scene.dialog("owner", "connect")


async def test_a_convertkit_that_fails_in_the_middle_of_the_list_is_read_to_the_end(
    scene: Scene,
) -> None:
    account = scene.new_account({Category.SAFE: 80, Category.INVALID: 5})
    await scene.connect(account, secret=account.keys.v3_secret)
    scene.world.kit.trouble(
        Fault.SERVER_ERROR, times=2, route=Route.SUBSCRIBERS, account=account.id, skip=1
    )
    message = await scene.quote()
    assert figures(scene.slack.as_text(message))["Subscribers"] == 85
    pages = [r for r in scene.world.kit.requests if r.account == account.name]
    assert [r.status for r in pages if r.route is Route.SUBSCRIBERS].count(502) == 2


async def test_verdicts_that_were_paid_for_lately_are_free(scene: Scene) -> None:
    await scene.finished_run()
    message = await scene.quote(fresh=False)
    shown = figures(scene.slack.as_text(message))
    # Unknown is never taken over: it is worth another look.
    assert shown["Subscribers"] == 10
    assert shown["Verified lately, free"] == 9
    assert shown["Cost"] == 1
    await scene.slack.person("owner").click(message, action_id="run_start")
    text = await scene.shows(message, "# Summary")
    assert "9 verdicts taken over from earlier runs" in text
    assert "1 credit held: 0 charged, 1 given back" in text
    counts = {category: figures(text)[category.label] for category in Category}
    assert counts == {category: len(scene.ids(category)) for category in Category}


async def test_not_enough_credits_are_refused_with_the_numbers_and_can_be_granted(
    open_own: Open,
) -> None:
    scene = await open_own(WELCOME_CREDITS="4")
    await scene.connect()
    owner = scene.slack.person("owner")
    message = await scene.submit_verify()
    text = await scene.shows(message, "# Not enough credits")
    count = len(scene.account.subscribers)
    assert figures(text)["Cost"] == count
    assert figures(text)["Balance now"] == 4
    assert figures(text)["Missing"] == count - 4
    assert f"python -m bot credits grant T0SANDBOX {count - 4}" in text
    assert "[Start]" not in text
    await owner.click(message, label="Check again")
    assert "[Start]" not in scene.slack.as_text(message)
    said = await scene.bot.ask("credits", "grant", "T0SANDBOX", str(count - 4))
    assert f"The balance is {count}" in said
    await owner.click(message, label="Check again")
    await scene.shows(message, "[Start]")
    await owner.click(message, action_id="run_start")
    await scene.shows(message, "# Summary")


async def test_credits_that_another_run_has_taken_meanwhile_are_missed_at_start(
    open_own: Open,
) -> None:
    scene = await open_own(WELCOME_CREDITS="12")
    await scene.connect()
    first, second = await scene.quote(), await scene.quote()
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await asyncio.gather(
        owner.click(first, action_id="run_start"), colleague.click(second, action_id="run_start")
    )
    texts = await scene.slack.until(
        lambda: _one_of_each(scene.slack.as_text(first), scene.slack.as_text(second)), 20
    )
    assert "[Start]" not in texts
    told = [*scene.told("owner"), *scene.told("colleague")]
    assert any("needs 10 credits and the balance is 2" in text for text in told)


def _one_of_each(*texts: str) -> str | None:
    started = [text for text in texts if "# Summary" in text]
    refused = [text for text in texts if "# Not enough credits" in text]
    return refused[0] if len(started) == len(refused) == 1 else None


def _with_tag(person: Person, tag: int) -> Person:
    return replace(person, tags=(*person.tags, tag))
