"""What evaluates a plan: the only place that knows a device."""

from __future__ import annotations

from gpu_target.backends.base import Backend
from gpu_target.backends.cuda.probe import probe
from gpu_target.language.diagnostics import Diagnostic, UnfitError, UsageError

NAMES = ("auto", "cpu", "cuda", "interpreter")


def resolve(name: str) -> Backend:
    """The backend of that name; ``auto`` is ``cuda`` where a card is usable and else ``cpu``.

    A card counts as usable where kernels run on it, however much of its memory is free: what a plan needs is not known
    before it is prepared, and by then a card that is too full is an error (EN402), as it is for ``cuda``.

    Raises UnfitError (EN401) for ``cuda`` where it cannot run, UsageError (US018) for an unknown name.
    """
    check_name(name)
    name = chosen(name)
    if name == "cuda":
        return _cuda()
    if name == "interpreter":
        from gpu_target.backends.interpreter import InterpreterBackend

        return InterpreterBackend()
    from gpu_target.backends.cpu.backend import CpuBackend

    return CpuBackend()


def check_name(name: str) -> None:
    """Raises UsageError (US018) for an unknown name; looks for no device, so that it can be asked anywhere."""
    if name not in NAMES:
        remedy = f"choose from {', '.join(NAMES)}"
        raise UsageError(Diagnostic("US018", f"there is no backend {name!r}", remedy=remedy))


def chosen(name: str) -> str:
    """The backend that a name stands for: ``auto`` for one of two, every other for itself."""
    if name != "auto":
        return name
    return "cuda" if probe().usable else "cpu"


def why_auto() -> str:
    """Which backend ``auto`` takes here, and why that one."""
    found = probe()
    return f"{chosen('auto')}: {found.reason or f'{found.device} is usable'}"


def _cuda() -> Backend:
    found = probe()
    if not found.usable:
        message, remedy = f"the backend cuda cannot run here: {found.reason}", f"{found.remedy}; or use --backend cpu"
        raise UnfitError(Diagnostic("EN401", message, remedy=remedy))
    from gpu_target.backends.cuda.backend import CudaBackend

    return CudaBackend()
