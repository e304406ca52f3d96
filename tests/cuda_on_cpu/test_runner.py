"""The whole runner, on the processor in place of a card: streams, memory, batches, threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.backends.base import Wanted
from gpu_target.backends.cuda import backend as module
from gpu_target.backends.cuda.backend import STREAMS, CudaBackend, CudaRunner
from gpu_target.backends.cuda.evaluation import (
    FEWEST_ROWS,
    MOST_ROWS,
    STEP_ROWS,
    Slot,
    Window,
    rows_of_a_block,
    windows,
)
from gpu_target.columns.values import Batch
from gpu_target.engine import joins_of
from gpu_target.language.diagnostics import UnfitError
from gpu_target.plan.plan import Plan
from tests.cuda_on_cpu.host import ORDERS, HostDevice, standing_in
from tests.gpu_target.building import rule, ruleset
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import KEY, Case, case

EVERYTHING = ("counts", "lanes", "matches")


def evaluated(drawn: gpu_target.RuleSet, table: pa.Table, **options: object) -> gpu_target.Result:
    plan = gpu_target.compile(drawn, table.schema)
    return plan.evaluate(table, outputs=EVERYTHING, as_of=AS_OF, seed=5, **options)


def same(one: gpu_target.Result, other: gpu_target.Result) -> bool:
    return (
        one.counts.equals(other.counts) and one.lanes().equals(other.lanes()) and one.matches().equals(other.matches())
    )


@pytest.fixture(scope="module")
def drawn() -> Case:
    return case("runner", 300, n_columns=24)


@pytest.fixture(scope="module")
def table(drawn: Case) -> pa.Table:
    table = drawn.source.random_table(9, 3_000)
    keys = np.random.default_rng(1).integers(0, 700, 3_000)
    return table.set_column(table.schema.get_field_index(KEY), KEY, pa.array(keys))


@pytest.fixture(scope="module")
def expected(drawn: Case, table: pa.Table) -> gpu_target.Result:
    return evaluated(drawn.ruleset, table, backend="cpu")


@pytest.mark.parametrize("order", ORDERS)
def test_all_that_the_cpu_finds_is_found(
    order: int, drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path
) -> None:
    with standing_in(CudaBackend(HostDevice(library, order))):
        assert same(evaluated(drawn.ruleset, table, backend="cuda"), expected)


def test_a_result_names_the_device(drawn: Case, table: pa.Table, library: Path) -> None:
    with standing_in(CudaBackend(HostDevice(library))):
        found = evaluated(drawn.ruleset, table.slice(0, 10), backend="cuda")
    assert (found.backend, found.device) == ("cuda", HostDevice.name)


@pytest.fixture(scope="module")
def of_the_plan(drawn: Case, table: pa.Table, library: Path) -> int:
    """Bytes that the plan takes, before any batch."""
    device = HostDevice(library)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    runner = CudaBackend(device).prepare(plan, Wanted(True, True, 0))
    assert runner.resident.memory
    return device.taken


@pytest.mark.parametrize("more", [1_000_000, 600_000])
def test_little_memory_makes_parts_smaller(
    more: int, of_the_plan: int, drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path
) -> None:
    free = of_the_plan + more
    device = HostDevice(library, free=free)
    with standing_in(CudaBackend(device)):
        assert same(evaluated(drawn.ruleset, table, backend="cuda", threads=1), expected)
    assert device.launched.count("count_rows") > 1
    assert device.most_taken <= free


def test_a_batch_longer_than_class_ids_can_be_apart_is_cut(
    drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 1_000)
    device = HostDevice(library)
    with standing_in(CudaBackend(device)):
        assert same(evaluated(drawn.ruleset, table, backend="cuda", threads=1), expected)
    assert device.launched.count("count_rows") == 4


@pytest.mark.parametrize("outputs", [EVERYTHING, ("counts", "lanes"), ("counts", "matches")])
def test_matches_that_do_not_fit_at_once_come_in_windows(
    outputs: tuple[str, ...], drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "HIT_BYTES", 2**22)  # as if a match took so much memory: a few hundred fit
    device = HostDevice(library)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    with standing_in(CudaBackend(device)):
        found = plan.evaluate(table, backend="cuda", outputs=outputs, as_of=AS_OF, seed=5, threads=1)
    assert found.counts.equals(expected.counts)
    assert found.lane_table is None or found.lane_table.equals(expected.lanes())
    assert found.pieces is None or found.matches().equals(expected.matches())
    assert device.launched.count("write_rows") > device.launched.count("count_rows")


def test_a_slot_gives_up_what_other_batches_needed(library: Path) -> None:
    device = HostDevice(library)
    slot = Slot(device)
    first = slot.fit({"a": 600, "b": 100}, 1_000)
    assert slot.fit({"a": 500, "b": 90}, 1_000) == first  # what is there is enough
    slot.fit({"a": 100, "b": 700}, 1_000)
    assert device.taken == 800  # 600 of before and 700 would be more than the limit
    assert device.most_taken == 800


@pytest.mark.parametrize("outputs", [("counts",), EVERYTHING])
@pytest.mark.parametrize("more", [-1_000, 5_000])  # not enough for the plan, and not for a single row beside it
def test_too_little_memory_is_said(
    more: int, outputs: tuple[str, ...], of_the_plan: int, drawn: Case, table: pa.Table, library: Path
) -> None:
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    free = of_the_plan + more - (50_000 if outputs == ("counts",) else 0)  # of which counts need no policy
    with standing_in(CudaBackend(HostDevice(library, free=free))), pytest.raises(UnfitError) as error:
        plan.evaluate(table, backend="cuda", outputs=outputs, as_of=AS_OF)
    (found,) = error.value.diagnostics
    assert found.code == "EN402"
    assert "MiB are needed" in found.message
    assert error.value.exit_code == 4


class Crowded(CudaBackend):
    """Others take all but ``left`` bytes once the plan is on the device."""

    def __init__(self, device: HostDevice, left: int) -> None:
        super().__init__(device)
        self.others, self.left = device, left

    def prepare(self, plan: Plan, wanted: Wanted) -> CudaRunner:
        runner = super().prepare(plan, wanted)
        self.others.free = self.others.taken + self.left
        return runner


@pytest.mark.parametrize("left", [300_000, 100_000])
@pytest.mark.parametrize("threads", [1, 3])
def test_memory_that_others_take_meanwhile_makes_parts_smaller(
    threads: int, left: int, drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path
) -> None:
    device = HostDevice(library)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    with standing_in(Crowded(device, threads * left)):
        found = plan.evaluate(table, backend="cuda", outputs=EVERYTHING, as_of=AS_OF, seed=5, threads=threads)
    assert same(found, expected)
    assert device.launched.count("write_rows") > 1


def test_threads_share_the_streams(drawn: Case, table: pa.Table, expected: gpu_target.Result, library: Path) -> None:
    batches = [pa.Table.from_batches([each]) for each in table.to_batches(max_chunksize=250)]
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    runner = CudaBackend(HostDevice(library)).prepare(plan, Wanted(False, True, 0))
    busy: set[int] = set()

    def run(part: pa.Table) -> int:
        columns = dict(zip(part.column_names, (each.chunk(0) for each in part.columns), strict=True))
        found = runner.run(Batch(columns, part.num_rows, joins_of(plan), 19_782), None)
        busy.add(threading.get_ident())
        assert found.match_rule is not None
        return len(found.match_rule)

    with ThreadPoolExecutor(2 * STREAMS) as pool:
        assert sum(pool.map(run, batches)) == expected.matches().num_rows
    assert runner.slots.qsize() == STREAMS


def test_a_failure_gives_the_stream_back(drawn: Case, table: pa.Table, library: Path) -> None:
    device = HostDevice(library)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    runner = CudaBackend(device).prepare(plan, Wanted(False, False, 0))
    device.free = 0  # others have taken it meanwhile
    columns = dict(zip(table.column_names, (each.combine_chunks() for each in table.columns), strict=True))
    batch = Batch(columns, table.num_rows, joins_of(plan), 19_782)
    for _ in range(STREAMS + 1):  # one more than there are streams: a lost one would be waited for forever
        with pytest.raises(UnfitError):
            runner.run(batch, None)


def test_rules_that_match_everything_on_more_rows_than_a_scan_adds_up(library: Path) -> None:
    always = [rule(f"R{k}", "x >= 0", weight=k, rate=Fraction(k, 3)) for k in range(150)]
    table = pa.table({"key": pa.array(np.arange(2_500) // 3), "x": pa.array(np.arange(2_500), pa.int32())})
    rules = ruleset(*always, key=("key",))
    expected = evaluated(rules, table, backend="cpu")
    with standing_in(CudaBackend(HostDevice(library, 2))):
        assert same(evaluated(rules, table, backend="cuda"), expected)
    assert expected.matches().num_rows == 150 * 2_500


@pytest.mark.parametrize(
    ("per_row", "most", "expected"),
    [
        ([0], 1, [(0, 1, 0, 0)]),
        ([2, 2, 2], 6, [(0, 3, 0, 6)]),
        ([2, 2, 2], 5, [(0, 2, 0, 4), (2, 3, 4, 6)]),
        ([5, 0, 0, 5, 0], 5, [(0, 3, 0, 5), (3, 5, 5, 10)]),
        ([0, 0, 3, 3], 3, [(0, 3, 0, 3), (3, 4, 3, 6)]),
    ],
)
def test_windows_hold_all_rows_and_no_more_matches_than_fit(
    per_row: list[int], most: int, expected: list[tuple[int, ...]]
) -> None:
    assert windows(np.array(per_row, np.uint32), most) == [Window(*each) for each in expected]


def test_blocks_have_rows_enough_and_not_too_many() -> None:
    found = [rows_of_a_block(rows, tiles) for rows in (1, 10**5, 10**7) for tiles in (1, 16, 400)]
    assert min(found) == FEWEST_ROWS
    assert max(found) == MOST_ROWS
    assert all(each % STEP_ROWS == 0 for each in found)
