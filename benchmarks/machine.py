"""What a figure belongs to: the machine and what else it was doing, its usual speed, the code, and the command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numba

PROBE_STEPS = 20_000_000
ROOT = Path(__file__).parents[1]
PLACES = ("--json", "--out", "--folder")  # options of the programs that name a file or a folder


def record(program: str, arguments: Sequence[str] | None, packages: Iterable[str]) -> dict[str, object]:
    """What every record begins with. ``arguments`` are those of ``program``, None for those of this process."""
    return {"command": command(program, arguments), "commit": commit(), "machine": card(packages)}


def command(program: str, arguments: Sequence[str] | None) -> str:
    """As it was given, but for files and folders: where a record lies says nothing of its figures."""
    left = iter(sys.argv[1:] if arguments is None else arguments)
    kept = []
    for each in left:
        name, _, value = each.partition("=")
        if name not in PLACES:
            kept.append(each)
        elif not value:
            next(left, None)
    return " ".join([f"python -m benchmarks.{program}", *kept])


def commit() -> str:
    """The commit of the tree, with -dirty where files differ from it; "unknown" outside of a repository."""
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=ROOT, capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return asked.stdout.strip()


def card(packages: Iterable[str]) -> dict[str, object]:
    """Processor, cores, memory, load, system and the versions of ``packages``."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_1min": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version_of(name) for name in packages},
    }


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        from gpu_target import __version__

        return __version__ if package == "gpu-target" else "not installed"


@numba.njit(cache=True)
def _spin(steps: int) -> int:
    """A chain of shifts that no compiler can shorten."""
    state = 88_172_645_463_325_252
    for _ in range(steps):
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
    return state


def probe() -> float:
    """Milliseconds of a fixed scalar loop on one core: a figure measured beside an unusual probe is to be doubted."""
    _spin(1)
    started = time.perf_counter()
    _spin(PROBE_STEPS)
    return (time.perf_counter() - started) * 1e3
