"""Rows found by a column: the same ones as a filter finds, whatever the files, and few of them read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from gpu_target.inputs import open_data
from gpu_target.inputs.finding import find_rows, pieces

TABLE = pa.table({
    "id": pa.array([5, 1, 5, None, 2, 2, 9, 5, 7, 5], pa.int64()),
    "name": pa.array(["a", "b", None, "d", "e", "f", "g", "h", "i", "a"]).dictionary_encode(),
    "seen": pa.array([k * 1.5 for k in range(10)]),
})  # fmt: skip


def written(folder: Path, form: str) -> Path:
    if form == "arrow":
        feather.write_feather(TABLE, folder / "t.arrow", compression="uncompressed", chunksize=4)
        return folder / "t.arrow"
    if form == "csv":
        pa.csv.write_csv(TABLE, folder / "t.csv")
        return folder / "t.csv"
    if form == "folder":
        for start in range(0, 10, 4):
            pq.write_table(TABLE.slice(start, 4), folder / f"part-{start}.parquet", row_group_size=2)
        return folder
    pq.write_table(TABLE, folder / "t.parquet", row_group_size=3, write_statistics=form == "parquet")
    return folder / "t.parquet"


@pytest.mark.parametrize("form", ["parquet", "no statistics", "folder", "arrow", "csv"])
@pytest.mark.parametrize("wanted", [5, 2, 9, 4, -1])
@pytest.mark.parametrize("hint", [True, False])
def test_rows_are_those_of_a_filter_with_their_numbers(tmp_path: Path, form: str, wanted: int, hint: bool) -> None:
    data = open_data(written(tmp_path, form), record=None)
    value = pa.scalar(str(wanted) if form == "csv" else wanted)
    number = wanted if hint and form != "csv" else None
    found = find_rows(data, "id", lambda column: pc.equal(column, value), ["seen", "id", "name"], number)
    expected = [row for row, each in enumerate(TABLE["id"].to_pylist()) if each == wanted]
    assert list(found.numbers) == expected
    assert found.table["name"].cast(pa.string()).to_pylist() == [TABLE["name"][row].as_py() for row in expected]
    assert [float(each) for each in found.table["seen"].to_pylist()] == [1.5 * row for row in expected]


def test_row_groups_that_cannot_hold_the_number_are_not_read(tmp_path: Path) -> None:
    ordered = TABLE.sort_by("id")
    pq.write_table(ordered, tmp_path / "t.parquet", row_group_size=3)
    data = open_data(tmp_path / "t.parquet")
    ((part, layout),) = data._files
    looked_at = [list(piece.chosen) for piece in pieces(part, layout, "id", 9)]  # type: ignore[attr-defined]
    assert looked_at == [[2]]
    assert [list(each.chosen) for each in pieces(part, layout, "id", None)] == [[0, 1, 2, 3]]  # type: ignore[attr-defined]


def test_progress_counts_the_rows_looked_at(tmp_path: Path) -> None:
    seen: list[int] = []
    data = open_data(written(tmp_path, "folder"))
    find_rows(data, "id", lambda column: pc.equal(column, pa.scalar(5)), [], None, seen.append)
    assert (seen == sorted(seen), seen[-1]) == (True, 10)
