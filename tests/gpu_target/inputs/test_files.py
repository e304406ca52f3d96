"""Parquet and Arrow files, folders of part files and generated folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

from gpu_target.inputs import open_data
from gpu_target.inputs.maps import parse_map
from gpu_target.language.diagnostics import DataError, Diagnostic, Source
from synthetic.write import PARTIAL

ROWS = 5_000
TABLE = pa.table({
    "id": np.arange(ROWS),
    "office": pa.array(np.array(["309", "300", "301"])[np.arange(ROWS) % 3], pa.large_string()),
    "importer": [f"IMP{n:06d}" for n in range(ROWS)],
    "codes": pa.array([["N380"], None, []] * (ROWS // 3) + [None] * (ROWS % 3)),
})  # fmt: skip


def write(path: Path, table: pa.Table = TABLE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=2_000)
    else:
        writer = ipc.new_stream if path.stem == "stream" else ipc.new_file
        with writer(path, table.schema) as sink:
            sink.write_table(table, max_chunksize=2_000)
    return path


def refusal(path: Path, map_text: str | None = None) -> Diagnostic:
    with pytest.raises(DataError) as caught:
        open_data(path, map=parse_map(Source("map.yaml", map_text)) if map_text else None).reader().read_all()
    assert len(caught.value.diagnostics) == 1, str(caught.value)
    return caught.value.diagnostics[0]


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow", "data.feather", "stream.arrow"])
def test_a_file_gives_back_its_rows(tmp_path: Path, name: str) -> None:
    data = open_data(write(tmp_path / name))
    table = data.reader().read_all()
    assert table.schema == data.schema
    assert table.to_pylist() == TABLE.to_pylist()
    assert data.rows == (None if name.startswith("stream") else ROWS)
    assert data.reader(["importer", "id"]).read_all().to_pylist() == TABLE.select(["importer", "id"]).to_pylist()
    assert sum(batch.num_rows for batch in data.reader([])) == ROWS


def test_text_that_parquet_stores_as_a_dictionary_is_read_as_one(tmp_path: Path) -> None:
    schema = open_data(write(tmp_path / "data.parquet")).schema
    assert pa.types.is_dictionary(schema.field("office").type)
    assert not pa.types.is_dictionary(schema.field("importer").type)


def test_part_files_are_read_in_byte_order_of_their_names(tmp_path: Path) -> None:
    for name, first in (("part-2.parquet", 20), ("part-10.parquet", 10), ("B.parquet", 0)):
        write(tmp_path / "folder" / name, pa.table({"n": [first, first + 1]}))
    (tmp_path / "folder" / "_SUCCESS").touch()
    (tmp_path / "folder" / "notes.txt").write_text("not data")
    data = open_data(tmp_path / "folder")
    assert data.reader().read_all()["n"].to_pylist() == [0, 1, 10, 11, 20, 21]
    assert data.rows == 6


@pytest.mark.parametrize("inside", ["", "items/"])
def test_a_generated_folder_that_was_cut_off_is_no_folder_of_part_files(tmp_path: Path, inside: str) -> None:
    (tmp_path / f"{PARTIAL}123").mkdir()
    write(tmp_path / f"{inside}items.parquet")
    found = refusal(tmp_path)
    assert (found.code, found.place) == ("DT115", str(tmp_path))
    assert "not whole" in found.message
    assert "generate the folder again" in found.remedy


def test_part_files_may_encode_text_differently(tmp_path: Path) -> None:
    plain = pa.table({"t": [f"value {n}" for n in range(100)]})
    write(tmp_path / "f" / "a.parquet", pa.table({"t": ["x"] * 100}))
    write(tmp_path / "f" / "b.parquet", plain)
    write(tmp_path / "g" / "a.parquet", plain)
    write(tmp_path / "g" / "b.parquet", pa.table({"t": ["x"] * 100}))
    assert open_data(tmp_path / "f").reader().read_all()["t"].to_pylist() == ["x"] * 100 + plain["t"].to_pylist()
    assert open_data(tmp_path / "g").reader().read_all()["t"].to_pylist() == plain["t"].to_pylist() + ["x"] * 100


def test_part_files_that_differ_are_refused_with_both_names(tmp_path: Path) -> None:
    write(tmp_path / "f" / "a.parquet", pa.table({"n": [1], "m": [1]}))
    write(tmp_path / "f" / "b.parquet", pa.table({"n": [1.5], "m": [1]}))
    found = refusal(tmp_path / "f")
    assert (found.code, found.message) == ("DT106", "column `n` is int64 in one part file and double in another")
    assert found.notes == (f"{tmp_path / 'f' / 'a.parquet'}: int64", f"{tmp_path / 'f' / 'b.parquet'}: double")
    typed = open_data(tmp_path / "f", map=parse_map(Source("m", "columns: {n: {type: number}}")))
    assert typed.reader().read_all()["n"].to_pylist() == [1.0, 1.5]
    write(tmp_path / "f" / "b.parquet", pa.table({"n": [2]}))
    assert refusal(tmp_path / "f").message == "only one of two part files has the column `m`"


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow", "stream.arrow"])
@pytest.mark.parametrize("damage", ["zero", "text", "half", "flipped"])
def test_damaged_files_are_refused(tmp_path: Path, name: str, damage: str) -> None:
    path = write(tmp_path / name)
    whole = path.read_bytes()
    path.write_bytes({
        "zero": b"",
        "text": b"this is only text, whatever its name says" * 10,
        "half": whole[: len(whole) // 2],
        "flipped": whole[:600] + bytes(byte ^ 0x5A for byte in whole[600:60_000]) + whole[60_000:],
    }[damage])  # fmt: skip
    found = refusal(path)
    assert found.code == ("DT104" if damage == "zero" else "DT105")
    assert found.place == str(path)
    assert "again" in found.remedy


def test_the_first_feather_format_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "old.feather"
    path.write_bytes(b"FEA1" + bytes(100) + b"FEA1")
    assert "Feather version 1" in refusal(path).message


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["n", "n"])
    assert refusal(write(tmp_path / "data.arrow", table)).code == "DT110"


def test_paths_that_lead_to_no_data_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "items.parquet")
    found = refusal(tmp_path / "item.parquet")
    assert (found.code, found.remedy) == ("DT101", f"did you mean {tmp_path / 'items.parquet'}?")
    assert refusal(tmp_path / "no" / "such").code == "DT101"
    (tmp_path / "data.xlsx").write_bytes(b"PK")
    found = refusal(tmp_path / "data.xlsx")
    assert (found.code, ".parquet" in found.remedy) == ("DT102", True)
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty").code == "DT103"
    (tmp_path / "nested" / "a=1").mkdir(parents=True)
    assert "subfolders are not read" in refusal(tmp_path / "nested").remedy
    (tmp_path / "x.csv").write_text("a,b\n")
    assert "several kinds: csv, parquet" in refusal(tmp_path).message


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "data.arrow")

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)  # the tests may run as root, whom no permission stops
    found = refusal(path)
    assert (found.code, found.message) == ("DT118", "the file cannot be read: Permission denied")


def test_a_map_renames_casts_and_empties_columns_of_typed_files(tmp_path: Path) -> None:
    path = write(
        tmp_path / "data.parquet", pa.table({"HS": [703, 8703], "o": ["XX", "FR"], "d": ["XX"] * 2, "n": [1, 2]})
    )
    data = open_data(path, map=parse_map(Source("m", """
columns: {commodity_code: {from: HS, type: text}, day: {from: n, type: number}}
null_values: [XX]
""")))  # fmt: skip
    table = data.reader().read_all()
    assert table.schema == data.schema
    assert table.to_pydict() == {
        "commodity_code": ["703", "8703"], "o": [None, "FR"], "d": [None, None], "day": [1.0, 2.0],
    }  # fmt: skip


def test_empty_text_in_typed_files_is_a_value(tmp_path: Path) -> None:
    assert open_data(write(tmp_path / "a.parquet", pa.table({"t": ["", "x"]}))).reader().read_all()["t"].null_count == 0


def test_a_cast_that_fails_names_the_row(tmp_path: Path) -> None:
    path = write(tmp_path / "data.parquet", pa.table({"n": ["1", "2", "three"]}))
    found = refusal(path, "columns: {n: {type: integer}}")
    assert (found.code, found.place, found.notes[1]) == ("DT112", f"{path}, row 3", "row 3: `three`")


def test_a_cast_that_no_value_survives_is_refused_before_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "data.parquet", pa.table({"n": [1.5]}))
    with pytest.raises(DataError) as caught:
        open_data(path, map=parse_map(Source("m.yaml", "columns: {n: {type: date}}")))
    (found,) = caught.value.diagnostics
    assert (found.code, found.location()) == ("DT113", ("m.yaml", 1, 21))


def test_a_generated_folder_is_its_main_table_and_has_others(tmp_path: Path) -> None:
    write(tmp_path / "items" / "part-0.parquet", pa.table({"n": [1, 2]}))
    write(tmp_path / "items" / "part-1.parquet", pa.table({"n": [3]}))
    write(tmp_path / "parties.parquet", pa.table({"party_id": ["P1"]}))
    manifest = tmp_path / "manifest.json"
    tables = {"items": {}, "parties": {}, "truth": {}}
    manifest.write_text(json.dumps({"main": "items", "tables": tables, "label": "synthetic"}))
    data = open_data(tmp_path)
    assert data.label == "synthetic"
    assert data.reader().read_all()["n"].to_pylist() == [1, 2, 3]
    assert data.tables("parties").to_pylist() == [{"party_id": "P1"}]
    for name, code in (("partys", "DT116"), ("truth", "DT115")):
        with pytest.raises(DataError) as caught:
            data.tables(name)
        assert caught.value.diagnostics[0].code == code
    with pytest.raises(DataError, match="DT116"):
        open_data(tmp_path / "parties.parquet").tables("items")
    for broken in ("{", "[]", '{"main": "x", "tables": {}}', '{"main": "../x", "tables": {"../x": 1}}'):
        manifest.write_text(broken)
        assert refusal(tmp_path).code == "DT115"


@pytest.mark.parametrize("name", ["data.parquet", "data.arrow", "stream.arrow"])
def test_a_label_in_a_file_is_passed_on(tmp_path: Path, name: str) -> None:
    labelled = TABLE.replace_schema_metadata({"label": "synthetic"})
    assert open_data(write(tmp_path / name, labelled)).label == "synthetic"
    assert open_data(write(tmp_path / f"plain-{name}")).label is None


def test_a_column_that_the_data_lacks_is_refused_with_the_nearest(tmp_path: Path) -> None:
    data = open_data(write(tmp_path / "data.parquet"))
    with pytest.raises(DataError) as caught:
        data.reader(["ofice"])
    (found,) = caught.value.diagnostics
    assert (found.code, found.remedy) == ("DT117", "did you mean `office`?")
