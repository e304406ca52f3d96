"""One step of the report on a card, in a process of its own; ``gpu_report`` runs them all.

    python -m benchmarks.gpu_measure STEP --out FILE.json [--rows N] [--rules N] [--tool NAME]

Writes what was found as JSON, with ``status`` passed, failed or skipped and, where it is not passed, ``why``. The steps
here ask whether all is there and right; ``gpu_times`` asks how fast it is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from junitparser import JUnitXml

from benchmarks.gpu_times import Found, ceilings, compare, evaluate
from benchmarks.workload import make_workload

ROOT = Path(__file__).parents[1]
SMALL_ROWS, SMALL_RULES = 3_000, 200
SANITIZER_FAILED = 99


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


def environment(options: argparse.Namespace) -> Found:
    """doctor, the device's properties, what the kernels take here, and how long they compile."""
    from benchmarks.gpu_card import kernel_resources, properties
    from gpu_target.backends.cuda.device import CupyDevice
    from gpu_target.backends.cuda.probe import probe

    found = probe()._asdict()  # before the cache of kernels is another one
    asked = subprocess.run(
        [sys.executable, "-m", "gpu_target", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    with empty_cache():
        began = time.perf_counter()
        device = CupyDevice()
        seconds = time.perf_counter() - began
    return {
        "status": "passed",
        "probe": found,
        "doctor": json.loads(asked.stdout),
        "compile_seconds": round(seconds, 3),
        "kernels": kernel_resources(device),
        "properties": properties(),
    }


@contextmanager
def empty_cache() -> Iterator[None]:
    """While this lasts CuPy keeps its kernels in an empty folder, so that the compiler has to work."""
    before = os.environ.get("CUPY_CACHE_DIR")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CUPY_CACHE_DIR"] = cache
        try:
            yield
        finally:
            del os.environ["CUPY_CACHE_DIR"]
            if before is not None:
                os.environ["CUPY_CACHE_DIR"] = before


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


def tail(text: str) -> str:
    return text[-2_000:]


STEPS: dict[str, Callable[[argparse.Namespace], Found]] = {
    "environment": environment, "equality": equality, "small": small, "sanitize": sanitize, "ceilings": ceilings,
    "evaluate": evaluate, "compare": compare,
}  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(main())
