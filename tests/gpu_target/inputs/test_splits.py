"""Data in splits: every row in exactly one of them, in order, whatever the files and their row groups."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.inputs import Split, open_data, split
from gpu_target.inputs.maps import parse_map
from gpu_target.language.diagnostics import DataError, Source

GROUP = 100


def write(folder: Path, sizes: list[int], group: int = GROUP) -> Path:
    """Part files of so many rows each, numbered through."""
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for number, size in enumerate(sizes):
        table = pa.table({"n": np.arange(done, done + size), "office": pa.array(["309"] * size, pa.string())})
        pq.write_table(table, folder / f"part-{number:05d}.parquet", row_group_size=group)
        done += size
    return folder


def rows_of(each: Split) -> list[int]:
    return each.data.reader(["n"]).read_all()["n"].to_pylist()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, ...], Path]:
    sizes = [(1000,), (950, 50, 430), (10, 10, 10, 10), (0, 250, 0), (1,)]
    return {each: write(tmp_path_factory.mktemp("data"), list(each)) for each in sizes}


@pytest.mark.parametrize("n", [1, 2, 3, 7, 1000])
def test_every_row_is_in_one_split_and_the_splits_are_in_order(folders: dict[tuple[int, ...], Path], n: int) -> None:
    for sizes, folder in folders.items():
        splits = split(open_data(folder), n)
        assert 1 <= len(splits) <= n
        assert [row for each in splits for row in rows_of(each)] == list(range(sum(sizes)))
        assert [each.first_row for each in splits] == [rows_of(each)[0] for each in splits]
        assert [each.data.rows for each in splits] == [len(rows_of(each)) for each in splits]


@given(sizes=st.lists(st.integers(1, 5_000), min_size=1, max_size=30), n=st.integers(1, 12))
def test_a_split_is_larger_than_its_share_by_less_than_one_row_group(sizes: list[int], n: int) -> None:
    from gpu_target.inputs.splits import _numbered, _Unit

    units = [_Unit(0, group, rows) for group, rows in enumerate(sizes)]
    found = np.zeros(n, np.int64)
    for number, unit in _numbered(units, n, sum(sizes)):
        found[number] += unit.rows
    assert found.sum() == sum(sizes)
    assert found.max() <= sum(sizes) / n + max(sizes)


def test_small_files_go_together_and_large_ones_are_cut(folders: dict[tuple[int, ...], Path]) -> None:
    assert [len(rows_of(each)) for each in split(open_data(folders[10, 10, 10, 10]), 2)] == [20, 20]
    assert [len(rows_of(each)) for each in split(open_data(folders[1000,]), 2)] == [500, 500]
    assert [len(rows_of(each)) for each in split(open_data(folders[950, 50, 430]), 2)] == [700, 730]


def test_no_rows_are_one_split_without_any(tmp_path: Path) -> None:
    (only,) = split(open_data(write(tmp_path, [0, 0])), 7)
    assert (only.first_row, only.data.rows, rows_of(only)) == (0, 0, [])


def test_a_split_travels_to_a_process_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "year", [250])
    monkeypatch.chdir(tmp_path)
    packed = pickle.dumps(split(open_data("year"), 2))
    monkeypatch.chdir("/")
    assert [rows_of(each)[0] for each in pickle.loads(packed)] == [0, 100]


def test_a_bad_cell_is_told_by_its_row_in_the_file(tmp_path: Path) -> None:
    values = ["1"] * 300
    values[257] = "x"
    pq.write_table(pa.table({"n": values}), tmp_path / "a.parquet", row_group_size=GROUP)
    data = open_data(tmp_path / "a.parquet", map=parse_map(Source("m", "columns: {n: {type: integer}}")))
    _, _, last = split(data, 3)
    with pytest.raises(DataError, match=r"a\.parquet, row 258") as error:
        last.data.reader().read_all()
    assert error.value.diagnostics[0].code == "DT112"


def test_arrow_files_are_split_between_files(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        with ipc.new_file(tmp_path / f"{name}.arrow", pa.schema({"n": pa.int64()})) as sink:
            sink.write_table(pa.table({"n": [1, 2]}))
    assert [len(rows_of(each)) for each in split(open_data(tmp_path), 2)] == [2, 4]


@pytest.mark.parametrize("name", ["data.csv", "data.arrow"])
def test_files_that_do_not_say_their_rows_cannot_be_split(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "data.csv":
        path.write_text("n\n1\n")
    else:
        with ipc.new_stream(path, pa.schema({"n": pa.int64()})) as sink:
            sink.write_table(pa.table({"n": [1]}))
    with pytest.raises(DataError) as error:
        split(open_data(path), 2)
    (found,) = error.value.diagnostics
    assert (found.code, found.place) == ("DT120", str(path))
    assert found.remedy == "write the data as Parquet, or evaluate it in one process"


def test_a_file_that_is_written_anew_meanwhile_is_told(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, [300]))
    splits = split(data, 3)
    write(tmp_path, [301])
    for each in splits:
        with pytest.raises(DataError, match="written anew") as error:
            rows_of(each)
        assert error.value.diagnostics[0].code == "DT105"
