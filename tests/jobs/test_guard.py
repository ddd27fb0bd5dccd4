"""An unforeseen error halts what it concerns, under a reference that leads into the log."""

import logging
import re
from dataclasses import dataclass, field

import pytest

from bot.logs import Redacting
from jobs.guard import Outcome, guarded, make_reference
from storage.errors import DatabaseBusy, DiskFull, Unreachable

ADDRESS = "someone@letters.example.com"


@dataclass
class Job:
    """A job with a step that does as it is told."""

    fault: BaseException | None = None
    #: What goes wrong once each before the step works.
    passing: list[Exception] = field(default_factory=list)
    closing: bool = False
    halted: list[tuple[int, str]] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def is_closing(self) -> bool:
        return self.closing

    async def halt(self, subject_id: int, sentence: str) -> None:
        self.halted.append((subject_id, sentence))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def tell(self, subject_id: int, sentence: str) -> None:
        self.told.append((subject_id, sentence))

    @guarded
    async def tidy(self, subject_id: int, outcome: Outcome) -> Outcome:
        """Tidy up."""
        if self.passing:
            raise self.passing.pop(0)
        if self.fault:
            raise self.fault
        return outcome


async def test_a_step_that_works_is_left_alone() -> None:
    job = Job()
    assert await job.tidy(7, Outcome.MORE) is Outcome.MORE
    assert job.halted == []


async def test_an_unforeseen_error_halts_with_a_reference_that_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(fault=LookupError(f"nobody is called {ADDRESS}"))
    assert await job.tidy(7, Outcome.MORE) is Outcome.HALTED
    [(subject, sentence)] = job.halted
    [record] = caplog.records
    found = re.search(r"reference ([0-9a-f]{8})\b", sentence)
    assert subject == 7
    assert found
    assert found[1] in record.getMessage()
    assert (record.levelno, record.__dict__["action"]) == (logging.ERROR, "tidy")
    assert record.__dict__["subject"] == 7


async def test_neither_the_sentence_nor_the_log_tells_an_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Job(fault=LookupError(f"nobody is called {ADDRESS}"))
    await job.tidy(7, Outcome.MORE)
    written = Redacting().format(caplog.records[0])
    assert "LookupError: nobody is called <address>" in written, "the cause can be found"
    assert ADDRESS not in written
    assert ADDRESS not in caplog.records[0].getMessage()
    assert ADDRESS not in job.halted[0][1]


async def test_while_the_process_closes_the_error_goes_on_and_nothing_halts() -> None:
    job = Job(fault=RuntimeError("the loop is gone"), closing=True)
    with pytest.raises(RuntimeError):
        await job.tidy(7, Outcome.MORE)
    assert job.halted == []


async def test_a_step_is_repeated_until_the_database_can_be_used() -> None:
    job = Job(passing=[DatabaseBusy(), DiskFull(), DiskFull(), DiskFull(), Unreachable()])
    assert await job.tidy(7, Outcome.MORE) is Outcome.MORE
    assert job.halted == []
    assert job.slept == [0.5, 1.0, 2.0, 5.0, 10.0]
    [(subject, sentence)] = job.told
    assert subject == 7
    assert sentence == (
        "The disk that the bot's database is on is full. Nothing is lost or half done: this goes "
        "on by itself as soon as it can. The person who hosts this bot has to make room on it."
    )


async def test_what_passes_in_a_moment_is_told_nobody() -> None:
    job = Job(passing=[DatabaseBusy(), DatabaseBusy()])
    assert await job.tidy(7, Outcome.DONE) is Outcome.DONE
    assert job.told == []


async def test_a_process_that_closes_does_not_wait_for_the_database() -> None:
    job = Job(fault=Unreachable(), closing=True)
    with pytest.raises(Unreachable):
        await job.tidy(7, Outcome.MORE)
    assert job.halted == job.told == []


async def test_a_cancelled_step_is_not_an_error() -> None:
    job = Job(fault=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await job.tidy(7, Outcome.MORE)
    assert job.halted == []


def test_a_step_keeps_its_name_for_the_engine() -> None:
    assert Job.tidy.__name__ == "tidy"


def test_references_differ() -> None:
    assert len({make_reference() for _ in range(100)}) == 100
