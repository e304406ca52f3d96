"""Lookup tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gpu_target.language.model import LookupTable
from tests.gpu_target.language.loading import fault, load, problems, rule_set, write

CSV = "hs,origin,floor,from_day,to_day\n8703,XA,12.5,2024-01-01,\n0309,,,2024-01-01,2024-12-31\n"
ONE_KEY = CSV.replace("0309,,", "0309,XB,")


def read(folder: Path, spec: str, **files: str | bytes) -> LookupTable:
    return load(folder, rule_set(tables=f"{{t: {{{spec}}}}}"), **files).tables["t"]


def test_columns_of_csv_are_text_and_empty_cells_are_null(tmp_path: Path) -> None:
    found = read(tmp_path, "file: t.csv, key: hs", **{"t.csv": CSV})
    assert found.table is not None
    assert set(found.table.schema.types) == {pa.large_string()}
    assert found.table.column("hs").to_pylist() == ["8703", "0309"]
    assert found.table.column("floor").to_pylist() == ["12.5", None]
    assert found.table.column("to_day").to_pylist() == [None, "2024-12-31"]
    assert (found.key, found.prefix, found.valid, found.types) == ({"hs": "hs"}, None, None, {})
    assert (found.path, found.data) == (tmp_path / "t.csv", None)


def test_all_that_a_table_can_say_is_read(tmp_path: Path) -> None:
    spec = (
        "file: t.csv, key: {commodity_code: hs, country_of_origin: origin}, prefix: commodity_code, "
        "valid: {from: from_day, until: to_day}, types: {floor: 'decimal(12,2)'}"
    )
    found = read(tmp_path, spec, **{"t.csv": ONE_KEY})
    assert found.key == {"commodity_code": "hs", "country_of_origin": "origin"}
    assert (found.prefix, found.valid) == ("commodity_code", ("from_day", "to_day"))
    assert found.types == {"floor": "decimal(12, 2)"}
    assert found.span is not None
    assert found.span.location()[1:] == (2, 10)


def test_one_end_of_the_validity_is_enough(tmp_path: Path) -> None:
    found = read(tmp_path, "file: t.csv, key: [hs], valid: {from: from_day}", **{"t.csv": CSV})
    assert found.valid == ("from_day", None)


def test_quoted_cells_may_hold_line_breaks(tmp_path: Path) -> None:
    found = read(tmp_path, "file: t.csv, key: k", **{"t.csv": 'k,v\n1,"a\nb"\n2,\n'})
    assert found.table is not None
    assert found.table.to_pylist() == [{"k": "1", "v": "a\nb"}, {"k": "2", "v": None}]


def test_a_table_without_rows_is_one(tmp_path: Path) -> None:
    found = read(tmp_path, "file: t.csv, key: k", **{"t.csv": "k,v\n"})
    assert found.table is not None
    assert found.table.num_rows == 0
    assert set(found.table.schema.types) == {pa.large_string()}


def test_a_key_may_stand_twice_until_its_columns_have_their_types(tmp_path: Path) -> None:
    found = read(tmp_path, "file: t.csv, key: k", **{"t.csv": "k,v\n1,a\n1,b\n"})
    assert found.table is not None
    assert found.table.num_rows == 2


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table({"k": pa.array([1, 2], pa.int16()), "v": pa.array([0.5, None])})
    pq.write_table(table, tmp_path / "t.parquet")
    found = read(tmp_path, "file: t.parquet, key: {a: k}")
    assert found.table == table


def test_a_table_of_the_generated_folder_has_no_content_yet(tmp_path: Path) -> None:
    found = read(tmp_path, "data: parties, key: {importer_id: party_id}, types: {bond_amount: number}")
    assert (found.table, found.data, found.path) == (None, "parties", None)
    assert found.key == {"importer_id": "party_id"}
    assert found.types == {"bond_amount": "number"}


FAULTS = {
    "RT031": ("file: t.csv, key: hs, «typ»: {}", "RT031", "in the table `t`", "did you mean `types`?"),
    "RT032 key": ("«file»: t.csv", "RT032", "`key` is missing in the table `t`"),
    "RT032 file": ("«key»: hs", "RT032", "`file` (or `data`) is missing"),
    "RT033 key": ("file: t.csv, key: «[]»", "RT033", "at least one column"),
    "RT033 types": ("file: t.csv, key: hs, types: «number»", "RT033", "`types` must be a mapping"),
    "RT033 valid": ("file: t.csv, key: hs, valid: «{}»", "RT033", "`from`, `until` or both"),
    "RT034 prefix": ("file: t.csv, key: hs, prefix: «~»", "RT034", "`prefix` is empty"),
    "DT201": (
        "file: t.csv, key: hs, types: {floor: «float»}",
        "DT201",
        "`float` is not a type",
        "did you mean number?",
    ),
    "DT202": ("file: t.csv, key: hs, types: {floor: «'decimal(1, 2)'»}", "DT202", "digits out of range"),
    "DT203": ("file: «tt.csv», key: hs", "DT203", "does not exist", "did you mean t.csv?"),
    "DT208 key": ("file: t.csv, key: {a: «hs2»}", "DT208", "has no column `hs2`", "did you mean `hs`?"),
    "DT208 list": ("file: t.csv, key: [hs, «orgin»]", "DT208", "did you mean `origin`?"),
    "DT208 valid": ("file: t.csv, key: hs, valid: {until: «today»}", "DT208", "did you mean `to_day`?"),
    "DT208 types": ("file: t.csv, key: hs, types: {«flor»: number}", "DT208", "did you mean `floor`?"),
    "DT212 both": ("file: t.csv, «data»: parties, key: hs", "DT212", "both `file` and `data`"),
    "DT212 prefix": (
        "file: t.csv, key: {code: hs}, prefix: «hs»",
        "DT212",
        "must be one of the columns under `key`",
        "code",
    ),
    "DT212 twice": ("file: t.csv, key: [hs, «hs»]", "DT212", "stands twice in `key`"),
    "DT213 key": ("file: t.csv, key: hs, types: {«hs»: text}", "DT213", "given by its part in the table", "delete it"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_lookup_table_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    text, code, *said = FAULTS[name]
    write(tmp_path, {"t.csv": CSV})
    fault(tmp_path, rule_set(tables=f"{{t: {{{text}}}}}"), code, *said)


def test_a_lookup_table_must_be_a_mapping(tmp_path: Path) -> None:
    fault(tmp_path, rule_set(tables="{t: «t.csv»}"), "RT033", "`tables: t` must be a mapping", "{file: tables/name.csv")


def test_an_empty_key_is_told_at_its_cell(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(tables="{t: {file: t.csv, key: [hs, origin]}}"), "t.csv": CSV})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.location()) == ("DT207", (str(tmp_path / "t.csv"), 3, 6))
    assert found.message == "row 3 has no `origin`, which is a key"


def test_a_ragged_row_is_told_at_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(tables="{t: {file: t.csv, key: a}}"), "t.csv": "a,b\n1,2\n\n3\n4,5\n"})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.location()) == ("DT206", (str(tmp_path / "t.csv"), 4, 1))


def test_parquet_takes_no_types(tmp_path: Path) -> None:
    pq.write_table(pa.table({"k": [1], "v": [2]}), tmp_path / "t.parquet")
    text = rule_set(tables="{t: {file: t.parquet, key: k, types: {«v»: number}}}")
    fault(tmp_path, text, "DT213", "Parquet has types of its own")


def test_a_key_that_is_null_in_parquet_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"k": [1, None]}), tmp_path / "t.parquet")
    fault(tmp_path, rule_set(tables="{t: {file: «t.parquet», key: k}}"), "DT207", "1 rows of", "have no `k`")
