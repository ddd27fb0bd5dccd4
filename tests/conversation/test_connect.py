"""Connecting an account: which secrets work, and what a person reads where one does not."""

import pytest

from sandbox.kit import Account, Fault, Route
from sandbox.slack import View
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHERE = "Account Settings > Advanced"


async def test_verify_without_a_connection_opens_the_connect_dialog(open_own: Open) -> None:
    scene = await open_own()
    owner = scene.slack.person("owner")
    await owner.slash("/verify")
    shown = scene.slack.as_text(await scene.dialog("owner", "connect"))
    assert "Connect ConvertKit" in shown
    assert WHERE in shown
    assert "below the API Key and is the longer of the two" in shown
    assert "kit_" in shown
    assert "Name (optional)" in shown
    assert "[Save Connection]" in shown


async def test_schedule_without_a_connection_opens_the_connect_dialog(open_own: Open) -> None:
    scene = await open_own()
    await scene.slack.person("owner").slash("/verify", "schedule")
    await scene.dialog("owner", "connect")


async def test_the_public_api_key_is_named_as_that_with_the_place_of_the_secret(
    scene: Scene,
) -> None:
    account = scene.new_account()
    submission = await scene.try_secret(account.keys.v3_key)
    sentence = submission.errors["secret"]
    assert "API Key" in sentence
    assert "public" in sentence
    assert WHERE in sentence


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("not-the-secret-of-anybody-at-all", id="v3"),
        pytest.param("kit_0123456789abcdef0123456789abcdef", id="v4"),
        pytest.param("kit_ключ", id="not-ascii"),
        pytest.param("two words", id="with-a-space"),
    ],
)
async def test_a_wrong_secret_is_refused_at_its_field(scene: Scene, secret: str) -> None:
    submission = await scene.try_secret(secret)
    assert WHERE in submission.errors["secret"]
    assert submission.view is not None, "the dialog stays"
    assert secret not in submission.errors["secret"]


async def test_a_secret_of_spaces_is_refused_at_its_field(scene: Scene) -> None:
    submission = await scene.try_secret("   ")
    assert "secret" in submission.errors


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_a_revoked_secret_is_refused_at_its_field(scene: Scene, version: str) -> None:
    account = scene.new_account()
    secret = account.keys.v3_secret if version == "v3" else account.keys.v4[0]
    scene.world.kit.revoke(account)
    submission = await scene.try_secret(secret)
    assert WHERE in submission.errors["secret"]


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_both_kinds_of_secret_work_with_spaces_around_and_show_four_characters(
    scene: Scene, version: str
) -> None:
    account = scene.new_account(name=f"Tidy {version}")
    secret = account.keys.v3_secret if version == "v3" else account.keys.v4[0]
    submission = await scene.try_secret(f" \t{secret} ")
    assert submission.view is not None
    shown = scene.slack.as_text(submission.view)
    assert f"Tidy {version}" in shown
    assert f"...{secret[-4:]}" in shown
    assert secret[-5:] not in shown
    assert f"{version.upper()} API" in shown


async def test_the_name_that_was_given_is_used(scene: Scene) -> None:
    account = scene.new_account()
    submission = await scene.try_secret(account.keys.v4[0], name="<!here> *Letters*")
    assert submission.view is not None
    assert "<!here>" in scene.slack.as_text(submission.view)


async def test_the_same_account_connected_again_replaces_its_secret(scene: Scene) -> None:
    account = scene.new_account(name="Comes twice")
    await scene.connect(account)
    newer = scene.world.kit.add_v4_key(account)
    await scene.connect(account, secret=newer)
    scene.world.kit.revoke(account, account.keys.v4[0])
    await scene.slack.person("owner").slash("/verify")
    shown = scene.slack.as_text(await scene.dialog("owner", "verify"))
    assert shown.count("Comes twice") == 1
    await scene.quote()


async def test_a_slow_convertkit_is_waited_for_in_a_dialog_that_says_so(scene: Scene) -> None:
    account = scene.new_account(name="Slow but sure")
    scene.world.kit.trouble(
        Fault.TOO_MANY, route=Route.ACCOUNT, account=account.id, retry_after="3"
    )
    submission = await scene.try_secret(account.keys.v4[0])
    assert submission.view is not None
    assert submission.view.callback_id == "notice"
    assert submission.view.title == "Connect ConvertKit"
    shown = await scene.dialog("owner", "connected")
    assert "Slow but sure" in scene.slack.as_text(shown)


async def test_a_slow_refusal_is_shown_in_the_dialog(scene: Scene) -> None:
    account = scene.new_account()
    scene.world.kit.trouble(
        Fault.TOO_MANY, route=Route.ACCOUNT, account=account.id, retry_after="3"
    )
    scene.world.kit.trouble(Fault.KEY_REVOKED, route=Route.ACCOUNT, account=account.id, times=None)
    await scene.try_secret(account.keys.v4[0])
    await scene.dialog_shows("owner", WHERE)


async def test_a_convertkit_that_is_down_keeps_nothing_and_says_what_to_do(scene: Scene) -> None:
    account = scene.new_account(name="Never saved")
    trouble = scene.world.kit.trouble(
        Fault.SERVER_ERROR, route=Route.ACCOUNT, account=account.id, times=None
    )
    await scene.try_secret(account.keys.v4[0])
    notice = await scene.dialog_shows("owner", "Try again")
    scene.world.kit.cure(trouble)
    owner = scene.slack.person("owner")
    await owner.close(notice)
    await owner.slash("/verify")
    view = await scene.slack.until(lambda: scene.slack.open_view("owner"))
    assert "Never saved" not in scene.slack.as_text(view)


async def _replacing(scene: Scene, old: Account) -> View:
    """Open the dialog that replaces the secret of a connection, from a quote that failed."""
    scene.world.kit.revoke(old)
    message = await scene.submit_verify()
    await scene.shows(message, "[Replace the secret]")
    await scene.slack.person("owner").click(message, action_id="connection_replace")
    return await scene.dialog("owner", "connect")


async def test_a_secret_of_another_account_is_not_taken_for_the_one_to_be_replaced(
    scene: Scene,
) -> None:
    old = await scene.connect(scene.new_account(name="Still stopped"))
    other = scene.new_account(name="Another one")
    view = await _replacing(scene, old)
    owner = scene.slack.person("owner")
    await owner.fill(view, "secret", other.keys.v4[0])
    submission = await owner.submit(view)
    assert submission.view is not None
    shown = scene.slack.as_text(submission.view)
    assert "Another one" in shown
    assert "This secret belongs to another account" in shown
    assert "Still stopped is unchanged" in shown.replace("*", "")


async def test_a_new_secret_of_the_same_account_is_saved_without_a_warning(scene: Scene) -> None:
    old = await scene.connect(scene.new_account(name="Goes on"))
    view = await _replacing(scene, old)
    owner = scene.slack.person("owner")
    await owner.fill(view, "secret", scene.world.kit.add_v4_key(old))
    submission = await owner.submit(view)
    assert submission.view is not None
    assert "another account" not in scene.slack.as_text(submission.view)


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        pytest.param(False, "Saved: Closed too soon", id="saved"),
        pytest.param(True, WHERE, id="refused"),
    ],
)
async def test_a_dialog_closed_while_a_slow_secret_is_tried_is_answered_in_private(
    scene: Scene, refused: bool, told: str
) -> None:
    scene.forgiven |= {"not_found"}
    account = scene.new_account(name="Closed too soon")
    scene.world.kit.trouble(
        Fault.TOO_MANY, route=Route.ACCOUNT, account=account.id, retry_after="3"
    )
    if refused:
        scene.world.kit.trouble(
            Fault.KEY_REVOKED, route=Route.ACCOUNT, account=account.id, times=None
        )
    submission = await scene.try_secret(account.keys.v4[0])
    assert submission.view is not None
    assert submission.view.callback_id == "notice"
    await scene.slack.person("owner").close(submission.view)
    direct = await scene.slack.until(lambda: next(iter(scene.direct("owner")), None), 10)
    text = scene.slack.as_text(direct)
    assert told in text.replace("*", "")
    assert "Something went wrong" not in text
