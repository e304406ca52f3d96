"""Settings of the whole process that are held for a while; the last of several threads puts them back."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Held:
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


def _stop_collecting() -> Callable[[], object]:
    if not gc.isenabled():
        return lambda: None
    gc.disable()
    return _collect_again


def _collect_again() -> None:
    """Go on collecting, without looking through all that was made meanwhile: it counts as old.

    Freezing and thawing moves it to the oldest generation at no cost. Where someone has frozen objects of their own,
    these stay frozen, and the next collection looks through the new ones.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
    gc.enable()


no_collection = Held(_stop_collecting)
"""Building a million small objects sets off collections that find nothing and take half of the time."""
