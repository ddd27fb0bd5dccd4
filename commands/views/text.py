"""Words and numbers as a person reads them in Slack, and the one place that escapes text."""

import re
from datetime import UTC, datetime, timedelta

#: Characters of a name that a message shows; longer names end in an ellipsis.
NAME_LENGTH = 60
#: Characters of a sentence that is not a view's own (a note, an error) that a message shows.
SENTENCE_LENGTH = 400

#: Slack's control characters (docs.slack.dev, formatting message text): these three, once each.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
#: Slack has no escape for its formatting marks, so a name shows their look-alikes.
_LOOK_ALIKES = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
#: A mark right behind a letter or digit opens nothing, as in newsletter_2026 or kit_; but names
#: stand in bold, which a star behind one would end.
_FORMATTING = re.compile(r"`|(?<![^\W_])[*_~]|\*(?![^\W_])")
#: An emoji code such as :tada: would be drawn as a picture.
_EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")
#: Direction marks can make the text behind them read backwards; they are never part of a name.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_SLACK_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}")
_MENTION = re.compile(rf"(<@{_SLACK_USER.pattern}>|<#{_SLACK_CHANNEL.pattern}>)")


def shorten(text: str, limit: int = NAME_LENGTH) -> str:
    """Draw text on one line of at most `limit` characters, with an ellipsis where it was cut."""
    line = " ".join(_CONTROL.sub(" ", _DIRECTION.sub("", text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = NAME_LENGTH) -> str:
    """Make text from outside safe to stand in a message: drawn literally, shortened, one line."""
    return _literal(shorten(text, limit))


def escape_within(text: str, limit: int) -> str:
    """Escape text so that it has at most `limit` characters as it is sent, its escapes counted."""
    room = limit
    line = escape(text, room)
    while len(line) > limit:
        # The longest escape stands for one character with five.
        room -= -(-(len(line) - limit) // 5)
        line = escape(text, room)
    return line


def as_sentence(text: str) -> str:
    """Escape a sentence of the bot's own, such as an error or a note, and end it.

    What `person` and `channel` write in it stays a mention; everything else is drawn literally.
    """
    parts = _MENTION.split(shorten(text, SENTENCE_LENGTH))
    # Splitting at a group puts the mentions at the odd places.
    line = "".join(part if at % 2 else _literal(part) for at, part in enumerate(parts))
    return line if not line or line[-1] in ".!?…" else line + "."


def _literal(line: str) -> str:
    line = _EMOJI_CODE.sub("\ua789", line)
    line = _FORMATTING.sub(lambda mark: mark[0].translate(_LOOK_ALIKES), line)
    return line.translate(_ENTITIES)


def number(count: int) -> str:
    """Write a count with thousands separators: 12,345."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: 1 credit, 2 credits, 0 credits."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(part: int, whole: int) -> str:
    """Write a share such as 3.4 %; "0 %" only for nothing and "100 %" only for all.

    The result may hold < or >: escape it in a message.
    """
    if whole <= 0 or part <= 0:
        return "0 %"
    if part >= whole:
        return "100 %"
    share = 100 * part / whole
    if share < 0.1:
        return "< 0.1 %"
    return "> 99.9 %" if share > 99.9 else f"{share:.1f} %"


def bar(part: int, whole: int, width: int = 20) -> str:
    """Draw progress in text; full only when all is done."""
    done = width * min(part, whole) // whole if whole > 0 else 0
    return "█" * done + "░" * (width - done)


def duration(length: timedelta) -> str:
    """Write a length of time in its two largest units: 2 hours 5 minutes."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    units = ((days, "day"), (hours, "hour"), (left, "minute"))
    return " ".join([counted(count, unit) for count, unit in units if count][:2])


def about(length: timedelta) -> str:
    """Write an estimated length of time: about 6 minutes, or less than a minute."""
    words = duration(length)
    return words if words.startswith("less") else f"about {words}"


def moment(when: datetime) -> str:
    """Write a moment that Slack shows in each reader's own time zone (date token)."""
    fallback = when.astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def person(user_id: str | None) -> str:
    """Mention a Slack user; other makers, such as the command line, are named as they are."""
    if not user_id:
        return "Somebody"
    return f"<@{user_id}>" if _SLACK_USER.fullmatch(user_id) else escape(user_id)


def channel(channel_id: str) -> str:
    """Link to a Slack channel."""
    if _SLACK_CHANNEL.fullmatch(channel_id):
        return f"<#{channel_id}>"
    return escape(channel_id)
