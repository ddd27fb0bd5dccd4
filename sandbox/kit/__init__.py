"""A make-believe ConvertKit (V3 and V4) on loopback, written from its documented behaviour."""

from sandbox.kit.call import Route
from sandbox.kit.fake import FakeKit, KitSettings
from sandbox.kit.journal import Request
from sandbox.kit.limit import RateLimit
from sandbox.kit.store import Account, Delays, Keys, Unsubscribed
from sandbox.kit.trouble import Fault, Trouble

__all__ = [
    "Account",
    "Delays",
    "FakeKit",
    "Fault",
    "Keys",
    "KitSettings",
    "RateLimit",
    "Request",
    "Route",
    "Trouble",
    "Unsubscribed",
]
