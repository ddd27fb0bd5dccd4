"""A mail server's reply, taken apart into the code, the enhanced code and the words."""

import re
import unicodedata
from dataclasses import dataclass, field

#: RFC 5321 allows 512 octets a line; what is longer than this in total is cut.
LONGEST_REPLY = 16_384
#: Characters that are searched for words, of the beginning and of the end: what a server has to
#: say is there, and a hostile one must not make the search take long.
_READ_AT_THE_BEGINNING, _READ_AT_THE_END = 1_200, 300
#: What people are shown of a reply.
READABLE_LENGTH = 300

_LINE = re.compile(r"\s*(\d{3})(?!\d)[ \-:]?(.*)")
_ENHANCED = r"([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)"
_LEADING_ENHANCED = re.compile(rf"[\s#\[(]*{_ENHANCED}[\])]*")
_ANY_ENHANCED = re.compile(rf"(?:(?<=[#\[(])|(?<=\b\d{{3}}[ \-]))\s*{_ENHANCED}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\"'<>)\]]+")
_ADDRESS = re.compile(r"<?[^\s<>@,:;()\[\]\"]{1,200}@[^\s<>@,;()\[\]\"]{1,255}>?")
_IP = re.compile(r"\[?\b\d{1,3}(?:[.\-]\d{1,3}){3}\b\]?")
_HOST = re.compile(r"(?<![\w@./\-])(?:[a-z0-9_\-]+\.)+[a-z][a-z0-9\-]+(?![\w@/])")
_LOCAL_PART = re.compile(r"<[\w.+\-]{1,64}>")
_HTML = re.compile(r"</?(?:html|body|br|p|b|a|font)\b[^>]*>", re.IGNORECASE)
#: What mail servers add around the reply of another one.
_QUOTED = re.compile(r"\bhost \S+(?:\s*<(?:ip|host)>)*\s+said:")
_NOTES = re.compile(r"(?:remote-mta:|giving up on).*$")
#: Advice to whoever reads the bounce: it announces no fault that passes.
_ADVICE = re.compile(r"(?:please )?(?:check|verify|correct) (?:the|your) [^.;]{0,40}\btry again")
_OUR_COMMAND = re.compile(r"\(in reply to (?!mail from|ehlo|helo)[^)]*\)")
#: Postfix that has asked the next server about the recipient, and what that one answered:
#: https://www.postfix.org/ADDRESS_VERIFICATION_README.html
_ASKED_ELSEWHERE = re.compile(
    r"recipient address rejected:\s*(?:undeliverable|unverified) address:\s*host \S+ said:\s*"
    r"(?P<reply>(?:(?!\(in reply to ).)*)(?:\(in reply to rcpt to command\))?[\s;.]*$",
    re.IGNORECASE | re.DOTALL,
)
_REFUSAL = re.compile(r"[45]\d\d[ \-]")
_SPACES = re.compile(r"\s+")
#: Letters that Unicode does not take apart into a plain one and its accent.
_PLAIN_LETTERS = str.maketrans(
    {"\u2019": "'", "ß": "ss", "\u0451": "\u0435", "ø": "o", "œ": "oe", "ł": "l", "\u0131": "i"}
)
#: Encodings that servers use without saying so; each reading is searched for words.
_OTHER_ENCODINGS = ("gb18030", "big5", "shift_jis", "euc_jp", "iso2022_jp", "koi8_r", "cp1251")


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete reply, ready to be judged; replies that only differ in names are equal."""

    #: The three digits, or 0 when there were none.
    code: int
    #: The enhanced status code (RFC 3463), or None; servers often send a wrong one.
    enhanced: str | None
    #: The text of each line as received, without the codes.
    lines: tuple[str, ...] = field(compare=False)
    #: The text in lower case without accents, addresses, host names, IP addresses and links;
    #: empty for a positive reply, which needs no reading.
    words: str
    #: The text in lower case with host names, IP addresses and links.
    raw: str
    #: What another server said when this one asked it about the recipient, if that is all it says.
    quoted: "Reply | None" = None

    @property
    def text(self) -> str:
        """Give the text on one line."""
        return _SPACES.sub(" ", " ".join(self.lines)).strip()

    @property
    def readable(self) -> str:
        """Give the code and the text on one line, cut for people."""
        line = f"{self.code:03d} {self.text}".strip()
        return line if len(line) <= READABLE_LENGTH else line[: READABLE_LENGTH - 1] + "…"


def parse_reply(received: str | bytes) -> Reply:
    """Read a reply of one or more lines; takes anything, raises nothing."""
    readings = _decode(received[:LONGEST_REPLY])
    lines = [line for line in readings[0].replace("\r", "\n").split("\n") if line.strip()]
    codes, texts = [0], []
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            texts.append(line.strip())
            continue
        codes.append(int(match[1]))
        texts.append(match[2].strip())
    code = codes[-1]  # RFC 5321 section 4.2.1: the last line's code counts
    if any(one // 10 == 25 for one in codes) and any(one >= 400 for one in codes):
        # Nobody can tell whether that is a yes or a no.
        return Reply(0, None, tuple(line.strip() for line in lines), words="", raw="")
    if 200 <= code < 300:
        return Reply(code, None, tuple(texts), words="", raw="")
    plain = [_LEADING_ENHANCED.sub("", text, count=1) for text in texts]
    everything = " ".join(map(_essence, (" ".join(plain), *readings[1:]))).strip()
    nameless = _ADDRESS.sub(" <> ", everything)
    quoted = _ASKED_ELSEWHERE.search(everything)
    return Reply(
        code,
        _enhanced(texts),
        tuple(texts),
        _words(nameless),
        fold(nameless),
        _quoted(quoted["reply"]) if quoted else None,
    )


def _quoted(said: str) -> Reply:
    """Read a reply that stands on one line within another; only a refusal is one."""
    if not _REFUSAL.match(said):
        return Reply(0, None, (said,), words="", raw="")
    # Each of its lines began with the code.
    return parse_reply(re.sub(rf"\s+(?={said[:3]}[ \-])", "\n", said))


def _essence(text: str) -> str:
    """Put a text on one line, without the middle of a very long one."""
    line = _SPACES.sub(" ", text)
    if len(line) <= _READ_AT_THE_BEGINNING + _READ_AT_THE_END:
        return line
    return f"{line[:_READ_AT_THE_BEGINNING]} {line[-_READ_AT_THE_END:]}"


def fold(text: str) -> str:
    """Put text in lower case, with compatible letters as one and Latin accents removed."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).lower().translate(_PLAIN_LETTERS)
    return "".join(_without_accent(letter) for letter in plain)


def _without_accent(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.combining(letter):
        return ""
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


def _decode(received: str | bytes) -> list[str]:
    """Give the likeliest reading first, then the others when the bytes are not UTF-8."""
    if isinstance(received, str):
        return [received]
    try:
        return [received.decode("utf-8"), *_escaped_readings(received)]
    except UnicodeDecodeError:
        pass
    readings = [received.decode("latin-1")]
    for encoding in _OTHER_ENCODINGS:
        try:
            readings.append(_SPACES.sub(" ", received.decode(encoding)))
        except (UnicodeDecodeError, ValueError):
            continue
    return readings


def _escaped_readings(received: bytes) -> list[str]:
    """Read ISO-2022-JP, which is 7-bit and so looks like UTF-8."""
    if b"\x1b$" not in received:
        return []
    return [received.decode("iso2022_jp", "replace")]


def _enhanced(texts: list[str]) -> str | None:
    """Find the code at the start of a line, else one in brackets or after a basic code."""
    for text in texts:
        match = _LEADING_ENHANCED.match(text)
        if match is not None:
            return ".".join(match.groups())
    match = _ANY_ENHANCED.search(" ".join(texts))
    return ".".join(match.groups()) if match is not None else None


def _words(text: str) -> str:
    """Keep what the server says, without names that could be mistaken for words."""
    text = _HTML.sub(" ", _LINK.sub(" ", text))
    text = _LOCAL_PART.sub(" <> ", text)
    text = _IP.sub(" <ip> ", text)
    text = _HOST.sub(" <host> ", text)
    # Some servers write a constant's name, such as USER_UNKNOWN.
    folded = _SPACES.sub(" ", fold(text).replace("_", " "))
    for noise in (_OUR_COMMAND, _QUOTED, _NOTES, _ADVICE):
        folded = noise.sub(" ", folded)
    return _SPACES.sub(" ", folded).strip()
