"""Measures the bot with lists of up to a million subscribers: ``python -m benchmarks.scale``.

``--sizes 10000,100000,1000000 --databases sqlite,postgresql --workers`` chooses; everything else
is in docs/benchmarks-scale.md.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from benchmarks.scale import report
from benchmarks.scale.measure import Measurement, measure
from tests import postgres

#: Seconds between two things that somebody types beside a list of a million.
EVERY = 1.0
#: The list that is verified by one worker and by three, and what each chunk takes the verifier:
#: so long that the machine's processors are mostly idle, as with real mail servers.
SHARED_SIZE, SHARED_SECONDS = 38_400, 10.0


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="lists to verify")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--workers", action="store_true", help="only one worker against three")
    parser.add_argument("--output", type=Path, help="a file for every figure, one JSON a line")
    return parser.parse_args()


def server_process(url: str) -> int:
    """Give the process id of the PostgreSQL that a database is on, which is on this machine."""
    with _connected(url) as connection:
        # The process that serves a connection is a child of it; the fourth field names the parent.
        serving = connection.info.backend_pid
        return int(Path(f"/proc/{serving}/stat").read_text().rpartition(")")[2].split()[1])


def database_size(url: str) -> int:
    """Give the bytes of a PostgreSQL database, the engine's tables included."""
    with _connected(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None, "the question has an answer"
    return int(row[0])


def _connected(url: str) -> "psycopg.Connection[tuple[int, ...]]":
    return psycopg.connect(url.replace("+psycopg", "", 1))


@contextmanager
def server(wanted: bool) -> Iterator[postgres.Server | None]:
    """Start PostgreSQL where it is wanted."""
    if not wanted:
        yield None
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), durable=True) as found,
    ):
        if found is None:
            raise SystemExit("There is no PostgreSQL: install postgresql, or set TEST_DATABASE_URL")
        yield found


def one(
    size: int,
    database: str,
    found: postgres.Server | None,
    *,
    workers: int = 0,
    verifier_seconds: float = 0.0,
) -> Measurement:
    """Measure one list on a database of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url, process = "", None
        if database == "postgresql":
            assert found is not None, "it was started"
            found.create("scale")
            stack.callback(found.drop, "scale")
            url = found.url("scale")
            process = server_process(url)
        large = size >= 1_000_000
        done = asyncio.run(
            measure(
                size,
                folder=folder,
                database=database,
                database_url=url,
                server=process,
                workers=workers,
                verifier_seconds=verifier_seconds,
                disturbed_every=EVERY if large else None,
                cleanup=not workers,
            )
        )
        if found is not None and database == "postgresql":
            done.database_bytes = database_size(url)
    print(report.one_line(done), flush=True)
    return done


def main() -> None:
    """Measure what was chosen, and print the tables."""
    chosen = parse()
    databases = chosen.databases.split(",")
    done: list[Measurement] = []
    shared: list[Measurement] = []
    with server("postgresql" in databases or chosen.workers) as found:
        if not chosen.workers:
            for database in databases:
                done += [one(int(size), database, found) for size in chosen.sizes.split(",")]
        if found is not None:
            shared = [
                one(
                    SHARED_SIZE,
                    "postgresql",
                    found,
                    workers=workers,
                    verifier_seconds=SHARED_SECONDS,
                )
                for workers in (1, 3)
            ]
    if chosen.output:
        chosen.output.write_text("".join(f"{each.as_json()}\n" for each in (*done, *shared)))
    print(report.tables(done, shared))


if __name__ == "__main__":
    main()
