"""Our own times as rules, threads and outputs vary, on the rows of one workload."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

import gpu_target as gt
from benchmarks.consistent import contradiction
from benchmarks.engines import THREADS, Counts, Polars
from benchmarks.machine import probe
from benchmarks.workload import Workload, make_workloads

SIZES = (128, 1_024, 4_096, 10_000)
OUTPUTS = ("counts", "lanes", "matches")
COMPARED = 64  # rules of every size, spread over it, that Polars counts too; all where they are fewer
ROUNDS = 3


class Point(NamedTuple):
    """The best of all rounds, in seconds; encode and match are those of the same run, ``probe`` in milliseconds."""

    rules: int
    threads: int
    outputs: str
    matches: int
    seconds: float
    encode: float
    match: float
    probe: float


class Wrong(Exception):
    """Two results that should be the same are not; the message says which."""


def scaling(rows: int, seed: int, kind: str, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Point]:
    """Every size with one thread and with all, and every output. Raises Wrong where results differ."""
    found: list[Point] = []
    for workload in make_workloads(rows, sizes, seed, kind):
        expected = evaluated(workload, "counts", THREADS).count_array
        compare_with_polars(workload, expected)
        best: dict[tuple[int, str], Point] = {}
        for _, threads, outputs in itertools.product(range(rounds), (1, THREADS), OUTPUTS):
            point = measured(workload, outputs, threads, expected)
            held = best.setdefault((threads, outputs), point)
            best[threads, outputs] = min(held, point, key=lambda each: each.seconds)
        found += best.values()
    return found


def evaluated(workload: Workload, outputs: str, threads: int) -> gt.Result:
    return workload.plan.evaluate(workload.table, outputs=("counts", outputs), threads=threads)


def measured(workload: Workload, outputs: str, threads: int, expected: Counts) -> Point:
    """One run, compared after its clock has stopped."""
    beside = probe()
    started = time.perf_counter()
    result = evaluated(workload, outputs, threads)
    seconds = time.perf_counter() - started
    where = f"{len(expected):,} rules, {threads} threads, {outputs}"
    if (result.count_array != expected).any():
        raise Wrong(f"{where}: {(result.count_array != expected).sum()} rules have other counts than the first time")
    if told := contradiction(result):
        raise Wrong(f"{where}: {told}")
    spent = result.seconds
    return Point(
        len(expected), threads, outputs, int(expected.sum()), seconds, spent["encode"], spent["match"], beside
    )  # fmt: skip


def compare_with_polars(workload: Workload, expected: Counts) -> None:
    picked = np.unique(np.linspace(0, len(expected) - 1, COMPARED).astype(np.int64))
    counted = Polars(workload).run(picked.tolist())
    if (counted != expected[picked]).any():
        rule = workload.plan.rules[picked[np.flatnonzero(counted != expected[picked])[0]]]
        raise Wrong(f"{len(expected):,} rules: Polars counts other matches of {rule.id}")


def scaling_table(points: Sequence[Point], rows: int) -> list[str]:
    """A line for each number of rules and threads, as Markdown."""
    lines = [
        f"| rules | matches | threads | {' | '.join(f'{each}, ms | rule-rows/s' for each in OUTPUTS)} |"
        " of counts: encode, ms | match, ms |",
        "| --- " * (5 + 2 * len(OUTPUTS)) + "|",
    ]
    by_place = {(each.rules, each.threads, each.outputs): each for each in points}
    for rules, threads in dict.fromkeys((each.rules, each.threads) for each in points):
        of_outputs = [by_place[rules, threads, outputs] for outputs in OUTPUTS]
        times = [f"{each.seconds * 1e3:.0f} | {rules * rows / each.seconds:.2e}" for each in of_outputs]
        counts = of_outputs[0]
        stages = f"{counts.encode * 1e3:.0f} | {counts.match * 1e3:.0f}"
        lines.append(f"| {rules:,} | {counts.matches:,} | {threads} | {' | '.join(times)} | {stages} |")
    compared = f"{COMPARED} rules of each size counted by Polars, too, or all of them where they are fewer"
    return ["", *lines, "", f"Lanes and matches come beside the counts. Results agree: {compared}."]
