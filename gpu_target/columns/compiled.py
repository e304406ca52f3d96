"""How kernels are compiled: without the interpreter's lock, and kept on disk where a folder for that can be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any] | None = None, *, inline: bool = False) -> Any:
    """Numba's ``njit``, releasing the lock and cached on disk.

    Numba keeps the code beside the source, else in the user's cache folder, else where NUMBA_CACHE_DIR says. Where
    none can be written (a read-only install of a user without a home), the kernels still work and are compiled by
    every process anew; ``gpu-target doctor`` says so.
    """
    if function is None:
        return lambda each: compiled(each, inline=inline)
    options: dict[str, Any] = {"nogil": True, "inline": "always" if inline else "never"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # "cannot cache function ...: no locator available"
        return njit(**options)(function)
