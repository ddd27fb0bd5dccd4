"""Is this address worth mailing? Judges addresses by syntax, lists, DNS and their mail servers.

Knows no Slack, no SQL and no ConvertKit. Everything that other packages may use is named here.
"""

from verification.engine import Engine, Verifier, build_engine
from verification.errors import ConfigurationError, VerificationError
from verification.options import Deadlines, ProbeOptions
from verification.preflight import Preflight, PreflightFinding, Topic, preflight, resolves
from verification.probing.organisation import Block
from verification.probing.reading import RETRY_WAITS
from verification.verdicts import Category, Evidence, Reason, Verdict

__all__ = [
    "RETRY_WAITS",
    "Block",
    "Category",
    "ConfigurationError",
    "Deadlines",
    "Engine",
    "Evidence",
    "Preflight",
    "PreflightFinding",
    "ProbeOptions",
    "Reason",
    "Topic",
    "Verdict",
    "VerificationError",
    "Verifier",
    "build_engine",
    "preflight",
    "resolves",
]
