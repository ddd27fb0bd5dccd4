"""The reply table: what replies mean, measured on collections and on words of our own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.verification.replies import INVALID, RISKY, UNKNOWN
from verification.judge import (
    TABLE,
    AcceptsAll,
    Outcome,
    Stage,
    accepts_all,
    judge,
    parse_reply,
    reason_for,
)
from verification.judge.outcomes import REASONS
from verification.verdicts import Category

#: How the lists of replies write a line break.
NEW_LINE = "\\n"
DATA = Path(__file__).parents[2].parent / "shared" / "reference" / "verification-data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared reference data is absent")


def category_of(reply: str | bytes, stage: Stage = Stage.RCPT) -> Category:
    """Judge a reply of which nothing else is known."""
    outcome = judge(stage, parse_reply(reply)).outcome
    return reason_for(outcome, AcceptsAll.UNDETERMINED).category


def outcome_of(reply: str | bytes, provider: str | None = None) -> Outcome:
    """Judge a reply to RCPT TO."""
    return judge(Stage.RCPT, parse_reply(reply), provider).outcome


def collected() -> list[dict[str, Any]]:
    """Read the collected replies with the categories that each may have."""
    lines = (DATA / "smtp_replies.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@needs_data
def test_no_collected_reply_is_invalid_that_must_not_be() -> None:
    false = [
        row["reply"]
        for row in collected()
        if "Invalid" not in row["class_allowed"] and category_of(row["reply"]) is Category.INVALID
    ]
    assert false == []


@needs_data
def test_nearly_all_collected_replies_that_must_be_invalid_are() -> None:
    rows = [row for row in collected() if row["class_allowed"] == ["Invalid"]]
    found = [row for row in rows if category_of(row["reply"]) is Category.INVALID]
    assert len(found) >= 0.97 * len(rows)


@needs_data
def test_nearly_all_collected_replies_are_judged_right() -> None:
    rows = collected()
    right = [row for row in rows if category_of(row["reply"]).label in row["class_allowed"]]
    assert len(right) >= 0.97 * len(rows)


@needs_data
@pytest.mark.parametrize("name", ["smtp_documented_replies.json", "postfix_replies_measured.jsonl"])
def test_documented_and_measured_replies_have_their_outcomes(name: str) -> None:
    text = (DATA / name).read_text(encoding="utf-8")
    rows = json.loads(text) if name.endswith("json") else [json.loads(x) for x in text.splitlines()]
    same = {"accepted": {"accepted", "accepted_unchecked"}, "blocked": {"blocked", "rate_sender"}}
    wrong = [
        row["reply"]
        for row in rows
        if outcome_of(row["reply"]) not in same.get(row["outcome"], {row["outcome"]})
    ]
    assert len(wrong) <= 0.03 * len(rows), wrong


@pytest.mark.parametrize("reply", INVALID)
def test_words_about_a_missing_mailbox_are_invalid(reply: str) -> None:
    assert category_of(reply.replace(NEW_LINE, "\n")) is Category.INVALID


@pytest.mark.parametrize("reply", RISKY)
def test_words_about_a_full_or_busy_mailbox_are_risky(reply: str) -> None:
    assert category_of(reply) is Category.RISKY


@pytest.mark.parametrize("reply", UNKNOWN)
def test_words_about_anything_else_are_unknown(reply: str) -> None:
    assert category_of(reply.replace(NEW_LINE, "\n")) is Category.UNKNOWN


@pytest.mark.parametrize("reply", INVALID)
@pytest.mark.parametrize("code", ["421", "450", "451", "452"])
def test_a_4xx_is_never_invalid_whatever_its_words(reply: str, code: str) -> None:
    assert category_of(code + reply.replace("\\n", "\n" + code)[3:]) is not Category.INVALID


@pytest.mark.parametrize("reply", INVALID)
@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.EHLO, Stage.STARTTLS, Stage.MAIL])
def test_before_rcpt_nothing_is_about_the_recipient(reply: str, stage: Stage) -> None:
    assert category_of(reply.replace(NEW_LINE, "\n"), stage) is Category.UNKNOWN


@pytest.mark.parametrize("reply", INVALID)
@pytest.mark.parametrize(
    "words",
    [
        "; your host is listed by zen.spamhaus.org",
        "; client host [192.0.2.1] blocked",
        "; sender address rejected",
        "; relay access denied",
        "; unsolicited mail is against our policy",
    ],
)
def test_words_about_us_win_over_words_about_the_recipient(reply: str, words: str) -> None:
    assert category_of(reply.replace(NEW_LINE, "\n") + words) is Category.UNKNOWN


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param("552 5.7.1 no such user", Outcome.NO_MAILBOX, id="text-over-both-codes"),
        pytest.param("550 5.1.1 mailbox is full", Outcome.FULL, id="text-over-enhanced"),
        pytest.param("553 5.1.1 x1 x2", Outcome.NO_MAILBOX, id="enhanced-over-code"),
        pytest.param("550 5.2.2", Outcome.FULL, id="enhanced-alone"),
        pytest.param("552", Outcome.FULL, id="code-alone"),
        pytest.param("550", Outcome.REJECTED_NO_REASON, id="bare-550"),
        pytest.param("550-5.1.1 User\n550-5.1.1 unknown\n550 5.1.1 bye", Outcome.NO_MAILBOX,
                     id="words-over-two-lines"),
        pytest.param("550-User unknown\n451 try later", Outcome.TEMP, id="last-line-has-the-code"),
        pytest.param("550 Mail 2.11.3 says x", Outcome.REJECTED_NO_REASON, id="version-is-no-code"),
        pytest.param("451 4.7.500 Server busy. Try again later from [203.0.113.7].", Outcome.TEMP,
                     id="busy-is-not-blocked"),
        pytest.param("450 4.1.1 <ann@reader.example>: Recipient address rejected: unverified "
                     "address: connect to mx.reader.example[203.0.113.7]:25: Connection refused",
                     Outcome.TEMP, id="unverified-is-not-blocked"),
        pytest.param("451 4.4.0 Primary target IP address responded with: 421 4.4.2 Dropped",
                     Outcome.TEMP, id="the-next-server-is-not-us"),
        pytest.param("550-no\n250 yes", Outcome.PROTOCOL, id="no-and-yes"),
    ],
)  # fmt: skip
def test_text_beats_enhanced_code_beats_code(reply: str, expected: Outcome) -> None:
    assert outcome_of(reply) is expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param("550 boîte inexistante".encode("latin-1"), Outcome.NO_MAILBOX, id="latin-1"),
        pytest.param("550 Empfänger unbekannt".encode("cp1252"), Outcome.NO_MAILBOX, id="cp1252"),
        pytest.param("550 用户不存在".encode("gb18030"), Outcome.NO_MAILBOX, id="gb18030"),
        pytest.param(
            "550 ユーザーが存在しません".encode("shift_jis"), Outcome.NO_MAILBOX, id="sjis"
        ),
        pytest.param(
            "550 ユーザーが存在しません".encode("iso2022_jp"), Outcome.NO_MAILBOX, id="jis"
        ),
        pytest.param("550 Пользователь не найден".encode("koi8_r"), Outcome.NO_MAILBOX, id="koi8"),
        pytest.param("550 Ящик переполнен".encode("cp1251"), Outcome.FULL, id="cp1251"),
        pytest.param(b"550 \xff\xfe\x80", Outcome.REJECTED_NO_REASON, id="no-encoding"),
    ],
)
def test_8_bit_replies_are_read_in_the_encodings_that_servers_use(
    reply: bytes, expected: Outcome
) -> None:
    assert outcome_of(reply) is expected


@pytest.mark.parametrize(
    "filler", ["lorem ipsum ", "user account ", "a.b@", "1.2.3.", "<>", "邮箱"]
)
def test_a_reply_of_ten_kilobytes_is_judged_by_its_words(filler: str) -> None:
    long = filler * (10_000 // len(filler))
    assert outcome_of(f"550 5.1.1 {long}; blocked using zen.spamhaus.org") is Outcome.BLOCKED


def test_words_inside_addresses_links_and_host_names_are_not_read() -> None:
    reply = "550 5.1.1 <spam.blocked@policy.example>: User unknown, see https://spam.example/block"
    assert outcome_of(reply) is Outcome.NO_MAILBOX


def test_a_providers_row_holds_for_that_provider_only() -> None:
    assert outcome_of("250 Ok", "yahoo") is Outcome.ACCEPTED_UNCHECKED
    assert outcome_of("250 Ok", "google") is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("made_up", "expected"),
    [
        pytest.param(Outcome.ACCEPTED, AcceptsAll.YES, id="accepted"),
        pytest.param(Outcome.NO_MAILBOX, AcceptsAll.NO, id="no-mailbox"),
        pytest.param(Outcome.GREYLIST, AcceptsAll.UNDETERMINED, id="greylisted"),
        pytest.param(Outcome.BLOCKED, AcceptsAll.UNDETERMINED, id="blocked"),
        pytest.param(Outcome.REJECTED_NO_REASON, AcceptsAll.UNDETERMINED, id="no-reason"),
        pytest.param(None, AcceptsAll.UNDETERMINED, id="no-answer"),
    ],
)
def test_only_words_about_the_mailbox_prove_that_a_domain_refuses(
    made_up: Outcome | None, expected: AcceptsAll
) -> None:
    assert accepts_all(made_up) is expected


def test_every_outcome_has_a_reason() -> None:
    assert set(REASONS) == set(Outcome) - {Outcome.ACCEPTED}


def test_every_row_has_a_name_of_its_own_and_a_source() -> None:
    names = [rule.name for rule in TABLE]
    assert len(set(names)) == len(names)
    assert all(rule.source for rule in TABLE)


def test_no_row_can_make_a_4xx_invalid() -> None:
    guilty = [
        rule.name
        for rule in TABLE
        if rule.outcome is not Outcome.ACCEPTED
        and REASONS[rule.outcome].category is Category.INVALID
        and (rule.code is None or any(rule.code.fullmatch(str(code)) for code in range(400, 500)))
    ]
    assert guilty == []


def asked_elsewhere(said: str, *, about: str = "Recipient", code: str = "550 5.1.1") -> str:
    """Write how Postfix refuses an address after it has asked the next server about it."""
    host = "mx.reader.example[192.0.2.25]"
    return (
        f"{code} <ann@reader.example>: {about} address rejected: undeliverable address: "
        f"host {host} said: {said}"
    )


@pytest.mark.parametrize("reply", INVALID)
def test_what_a_server_says_that_another_one_asked_counts_as_if_it_were_asked_by_us(
    reply: str,
) -> None:
    said = f"{reply.replace(NEW_LINE, ' ')} (in reply to RCPT TO command)"
    assert outcome_of(asked_elsewhere(said)) is outcome_of(reply.replace(NEW_LINE, "\n"))


@pytest.mark.parametrize("reply", UNKNOWN)
def test_a_quoted_reply_that_is_not_about_the_recipient_is_unknown(reply: str) -> None:
    said = f"{reply.replace(NEW_LINE, ' ')} (in reply to RCPT TO command)"
    assert category_of(asked_elsewhere(said)) is Category.UNKNOWN


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            asked_elsewhere("550 5.1.1 User unknown (in reply to MAIL FROM command)"),
            id="said-to-mail-from",
        ),
        pytest.param(
            asked_elsewhere("550 5.1.1 User unknown (in reply to RCPT TO command)", about="Sender"),
            id="asked-about-the-sender",
        ),
        pytest.param(
            asked_elsewhere("550 5.1.1 User unknown (in reply to RCPT TO command)", code="450"),
            id="passed-on-as-4xx",
        ),
        pytest.param(
            "550 5.4.6 <ann@reader.example>: Recipient address rejected: undeliverable address: "
            "mail for reader.example loops back to myself",
            id="a-fault-of-the-server",
        ),
    ],
)
def test_what_was_not_said_of_the_recipient_is_unknown_however_it_is_quoted(reply: str) -> None:
    assert category_of(reply) is Category.UNKNOWN


def test_of_a_very_long_reply_the_beginning_and_the_end_are_read() -> None:
    filler = "mailbox user " * 1_000
    assert category_of(f"550 5.1.1 user unknown {filler}") is Category.INVALID
    assert category_of(f"550 {filler} blocked using zen.spamhaus.org") is Category.UNKNOWN
    assert len(parse_reply(f"550 {filler}").words) < 2_000
