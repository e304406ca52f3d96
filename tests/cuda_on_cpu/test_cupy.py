"""The device that speaks to CuPy, with a CuPy that runs the kernels on the processor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.backends.cuda.backend import CudaBackend
from gpu_target.backends.cuda.device import CupyDevice
from gpu_target.language.diagnostics import UnfitError
from tests.cuda_on_cpu.fake_cupy import CUDARuntimeError, fake_cupy
from tests.cuda_on_cpu.host import HostDevice, standing_in
from tests.gpu_target.building import ruleset

TABLE = pa.table(
    {"key": pa.array(np.arange(900) // 2), "x": pa.array(np.arange(900) % 37), "s": ["a", "b", None] * 300}
)
RULES = ruleset("x > 30", "x = 5 AND s = 'a'", "s IS NULL OR x < 2", key=("key",))
OUTPUTS = ("counts", "lanes", "matches")


@pytest.fixture
def cupy(library: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    module = fake_cupy(HostDevice(library))
    monkeypatch.setitem(sys.modules, "cupy", module)
    return module


@pytest.mark.usefixtures("cupy")
def test_a_run_through_cupy_finds_what_the_cpu_finds() -> None:
    plan = gpu_target.compile(RULES, TABLE.schema)
    expected = plan.evaluate(TABLE, outputs=OUTPUTS)
    with standing_in(CudaBackend()):
        found = plan.evaluate(TABLE, backend="cuda", outputs=OUTPUTS)
    assert found.counts.equals(expected.counts)
    assert found.lanes().equals(expected.lanes())
    assert found.matches().equals(expected.matches())
    assert (found.backend, found.device) == ("cuda", "card 0")


@pytest.mark.parametrize("card", [0, 1])
def test_the_card_of_the_caller_is_that_of_all_threads(card: int, cupy: Any) -> None:
    plan = gpu_target.compile(RULES, TABLE.schema)
    expected = plan.evaluate(TABLE, outputs=OUTPUTS)
    with cupy.cuda.Device(card):
        backend = CudaBackend()
    with standing_in(backend):
        found = plan.evaluate(pa.Table.from_batches(TABLE.to_batches(300)), backend="cuda", outputs=OUTPUTS, threads=3)
    assert found.matches().equals(expected.matches())
    assert found.device == f"card {card}"
    asked = {"Memory", "Stream", "get_function", "launch", "memGetInfo", "memcpyAsync", "memsetAsync", "pinned"}
    assert cupy.asked == {(name, card) for name in {*asked, "synchronize"}}
    assert cupy.cuda.runtime.getDevice() == 0  # as the caller had it


@pytest.mark.usefixtures("cupy")
@pytest.mark.parametrize("rules", [(), ("1 = 1",)])
def test_rules_that_read_no_column_need_nothing_of_the_data(rules: tuple[str, ...]) -> None:
    plan = gpu_target.compile(ruleset(*rules, key=("key",)), TABLE.schema)
    with standing_in(CudaBackend()):
        found = plan.evaluate(TABLE, backend="cuda", outputs=OUTPUTS)
    assert found.counts.tolist() == [900] * len(rules)
    assert found.matches().num_rows == 900 * len(rules)


@pytest.mark.parametrize("function", ["launch", "memcpyAsync", "memsetAsync", "synchronize"])
def test_a_failure_of_the_card_ends_the_run_with_its_reason(function: str, cupy: Any) -> None:
    plan = gpu_target.compile(RULES, TABLE.schema)
    with standing_in(CudaBackend()):
        cupy.fail[function] = CUDARuntimeError(700, "cudaErrorIllegalAddress: an illegal memory access")
        with pytest.raises(UnfitError) as error:
            plan.evaluate(TABLE, backend="cuda", outputs=OUTPUTS)
    (found,) = error.value.diagnostics
    assert (found.code, error.value.exit_code) == ("EN403", 4)
    assert "illegal memory access" in found.message


@pytest.mark.parametrize(
    ("error", "code"), [(CUDARuntimeError(2, "out of memory"), "EN402"), (CUDARuntimeError(700), "EN403")]
)
def test_memory_that_is_not_given_is_told_from_a_failure(error: Exception, code: str, cupy: Any) -> None:
    device = CupyDevice()
    cupy.fail["Memory"] = error
    with pytest.raises(UnfitError) as raised:
        device.allocate(100)
    assert raised.value.diagnostics[0].code == code


def test_memory_of_the_machine_is_told_from_that_of_the_card(cupy: Any) -> None:
    device = CupyDevice()
    cupy.fail["pinned"] = CUDARuntimeError(2, "cudaErrorMemoryAllocation: out of memory")
    with pytest.raises(UnfitError) as raised:
        device.staging(3 << 20)
    (found,) = raised.value.diagnostics
    assert (found.code, raised.value.exit_code) == ("EN404", 4)
    assert found.message == "the machine has no 3.0 MiB left that the card can copy from, for one of the threads"
    assert "--threads" in found.remedy


def test_little_memory_of_the_machine_makes_parts_smaller(cupy: Any) -> None:
    plan = gpu_target.compile(RULES, TABLE.schema)
    expected = plan.evaluate(TABLE, outputs=OUTPUTS)
    taken: list[int] = []
    pinned = cupy.cuda.alloc_pinned_memory

    def least(n_bytes: int) -> bytearray:
        if n_bytes > 2_000:
            raise CUDARuntimeError(2, "cudaErrorMemoryAllocation: out of memory")
        taken.append(n_bytes)
        found: bytearray = pinned(n_bytes)
        return found

    cupy.cuda.alloc_pinned_memory = least
    with standing_in(CudaBackend()):
        found = plan.evaluate(TABLE, backend="cuda", outputs=OUTPUTS)
    assert taken
    assert found.matches().equals(expected.matches())
    assert found.lanes().equals(expected.lanes())


def test_kernels_that_do_not_compile_are_a_failure(cupy: Any) -> None:
    cupy.fail["get_function"] = cupy.cuda.compiler.CompileException("line 7: error")
    with pytest.raises(UnfitError) as raised:
        CupyDevice()
    (found,) = raised.value.diagnostics
    assert found.code == "EN403"
    assert "line 7" in found.message
