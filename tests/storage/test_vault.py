"""A secret opens with its key in its row only; the key is made once, for its owner's eyes."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.errors import KeyMissing, SecretUnreadable
from storage.vault import KEY_BYTES, Vault, decode_key, load_or_make_key

KEY = bytes(range(KEY_BYTES))
OWNER = "connection:T0PAPERBOATS:5e1f"


def test_a_secret_comes_back_as_it_went_in() -> None:
    assert Vault(KEY).open(Vault(KEY).seal("kit_ünï", OWNER), OWNER) == "kit_ünï"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault(KEY)
    assert vault.seal("kit_0a1b", OWNER) != vault.seal("kit_0a1b", OWNER)


def test_the_sealed_secret_does_not_show_the_secret() -> None:
    assert b"kit_0a1b" not in Vault(KEY).seal("kit_0a1b", OWNER)


def flipped(sealed: bytes, place: int) -> bytes:
    changed = bytearray(sealed)
    changed[place] ^= 1
    return bytes(changed)


SEALED = Vault(KEY).seal("kit_0a1b2c3d", OWNER)


@pytest.mark.parametrize(
    ("vault", "sealed", "owner"),
    [
        pytest.param(Vault(bytes(KEY_BYTES)), SEALED, OWNER, id="another-key"),
        pytest.param(Vault(KEY), SEALED, "connection:T0PAPERBOATS:77aa", id="another-row"),
        pytest.param(Vault(KEY), SEALED, "connection:T0OTHERTEAM:5e1f", id="another-workspace"),
        pytest.param(Vault(KEY), flipped(SEALED, 0), OWNER, id="nonce-damaged"),
        pytest.param(Vault(KEY), flipped(SEALED, -1), OWNER, id="tag-damaged"),
        pytest.param(Vault(KEY), SEALED[:20], OWNER, id="cut-off"),
        pytest.param(Vault(KEY), b"", OWNER, id="empty"),
    ],
)
def test_what_was_sealed_otherwise_does_not_open(vault: Vault, sealed: bytes, owner: str) -> None:
    with pytest.raises(SecretUnreadable, match="Connect the account again") as refusal:
        vault.open(sealed, owner)
    assert "kit_" not in str(refusal.value)


def test_a_derived_key_differs_by_purpose_and_is_not_the_key() -> None:
    vault = Vault(KEY)
    assert len({KEY, vault.derive("made-up address"), vault.derive("something else")}) == 3
    assert vault.derive("made-up address") == Vault(KEY).derive("made-up address")


def test_the_key_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "key"
    before = os.umask(0)
    try:
        load_or_make_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_is_made_on_the_first_start_only(tmp_path: Path) -> None:
    first = load_or_make_key(tmp_path / "key")
    written = (tmp_path / "key").read_bytes()
    assert load_or_make_key(tmp_path / "key") == first
    assert (tmp_path / "key").read_bytes() == written
    assert len(first) == KEY_BYTES


def test_first_starts_at_the_same_moment_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as starts:
        for _ in range(10):
            keys = set(starts.map(load_or_make_key, [path] * 8))
            assert keys == {decode_key(path.read_text())}
            assert list(tmp_path.iterdir()) == [path], "a draft was left behind"
            path.unlink()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not base64!", id="not-base64"),
        pytest.param(base64.b64encode(b"short"), id="too-short"),
        pytest.param(base64.b64encode(bytes(33)), id="too-long"),
        pytest.param(b"\xff\xfe\x00\x9c", id="not-even-text"),
    ],
)
def test_a_key_file_with_something_else_in_it_is_refused_and_kept(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(KeyMissing, match="encryption key"):
        load_or_make_key(path)
    assert path.read_bytes() == content


def test_a_key_from_the_environment_may_have_spaces_around_it() -> None:
    assert decode_key(f"  {base64.b64encode(KEY).decode()}\n") == KEY


def test_a_key_of_another_length_makes_no_vault() -> None:
    with pytest.raises(KeyMissing, match="5 bytes; it needs 32"):
        Vault(b"short")
