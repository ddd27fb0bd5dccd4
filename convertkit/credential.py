"""Whether a pasted text can be a ConvertKit secret at all. No I/O."""

import re
from typing import Final

from convertkit.errors import WHERE_THE_SECRET_IS, CredentialRefused

# Even the public V3 API Key has 22 characters.
_SHORTEST: Final = 20


def pasted(text: str) -> str:
    """Return the secret in a pasted text, without the spaces around it.

    Raises: CredentialRefused when it cannot be one, so that ConvertKit need not be asked.
    """
    secret = text.strip()
    if not secret:
        raise CredentialRefused(f"The secret is empty. {WHERE_THE_SECRET_IS}")
    if any(letter.isspace() for letter in secret):
        raise CredentialRefused(
            "The secret has spaces or line breaks inside: perhaps more was copied than the secret. "
            f"{WHERE_THE_SECRET_IS}"
        )
    if len(secret) < _SHORTEST:
        raise CredentialRefused(
            f"The secret is too short: perhaps only a part of it was copied. {WHERE_THE_SECRET_IS}"
        )
    return sendable(secret)


def sendable(secret: str) -> str:
    """Return the secret when it can travel in a header.

    Raises: CredentialRefused; the errors of HTTP libraries would quote it.
    """
    if not re.fullmatch("[!-~]+", secret):
        raise CredentialRefused(
            "The secret has characters that no ConvertKit secret has. Copy it again. "
            f"{WHERE_THE_SECRET_IS}"
        )
    return secret
