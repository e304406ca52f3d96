"""A stand-in for CuPy on a machine with one good card; tests break one thing of it at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gpu_target.backends.cuda.device import THREADS
from gpu_target.backends.cuda.probe import KERNEL, STARTS, probe


class CUDARuntimeError(RuntimeError):
    """As CuPy's, whose text begins with the name of the status."""


def raising(error: BaseException) -> Any:
    def call(*_: object, **__: object) -> None:
        raise error

    return call


class Array:
    """Numbers on the card."""

    def __init__(self, values: np.ndarray) -> None:
        assert values.dtype == np.uint64
        self.values = values

    def get(self) -> np.ndarray:
        return self.values


class Module:
    """Compiles nothing before a function is asked for, as the real one."""

    answer = STARTS

    def __init__(self, code: str, options: tuple[str, ...]) -> None:
        assert KERNEL in code
        assert "--fmad=false" in options

    def get_function(self, name: str) -> Any:
        def launch(grid: tuple[int], block: tuple[int], arguments: tuple[Array, np.int64]) -> None:
            assert (grid, block, name) == ((1,), (THREADS,), KERNEL)
            assert arguments[1] == len(arguments[0].values) - 1
            arguments[0].values[:] = self.answer

        return launch


def fake_cupy() -> Any:
    """A module whose parts a test may replace."""
    module: Any = ModuleType("cupy")
    module.__version__ = "14.2.0"
    runtime = SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        is_hip=False,
        driverGetVersion=lambda: 13000,
        runtimeGetVersion=lambda: 13020,
        getDeviceCount=lambda: 1,
        getDevice=lambda: 0,
        getDeviceProperties=lambda device: {"name": b"NVIDIA H200", "major": 9, "minor": 0},
    )
    module.cuda = SimpleNamespace(runtime=runtime, nvrtc=SimpleNamespace(getVersion=lambda: (13, 5)))
    module.asarray = Array
    module.RawModule = Module
    return module


@contextmanager
def installed(monkeypatch: pytest.MonkeyPatch, module: object) -> Iterator[None]:
    """What ``import cupy`` finds for a while: a module, or None where there is none."""
    probe.cache_clear()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "cupy", module)
        yield
    probe.cache_clear()
