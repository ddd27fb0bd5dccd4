"""A pasted text that cannot be a secret is refused with a sentence, without asking ConvertKit."""

import pytest

from convertkit import CredentialRefused
from convertkit.credential import pasted, sendable
from tests.convertkit.conftest import SECRETS


@pytest.mark.parametrize("secret", SECRETS.values())
@pytest.mark.parametrize("around", ["", " ", "\n", "\u00a0\t"])
def test_spaces_around_a_secret_are_dropped(secret: str, around: str) -> None:
    assert pasted(around + secret + around) == secret


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param(" \n", "is empty", id="blank"),
        pytest.param("my secret is inventedSecret-0123456789", "has spaces", id="spaces-inside"),
        pytest.param("invented-secret\ninvented-secret", "line breaks", id="two-lines"),
        pytest.param("kit_0a1b2c3d", "too short", id="cut-off"),
        pytest.param("inventedSecret\u2013of\u2013the\u2013other", "characters", id="dashes"),
        pytest.param("inventedSecret\x7fof-the-other", "characters", id="control"),
    ],
)
def test_a_text_that_cannot_be_a_secret_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(CredentialRefused, match=sentence) as caught:
        pasted(text)
    assert "Account Settings > Advanced" in str(caught.value)
    assert not text.strip() or text.strip() not in str(caught.value)


def test_a_secret_that_would_break_a_header_is_refused() -> None:
    with pytest.raises(CredentialRefused):
        sendable("two\r\nlines")
