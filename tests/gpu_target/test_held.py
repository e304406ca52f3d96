"""Collection of garbage stops while many objects are made, and what was made then is not looked through afterwards."""

from __future__ import annotations

import gc
import os
import signal
import threading
import weakref
from collections.abc import Iterator

import pytest

from gpu_target.held import Held, interruption_later, no_collection


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Leave the collector as it was found."""
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def collections() -> int:
    return sum(each["collections"] for each in gc.get_stats())


def test_nothing_is_collected_meanwhile_and_nothing_at_once_afterwards() -> None:
    gc.collect()
    with no_collection():
        assert not gc.isenabled()
        before = collections()
        made = [[] for _ in range(100_000)]
    assert gc.isenabled()
    few = [[] for _ in range(10)]
    assert collections() == before
    assert gc.get_count()[0] < 700
    assert len(made) + len(few) == 100_010


def test_garbage_that_was_made_meanwhile_is_found_later() -> None:
    class Node:
        pass

    with no_collection():
        one, other = Node(), Node()
        one.other, other.other = other, one  # type: ignore[attr-defined]
        gone = weakref.ref(one)
        del one, other
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with no_collection():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_what_someone_else_has_frozen_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with no_collection():
        pass
    assert frozen - 100 < gc.get_freeze_count() <= frozen  # some may have been let go by their owners
    assert gc.isenabled()


def test_the_last_of_several_threads_puts_it_back() -> None:
    switched: list[str] = []
    held = Held(lambda: switched.append("on") or (lambda: switched.append("off")))  # type: ignore[func-returns-value]
    entered, leave = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with held():
            entered.wait(10)
            leave.wait(10)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    entered.wait(10)
    with held():
        pass
    assert switched == ["on"]
    leave.set()
    for thread in threads:
        thread.join(10)
    assert switched == ["on", "off"]


def test_an_interruption_waits_until_the_end() -> None:
    reached: list[str] = []

    def work() -> None:
        with interruption_later():
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("the end of what must not be interrupted")
        reached.append("what comes after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["the end of what must not be interrupted"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_and_processes_that_ignore_it_are_left_alone() -> None:
    found: list[object] = []

    def look() -> None:
        with interruption_later():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        look()
    finally:
        signal.signal(signal.SIGINT, before)
    assert found == [signal.default_int_handler, signal.SIG_IGN]
