"""Runs the benchmark: ``python -m benchmarks.verification [ADDRESSES]``."""

import asyncio
import sys

from benchmarks.verification.measure import Measurement, engine_way, measure, single_way
from benchmarks.verification.people import people

#: What one turn of a server costs, in seconds.
TURN = 0.04
#: The baseline does as many addresses as it manages in about a minute.
BASELINE_SHARE = 20


def line(measurement: Measurement) -> str:
    """Write one measurement as a row of a table."""
    seen = measurement.world
    wrong = ", ".join(f"{n} {kind}" for kind, n in measurement.wrong.items()) or "none"
    opened = "" if seen is None else f"{seen.connections} ({seen.most_open} at a time)"
    return (
        f"| {measurement.name} | {measurement.addresses:,} | {measurement.seconds:.1f} "
        f"| {measurement.rate:,.1f} | {measurement.cpu_seconds:.1f} "
        f"| {measurement.peak_megabytes:.0f} | {opened} | {wrong} |"
    )


async def main(count: int) -> None:
    """Measure the engine and the baseline, and print a table."""
    everybody = list(people(count))
    print("| way | addresses | seconds | addresses/s | CPU s | peak MB | connections | wrong |")
    print("|---|---|---|---|---|---|---|---|")
    single = await measure(
        "one conversation per address", single_way, everybody[: count // BASELINE_SHARE], TURN
    )
    print(line(single), flush=True)
    engine = await measure("this engine, 40 ms turns", engine_way, everybody, TURN)
    print(line(engine), flush=True)
    instant = await measure("this engine, 0 ms turns", engine_way, everybody, 0.0)
    print(line(instant), flush=True)
    print(f"\nThe engine is {engine.rate / single.rate:.0f} times as fast as the baseline.")
    per_core = instant.addresses / instant.cpu_seconds
    print(f"With 0 ms turns it does {per_core:,.0f} addresses for a second of CPU time.")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
