"""gpu-target: thousands of customs targeting rules over millions of declarations.

``load_rules`` reads a rule set, ``compile`` binds it to a schema, ``Plan.evaluate`` runs it on data. ``Recompiler``
holds a rule set that is being edited. ``explain`` says of one record why it took its lane. ``GpuTargetError`` is what
each of them raises for bad input: its ``diagnostics`` say where, why and what to write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "GpuTargetError", "Plan", "Recompiler", "Result", "RuleSet", "__version__", "compile", "explain", "load_rules",
]  # fmt: skip

if TYPE_CHECKING:
    from gpu_target.engine import Result
    from gpu_target.explaining.explain import explain
    from gpu_target.language.diagnostics import GpuTargetError
    from gpu_target.language.files import load_rules
    from gpu_target.language.model import RuleSet
    from gpu_target.plan.compilation import Recompiler, compile
    from gpu_target.plan.plan import Plan

_HOMES = {
    "load_rules": "gpu_target.language.files", "RuleSet": "gpu_target.language.model", "Plan": "gpu_target.plan.plan",
    "compile": "gpu_target.plan.compilation", "Recompiler": "gpu_target.plan.compilation",
    "Result": "gpu_target.engine", "GpuTargetError": "gpu_target.language.diagnostics",
    "explain": "gpu_target.explaining.explain",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: Arrow and Numba take longer to load than ``--help`` may."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The names to use, also those that are imported only when they are asked for."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
