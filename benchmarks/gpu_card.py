"""The card by itself: the clock of CUDA events, copies at full speed, what the driver says. Most of it needs a card."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

from benchmarks.gpu_replay import measure
from gpu_target.backends.cuda.device import CupyDevice, source

FLUSH_BYTES = 256 << 20  # more than twice the second-level cache of any card known in 2026
FLUSHES = 16  # 1 to 2 ms on an H200: some thirty launches take the host 0.3 ms, and one flush is over before that
COPY_BYTES = 1 << 30
ASKED = (
    "name", "driver_version", "memory.total", "clocks.sm", "clocks.mem", "clocks.max.sm", "power.draw",
    "temperature.gpu", "clocks_throttle_reasons.active", "pcie.link.gen.current", "pcie.link.width.current",
)  # fmt: skip


class EventClock:
    """CUDA events around the work, on its own stream.

    ``early`` counts the runs whose start the card reached before all of the work had been asked for: it may have waited
    for the host in between. Work with a copy to ordinary memory, for which the host waits, is always among them.
    """

    def __init__(self, stream: Any) -> None:
        import cupy

        self.stream, self.cupy = stream, cupy
        self.early = 0

    def seconds(self, before: Callable[[], None], work: Callable[[], None]) -> float:
        start, end = self.cupy.cuda.Event(), self.cupy.cuda.Event()
        before()
        start.record(self.stream)
        work()
        self.early += bool(start.done)
        end.record(self.stream)
        end.synchronize()
        return float(self.cupy.cuda.get_elapsed_time(start, end)) / 1e3


class Flush:
    """Overwrites more than the second-level cache holds, so that what is measured next finds nothing there.

    It does so FLUSHES times, which keeps the card busy until the host has asked for what is measured.
    """

    def __init__(self, stream: Any) -> None:
        import cupy

        self.stream, self.runtime = stream, cupy.cuda.runtime
        self.memory = cupy.cuda.Memory(FLUSH_BYTES)

    def __call__(self) -> None:
        for _ in range(FLUSHES):
            self.runtime.memsetAsync(self.memory.ptr, 0, FLUSH_BYTES, self.stream.ptr)


def ceilings() -> dict[str, Any]:
    """GB/s of copies: on the device (read and write counted), from and to the host, pinned and pageable."""
    import cupy
    import numpy as np

    runtime, stream = cupy.cuda.runtime, cupy.cuda.Stream(non_blocking=True)
    clock = EventClock(stream)
    here, there = cupy.cuda.Memory(COPY_BYTES), cupy.cuda.Memory(COPY_BYTES)
    pinned = cupy.cuda.alloc_pinned_memory(COPY_BYTES)
    pageable = np.ones(COPY_BYTES, np.uint8)
    kinds = {
        "device copy": (there.ptr, here.ptr, runtime.memcpyDeviceToDevice, 2),
        "host to device, pinned": (here.ptr, pinned.ptr, runtime.memcpyHostToDevice, 1),
        "device to host, pinned": (pinned.ptr, here.ptr, runtime.memcpyDeviceToHost, 1),
        "host to device, pageable": (here.ptr, pageable.ctypes.data, runtime.memcpyHostToDevice, 1),
        "device to host, pageable": (pageable.ctypes.data, here.ptr, runtime.memcpyDeviceToHost, 1),
    }
    found: dict[str, Any] = {}
    for name, (to, from_, kind, times) in kinds.items():

        def copy(to: int = to, from_: int = from_, kind: int = kind) -> None:
            runtime.memcpyAsync(to, from_, COPY_BYTES, kind, stream.ptr)

        figures = measure(clock, lambda: None, copy)
        found[name] = {**figures, "gigabytes_per_second": times * COPY_BYTES / figures["median_ms"] / 1e6}
    return found


def kernel_resources(device: CupyDevice) -> dict[str, dict[str, int]]:
    """What the compiler of this machine gave each kernel: registers, local bytes, static shared bytes."""
    return {
        name: {
            "registers": int(function.num_regs),
            "local_bytes": int(function.local_size_bytes),
            "shared_bytes": int(function.shared_size_bytes),
        }
        for name, function in device.functions.items()
    }


def properties() -> dict[str, Any]:
    """What CUDA says of the current device, as far as it is numbers or text."""
    import cupy

    runtime = cupy.cuda.runtime
    found = runtime.getDeviceProperties(runtime.getDevice())
    plain = {name: value.decode(errors="replace") if name == "name" else value for name, value in found.items()}
    return {name: value for name, value in sorted(plain.items()) if isinstance(value, int | str)}


def card_now() -> dict[str, str]:
    """Clocks, power and the rest at this moment; empty where nvidia-smi does not answer."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return {}
    query = [tool, f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader", "--id=0"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    lines = asked.stdout.strip().splitlines()
    return dict(zip(ASKED, (cell.strip() for cell in lines[0].split(",")), strict=False)) if lines else {}


def kernel_hash() -> str:
    """SHA-256 of the kernels' source."""
    return hashlib.sha256(source().encode()).hexdigest()
