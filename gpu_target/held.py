"""Settings of the whole process that are held for a while; the last of several threads puts them back."""

from __future__ import annotations

import gc
import signal
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


@contextmanager
def interruption_later() -> Iterator[None]:
    """Ctrl-C takes effect at the end: inside a call back from compiled code, Python would drop it.

    Only the main thread is ever interrupted; in any other this does nothing.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    asked: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        before(asked[0], None)
