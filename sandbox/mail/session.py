"""Decides what a mail server answers to each line of one connection; it does no I/O.

RFC 5321 for the order of commands, RFC 2920 for pipelining, RFC 3207 for STARTTLS. The connection
tells it each line, and whether more had already arrived behind that line.
"""

import re
from dataclasses import dataclass, field

from sandbox.mail.behaviour import Behaviour
from sandbox.mail.envelope import Path, UnreadableError, parse_path, unsupported_option
from sandbox.mail.host import BATCH, Setting
from sandbox.mail.recipient import judge
from sandbox.mail.replies import Reply, Say, reply, words_of

#: RFC 5321 section 4.5.3.1.4: a command line, CRLF included.
LINE_MOST = 512
#: RSETs, NOOPs and VRFYs beyond this count as errors (Postfix smtpd_junk_command_limit).
JUNK_MOST = 100
#: These must stand last in a group of commands (RFC 2920 section 3.1).
_LAST_IN_GROUP = frozenset({"EHLO", "HELO", "DATA", "VRFY", "EXPN", "NOOP", "QUIT", "STARTTLS"})
#: A verifier sends none of these, ever.
_NEVER = frozenset({"DATA", "BDAT", "VRFY", "EXPN", "ETRN", "TURN", "AUTH"})
#: What may be said before STARTTLS where TLS is demanded (RFC 3207 section 4).
_BEFORE_TLS = frozenset({"NOOP", "EHLO", "HELO", "STARTTLS", "QUIT"})
_HELO = re.compile(r"\[[0-9A-Fa-f.:IPv]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Step:
    """Say what the server does next: wait, speak, and perhaps encrypt or end the connection."""

    replies: tuple[Reply, ...] = ()
    delay: float = 0.0
    close: bool = False
    start_tls: bool = False

    @property
    def code(self) -> int | None:
        """Return the code of the answer itself, or None when there was none."""
        return self.replies[0].code if self.replies else None


@dataclass(slots=True)
class Session:
    """Keep the state of one connection."""

    setting: Setting
    begun: bool = False
    greeted: bool = False
    extended: bool = False
    secure: bool = False
    sender: str | None = None
    utf8: bool = False
    taken: int = 0
    asked: int = 0
    errors: int = 0
    junk: int = 0
    alarms: list[str] = field(default_factory=list)

    @property
    def pause(self) -> float:
        """Return the seconds before the next answer: slow hosts, and Postfix after many errors."""
        host, timing = self.setting.host, self.setting.timing
        if not self.begun and host.behaviour is Behaviour.SLOW_BANNER:
            return timing.slow_banner
        slow = timing.slow_reply if host.behaviour is Behaviour.SLOW_REPLIES else 0.0
        limits = host.error_limits
        return slow + (timing.error_sleep if limits and self.errors >= limits[0] else 0.0)

    def greet(self, *, spoke_first: bool) -> Step:
        """Return how the server receives a connection."""
        host, self.begun = self.setting.host, True
        if host.behaviour is Behaviour.SILENT:
            return Step()
        if spoke_first:
            return self._out_of_step("spoke before the greeting")
        if host.behaviour is Behaviour.BLOCKS_AT_CONNECT:
            return Step((self._refusal(Say.BLOCKED),), close=True)
        return Step((self._say(Say.HELLO),))

    def take(self, line: bytes, *, more: bool, now: float) -> Step:
        """Return the answer to one line (up to its LF); `more` says that others wait behind it."""
        if not line.endswith(b"\r"):
            # RFC 5321 section 2.3.8: lines end with CRLF and with nothing else.
            self.alarms.append("ended a line with LF alone")
            return Step((reply("521 5.5.2 Error: bare <LF> received"),), close=True)
        line = line[:-1]
        verb, _, argument = line.decode("utf-8", "replace").partition(" ")
        verb = verb.upper()
        if verb in _NEVER:
            self.alarms.append(f"sent {verb}")
        if more and (verb in _LAST_IN_GROUP or not self._may_pipeline):
            return self._out_of_step(f"did not wait for the answer to {verb}")
        step = self._answer(line, verb, argument, now)
        if step.code is not None and step.code >= 400:
            self.errors += 1
        return self._limited(step)

    def secured(self) -> None:
        """Forget everything: the client starts anew inside TLS (RFC 3207 section 4.2)."""
        self.greeted = self.extended = False
        self.secure = True
        self._reset()

    @property
    def _may_pipeline(self) -> bool:
        return self.extended and "PIPELINING" in self.setting.host.extensions

    def _limited(self, step: Step) -> Step:
        limits = self.setting.host.error_limits
        replies, close = step.replies, step.close or step.code == 421
        if limits and self.errors >= limits[1] and not close:
            # Postfix hangs up after the answer to the error that was one too many.
            text = f"421 4.7.0 {self.setting.server} Error: too many errors"
            replies, close = (*replies, reply(text)), True
        return Step(replies, step.delay, close, step.start_tls)

    def _answer(self, line: bytes, verb: str, argument: str, now: float) -> Step:
        if len(line) + 2 > LINE_MOST:
            return _step("500 5.5.2 Error: line too long")
        demanded = self.setting.host.behaviour is Behaviour.DEMANDS_TLS and not self.secure
        if demanded and verb not in _BEFORE_TLS:
            return Step((self._say(Say.TLS_FIRST),))
        if verb in {"EHLO", "HELO"}:
            return self._hello(verb, argument)
        if verb == "MAIL":
            return self._mail(argument)
        if verb == "RCPT":
            return self._rcpt(argument, now)
        if verb == "STARTTLS":
            return self._start_tls(argument)
        if verb == "QUIT":
            return Step((reply("221 2.0.0 Bye"),), close=True)
        return self._minor(verb)

    def _minor(self, verb: str) -> Step:
        if verb in {"RSET", "NOOP", "VRFY", "ETRN"}:
            self.junk += 1
            self.errors += self.junk > JUNK_MOST
        if verb == "RSET":
            self._reset()
            return _step("250 2.0.0 Ok")
        if verb == "NOOP":
            return _step("250 2.0.0 Ok")
        if verb == "VRFY":
            return _step("252 2.0.0 Cannot verify, but will take mail for the user")
        if verb == "DATA":
            order = self.sender is not None and self.taken
            # This world takes no message: a verifier that sends one is wrong already.
            return _step(
                "451 4.3.0 No mail is taken here" if order else "503 5.5.1 Error: need RCPT command"
            )
        return _step("502 5.5.2 Error: command not recognized")

    def _hello(self, verb: str, name: str) -> Step:
        if not _HELO.fullmatch(name.strip()):
            return _step(f"501 5.5.4 Syntax: {verb} hostname")
        host = self.setting.host
        if verb == "EHLO" and not host.extended:
            return _step("500 5.5.1 Command unrecognized")
        self.greeted, self.extended = True, verb == "EHLO"
        self._reset()
        if not self.extended:
            return _step(f"250 {self.setting.server}")
        offers = host.extensions
        if self.secure:
            offers = tuple(offer for offer in offers if offer != "STARTTLS")
        return Step((Reply(250, (self.setting.server, *offers)),))

    def _mail(self, argument: str) -> Step:
        if not self.greeted:
            return _step("503 5.5.1 Error: send HELO/EHLO first")
        if self.sender is not None:
            return _step("503 5.5.1 Error: nested MAIL command")
        try:
            path = parse_path("FROM", argument)
        except UnreadableError as error:
            return _step(str(error))
        offers = self.setting.host.extensions if self.extended else ()
        wrong = unsupported_option(path.options, offers)
        if wrong is not None:
            return _step(f"555 5.5.4 Unsupported option: {wrong}")
        if self.setting.host.behaviour is Behaviour.BLOCKS_AT_MAIL:
            return Step((self._refusal(Say.BLOCKED, path.address),))
        self.sender, self.utf8 = path.address, "SMTPUTF8" in path.options
        return Step((self._say(Say.SENDER_OK, path.address),))

    def _rcpt(self, argument: str, now: float) -> Step:
        if self.sender is None:
            return _step("503 5.5.1 Error: need MAIL command")
        try:
            path = parse_path("TO", argument)
        except UnreadableError as error:
            return _step(str(error))
        if path.options:
            return _step(f"555 5.5.4 Unsupported option: {path.options[0]}")
        if not path.address.isascii() and not self.utf8:
            return _step("553 5.6.7 Address needs SMTPUTF8, which was not asked for")
        host = self.setting.host
        self.asked += 1
        if host.behaviour is Behaviour.CLOSES_MID_BATCH and self.asked > BATCH:
            return Step((self._say(Say.CLOSING),), close=True)
        if self.taken >= host.recipients:
            return Step((self._say(Say.ENOUGH),))
        return self._judged(path, now)

    def _judged(self, path: Path, now: float) -> Step:
        verdict = judge(self.setting, self.sender or "", path, now)
        if verdict.say is None:
            return Step(close=True)
        answer = (
            reply(verdict.text, **self._names(path.address))
            if verdict.text is not None
            else self._say(verdict.say, path.address)
        )
        self.taken += answer.code < 400
        return Step((answer,), delay=verdict.delay)

    def _start_tls(self, argument: str) -> Step:
        if argument:
            return _step("501 5.5.4 Syntax: STARTTLS")
        if self.secure or not self.extended or "STARTTLS" not in self.setting.host.extensions:
            return _step("502 5.5.1 Error: command not implemented")
        return Step((reply("220 2.0.0 Ready to start TLS"),), start_tls=True)

    def _out_of_step(self, what: str) -> Step:
        self.alarms.append(what)
        return Step((reply("554 5.5.0 Error: SMTP protocol synchronization"),), close=True)

    def _reset(self) -> None:
        self.sender, self.utf8, self.taken = None, False, 0

    def _refusal(self, say: Say, address: str = "") -> Reply:
        own = self.setting.host.reply
        return reply(own, **self._names(address)) if own else self._say(say, address)

    def _say(self, say: Say, address: str = "") -> Reply:
        return words_of(self.setting.host.style, say, **self._names(address))

    def _names(self, address: str) -> dict[str, str]:
        return {"address": address, "server": self.setting.server, "client": self.setting.client}


def _step(text: str) -> Step:
    code, _, words = text.partition(" ")
    return Step((Reply(int(code), (words,)),))
