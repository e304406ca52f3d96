"""What evaluates a plan: the only place that knows a device."""

from __future__ import annotations

from gpu_target.backends.base import Backend
from gpu_target.language.diagnostics import Diagnostic, UnfitError, UsageError

NAMES = ("auto", "cpu", "cuda", "interpreter")


def resolve(name: str) -> Backend:
    """The backend of that name; ``auto`` is the fastest that this machine has.

    Raises UnfitError (EN401) for ``cuda`` where it cannot run, UsageError (US018) for an unknown name.
    """
    if name in ("auto", "cpu"):
        from gpu_target.backends.cpu import CpuBackend

        return CpuBackend()
    if name == "interpreter":
        from gpu_target.backends.interpreter import InterpreterBackend

        return InterpreterBackend()
    if name == "cuda":
        raise UnfitError(
            Diagnostic("EN401", f"the backend cuda cannot run here: {why_no_cuda()}", remedy="use --backend cpu")
        )
    raise UsageError(Diagnostic("US018", f"there is no backend {name!r}", remedy=f"choose from {', '.join(NAMES)}"))


def why_no_cuda() -> str:
    """Why ``auto`` takes the processor: no CuPy, no driver, no card, or no kernels in this version."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed, and this version has no CUDA kernels yet"
    if not cupy.is_available():
        return "CuPy finds no usable card, and this version has no CUDA kernels yet"
    return "this version has no CUDA kernels yet"
