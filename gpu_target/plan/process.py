"""Settings of the whole process that plans need for a while; the last of several threads puts them back."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DEPTH = 20_000  # frames; predicates nest 400 levels at most, and a walk takes several frames for each


class _Held:
    """Something that is switched on by the first who needs it and off by the last."""

    def __init__(self, switch_on: Callable[[], Callable[[], object]]) -> None:
        self.switch_on, self.lock, self.users = switch_on, threading.Lock(), 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self.lock:
            if not self.users:
                self.switch_off = self.switch_on()
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if not self.users:
                    self.switch_off()


def _go_deep() -> Callable[[], object]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    return lambda: sys.setrecursionlimit(limit)


def _stop_collecting() -> Callable[[], object]:
    if not gc.isenabled():
        return lambda: None
    gc.disable()
    return gc.enable


deep_recursion = _Held(_go_deep)
_no_collection = _Held(_stop_collecting)


@contextmanager
def compiling() -> Iterator[None]:
    """Room for deep predicates, and no garbage collection.

    Building a million small objects would otherwise set off collections that find nothing and take half of the time.
    """
    with deep_recursion(), _no_collection():
        yield
