"""NVRTC, cuobjdump and nvdisasm: from CUDA source to an architecture's machine code, with neither driver nor card."""

from __future__ import annotations

import functools
import importlib
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "gpu_target" / "backends" / "cuda" / "kernels.cu"
ARCHITECTURES = ("sm_80", "sm_90", "sm_120")  # A100; H100 and H200; the consumer and workstation cards of 2025
COMPILERS = ("nvidia-cuda-nvrtc", "nvidia-cuda-cuobjdump", "nvidia-cuda-nvdisasm")
LONGEST_SECONDS = 60


def missing() -> str:
    """Which tool of the gate is not installed; empty where all are there."""
    try:
        importlib.import_module("cuda.core")
    except ImportError as error:
        return f"cuda-core is missing: {error}"
    for name in COMPILERS:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            return f"{name} is not installed"
    return next((f"{name} is missing from its package" for name in ("cuobjdump", "nvdisasm") if not _tool(name)), "")


def compiler_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in COMPILERS}


@functools.lru_cache(maxsize=16)
def cubin(source: str, architecture: str) -> bytes:
    """Machine code of the source. The options are the backend's; noting lines of the source changes no instruction."""
    from cuda.core import Program, ProgramOptions

    options = ProgramOptions(arch=architecture, std="c++17", fma=False, lineinfo=True)
    return bytes(Program(source, "c++", options).compile("cubin").code)


def resources(code: bytes) -> str:
    """What cuobjdump says each kernel takes."""
    return _read("cuobjdump", "--dump-resource-usage", code)


def sass(code: bytes) -> str:
    """The instructions of every kernel, with the lines they are from."""
    return _read("nvdisasm", "-gi", code)


def _read(tool: str, option: str, code: bytes) -> str:
    path = _tool(tool)
    assert path is not None, f"{tool} is missing"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(code)
        file.flush()
        done = subprocess.run(
            [path, option, file.name], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
        )
    return done.stdout


def _tool(name: str) -> Path | None:
    """The wheels keep their programs beside their libraries, not on the PATH."""
    import nvidia

    places = [Path(place) / "cu13" / "bin" / name for place in nvidia.__path__]
    return next((place for place in places if place.is_file()), None)
