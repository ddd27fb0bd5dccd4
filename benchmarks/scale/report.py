"""Tables of what was measured, in Markdown."""

from collections.abc import Sequence

from benchmarks.scale.measure import Measurement

PHASES = ("fetch", "quote", "verify", "deliver")
EXTRAS = ("full CSV", "exact list", "reject")


def one_line(done: Measurement) -> str:
    """Say the most important about one measurement."""
    phases = ", ".join(
        f"{name} {phase.wall:.1f} s ({phase.bot:.1f} + {phase.server:.1f} s CPU)"
        for name, phase in done.phases.items()
    )
    busy = {name: f"{max(found) * 1000:.0f} ms" for name, found in done.pauses.items()}
    return (
        f"{done.database} {done.size:,} x{done.workers}: {phases}; "
        f"peak {max(done.peaks):.0f} MB; busy at most {busy}; {acks(done)} {done.errors or ''}"
    )


def tables(done: Sequence[Measurement], shared: Sequence[Measurement]) -> str:
    """Draw everything."""
    parts = []
    for database in dict.fromkeys(each.database for each in done):
        mine = [each for each in done if each.database == database]
        parts += [f"\n{database}\n", *times(mine), "", *rest(mine)]
    if shared:
        parts += ["", *workers(shared)]
    return "\n".join(parts)


def times(done: Sequence[Measurement]) -> list[str]:
    """Draw the time per subscriber, in microseconds: by the clock, and on a processor."""
    lines = [
        "| subscribers | " + " | ".join(PHASES) + " | whole | ratio | CPU | ratio |",
        "|---:|" + "---:|" * (len(PHASES) + 4),
    ]
    for each in done:
        cells = [f"{each.phases[name].wall / each.size * 1e6:,.0f}" for name in PHASES]
        lines.append(
            f"| {each.size:,} | {' | '.join(cells)} | {per_subscriber(each):,.0f} "
            f"| {per_subscriber(each) / per_subscriber(done[0]):.2f} "
            f"| {cpu_per_subscriber(each):,.0f} "
            f"| {cpu_per_subscriber(each) / cpu_per_subscriber(done[0]):.2f} |"
        )
    return lines


def rest(done: Sequence[Measurement]) -> list[str]:
    """Draw memory, sizes, and what else was done, in seconds."""
    lines = [
        "| subscribers | peak memory | database | engine | file | loop busy | "
        + " | ".join(EXTRAS)
        + " |",
        "|---:|" + "---:|" * (5 + len(EXTRAS)),
    ]
    for each in done:
        longest = max((max(found) for found in each.pauses.values()), default=0.0)
        extras = [f"{each.phases[name].wall:.1f} s" for name in EXTRAS if name in each.phases]
        lines.append(
            f"| {each.size:,} | {max(each.peaks):.0f} MB | {megabytes(each.database_bytes)} "
            f"| {megabytes(each.engine_bytes)} | {megabytes(each.file_bytes)} "
            f"| {longest * 1000:.0f} ms | {' | '.join(extras)} |"
        )
    return [*lines, "", *(f"{each.size:,}: {acks(each)}" for each in done if each.latencies)]


def workers(shared: Sequence[Measurement]) -> list[str]:
    """Draw what several workers did in the time of one."""
    first = shared[0].phases["verify"].wall
    return [
        "| workers | verify | times the work | processors busy |",
        "|---:|---:|---:|---:|",
        *(
            f"| {each.workers} | {each.phases['verify'].wall:.1f} s "
            f"| {first / each.phases['verify'].wall:.2f} "
            f"| {processors(each):.2f} |"
            for each in shared
        ),
    ]


def processors(done: Measurement) -> float:
    """Give how many processors were busy with the verification on average."""
    phase = done.phases["verify"]
    return (phase.bot + phase.server) / phase.wall


def acks(done: Measurement) -> str:
    """Say how fast what was typed meanwhile was acknowledged."""
    said = []
    for name, found in done.latencies.items():
        if found:
            ordered = sorted(found)
            said.append(
                f"{len(found)} x {name} acknowledged after {1000 * share(ordered, 0.5):.0f} ms "
                f"(median), {1000 * share(ordered, 0.99):.0f} ms (99 %), "
                f"{1000 * ordered[-1]:.0f} ms (all)"
            )
    return "; ".join(said)


def share(ordered: Sequence[float], part: float) -> float:
    """Give the value that this part of all values does not exceed."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def per_subscriber(done: Measurement) -> float:
    """Give the microseconds of the whole."""
    return done.whole() / done.size * 1e6


def cpu_per_subscriber(done: Measurement) -> float:
    """Give the microseconds on a processor, by the bot and the database's server."""
    used = sum(done.phases[each].bot + done.phases[each].server for each in PHASES)
    return used / done.size * 1e6


def megabytes(size: int) -> str:
    """Write a size."""
    return f"{size / 1e6:,.0f} MB"
