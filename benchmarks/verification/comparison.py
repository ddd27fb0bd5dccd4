"""Compares the engine with its baseline and, in a namespace with a folder of peers, with them."""

import asyncio
import sys
from functools import partial
from pathlib import Path

from benchmarks.verification.measure import (
    CONNECTIONS,
    Measurement,
    Ports,
    engine_way,
    measure,
    single_way,
)
from benchmarks.verification.peers import PEERS, measure_peer
from benchmarks.verification.people import people

#: What one turn of a server costs, in seconds.
TURN = 0.04
#: At the cap, the baseline and the peers do as many addresses as takes them about a minute.
SHARE_OF_A_MINUTE = 13
#: Without the cap a peer is asked for so long.
SECONDS = 60.0
#: Where peers expect mail servers and the resolver.
USUAL_PORTS = Ports(25, 53)


def line(measurement: Measurement, engine: Measurement | None = None) -> str:
    """Write one measurement as a row of a table, with how many times as fast the engine is."""
    seen = measurement.world
    wrong = ", ".join(f"{n} {kind}" for kind, n in measurement.wrong.items()) or "none"
    opened = "" if seen is None else f"{seen.connections} ({seen.most_open} at a time)"
    ratio = "" if engine is None else f"{engine.rate / measurement.rate:.1f}"
    return (
        f"| {measurement.name} | {measurement.addresses:,} | {measurement.seconds:.1f} "
        f"| {measurement.rate:,.1f} | {ratio} | {measurement.cpu_seconds:.1f} "
        f"| {measurement.peak_megabytes:.0f} | {opened} | {wrong} |"
    )


async def compare(count: int, folder: Path | None) -> None:
    """Measure each way and print a table."""
    everybody = list(people(count))
    ports = Ports() if folder is None else USUAL_PORTS
    few = everybody[: count // SHARE_OF_A_MINUTE]
    print("| way | addresses | seconds | addresses/s | engine is so many times as fast | CPU s "
          "| peak MB | connections | wrong |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    engine = await measure("this engine, 40 ms turns", engine_way, everybody, TURN, ports)
    print(line(engine), flush=True)
    single = await measure("one conversation per address", single_way, few, TURN, ports)
    print(line(single, engine), flush=True)
    calls = engine.world.most_open if engine.world is not None else 1
    for peer in PEERS if folder is not None else ():
        assert folder is not None
        ask = partial(measure_peer, peer, folder, calls=calls, turn=TURN, ports=ports)
        print(line(ask(few, for_each_host=CONNECTIONS), engine), flush=True)
        print(line(ask(everybody, seconds=SECONDS), engine), flush=True)
    instant = await measure("this engine, 0 ms turns", engine_way, everybody, 0.0, ports)
    print(line(instant), flush=True)
    per_core = instant.addresses / instant.cpu_seconds
    print(f"\nWith 0 ms turns it does {per_core:,.0f} addresses for a second of CPU time.")
    print(f"At 40 ms it does {engine.rate / calls:.0f} a second for each open connection.")


if __name__ == "__main__":
    asyncio.run(compare(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
