"""The vault: ConvertKit secrets as AES-GCM ciphertexts, each bound to its own row."""

import base64
import binascii
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import KeyMissing, SecretUnreadable

#: AES-256 (NIST FIPS 197).
KEY_BYTES = 32
#: 96 bits, the nonce length that GCM is built for (NIST SP 800-38D section 8.2).
NONCE_BYTES = 12


class Vault:
    """Seal and open secrets with one key.

    A secret is sealed for an owner, a string that names the row it belongs to. The owner goes in as
    associated data, so that a ciphertext copied to another row does not open.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise KeyMissing(f"The encryption key has {len(key)} bytes; it needs {KEY_BYTES}.")
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, secret: str, owner: str) -> bytes:
        """Encrypt a secret for its owner: 12 bytes of nonce, then ciphertext and tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str:
        """Decrypt what `seal` made for the same owner.

        Raises:
            SecretUnreadable: Another key, another owner, or a damaged ciphertext.
        """
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadable(
                "The stored ConvertKit secret does not open with this bot's encryption key. "
                "Nothing was changed. Connect the account again with /verify connect."
            ) from error

    def derive(self, purpose: str) -> bytes:
        """Derive another key for a purpose, which tells nothing about this one."""
        return hmac.digest(self._key, purpose.encode(), "sha256")


def decode_key(text: str) -> bytes:
    """Read a key given as base64, such as from the environment.

    Raises:
        KeyMissing: The text is not base64 of 32 bytes.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyMissing("The encryption key is not base64 text.") from error
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"The encryption key has {len(key)} bytes; it needs {KEY_BYTES}.")
    return key


def load_or_make_key(path: Path) -> bytes:
    """Read the key file, or make it on the first run with mode 0600.

    Raises:
        KeyMissing: The file holds something else than a key.
    """
    try:
        return _read_key(path)
    except FileNotFoundError:
        return _make_key(path)


def _read_key(path: Path) -> bytes:
    # Replaced bytes are not base64, so a file that is not even text is refused like any other.
    return decode_key(path.read_text(errors="replace"))


def _make_key(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written whole beside its place and then linked: of two first starts at the same moment one
    # wins, and nobody ever reads half a key.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(key).decode() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return _read_key(path)
    finally:
        draft.unlink()
    return key
