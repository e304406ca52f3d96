"""Maps: what they may say, and where they are wrong."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from gpu_target.inputs import load_map, map_schema, open_data
from gpu_target.inputs.csv_scan import CsvForm
from gpu_target.inputs.maps import parse_map
from gpu_target.language.diagnostics import DataError, Diagnostic, Source
from gpu_target.language.types import parse_type

WHOLE = """
columns:
  commodity_code: {from: HS6 Code, type: text}
  lodged_on: {from: Date, type: date, format: '%d/%m/%Y'}
  NO: {type: 'decimal(12, 2)'}
key: [NO]
roles: {date: lodged_on, flow: Direction, office: Office}
null_values: ['', NA, null]
csv: {delimiter: ';', encoding: latin-1}
"""


def refusals(text: str) -> list[Diagnostic]:
    with pytest.raises(DataError) as caught:
        parse_map(Source("map.yaml", text))
    return list(caught.value.diagnostics)


def test_a_map_says_everything_the_design_lists() -> None:
    found = parse_map(Source("map.yaml", WHOLE))
    assert found.columns["commodity_code"].source == "HS6 Code"
    assert found.columns["lodged_on"].format == "%d/%m/%Y"
    assert (found.columns["NO"].source, found.columns["NO"].type) == ("NO", parse_type("decimal(12, 2)"))
    assert found.key == ("NO",)
    assert found.roles == {"date": "lodged_on", "flow": "Direction", "office": "Office"}
    assert found.null_values == ("", "NA", "null")
    assert found.csv == CsvForm(";", "latin-1")


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "said"),
    [
        ("keys: [a]", "DT131", 1, 1, "did you mean `key`?"),
        ("columns:\n  a: {from: x, tipe: text}", "DT131", 2, 16, "did you mean `type`?"),
        ("columns: {a: {type: decimal(12, 2)}}", "DT131", 1, 33, "stands in quotes"),
        ("roles: {dates: a}", "DT131", 1, 9, "did you mean `date`?"),
        ("columns: [a]", "DT132", 1, 10, "expected a mapping"),
        ("columns: {a: HS6 Code}", "DT132", 1, 14, "{from: HS6 Code, type: text}"),
        ("key: a", "DT132", 1, 6, "expected a list"),
        ("key: []", "DT132", 1, 6, "at least one"),
        ("columns: {a: {type: txet}}", "DT201", 1, 21, "did you mean text?"),
        ("columns: {a: {type: 'decimal(2, 3)'}}", "DT202", 1, 21, "decimal(18, 2)"),
        ("columns: {a: {type: text, format: '%d'}}", "DT135", 1, 35, "this column is text"),
        ("columns: {a: {type: date, format: '%d/%m'}}", "DT135", 1, 35, "does not say year, month and day"),
        ("columns: {a: {type: date, format: '%Q'}}", "DT135", 1, 35, "cannot be read back"),
        ("csv: {delimiter: ';;'}", "DT137", 1, 18, "one ASCII character"),
        ("csv: {encoding: utf-9}", "DT137", 1, 17, "no text encoding"),
        ("csv: {encoding: hex}", "DT137", 1, 17, "no text encoding"),
        ("columns:\n  a: {from: x}\n  a: {from: y}", "RT030", 3, 3, "twice"),
        ("key: [a", "RT025", 1, 6, ""),
    ],
)
def test_what_is_wrong_has_a_place(text: str, code: str, line: int, column: int, said: str) -> None:
    (found,) = refusals(text)
    assert (found.code, found.location()) == (code, ("map.yaml", line, column))
    assert said in f"{found.message} {found.label} {found.remedy}"


def test_all_problems_of_a_map_are_told_at_once() -> None:
    text = "columns: {a: {type: txet}, b: {type: text, format: x}}\ncsv: {delimiter: ab}"
    assert [each.code for each in refusals(text)] == ["DT201", "DT135", "DT137"]


def test_a_map_that_is_empty_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    assert refusals(" \n")[0].code == "DT132"
    with pytest.raises(DataError, match="DT101"):
        load_map(tmp_path / "map.yaml")
    (tmp_path / "map.yaml").write_bytes(b"key: [\xe9]")
    with pytest.raises(DataError, match=r"DT130.*byte 6 \(0xE9\)"):
        load_map(tmp_path / "map.yaml")


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "said"),
    [
        ("columns: {hs: {from: HS6 Cod}}", "DT133", 1, 22, "did you mean `HS6 Code`?"),
        ("columns: {hs: {type: text}}", "DT133", 1, 11, "no column `hs`"),
        ("columns: {Date: {from: HS6 Code}}", "DT134", 1, 11, "Date_stored: {from: Date}"),
        ("columns: {hs: {from: HS6 Code}}\nkey: [HS6 Code]", "DT136", 2, 7, "after the map"),
        ("roles: {date: Dat}", "DT136", 1, 15, "did you mean `Date`?"),
    ],
)
def test_a_map_that_does_not_fit_the_data_has_a_place(
    tmp_path: Path, text: str, code: str, line: int, column: int, said: str
) -> None:
    (tmp_path / "d.csv").write_text("HS6 Code,Date\n0703,2024-01-31\n")
    with pytest.raises(DataError) as caught:
        open_data(tmp_path / "d.csv", map=parse_map(Source("map.yaml", text)))
    (found,) = caught.value.diagnostics
    assert (found.code, found.location()) == (code, ("map.yaml", line, column))
    assert said in f"{found.message} {found.label} {found.remedy}"


def test_names_may_be_swapped(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    data = open_data(tmp_path / "d.csv", map=parse_map(Source("m", "columns: {a: {from: b}, b: {from: a}}")))
    assert data.reader().read_all().to_pylist() == [{"b": "1", "a": "2"}]


def test_the_schema_accepts_what_is_read_and_refuses_unknown_keys() -> None:
    schema = map_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    whole = {
        "columns": {"a": {"from": "A", "type": "date", "format": "%d/%m/%Y"}},
        "key": ["a"],
        "csv": {"delimiter": ";"},
    }
    jsonschema.validate(whole, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"keys": ["a"]}, schema)
