"""As much of CuPy as the backend calls, over the device of the tests: for the code that speaks to CuPy."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from gpu_target.backends.cuda.device import OPTIONS, THREADS, source
from tests.cuda_on_cpu.host import HostDevice, HostStream

HOST_TO_DEVICE, DEVICE_TO_HOST, DEFAULT_STREAM = 1, 2, 0


class CUDARuntimeError(RuntimeError):
    """With the number of CUDA's error."""

    def __init__(self, status: int, text: str = "cudaErrorSomething") -> None:
        super().__init__(text)
        self.status = status


class Current(threading.local):
    """The card that is the current one of a thread: the first, in a thread that has chosen none."""

    card = 0


CURRENT = Current()


class FakeCard:
    """``cupy.cuda.Device``: inside ``with`` the current card of this thread."""

    def __init__(self, card: int) -> None:
        self.card = card
        self.before: list[int] = []

    def __enter__(self) -> FakeCard:
        self.before.append(CURRENT.card)
        CURRENT.card = self.card
        return self

    def __exit__(self, *_: object) -> None:
        CURRENT.card = self.before.pop()


class FakeStream(HostStream):
    """A stream of a card that is the current one inside ``with``; its operations wait until it is synchronised."""

    known: dict[int, FakeStream] = {}  # noqa: RUF012
    current: list[FakeStream] = []  # noqa: RUF012

    def __init__(self, device: HostDevice) -> None:
        super().__init__(device)
        self.ptr, self.card = 1 + len(self.known), CURRENT.card
        self.known[self.ptr] = self

    def __enter__(self) -> FakeStream:
        self.current.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.current.pop()


def fake_cupy(device: HostDevice) -> Any:
    """The module. ``fail`` in it maps names of runtime functions to the errors that they raise from then on.

    ``asked`` is which functions were called with which card current.
    """
    fail: dict[str, Exception] = {}
    asked: set[tuple[str, int]] = set()

    def checked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            asked.add((name, CURRENT.card))
            if name in fail:
                raise fail[name]
            return function(*arguments, **options)

        return call

    def raw_module(code: str, options: tuple[str, ...]) -> SimpleNamespace:
        assert (code, options) == (source(), OPTIONS)
        return SimpleNamespace(get_function=checked("get_function", get_function))

    def get_function(name: str) -> Callable[..., None]:
        def launch(grid: tuple[int, ...], block: tuple[int, ...], arguments: tuple[Any, ...], shared_mem: int) -> None:
            assert block == (THREADS, 1, 1)
            assert grid[2] == 1
            assert all(isinstance(each, np.generic) for each in arguments)
            if FakeStream.current[-1].card != CURRENT.card:
                raise CUDARuntimeError(400, "cudaErrorInvalidResourceHandle: invalid resource handle")
            FakeStream.current[-1].launch(name, grid[:2], arguments, shared_mem)

        return checked("launch", launch)

    def memory(n_bytes: int) -> SimpleNamespace:
        if n_bytes > device.free_bytes():
            raise CUDARuntimeError(2, "cudaErrorMemoryAllocation: out of memory")
        kept = device.allocate(n_bytes)
        return SimpleNamespace(ptr=kept.address, kept=kept)

    def pinned(n_bytes: int) -> bytearray:
        assert n_bytes > 0
        return bytearray(n_bytes)

    def copy(to: int, at: int, n_bytes: int, kind: int, stream: int) -> None:
        assert kind in (HOST_TO_DEVICE, DEVICE_TO_HOST)
        FakeStream.known[stream].waiting.append(lambda: ctypes.memmove(to, at, n_bytes))

    def fill(at: int, value: int, n_bytes: int, stream: int) -> None:
        FakeStream.known[stream].waiting.append(lambda: ctypes.memset(at, value, n_bytes))

    def stream(non_blocking: bool) -> FakeStream:
        assert non_blocking
        made = FakeStream(device)
        made.synchronize = checked("synchronize", made.synchronize)  # type: ignore[method-assign]
        return made

    runtime = SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError, memcpyHostToDevice=HOST_TO_DEVICE, memcpyDeviceToHost=DEVICE_TO_HOST,
        memcpyAsync=checked("memcpyAsync", copy), memsetAsync=checked("memsetAsync", fill),
        memGetInfo=checked("memGetInfo", lambda: (device.free_bytes(), device.free)), getDevice=lambda: CURRENT.card,
        getDeviceProperties=lambda number: {"name": f"card {number}".encode()},
    )  # fmt: skip
    module: Any = ModuleType("cupy")
    module.RawModule, module.fail, module.asked = raw_module, fail, asked
    module.cuda = SimpleNamespace(
        runtime=runtime, Memory=checked("Memory", memory), alloc_pinned_memory=checked("pinned", pinned),
        Stream=checked("Stream", stream), Device=FakeCard,
        driver=SimpleNamespace(CUDADriverError=type("CUDADriverError", (RuntimeError,), {"status": 1})),
        compiler=SimpleNamespace(CompileException=type("CompileException", (Exception,), {})),
    )  # fmt: skip
    return module
