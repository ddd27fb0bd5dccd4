"""The keys that addresses are known by where the addresses themselves are not kept."""

import hmac

#: Of these many bytes the first are the same for an address in any letter case: two of a billion
#: addresses meet in them by chance once in 10^11 times.
_ANY_CASE_BYTES, _EXACT_BYTES = 12, 4


class AddressKeys:
    """Turn an address into a key, which tells nothing to whoever has not the secret as well."""

    def __init__(self, secret: bytes) -> None:
        """Take a key that the Vault derived for this."""
        self._secret = secret

    def of(self, address: str) -> bytes:
        """Give the key of an address; upper and lower case are two (RFC 5321 section 2.4)."""
        return self._any_case(address) + self._digest(address)[:_EXACT_BYTES]

    def range_of(self, address: str) -> tuple[bytes, bytes]:
        """Give the first and the last key that the address can have in any letter case."""
        begin = self._any_case(address)
        return begin + bytes(_EXACT_BYTES), begin + b"\xff" * _EXACT_BYTES

    def _any_case(self, address: str) -> bytes:
        return self._digest(address.lower())[:_ANY_CASE_BYTES]

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._secret, text.encode(), "sha256")
