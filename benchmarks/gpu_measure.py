"""One step of the report on a card, in a process of its own; ``gpu_report`` runs them all.

    python -m benchmarks.gpu_measure STEP --out FILE.json [--rows N] [--rules N] [--tool NAME]

Writes what was found as JSON, with ``status`` passed, failed or skipped and, where it is not passed, ``why``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from junitparser import JUnitXml

from benchmarks.workload import Workload, make_workload

ROOT = Path(__file__).parents[1]
SMALL_ROWS, SMALL_RULES = 3_000, 200
SANITIZER_FAILED = 99
WALL_RUNS = 5
HOST_SECONDS = 20.0  # of repeating what the host's clock measures

# What the matching kernel can do at best, computed before anything was measured: a warp that matches a row against
# 4,096 rules of three columns keeps the shared memory of its multiprocessor busy for 12 to 15 clocks.
FLOOR_CLOCKS = (12, 15)
FLOOR_RULES = 4_096
PLANNED_MULTIPROCESSORS, PLANNED_HERTZ = 132, 1.755e9  # of an H100 or H200, where the card does not tell
DEVICE_BAR, TRANSFER_BAR = 2e13, 1e12  # rule-rows a second that were asked for: on the device, and with transfers

Found = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_measure", description=__doc__.split("\n\n")[0])
    parser.add_argument("step", choices=list(STEPS))
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--rows", type=int, default=2_000_000, help="default: %(default)s")
    parser.add_argument("--rules", type=int, default=4_096, help="default: %(default)s")
    parser.add_argument("--tool", default="memcheck", help="of compute-sanitizer (default: %(default)s)")
    options = parser.parse_args(arguments)
    found = STEPS[options.step](options)
    options.out.write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")
    return 0


# -- is it all there, and is it right ---------------------------------------------------------------------------------


def environment(options: argparse.Namespace) -> Found:
    """doctor, the device's properties, what the kernels take here, and how long they compile."""
    from benchmarks.gpu_card import kernel_resources, properties
    from gpu_target.backends.cuda.device import CupyDevice
    from gpu_target.backends.cuda.probe import probe

    asked = subprocess.run(
        [sys.executable, "-m", "gpu_target", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CUPY_CACHE_DIR"] = cache  # empty, so that the compiler has to work
        began = time.perf_counter()
        device = CupyDevice()
        seconds = time.perf_counter() - began
    return {
        "status": "passed",
        "probe": probe()._asdict(),
        "doctor": json.loads(asked.stdout),
        "compile_seconds": round(seconds, 3),
        "kernels": kernel_resources(device),
        "properties": properties(),
    }


def equality(options: argparse.Namespace) -> Found:
    """Every test marked `gpu`: the backend against the others, DuckDB and answers worked out by hand."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        command = [
            sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider", f"--junitxml={report}",
            "tests",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "GPU_TARGET_REQUIRE_CUDA": "1"},
        )  # fmt: skip
        if not report.exists():
            return {
                "status": "failed",
                "why": f"pytest ended with {done.returncode}: {tail(done.stdout + done.stderr)}",
            }
        return tests_found(report)


def tests_found(report: Path) -> Found:
    """What pytest's report says: a test that was skipped is no success here."""
    whole = JUnitXml.fromfile(str(report))
    bad = [
        f"{case.classname}::{case.name}" for suite in whole for case in suite if not case.is_passed
    ]  # fmt: skip
    found: Found = {"tests": whole.tests, "not_passed": len(bad), "first_not_passed": bad[:20]}
    if not whole.tests or bad:
        why = f"{len(bad)} of {whole.tests} tests did not pass" if whole.tests else "no test was run"
        return {"status": "failed", "why": why, **found}
    return {"status": "passed", **found}


def small(options: argparse.Namespace) -> Found:
    """A small evaluation with every output, against the processor's; for compute-sanitizer to watch."""
    workload = make_workload(SMALL_ROWS, SMALL_RULES)
    outputs = ("counts", "lanes", "matches")
    mine, other = (workload.plan.evaluate(workload.table, backend=name, outputs=outputs) for name in ("cuda", "cpu"))
    same = (
        (mine.count_array == other.count_array).all()
        and mine.matches().equals(other.matches())
        and mine.lanes().equals(other.lanes())
    )
    return {"status": "passed"} if same else {"status": "failed", "why": "cuda and cpu differ"}


def sanitize(options: argparse.Namespace) -> Found:
    """``small`` under a tool of compute-sanitizer, where that is installed."""
    program = sanitizer()
    if program is None:
        return {"status": "skipped", "why": "compute-sanitizer is not installed: it comes with the CUDA toolkit"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "small.json"
        command = [
            program, "--tool", options.tool, "--error-exitcode", str(SANITIZER_FAILED),
            sys.executable, "-m", "benchmarks.gpu_measure", "small", "--out", str(out),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        said = tail(done.stdout + done.stderr)
        if done.returncode or not out.exists():
            return {"status": "failed", "why": f"{options.tool} ended with {done.returncode}", "said": said}
        return {**json.loads(out.read_text(encoding="utf-8")), "tool": options.tool, "said": said}


def sanitizer() -> str | None:
    places = [shutil.which("compute-sanitizer"), "/usr/local/cuda/bin/compute-sanitizer"]
    return next((place for place in places if place and Path(place).exists()), None)


# -- how fast ---------------------------------------------------------------------------------------------------------


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
    whole = [host_time(lambda: workload.plan.evaluate(workload.table, backend="cuda")) for _ in range(WALL_RUNS)]
    timed["end_to_end"] = {"least_ms": round(min(whole) * 1e3, 3), "n": WALL_RUNS}
    return {**timed, "rates": rates(timed, workload), "floor": floor(workload, properties())}


def device_times(
    workload: Workload, expected: np.ndarray, device: Any, stream: Any, clock: Any, flush: Callable[[], None]
) -> Found:
    """The runner once, its counts compared, and what it did repeated for the clock."""
    from benchmarks.gpu_replay import RecordingDevice, matching_alone, measure, replayed, without_transfers
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
        work = replayed(operations, stream)
        times[part] = {"cold": measure(clock, flush, work), "warm": measure(clock, work, work)}
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
    seconds = [host_time(lambda: workload.plan.evaluate(workload.table, backend="cuda")) for _ in range(WALL_RUNS)]
    found = {"gpu-target, end to end": {"rules": len(workload.conditions), "seconds": min(seconds), "agrees": True}}
    for name, run in others.items():
        found[name] = run(workload, expected)
    wrong = [name for name, each in found.items() if not each["agrees"]]
    status = {"status": "failed", "why": f"counts differ: {', '.join(wrong)}"} if wrong else {"status": "passed"}
    return {**status, **sizes(workload), "engines": found}


def cupy_elementwise(workload: Workload, expected: np.ndarray) -> Found:
    import cupy

    return elementwise(workload, expected, cupy)


def elementwise(workload: Workload, expected: np.ndarray, arrays: Any) -> Found:
    """All rules that can be written so, with rows and dictionaries on the device before the clock starts."""
    from benchmarks.array_rules import ArrayRules

    rules = ArrayRules(arrays, workload.table, workload.lists, workload.let)
    kept = rules.prepare(workload.conditions)
    chosen = [workload.conditions[each] for each in kept]
    agrees = bool((rules.counts(chosen) == expected[kept]).all())
    return {"rules": len(kept), "seconds": best(lambda: rules.counts(chosen)), "agrees": agrees}


def polars_gpu(workload: Workload, expected: np.ndarray) -> Found:
    """Without its silent way back to the processor."""
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

    return {"rules": len(counts), "seconds": best(run), "agrees": bool((run() == expected).all())}


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


def host_time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(work: Callable[[], object]) -> float:
    """The least of a few runs, fewer where they are long."""
    seconds = [host_time(work)]
    while len(seconds) < WALL_RUNS and sum(seconds) + min(seconds) < HOST_SECONDS:
        seconds.append(host_time(work))
    return min(seconds)


def tail(text: str) -> str:
    return text[-2_000:]


STEPS: dict[str, Callable[[argparse.Namespace], Found]] = {
    "environment": environment, "equality": equality, "small": small, "sanitize": sanitize, "ceilings": ceilings,
    "evaluate": evaluate, "compare": compare,
}  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(main())
