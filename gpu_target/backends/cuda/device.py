"""What the runner needs of a card, and a card through CuPy. CuPy is imported when a card is asked for, not before."""

from __future__ import annotations

from collections.abc import Sequence
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
        """Raises UnfitError (EN402) where there is not so much."""

    def staging(self, n_bytes: int) -> Bytes:
        """uint8[n_bytes] of host memory that copies fast and while the card computes."""

    def stream(self) -> Stream: ...


def source() -> str:
    """The CUDA C++ of the kernels."""
    return resources.files(__package__).joinpath("kernels.cu").read_text(encoding="utf-8")


def too_little(n_bytes: int, free: int) -> UnfitError:
    """EN402, with both figures."""
    message = f"the card has {free / 2**20:,.0f} MiB free, and {n_bytes / 2**20:,.0f} MiB are needed"
    return UnfitError(Diagnostic("EN402", message, remedy="free memory on the card, or use --backend cpu"))


class CupyDevice:
    """The current CUDA device."""

    def __init__(self) -> None:
        import cupy

        self.cupy = cupy
        module = cupy.RawModule(code=source(), options=OPTIONS)
        self.functions = {name: module.get_function(name) for name in KERNELS}

    @property
    def name(self) -> str:
        runtime = self.cupy.cuda.runtime
        return str(runtime.getDeviceProperties(runtime.getDevice())["name"].decode())

    def free_bytes(self) -> int:
        return int(self.cupy.cuda.runtime.memGetInfo()[0])

    def allocate(self, n_bytes: int) -> Memory:
        return _CupyMemory(self, n_bytes)

    def staging(self, n_bytes: int) -> Bytes:
        return np.frombuffer(self.cupy.cuda.alloc_pinned_memory(n_bytes), np.uint8, n_bytes)

    def stream(self) -> Stream:
        return _CupyStream(self)


class _CupyMemory:
    """Memory outside CuPy's pool, so that what is free is what the card says."""

    def __init__(self, device: CupyDevice, n_bytes: int) -> None:
        cuda = device.cupy.cuda
        try:
            self.memory = cuda.Memory(n_bytes)
        except (cuda.memory.OutOfMemoryError, cuda.runtime.CUDARuntimeError) as error:
            raise too_little(n_bytes, device.free_bytes()) from error
        self.address, self.n_bytes = int(self.memory.ptr), n_bytes


class _CupyStream:
    """A stream that does not wait for the default one."""

    def __init__(self, device: CupyDevice) -> None:
        self.device, self.runtime = device, device.cupy.cuda.runtime
        self.stream = device.cupy.cuda.Stream(non_blocking=True)

    def upload(self, values: npt.NDArray[Any], to: int) -> None:
        self._copy(to, values.ctypes.data, values.nbytes, self.runtime.memcpyHostToDevice)

    def download(self, source: int, into: npt.NDArray[Any]) -> None:
        self._copy(into.ctypes.data, source, into.nbytes, self.runtime.memcpyDeviceToHost)

    def _copy(self, to: int, source: int, n_bytes: int, kind: int) -> None:
        if n_bytes:
            self.runtime.memcpyAsync(to, source, n_bytes, kind, self.stream.ptr)

    def clear(self, at: int, n_bytes: int) -> None:
        if n_bytes:
            self.runtime.memsetAsync(at, 0, n_bytes, self.stream.ptr)

    def launch(self, kernel: str, grid: tuple[int, int], arguments: Sequence[np.generic], shared: int = 0) -> None:
        function = self.device.functions[kernel]
        function((*grid, 1), (THREADS, 1, 1), tuple(arguments), shared_mem=shared, stream=self.stream)

    def synchronize(self) -> None:
        cuda = self.device.cupy.cuda
        try:
            self.stream.synchronize()
        except (cuda.runtime.CUDARuntimeError, cuda.driver.CUDADriverError) as error:
            message = f"the card {self.device.name} failed: {error}"
            raise UnfitError(Diagnostic("EN403", message, remedy="use --backend cpu, and report this")) from error
