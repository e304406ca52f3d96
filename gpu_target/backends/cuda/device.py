"""What the runner needs of a card, and a card through CuPy. CuPy is imported when a card is asked for, not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gpu_target.language.diagnostics import Diagnostic, UnfitError

THREADS = 256  # of a block, as in kernels.cu
KERNELS = (
    "rank_keys", "gather_codes", "evaluate_nodes", "count_rules", "count_rows", "scan_rows", "scan_totals",
    "write_rows", "sort_rows", "decide_rows",
)  # fmt: skip
OUT_OF_MEMORY = 2  # cudaErrorMemoryAllocation
OPTIONS = ("-std=c++17", "--fmad=false")

Bytes = npt.NDArray[np.uint8]


class Memory(Protocol):
    """Bytes on the device, given back when nothing refers to them any more."""

    @property
    def address(self) -> int: ...

    @property
    def n_bytes(self) -> int: ...


class Stream(Protocol):
    """Work in order. Nothing is promised of it, nor may host arrays given to it change, before ``synchronize``."""

    def upload(self, values: npt.NDArray[Any], to: int) -> None:
        """Copy a contiguous array to a device address."""

    def download(self, source: int, into: npt.NDArray[Any]) -> None:
        """Copy from a device address into a contiguous array."""

    def clear(self, at: int, n_bytes: int) -> None:
        """Fill with zeros."""

    def launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int = 0) -> None:
        """Start a kernel on ``grid`` blocks. Arguments have the sizes of its parameters; addresses are uint64."""

    def synchronize(self) -> None:
        """Wait until all is done. Raises UnfitError (EN403) where the card reports a failure."""


class Device(Protocol):
    """A card, or what stands for one."""

    @property
    def name(self) -> str: ...

    def free_bytes(self) -> int:
        """Memory that could be allocated now."""

    def allocate(self, n_bytes: int) -> Memory:
        """Raises TooLittleMemory (EN402) where there is not so much."""

    def staging(self, n_bytes: int) -> Bytes:
        """uint8[n_bytes] of host memory that copies fast and while the card computes.

        Raises TooLittleMemory (EN404) where there is not so much.
        """

    def stream(self) -> Stream: ...


def source() -> str:
    """The CUDA C++ of the kernels."""
    return resources.files(__package__).joinpath("kernels.cu").read_text(encoding="utf-8")


class TooLittleMemory(UnfitError):
    """There is not enough for so many rows: fewer may do."""


def too_little(n_bytes: int, free: int) -> TooLittleMemory:
    """EN402, with both figures."""
    message = f"the card has {free / 2**20:,.1f} MiB free, and {n_bytes / 2**20:,.1f} MiB are needed"
    return TooLittleMemory(Diagnostic("EN402", message, remedy="free memory on the card, or use --backend cpu"))


def too_little_of_host(n_bytes: int) -> TooLittleMemory:
    """EN404. Memory that a card copies from cannot be swapped out, so a system may have less of it than is free."""
    message = f"the machine has no {n_bytes / 2**20:,.1f} MiB left that the card can copy from, for one of the threads"
    return TooLittleMemory(Diagnostic("EN404", message, remedy="use fewer --threads, or --backend cpu"))


class CupyDevice:
    """The CUDA device that is the current one where this is made, for every thread that uses it later.

    CUDA has a current device for each thread, and in a new one that is the first of the machine. Raises UnfitError
    (EN403) wherever the card reports a failure.
    """

    def __init__(self) -> None:
        import cupy

        self.cupy, self.runtime = cupy, cupy.cuda.runtime
        self.number = int(self.runtime.getDevice())
        with self.failures():
            module = cupy.RawModule(code=source(), options=OPTIONS)
            self.functions = {name: module.get_function(name) for name in KERNELS}

    @property
    def name(self) -> str:
        return str(self.runtime.getDeviceProperties(self.number)["name"].decode())

    def free_bytes(self) -> int:
        with self.cupy.cuda.Device(self.number):
            return int(self.runtime.memGetInfo()[0])

    def allocate(self, n_bytes: int) -> Memory:
        with self.failures(lambda: too_little(n_bytes, self.free_bytes())):
            return _CupyMemory(self.cupy.cuda.Memory(n_bytes), n_bytes)

    def staging(self, n_bytes: int) -> Bytes:
        with self.failures(lambda: too_little_of_host(n_bytes)):
            return np.frombuffer(self.cupy.cuda.alloc_pinned_memory(n_bytes), np.uint8, n_bytes)

    def stream(self) -> Stream:
        with self.failures():
            return _CupyStream(self)

    @contextmanager
    def failures(self, no_memory: Callable[[], UnfitError] | None = None) -> Iterator[None]:
        """Work on this card. What CuPy raises becomes an error of ours: that of the card, or ``no_memory``."""
        cuda = self.cupy.cuda
        try:
            with cuda.Device(self.number):
                yield
        except (cuda.runtime.CUDARuntimeError, cuda.driver.CUDADriverError) as error:
            if no_memory and error.status == OUT_OF_MEMORY:
                raise no_memory() from error
            raise failed(error) from error
        except cuda.compiler.CompileException as error:
            raise failed(error) from error


def failed(error: Exception) -> UnfitError:
    """EN403, with what CuPy said."""
    return UnfitError(Diagnostic("EN403", f"the card failed: {error}", remedy="use --backend cpu, and report this"))


class _CupyMemory:
    """Memory outside CuPy's pool, so that what is free is what the card says."""

    def __init__(self, memory: Any, n_bytes: int) -> None:
        self.memory, self.address, self.n_bytes = memory, int(memory.ptr), n_bytes


class _CupyStream:
    """A stream that does not wait for the default one."""

    def __init__(self, device: CupyDevice) -> None:
        self.device, self.runtime = device, device.runtime
        self.stream = device.cupy.cuda.Stream(non_blocking=True)

    def upload(self, values: npt.NDArray[Any], to: int) -> None:
        self._copy(to, values.ctypes.data, values.nbytes, self.runtime.memcpyHostToDevice)

    def download(self, source: int, into: npt.NDArray[Any]) -> None:
        self._copy(into.ctypes.data, source, into.nbytes, self.runtime.memcpyDeviceToHost)

    def _copy(self, to: int, source: int, n_bytes: int, kind: int) -> None:
        if n_bytes:
            with self.device.failures():
                self.runtime.memcpyAsync(to, source, n_bytes, kind, self.stream.ptr)

    def clear(self, at: int, n_bytes: int) -> None:
        if n_bytes:
            with self.device.failures():
                self.runtime.memsetAsync(at, 0, n_bytes, self.stream.ptr)

    def launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int = 0) -> None:
        with self.device.failures(), self.stream:  # the stream is the current one of this thread meanwhile
            self.device.functions[kernel]((*grid, 1), (THREADS, 1, 1), tuple(arguments), shared_mem=shared)

    def synchronize(self) -> None:
        with self.device.failures():
            self.stream.synchronize()
