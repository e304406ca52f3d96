"""How kernels are compiled: without the interpreter's lock, and kept on disk where a folder for that can be found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit
from numba.extending import register_jitable

FOLDERS = ("backends/cpu", "columns", "selection")  # of this package, with whatever a kernel is made of


def compiled(function: Callable[..., Any] | None = None, *, inline: bool = False, inner: bool = False) -> Any:
    """Numba's ``njit``, releasing the lock and cached on disk.

    ``inner`` is for functions that kernels call and Python does not: they are compiled into each of those kernels
    alone, without an entry for Python, which would take as long to compile as a small loop. Python sees the function
    as it is written.

    Numba keeps the code beside the source, else in the user's cache folder, else where NUMBA_CACHE_DIR says. Where
    none can be written (a read-only install of a user without a home), the kernels still work and are compiled by
    every process anew; ``gpu-target doctor`` says so.
    """
    if function is None:
        return lambda each: compiled(each, inline=inline, inner=inner)
    if inner:
        return register_jitable(no_cfunc_wrapper=True)(function)
    options: dict[str, Any] = {"nogil": True, "inline": "always" if inline else "never", "no_cfunc_wrapper": True}
    try:
        dispatcher = njit(cache=True, **options)(function)
    except RuntimeError:  # "cannot cache function ...: no locator available"
        return njit(**options)(function)
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)  # none under NUMBA_DISABLE_JIT
    if kept is not None:
        kept._source_stamp = sources()
    return dispatcher


@cache
def sources() -> str:
    """What tells two states of the kernels apart: a hash over all files that a kernel may have its code from.

    Numba itself looks at the file of the function alone, and would go on with what another one had lent it before.
    """
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def source_files() -> list[Path]:
    """The files that kernels are made of: functions, and the constants that are compiled into them."""
    return [file for folder in FOLDERS for file in sorted((Path(__file__).parents[1] / folder).glob("*.py"))]
