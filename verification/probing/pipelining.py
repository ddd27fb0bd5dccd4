"""Tells whether a server has lost step, above all in a pipelined group (RFC 2920); no I/O.

Answers that are out of step stand beside the wrong recipients, so that none of them may count.
"""

from collections.abc import Sequence

from verification.judge import Outcome, Stage, judge
from verification.probing.conversation import Answers, Transaction

#: RFC 5321 section 4.2.2: "bad sequence of commands", and the answer to QUIT.
_NOT_OF_A_RECIPIENT = frozenset({503, 221})
#: RFC 5321 section 3.8: the server is closing, whatever command this answers.
_CLOSING = 421
#: What may stand around an address in a reply.
_BETWEEN = str.maketrans(dict.fromkeys('<>()[]{},:;"', " "))
_AROUND = "'`.="
#: So many recipients in a row, up to the last one, are not all odd addresses.
_ERRORS_TO_THE_END = 2


def lost_step(answers: Sequence[Answers], *, hung_up: bool, silent: bool, proven: bool) -> bool:
    """Tell whether these answers cannot belong to the commands of their group.

    Args:
        answers: What was answered to the whole group.
        hung_up: The connection ended before all was answered.
        silent: The server stopped answering before all was answered.
        proven: The host has answered such a group in step before.
    """
    mails = [answer.mail for answer in answers if answer.mail is not None]
    replies = [reply for answer in answers for reply in answer.recipients if reply is not None]
    if any(judge(Stage.MAIL, mail).outcome is Outcome.PROTOCOL for mail in mails):
        return True
    if any(reply.code in _NOT_OF_A_RECIPIENT for reply in replies):
        return True
    if proven:
        return False
    if silent:
        return bool(mails)  # a command was swallowed; without any answer it is a tarpit
    if hung_up:
        closing = any(reply.code == _CLOSING for reply in (*mails, *replies))
        return not replies and not closing
    odd = [judge(Stage.RCPT, reply).outcome is Outcome.PROTOCOL for reply in replies]
    to_the_end = next((n for n, one in enumerate(reversed(odd)) if not one), len(odd))
    return to_the_end >= _ERRORS_TO_THE_END or 0 < to_the_end == len(odd)


def names_another(transactions: Sequence[Transaction], answers: Sequence[Answers]) -> bool:
    """Tell whether a reply names another recipient of its group instead of its own."""
    asked = {one.lower() for transaction in transactions for one in transaction.recipients}
    named = (
        (recipient.lower(), addresses_named(reply.text))
        for transaction, answer in zip(transactions, answers, strict=True)
        for recipient, reply in zip(transaction.recipients, answer.recipients, strict=True)
        if reply is not None
    )
    return any(own not in names and not names.isdisjoint(asked) for own, names in named)


def addresses_named(text: str) -> frozenset[str]:
    """Find the mail addresses in a reply, in lower case."""
    words = text.lower().translate(_BETWEEN).split() if "@" in text else ()
    return frozenset(word.strip(_AROUND) for word in words if "@" in word)
