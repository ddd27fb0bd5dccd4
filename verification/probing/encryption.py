"""Encrypts a connection in the middle of a conversation (RFC 3207), trusting any certificate."""

import asyncio
import ssl

from verification.probing.replies import ReplyReader


async def encrypt(transport: asyncio.Transport, replies: ReplyReader) -> asyncio.Transport:
    """Shake hands, and give the transport to use from now on.

    Raises:
        OSError: The handshake failed.
    """
    if transport.is_closing():
        raise ConnectionAbortedError("The connection was closed.")
    if replies.waiting:
        # Anybody on the way may have put it there, to be heard as an encrypted answer.
        raise ConnectionAbortedError("Something was said before the handshake.")
    encrypted = await asyncio.get_running_loop().start_tls(transport, replies, _unverified_tls())
    assert encrypted is not None  # only a closed transport has no successor
    replies.use(encrypted)
    return encrypted


def _unverified_tls() -> ssl.SSLContext:
    """Make a context that takes any certificate, as mail servers do among themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
