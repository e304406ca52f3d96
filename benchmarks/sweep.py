"""What does a pair of a rule and a row cost, as rules, columns, selectivity and lists vary, one at a time?

    python -m benchmarks.sweep [--rows N] [--axes NAME ...] [--rounds N] [--json FILE]

Counts only. Every evaluation is compared with what NumPy counts for a few of the rules, before any time is printed.
Points of an axis take turns; each one's best run counts, and stands relative to the base point's of the same axis.
Beyond LIMIT times the base a point is marked, and so is an axis whose slowest point takes more than LIMIT times as long
for a pair as its fastest. What it prints is Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.engines import Counts
from benchmarks.machine import probe, record
from benchmarks.sweep_points import ROWS, Made, Point, make
from benchmarks.versus import say

THREADS, ROUNDS, COUNTED, LIMIT = 2, 5, 5, 4.0
FEWEST_RULES = 500  # below it, what is done once for a row is more than what is done for its rules
BASE = Point()
RULES = (1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000)
COLUMNS = (2, 5, 10, 20, 40, 60)
SELECTIVITIES = (1e-7, 1e-5, 1e-3, 1e-2, 0.1, 0.5)
LENGTHS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
ALL = (0.0, 0.01, 0.1, 1.0)


def axes(base: Point) -> dict[str, dict[str, Point]]:
    """Points by label; each differs from the base in a property, some in two more; every axis holds the base."""
    one = replace(base, one_column=True)
    return {
        "rules": {f"{n:,}": replace(base, rules=n) for n in RULES},
        "columns read": {str(n): replace(base, columns=n) for n in COLUMNS},
        "selectivity of a rule": {f"{share:g}": replace(base, selectivity=share) for share in SELECTIVITIES}
        | {f"{share:g}, all whole numbers": replace(base, selectivity=share, whole=1) for share in SELECTIVITIES[-2:]},
        "length of lists": {f"{n:,}": replace(base, list_length=n) for n in LENGTHS},
        "rules that match every row": {f"{share:.0%}": replace(base, everything=share) for share in ALL}
        | {"100%, all whole numbers": replace(base, everything=1.0, whole=1)},
        "ranges over one column": {
            "no, 19 columns": base,
            "64 places": one,
            "64 places, the first at 0": replace(one, zero=True),
            "1,000 places": replace(one, cuts=1_000),
            "10,000 places": replace(one, cuts=10_000),
            "100,000 places, 10,000 rules": replace(one, cuts=100_000, rules=10_000),
        },
        "numbers": {
            "a third of the columns whole": base,
            "all whole": replace(base, whole=1),
            "all floats": replace(base, whole=0),
            "all floats, ranges from 0 on": replace(base, whole=0, zero=True),
        },
        "rows": {f"{n:,}": replace(base, rows=n) for n in (0, 1, 100, 10_000, base.rows)},
    }


class Time(NamedTuple):
    """Seconds of an evaluation, and of two of its stages."""

    total: float
    encode: float
    match: float


class Measured(NamedTuple):
    """``first`` is the first evaluation, with what it makes and keeps; ``best`` the fastest one after it.

    ``matches`` are those of all rules; ``probe`` is what the fixed loop beside the best run took, in milliseconds.
    """

    label: str
    point: Point
    matches: int
    first: Time
    best: Time
    probe: float

    def per_pair(self, stage: str) -> float:
        """Nanoseconds of a stage, or of all, for a pair of a rule and a row; NaN without pairs."""
        pairs = self.point.rules * self.point.rows
        return float(getattr(self.best, stage)) / pairs * 1e9 if pairs else float("nan")


class Wrong(Exception):
    """A count that NumPy does not find; the message says which."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    began = time.perf_counter()
    base = replace(BASE, rows=options.rows)
    evaluated(make(replace(base, rows=10_000)))  # loads the compiled kernels
    found: dict[str, list[Measured]] = {}
    try:
        for name, points in axes(base).items():
            if name in options.axes:
                found[name] = sweep(points, options.rounds)
    except Wrong as told:
        print(told, file=sys.stderr)
        return 1
    facts = {**record("sweep", arguments, ("gpu-target", "numpy", "numba", "pyarrow")), "base": asdict(base)}
    for name, measured in found.items():
        say(table(name, measured, base))
    say([f"{time.perf_counter() - began:.0f} s in all. {COUNTED} rules of each point are counted by NumPy, too."])
    if options.json:
        records = {
            name: [
                {
                    **each._asdict(),
                    "point": asdict(each.point),
                    **{when: getattr(each, when)._asdict() for when in ("first", "best")},
                }
                for each in measured
            ]
            for name, measured in found.items()
        }
        Path(options.json).write_text(json.dumps({**facts, "axes": records}, indent=1) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__.split("\n\n")[0])
    names = list(axes(BASE))
    parser.add_argument("--rows", type=int, default=ROWS, help="of the base point (default: %(default)s)")
    parser.add_argument("--axes", nargs="+", choices=names, default=names, metavar="NAME",
                        help="of " + ", ".join(names))  # fmt: skip
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="timed runs of each point (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="also write everything there")
    options = parser.parse_args(arguments)
    if min(options.rows, options.rounds) < 1:
        parser.error("rows and rounds are 1 or more")
    return options


def sweep(points: Mapping[str, Point], rounds: int) -> list[Measured]:
    """All points of an axis, taking turns. Raises Wrong where a count is not NumPy's."""
    made = {label: make(point) for label, point in points.items()}
    firsts = {label: evaluated(each) for label, each in made.items()}
    for label, each in made.items():
        check(label, each, firsts[label][1])
    best: dict[str, tuple[Time, float]] = {}
    for round_ in range(rounds):
        for label in list(made)[:: 1 if round_ % 2 == 0 else -1]:
            beside = probe()
            taken, counts = evaluated(made[label])
            if (counts != firsts[label][1]).any():
                raise Wrong(f"{label}: counts differ from those of the first evaluation")
            if label not in best or taken.total < best[label][0].total:
                best[label] = taken, beside
    return [
        Measured(label, point, int(firsts[label][1].sum()), firsts[label][0], *best[label])
        for label, point in points.items()
    ]


def evaluated(made: Made) -> tuple[Time, Counts]:
    started = time.perf_counter()
    result = made.plan.evaluate(made.table, threads=THREADS)
    total = time.perf_counter() - started
    return Time(total, result.seconds["encode"], result.seconds["match"]), result.count_array


def check(label: str, made: Made, counts: Counts) -> None:
    """A few rules from all over the set, counted by NumPy."""
    for rule in np.unique(np.linspace(0, len(counts) - 1, COUNTED).astype(np.int64)).tolist():
        if (expected := made.counted(rule)) != counts[rule]:
            raise Wrong(f"{label}: rule {rule} has {counts[rule]:,} matches, NumPy counts {expected:,}")


def table(name: str, measured: Sequence[Measured], base: Point) -> list[str]:
    """A line for each point; one that costs more than LIMIT times the base is marked."""
    reference = next(each for each in measured if each.point == base)
    lines = [
        f"| {name} | matches | first, ms | encode, ms | match, ms | total, ms | match, ns a pair | times base |"
        " total, ns a pair | times base | |",
        "| --- " * 11 + "|",
    ]
    for each in measured:
        times = (each.first.total, each.best.encode, each.best.match, each.best.total)
        cells = [each.label, f"{each.matches:,}", *(f"{seconds * 1e3:.1f}" for seconds in times)]
        beyond = []
        for stage in ("match", "total"):
            pace = each.per_pair(stage)
            ratio = pace / reference.per_pair(stage)
            cells += ["-", "-"] if np.isnan(pace) else [f"{pace:.4g}", f"{ratio:.2f}"]
            beyond += [stage] if ratio > LIMIT else []
        mark = f"**beyond {LIMIT:g}**: {', '.join(beyond)}" if beyond else ""
        lines.append(f"| {' | '.join(cells)} | {mark} |")
    return [*lines, "", *spread(measured, base), ""]


def spread(measured: Sequence[Measured], base: Point) -> list[str]:
    """The slowest point of an axis over its fastest, by the time of a pair; again without the points too small for it.

    A point is too small with fewer than FEWEST_RULES rules, or fewer rows than the base.
    """
    pairs = [each for each in measured if each.point.rules * each.point.rows]
    large = [each for each in pairs if each.point.rules >= FEWEST_RULES and each.point.rows >= base.rows]
    lines = [f"Slowest over fastest: {_slowest_over_fastest(pairs)}."]
    if large != pairs:
        lines.append(f"From {FEWEST_RULES} rules and {base.rows:,} rows on: {_slowest_over_fastest(large)}.")
    return lines


def _slowest_over_fastest(measured: Sequence[Measured]) -> str:
    parts = []
    for stage in ("match", "total"):
        by_pace = sorted(measured, key=lambda each: each.per_pair(stage))
        ratio = by_pace[-1].per_pair(stage) / by_pace[0].per_pair(stage)
        mark = f" **beyond {LIMIT:g}**" if ratio > LIMIT else ""
        parts.append(f"{stage} {ratio:.1f} ({by_pace[-1].label} over {by_pace[0].label}){mark}")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
