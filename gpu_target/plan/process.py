"""What the interpreter must allow while predicates are walked through."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gpu_target.held import Held, no_collection

DEPTH = 20_000  # frames; predicates nest 400 levels at most, and a walk takes several frames for each


def _go_deep() -> Callable[[], object]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    return lambda: sys.setrecursionlimit(limit)


deep_recursion = Held(_go_deep)


@contextmanager
def compiling() -> Iterator[None]:
    """Room for deep predicates, and no garbage collection."""
    with deep_recursion(), no_collection():
        yield
