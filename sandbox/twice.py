"""What was done twice: calls and messages, judged by the fakes' own logs and the processes' lives.

A process that is killed, frozen or cut off from its database may have one call in flight, of which
it knows the outcome as little as anybody else. Exactly that call may be made again, and exactly
the message that was posted then may be followed by a second one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sandbox.kit.store import Unsubscribed
from sandbox.process import BotProcess, Life
from sandbox.slack import Message
from sandbox.stage import Stage

#: From Slack's taking a message until its ts is written down, at the very most.
REMEMBERED_WITHIN = timedelta(seconds=1)

#: A button's action_id names what its message is about, and its value which one.
_SUBJECT = re.compile(r"(run|cleanup)_")


@dataclass(frozen=True, slots=True)
class Twice:
    """What was done more than once: with the reason where there is one, and without."""

    in_flight: tuple[str, ...]
    unexplained: tuple[str, ...]


def unsubscribed_twice(stage: Stage) -> Twice:
    """Find every further unsubscribe of somebody who was unsubscribed before."""
    calls = stage.world.kit.unsubscribes
    of: defaultdict[int, list[Unsubscribed]] = defaultdict(list)
    for call in calls:
        of[call.subscriber].append(call)
    in_flight: list[str] = []
    unexplained: list[str] = []
    for subscriber, made in of.items():
        for first, second in pairwise(made):
            told = f"{subscriber}: by {first.by} at {first.at}, by {second.by} at {second.at}"
            excused = _was_in_flight(stage, first, calls) or _was_in_flight(stage, second, calls)
            (in_flight if excused else unexplained).append(told)
    return Twice(tuple(in_flight), tuple(unexplained))


def posted_twice(stage: Stage, channel: str) -> Twice:
    """Find every message in a channel, and every file in a thread, that repeats another one."""
    messages = stage.slack.messages(channel)
    files = [reply for each in messages for reply in stage.slack.thread(each)]
    in_flight: list[str] = []
    unexplained: list[str] = []
    for about, posts in (*_by_subject(messages), *_by_name(stage, files)):
        for post in posts[:-1] if about else posts:
            told = f"{about or 'a message about nothing'}: {post.text!r}"
            (in_flight if _was_forgotten(stage, post) else unexplained).append(told)
    return Twice(tuple(in_flight), tuple(unexplained))


def subject_of(message: Message) -> str:
    """Name what a message is about, such as "run 3", by the buttons that it has or had.

    One that was forgotten while its list was still being made has had none: "".
    """
    elements = (
        element
        for version in message.history
        for block in version.blocks
        for element in (*block.get("elements", []), block.get("accessory") or {})
    )
    for element in elements:
        found = _SUBJECT.match(str(element.get("action_id")))
        if found:
            return f"{found[1]} {element.get('value')}"
    return ""


def _by_subject(messages: Iterable[Message]) -> Iterable[tuple[str, Sequence[Message]]]:
    about: defaultdict[str, list[Message]] = defaultdict(list)
    for each in messages:
        about[subject_of(each)].append(each)
    return about.items()


def _by_name(stage: Stage, replies: Iterable[Message]) -> Iterable[tuple[str, Sequence[Message]]]:
    named: defaultdict[str, list[Message]] = defaultdict(list)
    for each in replies:
        for file in stage.slack.files_of(each):
            named[file.name].append(each)
    return named.items()


def _was_in_flight(stage: Stage, call: Unsubscribed, calls: Sequence[Unsubscribed]) -> bool:
    """Tell whether this was the last call before its process lost sight of what came of it."""
    bot = stage.named(call.by)
    life = _life_at(bot, call.at)
    ends = [end for end in (_end_of(bot, life), life.thawed) if end is not None]
    ends += [up for _, up in stage.outages]
    own = [each.at for each in calls if each.by == call.by and each.at >= life.began]
    if any(call.at == max((at for at in own if at < end), default=None) for end in ends):
        return True
    # What was sent before the freeze may come to be served after it.
    thawed = life.thawed
    return thawed is not None and call.at == min((at for at in own if at > thawed), default=None)


def _end_of(bot: BotProcess, life: Life) -> datetime | None:
    """Give the time before which every call of a killed life came; None where it was not killed."""
    if life.killed is None:
        return None
    # What was sent before the kill may be served just after it, but before the next life begins.
    later = [each.began for each in bot.lives if each.began > life.began]
    return min(later, default=datetime.max.replace(tzinfo=life.began.tzinfo))


def _was_forgotten(stage: Stage, post: Message) -> bool:
    """Tell whether its process, or the database, was struck before the ts was written down."""
    if len(post.history) > 1:
        # Somebody knew where it is.
        return False
    until = post.posted_at + REMEMBERED_WITHIN
    names = {c.by for c in stage.slack.calls() if _posts(c.answer, post)}
    lives = [life for bot in stage.bots if bot.name in names for life in bot.lives]
    struck = [at for life in lives for at in (life.killed, life.frozen) if at is not None]
    if any(post.posted_at <= at <= until for at in struck):
        return True
    return any(down <= until and post.posted_at <= up for down, up in stage.outages)


def _posts(answer: dict[str, object], post: Message) -> bool:
    files = answer.get("files")
    shared = {f["id"] for f in files} if isinstance(files, list) else set()
    return answer.get("ts") == post.ts or bool(shared & set(post.files))


def _life_at(bot: BotProcess, at: datetime) -> Life:
    return max((life for life in bot.lives if life.began <= at), key=lambda life: life.began)
