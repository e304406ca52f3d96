"""The device of the tests: the kernels built by g++, each CUDA thread a fiber, and memory that starts as rubbish."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gpu_target import backends
from gpu_target.backends.cuda.backend import CudaBackend
from gpu_target.backends.cuda.device import KERNELS, THREADS, Memory, Stream, source, too_little

HEADER = Path(__file__).with_name("cuda_cpu.h")
ORDERS = (0, 1, 2)  # of threads and blocks: forward, backward, shuffled
OPTIONS = ("-std=c++17", "-O2", "-ffp-contract=off")
SANITIZED = ("-std=c++17", "-O1", "-g", "-ffp-contract=off", "-fsanitize=address", "-fsanitize-sections=cuda_shared")


def why_not() -> str:
    """Empty where the kernels can be built and run here, otherwise the reason."""
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        return "fibers are switched in x86-64 assembler, for Linux"
    return "" if shutil.which("g++") else "g++ is not installed"


@cache
def sanitizer() -> str:
    """The library of AddressSanitizer, which has to be loaded first; empty where g++ has none."""
    found = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    return path if os.path.isabs(path) else ""


def no_sanitizer() -> str:
    """Empty where sanitized kernels can be built and run here, otherwise the reason."""
    return why_not() or ("" if sanitizer() else "g++ has no AddressSanitizer here")


def build(folder: Path, code: str | None = None, options: Sequence[str] = OPTIONS, name: str = "kernels") -> Path:
    """A shared library of the kernels, by default those that ship, unchanged."""
    unit = folder / f"{name}.cpp"
    table = ", ".join(f"KERNEL({each})" for each in KERNELS)
    unit.write_text(
        f'#include "{HEADER}"\n'
        f'#line 1 "kernels.cu"\n{source() if code is None else code}\n'
        f"static const emulated::Kernel all[] = {{{table}}};\n"
        'extern "C" const char *launch(const char *name, unsigned x, unsigned y, unsigned threads, size_t shared,\n'
        "    void **arguments, const size_t *sizes, size_t n, int order, uint64_t seed) {\n"
        f"    return emulated::launch(all, {len(KERNELS)}, name, x, y, threads, shared, arguments, sizes, n, order,\n"
        "        seed);\n"
        "}\n"
        'extern "C" void *take(size_t n) { void *at = nullptr; return posix_memalign(&at, 256, n) ? nullptr : at; }\n'
        'extern "C" void give(void *at) { free(at); }\n'
    )
    library = folder / f"{name}.so"
    command = ["g++", *options, "-fPIC", "-shared", "-o", str(library), str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return library


TAKING = threading.RLock()  # of memory; a collection of garbage may give some back while it is held


class HostMemory:
    """Memory of exactly that size, full of rubbish, so that a sanitizer sees every access beyond it."""

    def __init__(self, device: HostDevice, n_bytes: int) -> None:
        self.device, self.n_bytes = device, n_bytes
        self.address: int = device.kernels.take(n_bytes)
        ctypes.memset(self.address, 0xA5, n_bytes)
        with TAKING:
            device.taken += n_bytes
            device.most_taken = max(device.most_taken, device.taken)

    def __del__(self) -> None:
        self.device.kernels.give(self.address)
        with TAKING:
            self.device.taken -= self.n_bytes


class HostDevice:
    """Runs kernels on this processor; ``order`` is that of threads and blocks, ``free`` the memory it pretends."""

    def __init__(self, library: Path, order: int = 0, free: int = 2**34) -> None:
        self.kernels = ctypes.CDLL(str(library))
        self.kernels.launch.restype = ctypes.c_char_p
        self.kernels.launch.argtypes = [
            ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_size_t, ctypes.c_void_p,
            ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint64,
        ]  # fmt: skip
        self.kernels.take.restype = ctypes.c_void_p
        self.kernels.take.argtypes = [ctypes.c_size_t]
        self.kernels.give.argtypes = [ctypes.c_void_p]
        self.order, self.free = order, free
        self.taken = self.most_taken = 0  # bytes
        self.launched: list[str] = []

    name = "the processor in place of a card"

    def free_bytes(self) -> int:
        return max(0, self.free - self.taken)

    def allocate(self, n_bytes: int) -> Memory:
        if n_bytes > self.free_bytes():
            raise too_little(n_bytes, self.free_bytes())
        return HostMemory(self, n_bytes)

    def staging(self, n_bytes: int) -> npt.NDArray[np.uint8]:
        return np.full(n_bytes, 0xA5, np.uint8)

    def stream(self) -> Stream:
        return HostStream(self)


RUNNING = threading.Lock()  # the fibers of a library know one launch at a time


class HostStream:
    """Does nothing until it is synchronised, as late as a card may be."""

    def __init__(self, device: HostDevice) -> None:
        self.device = device
        self.waiting: list[Callable[[], object]] = []

    def upload(self, values: npt.NDArray[Any], to: int) -> None:
        assert values.flags.c_contiguous
        self.waiting.append(lambda: ctypes.memmove(to, values.ctypes.data, values.nbytes))

    def download(self, source: int, into: npt.NDArray[Any]) -> None:
        assert into.flags.c_contiguous
        self.waiting.append(lambda: ctypes.memmove(into.ctypes.data, source, into.nbytes))

    def clear(self, at: int, n_bytes: int) -> None:
        self.waiting.append(lambda: ctypes.memset(at, 0, n_bytes))

    def launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int = 0) -> None:
        self.waiting.append(lambda: self._launch(kernel, grid, arguments, shared))

    def _launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int) -> None:
        held = [np.array(each) for each in arguments]
        pointers = (ctypes.c_void_p * len(held))(*(each.ctypes.data for each in held))
        sizes = (ctypes.c_size_t * len(held))(*(each.nbytes for each in held))
        with RUNNING:
            self.device.launched.append(kernel)
            failure = self.device.kernels.launch(
                kernel.encode(), *grid, THREADS, shared, pointers, sizes, len(held), self.device.order,
                len(self.device.launched),
            )  # fmt: skip
        assert failure is None, failure.decode()

    def synchronize(self) -> None:
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()


def backend(library: Path, order: int = 0, free: int = 2**34) -> CudaBackend:
    """The backend on this processor."""
    return CudaBackend(HostDevice(library, order, free))


@contextmanager
def standing_in(backend: CudaBackend, name: str = "cuda") -> Iterator[None]:
    """While this lasts, the engine finds this backend under ``name``."""
    found = backends.resolve
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "NAMES", tuple(dict.fromkeys([*backends.NAMES, name])))
        patch.setattr(backends, "resolve", lambda asked: backend if asked == name else found(asked))
        yield
