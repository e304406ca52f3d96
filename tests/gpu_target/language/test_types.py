"""Types as people write them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from gpu_target.language.diagnostics import DataError, Source, Span
from gpu_target.language.types import SPELLINGS, TEXT, TEXT_LIST, FieldType, parse_type


@pytest.mark.parametrize(
    ("written", "arrow"),
    [
        ("text", pa.large_string()),
        ("integer", pa.int64()),
        ("number", pa.float64()),
        ("boolean", pa.bool_()),
        ("date", pa.date32()),
        ("timestamp", pa.timestamp("us")),
        ("decimal(12, 2)", pa.decimal128(12, 2)),
        ("decimal(38,0)", pa.decimal128(38, 0)),
        ("decimal(39, 4)", pa.decimal256(39, 4)),
        ("list(text)", pa.large_list(pa.large_string())),
    ],
)
def test_each_type_has_its_arrow_type(written: str, arrow: pa.DataType) -> None:
    assert parse_type(written).to_arrow() == arrow


@pytest.mark.parametrize("written", ["Text", " text ", "TEXT"])
def test_letter_case_and_spaces_around_a_type_do_not_matter(written: str) -> None:
    assert parse_type(written) == TEXT


@pytest.mark.parametrize("written", ["decimal(12,2)", "decimal( 12 , 2 )", "Decimal (12, 2)"])
def test_spaces_inside_a_decimal_do_not_matter(written: str) -> None:
    assert parse_type(written) == FieldType("decimal", 12, 2)


@pytest.mark.parametrize("written", [s for s in SPELLINGS if "decimal" not in s] + ["decimal(7, 3)"])
def test_a_type_prints_as_it_is_written(written: str) -> None:
    assert str(parse_type(written)) == written


def test_the_list_of_text_is_a_list() -> None:
    assert parse_type("list( text )") is TEXT_LIST
    assert not TEXT_LIST.is_numeric


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("string", "text"),
        ("int32", "integer"),
        ("float", "number"),
        ("bool", "boolean"),
        ("datetime", "timestamp"),
        ("txt", "text"),
        ("decimal", "decimal(18, 2)"),
        ("list", "list(text)"),
        ("numbr", "number"),
    ],
)
def test_a_type_of_another_system_is_refused_with_ours(written: str, suggestion: str) -> None:
    with pytest.raises(DataError) as error:
        parse_type(written, place="map.yaml")
    (found,) = error.value.diagnostics
    assert found.code == "DT201"
    assert found.message == f"`{written}` is not a type"
    assert found.remedy == f"did you mean {suggestion}?"
    assert found.place == "map.yaml"
    assert "decimal(p, s)" in found.label


@pytest.mark.parametrize("written", ["", "☃", "decimal(1)", "list(integer)", "x" * 100_000])
def test_nonsense_is_refused_without_echoing_all_of_it(written: str) -> None:
    with pytest.raises(DataError) as error:
        parse_type(written)
    assert error.value.diagnostics[0].code == "DT201"
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("written", ["decimal(0, 0)", "decimal(77, 2)", "decimal(5, 6)", "decimal(5, -1)"])
def test_digits_out_of_range_are_refused_at_their_place(written: str) -> None:
    source = Source("t.yaml", f"types: {{floor: '{written}'}}")
    start = source.text.index(written)
    with pytest.raises(DataError) as error:
        parse_type(written, span=Span(source, start, start + len(written)))
    (found,) = error.value.diagnostics
    assert (found.code, found.location()) == ("DT202", ("t.yaml", 1, start + 1))
    assert "p from 1 to 76" in found.label
