"""The page in a real browser: people ask, fill, press, approve and read."""

from playwright.async_api import Page, expect
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack
from tests.sandbox.slack.blocks import actions, button, modal, section


async def send(page: Page, text: str) -> None:
    """Type into the message box and press Enter."""
    box = page.get_by_role("textbox", name="Message #newsletter")
    await box.fill(text)
    await box.press("Enter")


async def open_dialog(page: Page) -> None:
    """Type the command that opens the dialog."""
    await send(page, "/verify ")
    await expect(page.get_by_role("dialog", name="Verify")).to_be_visible()


async def choose(page: Page, menu: str, typed: str) -> None:
    """Choose in a menu with the keyboard."""
    await page.get_by_role("button", name=menu).click()
    await page.keyboard.type(typed)
    await expect(page.get_by_role("option").first).to_contain_text(typed)
    await page.keyboard.press("Enter")


async def test_one_person_asks_and_another_approves(page: Page, slack: FakeSlack) -> None:
    await open_dialog(page)
    await page.get_by_role("textbox", name="Name").fill("Main list")
    await choose(page, "Post to:", "#newsletter")
    await page.get_by_role("button", name="Get a quote").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await page.get_by_role("button", name="@colleague").click()
    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("43 people will be unsubscribed.")
    await page.get_by_role("button", name="No").click()
    assert "Approved" not in slack.messages()[0].text
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("button", name="Yes").click()

    await expect(page.get_by_role("log")).to_contain_text("Approved by @colleague")
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


async def test_problems_stand_below_their_fields_and_nothing_typed_is_lost(page: Page) -> None:
    await open_dialog(page)
    quote, name = (
        page.get_by_role("button", name="Get a quote"),
        page.get_by_role("textbox", name="Name"),
    )

    await quote.click()
    await expect(page.get_by_text("Please complete this required field.")).to_have_count(2)
    await expect(name).to_be_focused()
    await name.fill("taken")
    await expect(page.get_by_text("Please complete this required field.")).to_have_count(1)
    await choose(page, "Post to:", "#newsletter")
    await quote.click()

    await expect(page.get_by_text("This name is taken.")).to_be_visible()
    await expect(name).to_have_value("taken")
    await expect(name).to_have_attribute("aria-invalid", "true")
    await quote.click()
    await expect(page.get_by_text("This name is taken.")).to_be_visible()


async def test_every_kind_of_field_reaches_the_app(page: Page, slack: FakeSlack) -> None:
    await open_dialog(page)
    await page.get_by_role("textbox", name="Name").fill("Main list")
    await choose(page, "Audience:", "Tagged groups")
    await page.get_by_role("button", name="Tags:").click()
    await page.keyboard.type("Tag 24")
    await expect(page.get_by_role("option").first).to_contain_text("Tag 240")
    await page.get_by_role("option", name="Tag 241").click()
    await page.get_by_role("option", name="Tag 243").click()
    await page.keyboard.press("Escape")
    await choose(page, "Post to:", "#general")
    await page.get_by_label("Tell me in person").check()
    await page.get_by_label("Later").check()
    await page.get_by_label("Time").fill("17:30")
    await page.get_by_role("button", name="Get a quote").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)

    sent = next(d.payload for d in slack.deliveries if d.payload.get("type") == "view_submission")
    values = {
        block: next(iter(by.values())) for block, by in sent["view"]["state"]["values"].items()
    }
    assert values["name"]["value"] == "Main list"
    assert values["audience"]["selected_option"]["value"] == "tags"
    assert [o["value"] for o in values["tags"]["selected_options"]] == ["241", "243"]
    assert values["channel"]["selected_conversation"] == "C0GENERAL"
    assert [o["value"] for o in values["extras"]["selected_options"]] == ["csv", "dm"]
    assert values["how"]["selected_option"]["value"] == "later"
    assert values["at"]["selected_time"] == "17:30"


async def test_dialogs_stack_and_escape_closes_the_one_in_front(page: Page) -> None:
    await open_dialog(page)
    await page.get_by_role("textbox", name="Name").fill("kept")
    await page.get_by_role("button", name="More settings").click()
    await expect(page.get_by_role("dialog", name="More")).to_be_visible()

    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Verify")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("kept")
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Message #newsletter")).to_be_focused()


async def test_an_updated_dialog_changes_under_the_eyes(
    page: Page, slack: FakeSlack, client: AsyncWebClient
) -> None:
    await open_dialog(page)
    view = slack.open_view("owner")
    assert view is not None

    await client.views_update(view_id=view.id, view=modal(section("It is *done*."), title="Ready"))

    await expect(page.get_by_role("dialog", name="Ready")).to_contain_text("It is done.")


async def test_tab_stays_inside_a_dialog(page: Page) -> None:
    await open_dialog(page)

    for _ in range(30):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('[role=dialog]') !== null")


async def test_commands_are_hinted_and_completed(page: Page) -> None:
    box = page.get_by_role("textbox", name="Message #newsletter")
    await box.press_sequentially("/")
    await expect(page.get_by_role("option")).to_have_count(2)
    await box.press("ArrowDown")
    await box.press("Tab")

    await expect(box).to_have_value("/cleanup ")


async def test_a_reply_to_one_person_is_marked_and_hidden_from_others(page: Page) -> None:
    await send(page, "/verify help")
    reply = page.get_by_role("article").filter(has_text="Only visible to you")
    await expect(reply).to_contain_text("Try /verify, or ask in #general.")

    await page.get_by_role("button", name="@newcomer").click()

    await expect(page.get_by_text("This is the beginning of #newsletter")).to_be_visible()
    await expect(reply).to_have_count(0)


async def test_silence_is_told_in_slacks_words(page: Page, slack: FakeSlack) -> None:
    slack.sockets.ack_within = 0.1

    await send(page, "/cleanup")

    await expect(page.get_by_role("log")).to_contain_text(
        '/cleanup failed with the error "operation_timeout"'
    )


async def test_a_button_that_nobody_answers_says_so(
    page: Page, slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.sockets.ack_within = 0.1
    await client.chat_postMessage(
        channel="C0NEWSLETTER", text="x", blocks=[actions(button("nobody", "Press"))]
    )

    await page.get_by_role("button", name="Press").click()

    await expect(page.get_by_role("alert")).to_have_text("⚠ This app is not responding. Try again?")
