"""Says in plain words what the SPF record of MAIL FROM's domain means for this machine; no I/O."""

from collections.abc import Sequence

from verification.networks import IpAddress
from verification.spf import Spf
from verification.spf_record import SpfResult

_HARMLESS = frozenset({SpfResult.PASS, SpfResult.UNKNOWN})


def judge_policy(domain: str, found: Sequence[tuple[IpAddress, Spf]]) -> tuple[bool, str]:
    """Tell whether all is well, and in a sentence what was found and what to do.

    Args:
        domain: The domain of MAIL FROM.
        found: What SPF says about each address from which this machine connects.
    """
    if not found:
        return False, (
            f"Whether the SPF record of {domain} lets this machine send cannot be told: the HELO "
            "name has no address."
        )
    worst = min((spf for _, spf in found), key=lambda spf: _GRAVITY.index(spf.result))
    affected = [address for address, spf in found if spf.result is worst.result]
    named = ", ".join(str(address) for address in affected)
    advice = " ".join(f"ip{address.version}:{address}" for address in affected)
    sentence = _SENTENCES[worst.result].format(
        domain=domain, named=named, advice=advice, problem=worst.problem
    )
    return worst.result in _HARMLESS, sentence


#: The worst first.
_GRAVITY = (
    SpfResult.FAIL,
    SpfResult.PERMERROR,
    SpfResult.SOFTFAIL,
    SpfResult.NONE,
    SpfResult.NEUTRAL,
    SpfResult.TEMPERROR,
    SpfResult.UNKNOWN,
    SpfResult.PASS,
)

_SENTENCES = {
    SpfResult.PASS: "The SPF record of {domain} lets {named} send.",
    SpfResult.UNKNOWN: (
        "The SPF record of {domain} decides about {named} by exists, ptr or a macro, which is not "
        "evaluated here: make sure that it lets that address send."
    ),
    SpfResult.FAIL: (
        "The SPF record of {domain} forbids {named} to send, so mail servers refuse us: add "
        "{advice} to it, before its -all."
    ),
    SpfResult.SOFTFAIL: (
        "The SPF record of {domain} says that {named} should not send: add {advice} to it, before "
        "its ~all."
    ),
    SpfResult.NEUTRAL: (
        "The SPF record of {domain} says nothing about {named}: add {advice} to it."
    ),
    SpfResult.NONE: (
        "{domain}, the domain of MAIL FROM, has no SPF record: add the TXT record "
        '"v=spf1 mx {advice} ~all", with everybody else who sends for it.'
    ),
    SpfResult.PERMERROR: (
        "The SPF record of {domain} cannot be used, so mail servers may refuse us: {problem}."
    ),
    SpfResult.TEMPERROR: (
        "Whether the SPF record of {domain} lets {named} send is not known: {problem}."
    ),
}
