"""Whether CUDA kernels run here, and if not, why and what to do about it.

CuPy tells little by itself: it imports without a driver, and ``RawModule`` compiles nothing before its first function
is asked for. So each thing that can be missing is looked at in turn, and at the end the kernels themselves are
compiled, one of them is launched and its answer read.
"""

from __future__ import annotations

import functools
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

LEAST_CAPABILITY = (8, 0)  # the oldest that the kernels are compiled for in tests
BUILDS = ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x")  # all of them own the import package cupy
INSTALL = "pip install '.[cuda13]' where the source of gpu-target lies, or '.[cuda12]' for an older driver"
KERNEL = "scan_totals"  # totals of two runs become where each begins, and their sum
TOTALS, STARTS = (5, 9, 0), [0, 5, 14]


class Probe(NamedTuple):
    """What was found. Without a ``reason`` the card is usable; what was not reached is empty.

    device      name of the card
    capability  its compute capability, such as 9.0
    driver      the CUDA version that the driver can do, such as 13.0
    cupy, nvrtc  versions
    """

    reason: str
    remedy: str
    device: str = ""
    capability: str = ""
    driver: str = ""
    cupy: str = ""
    nvrtc: str = ""

    @property
    def usable(self) -> bool:
        return not self.reason

    @property
    def versions(self) -> str:
        """What is known of the card and its software, on one line; empty where there is nothing."""
        named = {
            "compute capability": self.capability, "CUDA driver": self.driver, "CuPy": self.cupy, "NVRTC": self.nvrtc,
        }  # fmt: skip
        return ", ".join([*filter(None, [self.device]), *(f"{name} {is_}" for name, is_ in named.items() if is_)])


class _Unusable(Exception):
    """Ends the search with what was found."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@functools.cache
def probe() -> Probe:
    """Look once in a process; what was found holds until its end. Raises nothing.

    Without CuPy this costs one look for a module. With it the first call takes about a second, and the very first on a
    machine a few: CuPy keeps the compiled kernels in a folder.
    """
    facts: dict[str, str] = {}
    try:
        cupy = _cupy()
        facts["cupy"] = str(cupy.__version__)
        _driver(cupy.cuda.runtime, facts)
        _device(cupy.cuda.runtime, facts)
        _compiler(cupy, facts)
        _kernel(cupy)
    except _Unusable as found:
        return Probe(str(found), found.remedy, **facts)
    except Exception as error:  # CuPy is not as we know it: also a finding
        return Probe(f"CuPy does not answer as expected: {_words(error)}", _reinstall(), **facts)
    return Probe("", "", **facts)


def _cupy() -> Any:
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name == "cupy":
            raise _Unusable("CuPy is not installed", INSTALL) from None
        raise _Unusable(f"CuPy is installed and does not import: {_words(error)}", _reinstall()) from error
    except Exception as error:
        raise _Unusable(f"CuPy is installed and does not import: {_words(error)}", _reinstall()) from error
    if not hasattr(cupy, "cuda"):
        raise _Unusable("what is called cupy here is not CuPy", "rename that folder or module, or uninstall it")
    return cupy


def _driver(runtime: Any, facts: dict[str, str]) -> None:
    if getattr(runtime, "is_hip", False):
        raise _Unusable("this CuPy is built for AMD cards", f"pip uninstall it, then {INSTALL}")
    version = int(runtime.driverGetVersion())
    if not version:
        raise _Unusable("there is no NVIDIA driver", "install the driver of the card; nvidia-smi then names the card")
    facts["driver"] = _version(version)
    try:
        devices = int(runtime.getDeviceCount())
    except Exception as error:
        if "InsufficientDriver" in str(error):
            built_for = _version(int(runtime.runtimeGetVersion()))
            reason = f"the driver knows CUDA {facts['driver']}, older than the {built_for} of this CuPy"
            raise _Unusable(reason, "update the driver, or install the extra cuda12 in a fresh environment") from None
        if "NoDevice" not in str(error):
            raise _Unusable(f"the driver does not answer: {_words(error)}", "see what nvidia-smi says") from error
        devices = 0
    if not devices:
        remedy = "see that nvidia-smi names a card, CUDA_VISIBLE_DEVICES hides none and the container was given one"
        raise _Unusable("there is a driver and no card", remedy)


def _device(runtime: Any, facts: dict[str, str]) -> None:
    try:
        found = runtime.getDeviceProperties(runtime.getDevice())
    except Exception as error:
        reason = f"the card does not answer: {_words(error)}"
        raise _Unusable(reason, "see what nvidia-smi says; another process may hold the card") from error
    facts["device"] = found["name"].decode(errors="replace")
    capability = (int(found["major"]), int(found["minor"]))
    facts["capability"] = "{}.{}".format(*capability)
    if capability < LEAST_CAPABILITY:
        least = "{}.{}".format(*LEAST_CAPABILITY)
        reason = f"the {facts['device']} has compute capability {facts['capability']}, the kernels need {least}"
        raise _Unusable(reason, "use a card of the Ampere generation (2020) or later")


def _compiler(cupy: Any, facts: dict[str, str]) -> None:
    """Asked for apart: a kernel that CuPy finds in its cache folder says nothing of the compiler."""
    try:
        facts["nvrtc"] = ".".join(str(part) for part in cupy.cuda.nvrtc.getVersion())
    except Exception as error:
        raise _Unusable(f"the CUDA compiler NVRTC is missing: {_words(error)}", INSTALL) from error


def _kernel(cupy: Any) -> None:
    from gpu_target.backends.cuda.device import OPTIONS, THREADS, source

    try:
        totals = cupy.asarray(np.array(TOTALS, np.uint64))
        kernel = cupy.RawModule(code=source(), options=OPTIONS).get_function(KERNEL)
        kernel((1,), (THREADS,), (totals, np.int64(len(TOTALS) - 1)))
        found = totals.get().tolist()
    except Exception as error:
        reason = f"kernels do not compile or run on the card: {_words(error)}"
        raise _Unusable(reason, "see that the driver is no older than the CUDA of CuPy and NVRTC; update it") from error
    if found != STARTS:
        raise _Unusable(f"the card computes wrongly: {found} for {STARTS}", "have the card checked; do not use it")


def _reinstall() -> str:
    builds = [name for name in BUILDS if _is_installed(name)]
    if len(builds) > 1:
        return f"{' and '.join(builds)} overwrite each other: pip uninstall -y {' '.join(builds)}, then {INSTALL}"
    return f"install it again in a fresh environment: {INSTALL}"


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _version(number: int) -> str:
    """CUDA writes 13.0 as 13000 and 12.9 as 12090."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _words(error: BaseException) -> str:
    """An error on one line: CuPy frames its own in a page of advice and keeps the cause behind."""
    error = error.__cause__ or error
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" =-")]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
