"""How kernels are compiled: without the interpreter's lock, and kept on disk where a folder for that can be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


@overload
def compiled(function: Callable[..., Any]) -> Any: ...


@overload
def compiled(*, inline: bool) -> Callable[[F], F]: ...


def compiled(function: Callable[..., Any] | None = None, *, inline: bool = False) -> Any:
    """Numba's ``njit``, releasing the lock and cached on disk.

    Where no folder for the cache can be written (a read-only install of a user without a home), every process
    compiles anew.
    """
    if function is None:
        return lambda each: _compile(each, inline)
    return _compile(function, inline)


def _compile(function: Callable[..., Any], inline: bool) -> Any:
    options: dict[str, Any] = {"nogil": True, "inline": "always" if inline else "never"}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # "cannot cache function ...: no locator available"
        return njit(**options)(function)
