"""Whatever strangers send, the engine neither raises nor makes anybody Invalid without a rule."""

import asyncio
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verification.replies import INVALID, RISKY, UNKNOWN
from tests.verification.scripted_mail import HANG_UP, Script, ScriptedServer, only
from tests.verification.worlds import ScriptedDns, engine_for, one_domain, verdicts
from verification import Category, Reason
from verification.judge import TABLE, AcceptsAll, Stage, judge, parse_reply, reason_for
from verification.resolver import Addresses, Exchanger, Exchangers, Found
from verification.syntax import Address, parse_address, parse_with_library, trimmed

REPLIES = [*INVALID, *RISKY, *UNKNOWN, "250 Ok", "251 Ok", "421 Bye", HANG_UP]
#: One engine and one server for each example: few, because each opens sockets.
networked = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400)), st.sampled_from(Stage))
def test_any_bytes_are_judged_by_a_row_of_the_table(reply: bytes | str, stage: Stage) -> None:
    judgement = judge(stage, parse_reply(reply))
    assert judgement.rule in TABLE
    assert judgement.rule.outcome is judgement.outcome


@given(st.from_regex(r"[1-46-9][0-9]{2}[ -].{0,200}", fullmatch=True))
def test_only_a_5xx_can_be_invalid(reply: str) -> None:
    outcome = judge(Stage.RCPT, parse_reply(reply)).outcome
    reason = reason_for(outcome, AcceptsAll.UNDETERMINED)
    assert reason.category is not Category.INVALID or parse_reply(reply).code // 100 == 5


@given(
    st.lists(st.sampled_from([*INVALID, *RISKY, *UNKNOWN]), min_size=1, max_size=3),
    st.text(max_size=50),
)
def test_mixed_up_replies_do_not_raise(replies: Sequence[str], noise: str) -> None:
    judge(Stage.RCPT, parse_reply(noise.join(replies)))


@given(st.text(max_size=100))
def test_any_text_is_an_address_or_malformed(text: str) -> None:
    parsed = parse_address(text)
    if isinstance(parsed, Address):
        assert parsed.domain
        assert "\r" not in parsed.wire
        assert "\n" not in parsed.wire


PLAIN = st.from_regex(r"[a-z0-9_+.-]{0,70}", fullmatch=True)
DOMAINS = st.one_of(
    st.sampled_from(["reader.example", "READER.Example", "bücher.example", "[192.0.2.1]", "x..y"]),
    st.text(max_size=20),
    st.integers(40, 255).map(lambda length: ("label." * 50)[: length - 3].strip(".") + ".com"),
)


@given(PLAIN, DOMAINS)
def test_a_domain_that_is_remembered_changes_nothing(local_part: str, domain: str) -> None:
    text = f"{local_part}@{domain}"
    assert parse_address(text) == parse_with_library(trimmed(text))


@networked
@given(st.lists(st.sampled_from(REPLIES), min_size=2, max_size=12))
def test_any_sequence_of_replies_ends_in_one_verdict_each(replies: list[str]) -> None:
    async def run() -> None:
        left = list(replies)

        def answer(recipient: str) -> str:
            return left.pop(0).replace("\\n", "\r\n") if left else only()(recipient)

        names = [f"reader{number}@reader.example" for number in range(8)]
        async with ScriptedServer(Script(answer)) as server:
            found = await verdicts(engine_for(one_domain(), port=server.port), names)
        assert set(found) == set(names)
        for verdict in found.values():
            if verdict.category is Category.INVALID:
                assert verdict.evidence.rule is not None
                assert (verdict.evidence.reply or "").startswith("5")

    asyncio.run(run())


@networked
@given(st.binary(max_size=300))
def test_a_server_that_speaks_nonsense_makes_nobody_invalid(noise: bytes) -> None:
    async def run() -> None:
        banner = "220 " + noise.decode("utf-8", "surrogateescape").replace("\n", " ")
        script = Script(lambda _: noise.decode("utf-8", "surrogateescape") or "x", banner=banner)
        async with ScriptedServer(script) as server:
            engine = engine_for(one_domain(), port=server.port)
            found = await verdicts(engine, ["ann@reader.example"])
        reply = found["ann@reader.example"].evidence.reply or ""
        if found["ann@reader.example"].category is Category.INVALID:
            assert reply.startswith("5")

    asyncio.run(run())


class AnyDns(ScriptedDns):
    """Gives one prepared answer to each kind of question."""

    def __init__(self, exchangers: Exchangers, addresses: Addresses) -> None:
        super().__init__()
        self._prepared = exchangers, addresses

    async def exchangers(self, domain: str) -> Exchangers:
        return self._prepared[0]

    async def addresses(self, host: str) -> Addresses:
        return self._prepared[1]


hosts = st.sampled_from(
    [".", "", "mx.example.com", "10.0.0.1", "xn--", "a" * 300, "mx\\000.example"]
)
exchangers = st.builds(
    Exchangers,
    st.sampled_from(Found),
    st.lists(st.builds(Exchanger, st.integers(0, 65_535), hosts), max_size=9).map(tuple),
)
addresses = st.builds(
    Addresses,
    st.sampled_from(Found),
    st.lists(st.ip_addresses().filter(lambda ip: not ip.is_global), max_size=4).map(tuple),
)

EVIDENCE_OF_DNS = {Reason.NO_SUCH_DOMAIN, Reason.NULL_MX, Reason.NO_MAIL_SERVER}


@networked
@given(exchangers, addresses)
def test_any_dns_answer_ends_in_a_verdict_and_only_certain_ones_in_invalid(
    mail: Exchangers, found_addresses: Addresses
) -> None:
    async def run() -> None:
        engine = engine_for(AnyDns(mail, found_addresses), port=9)
        found = await verdicts(engine, ["ann@reader.example"])
        verdict = found["ann@reader.example"]
        if verdict.category is Category.INVALID:
            assert verdict.reason in EVIDENCE_OF_DNS
            assert mail.found is not Found.FAILED
            assert verdict.evidence.rule is not None

    asyncio.run(run())


@networked
@given(st.lists(st.text(max_size=60), max_size=20))
def test_any_strings_get_one_verdict_each(texts: list[str]) -> None:
    async def run() -> None:
        found = await verdicts(engine_for(ScriptedDns()), texts)
        assert set(found) == set(texts)

    asyncio.run(run())
