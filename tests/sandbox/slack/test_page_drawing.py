"""The page in a real browser draws messages, threads, files and home tabs."""

from playwright.async_api import Page, expect
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import FakeSlack
from tests.sandbox.slack.blocks import plain


async def test_a_thread_shows_replies_and_a_preview_of_the_file(
    page: Page, slack: FakeSlack, client: AsyncWebClient
) -> None:
    parent = await client.chat_postMessage(channel="C0NEWSLETTER", text="parent")
    await client.files_upload_v2(
        channel="C0NEWSLETTER",
        thread_ts=parent["ts"],
        filename="a.csv",
        content='name,"what, and why"\n"say ""hi""",<b>2</b>\n',
    )
    await page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    await thread.get_by_role("button", name="Preview").click()

    await expect(thread.get_by_role("columnheader")).to_have_text(["name", "what, and why"])
    await expect(thread.get_by_role("cell")).to_have_text(['say "hi"', "<b>2</b>"])
    async with page.expect_download() as download:
        await thread.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename == "a.csv"
    await thread.get_by_role("textbox", name="Reply in thread").fill("thanks")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_role("article")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(thread).to_have_count(0)
    assert slack.thread(slack.messages()[0])[1].text == "thanks"


async def test_the_home_tab_is_drawn_when_it_is_opened(page: Page) -> None:
    await page.get_by_role("button", name="List Keeper").click()

    await expect(page.get_by_role("heading", name="Your list")).to_be_visible()
    await page.get_by_role("tab", name="Messages").click()
    await expect(page.get_by_text("No messages yet.")).to_be_visible()


async def test_text_is_drawn_with_its_marks_and_never_as_html(
    page: Page, client: AsyncWebClient
) -> None:
    text = (
        "*bold* _it_ ~no~ `co*d*e` <@U0OWNER> <#C0GENERAL> <https://example.com|site> "
        "<javascript:alert(1)|bad> <img src=x onerror=alert(1)> &lt;b&gt; j***@d***.com\n"
        "> quoted <!date^0^{date_num}|then> <!date^soon^{date}|later> :white_check_mark: :nothing:"
    )
    await client.chat_postMessage(channel="C0NEWSLETTER", text=text)
    await client.chat_postMessage(
        channel="C0NEWSLETTER",
        text="x",
        blocks=[{"type": "section", "text": plain("*plain* <b>words</b>")}],
    )
    first, second = page.get_by_role("article").nth(0), page.get_by_role("article").nth(1)

    await expect(second).to_contain_text("*plain* <b>words</b>")
    for tag, words in {"strong": "bold", "em": "it", "s": "no", "code": "co*d*e"}.items():
        await expect(first.locator(f".b-text {tag}").first).to_have_text(words)
    await expect(first).to_contain_text("<img src=x onerror=alert(1)> <b> j***@d***.com")
    await expect(first.locator("blockquote")).to_contain_text("quoted 1970-01-01 later")
    await expect(first.locator(".mention")).to_have_text(["@owner", "#general"])
    await expect(first.get_by_role("link")).to_have_text(["site"])
    await expect(first.get_by_role("img", name="white check mark")).to_be_visible()
    await expect(first).to_contain_text(":nothing:")
    await expect(page.locator(".messages img, .messages script, .messages b")).to_have_count(0)


async def test_changes_made_by_the_app_appear_by_themselves(
    page: Page, slack: FakeSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(channel="C0NEWSLETTER", text="10 %")
    await expect(page.get_by_role("log")).to_contain_text("10 %")
    await client.chat_update(channel="C0NEWSLETTER", ts=posted["ts"], text="90 %")
    await expect(page.get_by_role("log")).to_contain_text("90 %")
    slack.delete_message(slack.messages()[0])
    await expect(page.get_by_role("log")).not_to_contain_text("90 %")
    await client.chat_postMessage(channel="C0GENERAL", text="elsewhere")
    await expect(page.get_by_role("button", name="#general unread")).to_be_visible()


async def test_a_narrow_window_keeps_everything_in_reach(page: Page) -> None:
    await page.set_viewport_size({"width": 400, "height": 700})
    await expect(page.get_by_role("button", name="#general")).to_have_count(0)

    await page.get_by_role("button", name="Channels").click()
    await page.get_by_role("button", name="#general").click()

    await expect(page.get_by_role("textbox", name="Message #general")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
