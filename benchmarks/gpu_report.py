"""Everything that a short loan of a card is for, in one command: is it right, is it clean, how fast is it?

    python -m benchmarks.gpu_report --out FILE.json [--only STEP ...] [--rows N ...] [--rules N ...]

Each step runs in a process of its own with a time limit; one that fails or takes too long is recorded, and the next
goes on. FILE.json is written anew after every step, and beside it FILE.md says the same for people. Exit code 1 where a
step failed, 4 without a card that CUDA can use.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.gpu_card import card_now, kernel_hash
from benchmarks.gpu_page import page
from benchmarks.machine import record
from gpu_target.backends.cuda.probe import probe

PACKAGES = ("gpu-target", "cupy-cuda12x", "cupy-cuda13x", "nvidia-cuda-nvrtc", "numpy", "numba", "pyarrow", "polars")
ROOT = Path(__file__).parents[1]
NO_CARD = 4
SAID = 2_000  # characters kept of what a failed step printed


class Step(NamedTuple):
    """``limit`` in seconds; ``arguments`` of ``benchmarks.gpu_measure``."""

    name: str
    about: str
    limit: float
    arguments: tuple[str, ...]


Start = Callable[[Step, Path], "subprocess.Popen[str]"]


def steps(sizes: Iterable[tuple[int, int]]) -> list[Step]:
    """In the order of their worth, should the card be taken away."""
    sizes = list(sizes)
    measured = [
        Step(
            f"evaluate {rows:,} x {rules:,}", "counts on the device, cold and warm, with and without transfers", 240,
            ("evaluate", "--rows", str(rows), "--rules", str(rules)),
        )
        for rows, rules in sizes
    ]  # fmt: skip
    rows, rules = sizes[0]
    return [
        Step("environment", "doctor, properties of the card, registers, compile time", 90, ("environment",)),
        Step("equality", "every test marked gpu, skips counted as failures", 300, ("equality",)),
        Step("memcheck", "compute-sanitizer on a small evaluation", 120, ("sanitize", "--tool", "memcheck")),
        Step("racecheck", "compute-sanitizer on a small evaluation", 120, ("sanitize", "--tool", "racecheck")),
        Step("ceilings", "how fast the card copies", 120, ("ceilings",)),
        *measured,
        Step(
            f"compare {rows:,} x {rules:,}", "the same rules in CuPy, and in Polars where its GPU engine is there", 300,
            ("compare", "--rows", str(rows), "--rules", str(rules)),
        ),
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    chosen = [each for each in steps(zip(options.rows, options.rules, strict=True)) if is_chosen(each, options.only)]
    found = probe()
    if not found.usable:
        print(f"no report: {found.reason}. {found.remedy}", file=sys.stderr)
        print("With a card, in this order, each step at most so many seconds:")
        print(*(f"  {each.name:28} {each.limit:4.0f} s   {each.about}" for each in chosen), sep="\n")
        return NO_CARD
    report = {
        **record("gpu_report", arguments, PACKAGES), "card": found._asdict(), "kernels_sha256": kernel_hash(),
        "steps": [],
    }  # fmt: skip
    run_all(chosen, report, options.out, start)
    return int(any(each["status"] not in ("passed", "skipped") for each in report["steps"]))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu_report", description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.json", help="FILE.md is written beside it")
    parser.add_argument("--only", nargs="+", metavar="STEP", help="steps whose names begin so (default: all)")
    parser.add_argument("--rows", nargs="+", type=int, default=[2_000_000, 5_200_000], help="default: %(default)s")
    parser.add_argument("--rules", nargs="+", type=int, default=[4_096, 5_000], help="as many (default: %(default)s)")
    options = parser.parse_args(arguments)
    if len(options.rows) != len(options.rules) or min(*options.rows, *options.rules, 1) < 1:
        parser.error("give as many --rules as --rows, each 1 or more")
    if options.out.suffix != ".json":
        parser.error("--out ends in .json")
    names = [each.name for each in steps(zip(options.rows, options.rules, strict=True))]
    for each in options.only or ():
        if not any(name.startswith(each) for name in names):
            parser.error(f"no step begins with {each!r}: {', '.join(names)}")
    return options


def is_chosen(step: Step, only: Sequence[str] | None) -> bool:
    return only is None or any(step.name.startswith(each) for each in only)


def start(step: Step, out: Path) -> subprocess.Popen[str]:
    """The step's process, in a group of its own so that whatever it starts ends with it."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.gpu_measure", *step.arguments, "--out", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def run_all(chosen: Sequence[Step], report: dict[str, Any], out: Path, start: Start) -> None:
    """Run every step, whatever becomes of those before it; write the report after each."""
    out.parent.mkdir(parents=True, exist_ok=True)
    for step in chosen:
        print(f"{step.name}: {step.about}, at most {step.limit:.0f} s", flush=True)
        found = run(step, start)
        report["steps"].append(found)
        print(f"  {found['status']} after {found['seconds']:.1f} s {found.get('why', '')}", flush=True)
        out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        _write_page(report, out.with_suffix(".md"))


def _write_page(report: dict[str, Any], place: Path) -> None:
    """A result that the page cannot show costs neither the JSON nor the steps to come."""
    try:
        place.write_text(page(report), encoding="utf-8")
    except Exception as error:
        print(f"  {place.name} is not up to date: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


def run(step: Step, start: Start) -> dict[str, Any]:
    """One step: what it found, or why it found nothing, with the state of the card before and after."""
    about = {"name": step.name, "date": datetime.now(UTC).isoformat(timespec="seconds"), "before": card_now()}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "step.json"
        process = start(step, out)
        try:
            said, _ = process.communicate(timeout=step.limit)
            found = _read(out, process.returncode, said)
        except subprocess.TimeoutExpired:
            _end(process)
            said, _ = process.communicate()
            found = {"status": "stopped", "why": f"not done after {step.limit:g} s", "said": said[-SAID:]}
        except BaseException:  # Ctrl-C: nothing of the step stays behind on the card
            _end(process)
            raise
    return {**about, "seconds": round(time.perf_counter() - began, 2), "after": card_now(), **found}


def _end(process: subprocess.Popen[str]) -> None:
    """The process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(out: Path, code: int, said: str) -> dict[str, Any]:
    if code:
        return {"status": "failed", "why": f"ended with {code}", "said": said[-SAID:]}
    try:
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return {"status": "failed", "why": f"left no result: {error}", "said": said[-SAID:]}
    return found


if __name__ == "__main__":
    raise SystemExit(main())
