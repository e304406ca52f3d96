"""A stand-in for CuPy and a card on which whole steps of the report run: host memory, and kernels built by g++."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.cuda_on_cpu import host
from tests.gpu_target.backends.cuda.fake_cupy import fake_cupy


class Memory:
    """So many bytes, of the host."""

    def __init__(self, n_bytes: int) -> None:
        self.bytes = np.zeros(n_bytes, np.uint8)
        self.ptr = self.bytes.ctypes.data


class Stream(host.HostStream):
    """The runner's stream and CuPy's in one."""

    def __init__(self, device: host.HostDevice) -> None:
        super().__init__(device)
        self.stream, self.ptr = self, 0


class Event:
    """Notes the time once all before it is done, as the card would, and never before all has been asked for."""

    done = False

    def record(self, stream: Any) -> None:
        getattr(stream, "synchronize", lambda: None)()
        self.seconds = time.perf_counter()

    def synchronize(self) -> None:
        """It is done already."""


def elapsed_milliseconds(start: Event, end: Event) -> float:
    return (end.seconds - start.seconds) * 1e3


def copy(to: int, source: int, n_bytes: int, kind: int, stream: int) -> None:
    ctypes.memmove(to, source, n_bytes)


def fill(at: int, value: int, n_bytes: int, stream: int) -> None:
    ctypes.memset(at, value, n_bytes)


def cupy_on_the_host() -> Any:
    """CuPy whose arrays are NumPy's and whose copies are the host's."""
    module = fake_cupy()
    for name in ("asarray", "concatenate", "cumsum", "int64", "ones", "stack", "where", "zeros"):
        setattr(module, name, getattr(np, name))
    vars(module.cuda).update(
        Event=Event, Memory=Memory, alloc_pinned_memory=Memory, get_elapsed_time=elapsed_milliseconds,
        Stream=lambda non_blocking: SimpleNamespace(ptr=0),
    )  # fmt: skip
    properties = {"name": b"NVIDIA H200", "major": 9, "minor": 0, "multiProcessorCount": 132, "uuid": b"\x00" * 16}
    vars(module.cuda.runtime).update(
        memcpyAsync=copy, memsetAsync=fill, memcpyDeviceToDevice=3, memcpyHostToDevice=1, memcpyDeviceToHost=2,
        getDeviceProperties=lambda device: properties,
    )  # fmt: skip
    return module


class FakeCard(host.HostDevice):
    """What ``CupyDevice`` is to the report: a device, with what the compiler says of each kernel."""

    def __init__(self, library: Path) -> None:
        super().__init__(library)
        self.functions = {
            name: SimpleNamespace(num_regs=32, local_size_bytes=0, shared_size_bytes=1024) for name in host.KERNELS
        }

    def stream(self) -> Stream:
        return Stream(self)
