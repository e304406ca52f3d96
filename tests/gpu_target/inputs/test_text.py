"""Cells of text by their declared type: what each type accepts, and that the quick way agrees with the definition."""

from __future__ import annotations

import datetime
import decimal
import math

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpu_target.inputs.text import parse_cell, read_text
from gpu_target.language.types import FieldType, parse_type

TYPES = [
    parse_type(text)
    for text in ("text", "integer", "number", "decimal(10, 2)", "decimal(40, 3)", "boolean", "date", "timestamp")
]
WORDS = ["nan", "inf", "infinity", "true", "FALSE", "00", ".123456", ".1234567"]
DAYS = ["2024-01-31", "0000-01-01", "9999-12-31", "2024-02-30", "08:30:59"]
BEYOND = ["9223372036854775807", "9223372036854775808", "\u0661", "\u0131", "é"]
PIECES = st.sampled_from([*"0123456789+-.,eExTZ_:() \t", *WORDS, *DAYS, *BEYOND])
CELLS = st.lists(st.one_of(st.none(), st.lists(PIECES, max_size=6).map("".join)), min_size=1, max_size=8)


def as_python(value: pa.Scalar, wanted: FieldType) -> object:
    if wanted.kind == "date":
        return value.cast(pa.int32()).as_py()
    return value.cast(pa.int64()).as_py() if wanted.kind == "timestamp" else value.as_py()


def same(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return left == right and type(left) is type(right)


@pytest.mark.parametrize("wanted", TYPES, ids=str)
@given(cells=CELLS)
@example(cells=["0x10"])
@example(cells=["nan(1)", "1"])
@example(cells=["0000-01-01"])
@example(cells=["0000-01-01 00:00:00", "2024-01-31 08"])
@example(cells=[" 7 ", "8"])
@example(cells=["+7"])
@example(cells=["1e2", "0e999999", "1.500"])
@example(cells=[""])
@example(cells=[None])
def test_a_column_is_read_as_its_cells_are(wanted: FieldType, cells: list[str | None]) -> None:
    found, bad = read_text(pa.array(cells, pa.large_string()), wanted)
    assert found.type == wanted.to_arrow()
    for position, cell in enumerate(cells):
        expected = None if cell is None else parse_cell(cell, wanted)
        assert same(as_python(found[position], wanted), expected), cell
        assert (position in bad) == (cell is not None and expected is None)


@pytest.mark.parametrize(
    ("kind", "accepted", "refused"),
    [
        (
            "integer",
            ["0042", "-1", " 7", "+7", "9223372036854775807"],
            ["1.0", "1e3", "9223372036854775808", "0x1", "1_0"],
        ),
        (
            "number",
            ["1.5", ".5", "5.", "1e-05", "inf", "-Infinity", "NaN"],
            ["1,5", "1_0", "0x1p3", "1 000", "--1", "\u0131nf"],
        ),
        ("decimal(4, 2)", ["12.34", "1.200", "1e1", "-.5"], ["123.4", "1.234", "nan", "1e9", ""]),
        ("boolean", ["true", "FALSE", "1", "0"], ["yes", "no", "t", "2", ""]),
        (
            "date",
            ["2024-01-31", " 2024-02-29 "],
            ["2024-1-3", "2023-02-29", "20240131", "0000-01-01", "2024-01-31 08:00"],
        ),
        (
            "timestamp",
            ["2024-01-31", "2024-01-31T08:30", "2024-01-31 08:30:59.1230000"],
            ["2024-01-31 24:00", "2024-01-31Z"],
        ),
    ],
)
def test_what_each_type_accepts(kind: str, accepted: list[str], refused: list[str]) -> None:
    wanted = parse_type(kind)
    assert [cell for cell in accepted if parse_cell(cell, wanted) is None] == []
    assert [cell for cell in refused if parse_cell(cell, wanted) is not None] == []


def test_values_are_what_was_written() -> None:
    assert parse_cell("12.30", parse_type("decimal(6, 2)")) == decimal.Decimal("12.30")
    assert parse_cell("1970-01-02", parse_type("date")) == 1
    assert parse_cell("1970-01-01 00:00:01.5", parse_type("timestamp")) == 1_500_000
    assert parse_cell("1969-12-31 23:59:59", parse_type("timestamp")) == -1_000_000
    assert parse_cell("N380;N785", parse_type("list(text)")) == ["N380", "N785"]


def test_formats_read_dates_and_keep_the_wall_clock_of_a_zone() -> None:
    dates, bad = read_text(pa.array(["31/01/2024", None, "2024-01-31"]), parse_type("date"), "%d/%m/%Y")
    assert dates.to_pylist() == [datetime.date(2024, 1, 31), None, None]
    assert bad.tolist() == [2]
    moments, _ = read_text(pa.array(["31.01.2024 08:30 +0100"]), parse_type("timestamp"), "%d.%m.%Y %H:%M %z")
    assert moments.to_pylist() == [datetime.datetime(2024, 1, 31, 8, 30)]


def test_text_keeps_its_spaces_and_leading_zeros() -> None:
    found, bad = read_text(pa.array(["0703", " x ", None]), parse_type("text"))
    assert found.to_pylist() == ["0703", " x ", None]
    assert not len(bad)
