"""The engine against a real Postfix at its default limits and a real DNS server."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.verification.real_servers import Postfix, missing, running_nsd, running_postfix
from tests.verification.worlds import LOCAL, verdicts
from verification import Deadlines, Engine, Reason, build_engine

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

GOOD = [f"good{number}@reader.test" for number in range(120)]
BAD = [f"bad{number}@reader.test" for number in range(60)]


@pytest.fixture(scope="module")
def postfix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postfix]:
    """Run Postfix for this module."""
    special = ["disabled@reader.test", "full@reader.test", "grey@reader.test", "ann@implicit.test"]
    with running_postfix(tmp_path_factory.mktemp("postfix"), [*GOOD, *special]) as server:
        yield server


@pytest.fixture(scope="module")
def nsd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Run NSD for this module."""
    with running_nsd(tmp_path_factory.mktemp("nsd")) as address:
        yield address


@pytest.fixture
def engine(postfix: Postfix, nsd: tuple[str, int]) -> Engine:
    """Build the real engine, pointed at both."""
    deadlines = Deadlines(connect=5, greeting=10, reply=20, group=60, dns=2)
    return build_engine(replace(LOCAL, smtp_port=postfix.port, resolver=nsd, deadlines=deadlines))


async def test_every_kind_of_domain_and_mailbox_gets_its_reason(engine: Engine) -> None:
    expected = {
        "good1@reader.test": Reason.ACCEPTED,
        "bad1@reader.test": Reason.NO_SUCH_MAILBOX,
        "disabled@reader.test": Reason.MAILBOX_DISABLED,
        "full@reader.test": Reason.MAILBOX_FULL,
        "grey@reader.test": Reason.GREYLISTED,
        "anybody@catchall.test": Reason.ACCEPTS_ALL,
        "ann@implicit.test": Reason.ACCEPTED,
        "ann@elsewhere.test": Reason.NOT_SERVED,
        "ann@nullmx.test": Reason.NULL_MX,
        "ann@nomail.test": Reason.NO_MAIL_SERVER,
        "ann@nowhere.test": Reason.NO_MAIL_SERVER,
        "ann@gone.reader.test": Reason.NO_SUCH_DOMAIN,
        "ann@unheard.of.test": Reason.DNS_FAILED,
    }
    found = await verdicts(engine, expected)
    assert {address: verdict.reason for address, verdict in found.items()} == expected


async def test_many_refusals_at_default_limits_lose_nobody_and_judge_nobody_wrong(
    engine: Engine, postfix: Postfix
) -> None:
    mixed = [address for pair in zip(GOOD, BAD * 2, strict=True) for address in pair]
    found = await verdicts(engine, mixed)
    assert {found[address].reason for address in GOOD} == {Reason.ACCEPTED}
    assert {found[address].reason for address in BAD} == {Reason.NO_SUCH_MAILBOX}
    log = postfix.log.read_text()
    assert "DATA" not in log.replace("lost connection after DATA", "")
    assert "improper command pipelining" not in log
