"""What ``doctor`` looks at: each check by itself, so that one that fails hides no other."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import NamedTuple

GOOD, NOTE, WRONG = "ok", "note", "wrong"
LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "duckdb",
    "numba",
    "llvmlite",
    "scipy",
    "rich",
    "typer",
    "pydantic",
    "PyYAML",
)
LEAST_MEMORY = 2 << 30  # bytes; a year of 5.2 M items needs at most 1.5 GiB
VECTORS = ("sse4.2", "avx2", "avx512f", "avx512bw", "neon", "asimd", "sve")


class Check(NamedTuple):
    """``remedy`` is empty where nothing need be done."""

    name: str
    state: str
    found: str
    remedy: str = ""


def examine() -> list[Check]:
    """Every check, in the order in which they are shown."""
    checks: list[Callable[[], Check]] = [
        _python, _libraries, _processor, _memory, _kernels, _cache, _plans, _graphics, _generator, _engine, _terminal,
    ]  # fmt: skip
    return [_guarded(check) for check in checks]


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # a check that breaks is itself a finding
        name = check.__name__.strip("_")
        return Check(name, WRONG, f"{type(error).__name__}: {error}", "install gpu-target again in a fresh environment")


def _python() -> Check:
    return Check("python", GOOD, f"{platform.python_version()} ({sys.executable})")


def _libraries() -> Check:
    missing, found = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
            import_module("yaml" if name == "PyYAML" else name)
        except (metadata.PackageNotFoundError, ImportError):
            missing.append(name)
    if missing:
        return Check("libraries", WRONG, f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    import yaml

    if not yaml.__with_libyaml__:
        remedy = "pip install --force-reinstall --no-cache-dir pyyaml"
        return Check("libraries", WRONG, "PyYAML without its C parser", remedy)
    return Check("libraries", GOOD, ", ".join(found))


def _processor() -> Check:
    import llvmlite.binding as llvm

    features = llvm.get_host_cpu_features()
    vectors = ", ".join(name for name in VECTORS if features.get(name)) or "no vector instructions known here"
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = f"{llvm.get_host_cpu_name()}, {usable} of {os.cpu_count()} processors usable, {vectors}"
    return Check("processor", GOOD, found)


def _memory() -> Check:
    page = os.sysconf("SC_PAGE_SIZE")
    whole, free = os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    allowed = _control_group_limit()
    if allowed is not None:
        whole, free = min(whole, allowed), min(free, allowed)
    found = f"{whole / 2**30:.1f} GiB, {free / 2**30:.1f} GiB of it unused"
    if whole < LEAST_MEMORY:
        return Check("memory", NOTE, found, "a national year needs 1.5 GiB: run on part of it")
    return Check("memory", GOOD, found)


def _control_group_limit() -> int | None:
    """What a container may use, where it is less than the machine has."""
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _kernels() -> Check:
    import numba

    found = f"Numba {numba.__version__}, {numba.get_num_threads()} threads"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return Check("kernels", WRONG, f"{found}, compilation switched off", "unset NUMBA_DISABLE_JIT")
    from gpu_target.backends.cpu.warm import is_cached

    if not is_cached():
        return Check("kernels", NOTE, f"{found}, not compiled yet", "gpu-target doctor --warm compiles them once")
    return Check("kernels", GOOD, f"{found}, compiled")


def _cache() -> Check:
    from gpu_target.backends.cpu.warm import cache_folder

    folder = cache_folder()
    if folder is None:
        remedy = "set NUMBA_CACHE_DIR to a folder that can be written, or every command compiles again"
        return Check("kernel cache", NOTE, "no folder for compiled kernels can be written", remedy)
    return Check("kernel cache", GOOD, str(folder))


def _plans() -> Check:
    from gpu_target import cache

    folder = cache.folder()
    if folder is None:
        return Check("plan cache", NOTE, f"off: every run compiles its rules ({cache.VARIABLE})")
    plans, size = cache.size(folder)
    found = f"{folder}: {plans} plans, {size / 2**20:.1f} MiB"
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        why = "" if nearest.is_dir() else f": {nearest} is a file"
        remedy = f"set {cache.VARIABLE} to a folder, or to off"
        return Check("plan cache", NOTE, f"{found}, cannot be written{why}", remedy)
    return Check("plan cache", GOOD, found)


def _graphics() -> Check:
    from gpu_target.backends.cuda.probe import probe

    found, cards = probe(), _cards()
    known = "; ".join(filter(None, [found.versions, cards and f"nvidia-smi: {cards}"]))
    if found.usable:
        return Check("gpu", GOOD, f"usable: {known}")
    wanted = bool(cards or found.cupy)  # without either nobody expects a card to be used
    return Check("gpu", NOTE, "; ".join(filter(None, [found.reason, known])), found.remedy if wanted else "")


def _cards() -> str:
    """The cards that the driver knows, with its version and their memory; empty where nvidia-smi does not answer."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    query = [tool, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "; ".join(asked.stdout.strip().splitlines())


def _generator() -> Check:
    import synthetic

    place = Path(str(synthetic.__file__)).parent
    if not hasattr(synthetic, "generate"):  # another distribution of this name
        remedy = "pip uninstall synthetic, then install gpu-target again"
        return Check("synthetic", WRONG, f"{place} is another package", remedy)
    return Check("synthetic", GOOD, str(place))


def _engine() -> Check:
    import gpu_target

    return Check("gpu_target", GOOD, f"{gpu_target.__version__} in {Path(str(gpu_target.__file__)).parent}")


def _terminal() -> Check:
    width = shutil.get_terminal_size().columns
    kind = "terminal" if sys.stdout.isatty() else "no terminal"
    colour = "without colours (NO_COLOR)" if os.environ.get("NO_COLOR") else "colours where it has them"
    found = f"{kind}, {width} columns, {sys.stdout.encoding}, {colour}"
    if width < 80:
        return Check("terminal", NOTE, found, "tables need 80 columns")
    return Check("terminal", GOOD, found)


def warm_up(advance: Callable[[int], None]) -> Check:
    """Compile every kernel, or load it from the cache."""
    from gpu_target.backends.cpu.warm import warm

    began = time.perf_counter()
    names = warm(progress=advance)
    return Check("warm", GOOD, f"{len(names)} kernels ready in {time.perf_counter() - began:.1f} s")
