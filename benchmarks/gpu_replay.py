"""What a runner does on a device, recorded once and repeated for the clock: all of it, or the kernels alone.

A runner takes any device, so a ``RecordingDevice`` around the card notes each copy and launch on its way. What was
noted can be done again as it stands, for as long as the runner lives: its memory on the device is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cuda.device import Bytes, Device, Memory, Stream

WARM_UP = 3
FEWEST_RUNS = 20
SHORTEST_SECONDS = 1.0  # of measuring, where that is more than FEWEST_RUNS
MOST_RUNS = 1000


@dataclass(frozen=True)
class Operation:
    """``kernel`` of a launch, else upload, download or clear; ``again`` does it on a stream, ``into`` a download's."""

    name: str
    n_bytes: int
    again: Callable[[Stream], None]
    into: npt.NDArray[Any] | None = None

    @property
    def is_transfer(self) -> bool:
        return self.name in ("upload", "download")


class RecordingDevice:
    """A device that notes what is done on the streams it gives out."""

    def __init__(self, device: Device) -> None:
        self.inner = device
        self.operations: list[Operation] = []

    @property
    def name(self) -> str:
        return self.inner.name

    def free_bytes(self) -> int:
        return self.inner.free_bytes()

    def allocate(self, n_bytes: int) -> Memory:
        return self.inner.allocate(n_bytes)

    def staging(self, n_bytes: int) -> Bytes:
        return self.inner.staging(n_bytes)

    def stream(self) -> Stream:
        return _RecordingStream(self.inner.stream(), self.operations)


class _RecordingStream:
    def __init__(self, inner: Stream, operations: list[Operation]) -> None:
        self.inner, self.operations = inner, operations

    def _do(self, operation: Operation) -> None:
        self.operations.append(operation)
        operation.again(self.inner)

    def upload(self, values: npt.NDArray[Any], to: int) -> None:
        self._do(Operation("upload", values.nbytes, lambda stream: stream.upload(values, to)))

    def download(self, source: int, into: npt.NDArray[Any]) -> None:
        self._do(Operation("download", into.nbytes, lambda stream: stream.download(source, into), into))

    def clear(self, at: int, n_bytes: int) -> None:
        self._do(Operation("clear", n_bytes, lambda stream: stream.clear(at, n_bytes)))

    def launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int = 0) -> None:
        self._do(Operation(kernel, 0, lambda stream: stream.launch(kernel, grid, arguments, shared)))

    def synchronize(self) -> None:
        self.inner.synchronize()


class Clock(Protocol):
    """Times work on a device by what the device itself says; ``early`` counts the runs whose time may hold waiting."""

    early: int

    def seconds(self, before: Callable[[], None], work: Callable[[], None]) -> float:
        """Of ``work`` alone. ``before`` is to keep the device busy until all of ``work`` has been asked for."""


def measure(clock: Clock, before: Callable[[], None], work: Callable[[], None]) -> dict[str, float]:
    """Milliseconds: median, least, 10th and 90th percentile, over ``n`` runs after a few that do not count.

    ``early`` of them may hold time in which the device waited for the host.
    """
    for _ in range(WARM_UP):
        clock.seconds(before, work)
    seconds: list[float] = []
    early = clock.early
    while len(seconds) < MOST_RUNS and (len(seconds) < FEWEST_RUNS or sum(seconds) < SHORTEST_SECONDS):
        seconds.append(clock.seconds(before, work))
    return {**summary(seconds), "early": clock.early - early}


def summary(seconds: Sequence[float]) -> dict[str, float]:
    milliseconds = np.asarray(seconds) * 1e3
    low, middle, high = np.percentile(milliseconds, (10, 50, 90))
    figures = {"median_ms": middle, "least_ms": milliseconds.min(), "p10_ms": low, "p90_ms": high}
    return {**{name: float(f"{value:.5g}") for name, value in figures.items()}, "n": len(seconds)}


def without_transfers(operations: Sequence[Operation]) -> list[Operation]:
    return [each for each in operations if not each.is_transfer]


def matching_alone(operations: Sequence[Operation]) -> list[Operation]:
    """The launches that go over all rules; classes are there already."""
    return [each for each in operations if each.name.startswith("count_")]


def replayed(operations: Sequence[Operation], stream: Stream) -> Callable[[], None]:
    """Do it all again, in order."""

    def work() -> None:
        for each in operations:
            each.again(stream)

    return work


class Part:
    """Some of the operations of a recording, done again for the clock, and what they leave on the device.

    Where a part clears the counts, every run leaves what the first evaluation found; where it does not, each run
    adds as much again, so that one look at the end judges all of them.
    """

    def __init__(self, operations: Sequence[Operation], recorded: Sequence[Operation], stream: Stream) -> None:
        self.stream = stream
        self.clear = replayed([each for each in recorded if each.name == "clear"], stream)
        self.download = replayed([each for each in recorded if each.name == "download"], stream)
        self.downloaded = [each.into for each in recorded if each.into is not None]
        self.work = replayed(operations, stream)
        self.runs = 0
        self.adds = not any(each.name == "clear" for each in operations)

    def __call__(self) -> None:
        self.runs += 1
        self.work()

    def times(self, clock: Clock, flush: Callable[[], None]) -> tuple[dict[str, dict[str, float]], bool]:
        """Figures cold and warm, and whether all the runs behind them counted what the first evaluation did."""
        expected = [each.copy() for each in self.downloaded]
        self.clear()
        figures = {"cold": measure(clock, flush, self), "warm": measure(clock, self, self)}
        for each in self.downloaded:
            each.fill(-1)  # so that a download that does nothing is seen
        self.download()
        self.stream.synchronize()
        times = self.runs if self.adds else 1
        same = all((found == times * first).all() for found, first in zip(self.downloaded, expected, strict=True))
        for found, first in zip(self.downloaded, expected, strict=True):
            found[:] = first
        return figures, same
