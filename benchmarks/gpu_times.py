"""How fast a card is: the steps of the report that measure, and compare what they measure."""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workload import Workload, make_workload

WALL_RUNS = 5
HOST_SECONDS = 20.0  # of repeating what the host's clock measures

# What the matching kernel can do at best, computed before anything was measured: a warp that matches a row against
# 4,096 rules of three columns keeps the shared memory of its multiprocessor busy for 12 to 15 clocks.
FLOOR_CLOCKS = (12, 15)
FLOOR_RULES = 4_096
PLANNED_MULTIPROCESSORS, PLANNED_HERTZ = 132, 1.755e9  # of an H100 or H200, where the card does not tell
DEVICE_BAR, TRANSFER_BAR = 2e13, 1e12  # rule-rows a second that were asked for: on the device, and with transfers

Found = dict[str, Any]  # what a step writes


def ceilings(options: argparse.Namespace) -> Found:
    """How fast the card copies."""
    from benchmarks.gpu_card import ceilings as copies

    return {"status": "passed", "copies": copies()}


def evaluate(options: argparse.Namespace) -> Found:
    """Counts of all rules over all rows: by CUDA events on the device, cold and warm, and by the host's clock."""
    from benchmarks.gpu_card import EventClock, Flush, card_now, properties
    from gpu_target.backends.cuda.device import CupyDevice

    workload = make_workload(options.rows, options.rules)
    expected = workload.plan.evaluate(workload.table, backend="cpu").count_array
    device = CupyDevice()
    stream: Any = device.stream()
    clock = EventClock(stream.stream)
    timed = device_times(workload, expected, device, stream, clock, Flush(stream.stream))
    if timed["status"] != "passed":
        return timed
    timed["busy"] = card_now()  # the clocks have not come down yet
    whole = end_to_end(workload, expected)
    if not whole["agrees"]:
        return {"status": "failed", "why": "the whole engine on the card counts otherwise than on the processor"}
    timed["end_to_end"] = {"least_ms": round(whole["seconds"] * 1e3, 3), "n": whole["runs"]}
    return {**timed, "rates": rates(timed, workload), "floor": floor(workload, properties())}


def device_times(
    workload: Workload, expected: np.ndarray, device: Any, stream: Any, clock: Any, flush: Callable[[], None]
) -> Found:
    """The runner once, its counts compared with ``expected`` int64[rules], and what it did repeated for the clock.

    ``device``, ``stream`` and ``clock`` are those of gpu_replay's protocols; ``flush`` empties the card's caches.
    """
    from benchmarks.gpu_replay import Part, RecordingDevice, matching_alone, without_transfers
    from gpu_target.backends.base import Wanted
    from gpu_target.backends.cuda.backend import CudaBackend
    from gpu_target.columns.values import Batch
    from gpu_target.engine import batches_of, joins_of

    recording = RecordingDevice(device)
    runner = CudaBackend(recording).prepare(workload.plan, Wanted(lanes=False, matches=False, seed=0))
    (rows,) = batches_of(workload.table, workload.plan)
    batch = Batch(dict(zip(rows.schema.names, rows.columns, strict=True)), rows.num_rows, joins_of(workload.plan), None)
    runner.run(batch, None)  # makes room on the device
    recording.operations.clear()
    began = time.perf_counter()
    counts = runner.run(batch, None).counts
    host = time.perf_counter() - began
    if (counts != expected).any():
        first = int(np.flatnonzero(counts != expected)[0])
        rule = workload.plan.rules[first].id
        why = f"{rule} counts {counts[first]:,} on the card and {expected[first]:,} on the processor; nothing is timed"
        return {"status": "failed", "why": why}
    parts = {
        "with transfers": recording.operations,
        "on the device": without_transfers(recording.operations),
        "matching alone": matching_alone(recording.operations),
    }
    times: Found = {}
    for part, operations in parts.items():
        times[part], same = Part(operations, recording.operations, stream).times(clock, flush)
        if not same:
            return {"status": "failed", "why": f"repeated for the clock, {part} does not count what it counted first"}
    moved = sum(each.n_bytes for each in recording.operations if each.is_transfer)
    launches = [each.name for each in parts["on the device"]]
    return {
        "status": "passed", **sizes(workload), "matches": int(counts.sum()), "times": times, "transfer_bytes": moved,
        "launches": {name: launches.count(name) for name in sorted(set(launches))}, "runner_ms": round(host * 1e3, 3),
    }  # fmt: skip


def compare(options: argparse.Namespace) -> Found:
    """The same rules as a user would write them for the card: Polars where its GPU engine is there, and CuPy."""
    workload = make_workload(options.rows, options.rules)
    expected = workload.plan.evaluate(workload.table, backend="cpu").count_array
    others = {"CuPy, one operation at a time": cupy_elementwise}
    if importlib.util.find_spec("cudf_polars") is not None:
        others["Polars, GPU engine"] = polars_gpu
    found = {"gpu-target, end to end": end_to_end(workload, expected)}
    for name, run in others.items():
        found[name] = run(workload, expected)
    wrong = [name for name, each in found.items() if not each["agrees"]]
    status = {"status": "failed", "why": f"counts differ: {', '.join(wrong)}"} if wrong else {"status": "passed"}
    return {**status, **sizes(workload), "engines": found}


def end_to_end(workload: Workload, expected: np.ndarray) -> Found:
    """The whole engine on the card, from Arrow columns to counts; ``expected`` int64[rules]."""
    found = timed_and_compared(
        lambda: workload.plan.evaluate(workload.table, backend="cuda").count_array, expected
    )  # fmt: skip
    return {"rules": len(workload.conditions), **found}


def cupy_elementwise(workload: Workload, expected: np.ndarray) -> Found:
    import cupy

    return elementwise(workload, expected, cupy)


def elementwise(workload: Workload, expected: np.ndarray, arrays: Any) -> Found:
    """All rules that can be written so, with rows and dictionaries on the device before the clock starts.

    ``expected`` int64[rules]; ``arrays`` is CuPy, or NumPy in its place.
    """
    from benchmarks.array_rules import ArrayRules

    rules = ArrayRules(arrays, workload.table, workload.lists, workload.let)
    kept = rules.prepare(workload.conditions)
    chosen = [workload.conditions[each] for each in kept]
    return {"rules": len(kept), **timed_and_compared(lambda: rules.counts(chosen), expected[kept])}


def polars_gpu(workload: Workload, expected: np.ndarray) -> Found:
    """Without its silent way back to the processor; ``expected`` int64[rules]."""
    import polars as pl

    from benchmarks.engines import batches
    from benchmarks.polars_rules import PolarsRules

    frame = pl.from_arrow(workload.table)
    assert isinstance(frame, pl.DataFrame)
    frame = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
    rules = PolarsRules(frame.schema, workload.lists, list(workload.let))
    let = {name: rules.value(tree).alias(name) for name, tree in workload.let.items()}
    counts = [rules.predicate(each).sum().alias(str(k)) for k, each in enumerate(workload.conditions)]
    engine = pl.GPUEngine(raise_on_fail=True)

    def run() -> np.ndarray:
        whole = frame.with_columns(**let) if let else frame
        parts = [
            whole.lazy().select([counts[rule] for rule in part]).collect(engine=engine).row(0)
            for part in batches(range(len(counts)), 128)
        ]
        return np.array([count for part in parts for count in part], np.int64)

    return {"rules": len(counts), **timed_and_compared(run, expected)}


def rates(timed: Found, workload: Workload) -> dict[str, float]:
    """Rule-rows a second of every part, by the median."""
    pairs = len(workload.plan.rules) * workload.rows
    found = {
        f"{part}, {state}": pairs / (figures["median_ms"] / 1e3)
        for part, states in timed["times"].items()
        for state, figures in states.items()
    }
    return {**found, "end to end": pairs / (timed["end_to_end"]["least_ms"] / 1e3)}


def floor(workload: Workload, properties: Found) -> Found:
    """The least time of the matching kernel that was computed beforehand, for this card, and what was asked for."""
    multiprocessors = int(properties.get("multiProcessorCount", PLANNED_MULTIPROCESSORS))
    hertz = float(properties.get("clockRate", PLANNED_HERTZ / 1e3)) * 1e3
    words = -(-len(workload.plan.rules) // 32)
    clocks = [workload.rows * each * words * 32 / FLOOR_RULES for each in FLOOR_CLOCKS]
    least, most = (1e3 * each / (multiprocessors * hertz) for each in clocks)
    pairs = len(workload.plan.rules) * workload.rows
    return {
        "milliseconds": [least, most], "multiprocessors": multiprocessors, "hertz": hertz,
        "rule_rows_per_second": [pairs / most * 1e3, pairs / least * 1e3],
        "asked_on_the_device": DEVICE_BAR, "asked_with_transfers": TRANSFER_BAR,
    }  # fmt: skip


def sizes(workload: Workload) -> Found:
    return {
        "rows": workload.rows, "rules": len(workload.plan.rules), "columns": workload.table.num_columns,
        "seed": workload.seed, "plan_sha256": workload.plan.sha256,
    }  # fmt: skip


def timed_and_compared(work: Callable[[], np.ndarray], expected: np.ndarray) -> Found:
    """The least seconds of a few runs, fewer where they are long, and whether every one of them counts ``expected``.

    ``work`` returns int64[rules], as ``expected`` is.
    """
    seconds: list[float] = []
    agrees = True
    while not seconds or (len(seconds) < WALL_RUNS and sum(seconds) + min(seconds) < HOST_SECONDS):
        began = time.perf_counter()
        counts = work()
        seconds.append(time.perf_counter() - began)
        agrees &= np.array_equal(counts, expected)
    return {"seconds": min(seconds), "runs": len(seconds), "agrees": agrees}
