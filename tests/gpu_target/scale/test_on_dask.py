"""Dask: the same result for any number of splits and workers, also where workers are killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from gpu_target import scale
from gpu_target.inputs import open_data
from gpu_target.inputs.maps import parse_map
from gpu_target.language.diagnostics import DataError, Source, UnfitError, UsageError
from gpu_target.plan.plan import Plan
from tests.gpu_target.scale.parts import ALL, everything, plan_of, refused, table_of, whole

pytestmark = pytest.mark.xdist_group("dask")  # one process has the cluster
ROWS, GROUP, FILES = 84_000, 3_000, 4
TABLE = table_of(ROWS)
OPTIONS: dict[str, Any] = {"outputs": ALL, "seed": 7}


def cluster_of(workers: int, **options: Any) -> LocalCluster:
    """Processes on the loopback device, without a dashboard."""
    chosen = {"processes": True, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": ":0", **options}
    return LocalCluster(n_workers=workers, **chosen)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with cluster_of(2) as cluster, Client(cluster, set_as_default=False) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for number in range(FILES):
        part = TABLE.slice(number * ROWS // FILES, ROWS // FILES)
        pq.write_table(part, folder / f"part-{number:05d}.parquet", row_group_size=GROUP)
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return plan_of()


@pytest.fixture(scope="module")
def expected(plan: Plan) -> tuple[Any, ...]:
    return everything(whole(TABLE, plan))


# -- the same result --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("splits", [1, 2, 7])
def test_the_number_of_splits_does_not_matter(
    splits: int, client: Client, folder: Path, plan: Plan, expected: tuple[Any, ...]
) -> None:
    done: list[int] = []
    result = scale.evaluate_dask(plan, folder, client, splits=splits, progress=done.append, **OPTIONS)
    assert everything(result) == expected
    assert len(done) == splits
    assert done == sorted(done)
    assert done[-1] == ROWS


def test_every_thread_of_the_workers_has_a_split(client: Client, folder: Path, plan: Plan) -> None:
    done: list[int] = []
    result = scale.evaluate_dask(plan, open_data(folder), client, progress=done.append, outputs="counts")
    assert len(done) == 2
    assert result.counts.equals(whole(TABLE, plan).counts)
    assert (result.backend, result.threads) == ("cpu", 1)


def test_a_worker_may_have_several_threads(folder: Path, plan: Plan, expected: tuple[Any, ...]) -> None:
    with cluster_of(1, threads_per_worker=3) as cluster, Client(cluster):
        assert everything(scale.evaluate_dask(plan, folder, splits=7, **OPTIONS)) == expected  # Dask's current client
        assert everything(scale.evaluate_dask(plan, folder, splits=7, threads=2, **OPTIONS)) == expected


def test_no_rows_are_a_result_without_any(client: Client, tmp_path: Path, plan: Plan) -> None:
    pq.write_table(table_of(0).cast(TABLE.schema), tmp_path / "none.parquet")
    result = scale.evaluate_dask(plan, tmp_path / "none.parquet", client, splits=7, **OPTIONS)
    assert everything(result) == everything(whole(table_of(0), plan))


def test_nothing_stays_on_the_cluster(client: Client, folder: Path, plan: Plan) -> None:
    scale.evaluate_dask(plan, folder, client, splits=7, **OPTIONS)
    assert_nothing_stays(client)


def assert_nothing_stays(client: Client) -> None:
    deadline = time.monotonic() + 20
    while client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)):
        assert time.monotonic() < deadline, "the scheduler still has tasks"
        time.sleep(0.05)


# -- workers that are killed ------------------------------------------------------------------------------------------


class Killer:
    """Kills workers that have work, with SIGKILL, once the first split is done."""

    def __init__(self, client: Client, all_of_them: bool) -> None:
        self.client, self.all_of_them = client, all_of_them
        self.pids: dict[str, int] = client.run(os.getpid)
        self.killed: list[int] = []
        self.done: list[int] = []

    def __call__(self, rows: int) -> None:
        self.done.append(rows)
        if self.killed:
            return
        busy = [address for address, tasks in self.client.processing().items() if tasks]
        assert busy, "no worker has work that could be lost"
        for address in list(self.pids) if self.all_of_them else busy[:1]:
            self.killed.append(self.pids[address])
            os.kill(self.pids[address], signal.SIGKILL)


@pytest.mark.parametrize("all_of_them", [False, True], ids=["one worker", "all workers"])
def test_workers_that_are_killed_cost_time_and_not_rows(
    all_of_them: bool, client: Client, folder: Path, plan: Plan, expected: tuple[Any, ...]
) -> None:
    killer = Killer(client, all_of_them)
    # the interpreter is slow enough that work is under way when the first split is done
    result = scale.evaluate_dask(plan, folder, client, splits=14, backend="interpreter", progress=killer, **OPTIONS)
    assert len(killer.killed) == (2 if all_of_them else 1)
    assert killer.done[0] < ROWS == killer.done[-1]
    assert everything(result) == expected
    client.wait_for_workers(2, timeout=60)
    assert not set(killer.killed) & set(client.run(os.getpid).values())


def test_a_cluster_that_gives_up_is_told(folder: Path, plan: Plan) -> None:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        cluster_of(1) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        killer = Killer(client, all_of_them=True)
        found = refused(
            lambda: scale.evaluate_dask(plan, folder, client, splits=14, backend="interpreter", progress=killer),
            "EN421",
            UnfitError,
        )
    assert killer.killed
    assert found.message.startswith("the cluster gave up: ")
    assert re.fullmatch(r"rows [\d,]+ to [\d,]+", found.place)


@pytest.mark.parametrize("what", ["cluster", "client"])
def test_a_cluster_that_is_closed_meanwhile_is_told(what: str, folder: Path, plan: Plan) -> None:
    with cluster_of(1) as cluster, Client(cluster, set_as_default=False) as client:
        closing = {"cluster": cluster, "client": client}[what]
        message = refused(
            lambda: scale.evaluate_dask(
                plan, folder, client, splits=14, backend="interpreter", progress=lambda _: closing.close()
            ),
            "EN421",
            UnfitError,
        ).message
    assert message.startswith("the cluster gave up: ")


def test_after_an_error_nothing_stays_on_the_cluster(client: Client, folder: Path, plan: Plan) -> None:
    def stop(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scale.evaluate_dask(plan, folder, client, splits=14, backend="interpreter", progress=stop)
    assert_nothing_stays(client)


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_error_of_a_worker_comes_back_as_itself(client: Client, tmp_path: Path, plan: Plan) -> None:
    ids = TABLE["id"].to_pylist()
    ids[70_000] = None
    pq.write_table(TABLE.set_column(0, "id", pa.array(ids)), tmp_path / "a.parquet", row_group_size=GROUP)
    message = refused(
        lambda: scale.evaluate_dask(plan, tmp_path / "a.parquet", client, splits=7, **OPTIONS), "DT153", DataError
    ).message
    assert message == "row 70,001 has no value in the key column `id`".replace(",", "")


def test_a_bad_cell_that_a_worker_meets_is_told_with_its_file_and_row(
    client: Client, tmp_path: Path, plan: Plan
) -> None:
    values = [str(value) for value in TABLE["value"].to_pylist()]
    values[ROWS - 1] = "many"
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE.set_column(2, "value", pa.array(values)), path, row_group_size=GROUP)
    data = open_data(path, map=parse_map(Source("map.yaml", "columns: {value: {type: number}}")))
    found = refused(lambda: scale.evaluate_dask(plan, data, client, splits=7), "DT112", DataError)
    assert found.message == "1 cell of column `value` cannot be read as number"
    assert found.place == f"{path}, row 84,000"


def test_a_file_that_workers_cannot_find_is_told_with_its_path(client: Client, tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table_of(90), path)
    data = open_data(path)
    path.unlink()
    place = refused(lambda: scale.evaluate_dask(plan, data, client), "DT118", DataError).place
    assert place == str(path)


def test_columns_that_the_data_lack_are_told_before_anything_is_sent(tmp_path: Path, plan: Plan) -> None:
    pq.write_table(table_of(90).drop_columns(["value"]), tmp_path / "a.parquet")
    nobody: Any = object()  # is not asked for anything
    message = refused(lambda: scale.evaluate_dask(plan, tmp_path, nobody), "DT151", DataError).message
    assert message == "the data has no column `value`"
    message = refused(lambda: scale.evaluate_dask(plan, tmp_path, nobody, seed=-1), "US012", UsageError).message
    assert message == "-1 is outside the range of seeds"
    message = refused(lambda: scale.evaluate_dask(plan, tmp_path, nobody, backend="gpu"), "US018", UsageError).message
    assert message == "there is no backend 'gpu'"


@pytest.mark.parametrize("splits", [0, -1, 1.5, True])
def test_a_number_of_splits_that_makes_no_sense_is_refused(
    splits: Any, client: Client, folder: Path, plan: Plan
) -> None:
    message = refused(lambda: scale.evaluate_dask(plan, folder, client, splits=splits), "US044", UsageError).message
    assert message == f"data cannot be cut into {splits!r} splits"


def test_numbers_of_numpy_are_numbers(client: Client, folder: Path, plan: Plan) -> None:
    done: list[int] = []
    scale.evaluate_dask(plan, folder, client, splits=np.int64(2), threads=np.int32(1), progress=done.append)  # type: ignore[arg-type]
    assert done[-1] == ROWS


def test_without_a_cluster_it_is_said_how_to_get_one(folder: Path, plan: Plan) -> None:
    message = refused(lambda: scale.evaluate_dask(plan, folder), "US043", UsageError).message
    assert message == "there is no Dask cluster to evaluate on"


def test_without_dask_it_is_said_how_to_get_it(folder: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnfitError, match=r"pip install 'gpu-target\[scale\]'") as error:
        scale.evaluate_dask(plan, folder)
    assert error.value.diagnostics[0].code == "EN420"
    assert error.value.exit_code == 4
