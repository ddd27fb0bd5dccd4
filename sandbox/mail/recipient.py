"""Decides what a server says about one recipient; pure but for the greylist's memory."""

from dataclasses import dataclass

from sandbox.mail.behaviour import HOST_LEVEL, Behaviour, Domain, Mailbox
from sandbox.mail.envelope import Path
from sandbox.mail.host import Setting
from sandbox.mail.replies import Say


@dataclass(frozen=True, slots=True)
class Judgement:
    """Say what to answer; `say` None hangs up without a word, `text` replaces the words."""

    say: Say | None
    text: str | None = None
    delay: float = 0.0


_MAILBOX_SAYS = {
    Mailbox.EXISTS: Say.TAKEN,
    Mailbox.FULL: Say.FULL,
    Mailbox.OVER_RATE: Say.OVER_RATE,
    Mailbox.DISABLED: Say.DISABLED,
}
_ALWAYS = {
    Behaviour.CATCH_ALL: Say.TAKEN,
    Behaviour.HIDES: Say.TAKEN,
    Behaviour.DEFERS: Say.DEFERRED,
    Behaviour.BLOCKS_AT_RCPT: Say.BLOCKED,
}


def judge(setting: Setting, sender: str, path: Path, now: float) -> Judgement:
    """Return what the server of `setting` says about a recipient."""
    domain = setting.directory.domain(path.domain)
    if not path.domain:
        return Judgement(Say.TAKEN)
    if domain is None or setting.host.stranger or domain.name not in setting.serves:
        return Judgement(Say.NOT_OURS)
    behaviour = domain.behaviour
    if behaviour is Behaviour.DROPS:
        return Judgement(None)
    if behaviour is Behaviour.NEEDS_RDNS and not setting.has_rdns:
        return Judgement(Say.NO_RDNS, domain.reply)
    if behaviour in HOST_LEVEL and setting.host.behaviour is not behaviour:
        return _belated(setting, domain, path)
    if behaviour in _ALWAYS:
        said = _ALWAYS[behaviour]
        return Judgement(said, None if said is Say.TAKEN else domain.reply)
    triple = (setting.client, sender, path.address)
    if behaviour is Behaviour.GREYLISTS and setting.directory.greylisted(
        triple, now, setting.timing.greylist
    ):
        return Judgement(Say.GREYLISTED, domain.reply)
    return Judgement(_known(setting, path))


def _known(setting: Setting, path: Path) -> Say:
    mailbox = setting.directory.mailbox(path.local, path.domain)
    return Say.NO_MAILBOX if mailbox is None else _MAILBOX_SAYS[mailbox]


def _belated(setting: Setting, domain: Domain, path: Path) -> Judgement:
    """Behave at RCPT as the domain's own server would have behaved before.

    Where the system has one loopback address only, all servers share it.
    """
    behaviour, timing = domain.behaviour, setting.timing
    if behaviour in {Behaviour.BLOCKS_AT_CONNECT, Behaviour.BLOCKS_AT_MAIL}:
        return Judgement(Say.BLOCKED, domain.reply)
    if behaviour is Behaviour.SILENT:
        return Judgement(None)
    slow = {Behaviour.SLOW_BANNER: timing.slow_banner, Behaviour.SLOW_REPLIES: timing.slow_reply}
    return Judgement(_known(setting, path), delay=slow.get(behaviour, 0.0))
