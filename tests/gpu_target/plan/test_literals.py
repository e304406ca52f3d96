"""Literals and cells as exact values."""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.plan.literals import (
    DAY_NANOSECONDS,
    BadLiteral,
    float_key,
    nearest_float,
    parse_cell,
    parse_moment,
    parse_number,
    to_float,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("+7.", 7), (".5", Fraction(1, 2)), ("-0.1", Fraction(-1, 10)), ("1e-05", Fraction(1, 100_000)),
        ("1E3", 1000), ("9007199254740993", 2**53 + 1), ("0e9999", 0), ("1e1000", 10**1000),
    ],
)  # fmt: skip
def test_a_number_is_the_exact_value_that_is_written(text: str, value: Fraction) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", " 1", "1,5", "0x10", "1_000", "1e", "--1", "nan", "inf", "\u0661", "1e1001", "1" * 1001]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadLiteral, match="a number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "nanoseconds", "has_time"),
    [
        ("1970-01-01", 0, False),
        ("1969-12-31", -DAY_NANOSECONDS, False),
        ("2024-02-29 08:00", 19_782 * DAY_NANOSECONDS + 8 * 3_600_000_000_000, True),
        ("1970-01-01T00:00:01.5", 1_500_000_000, True),
        ("1970-01-01 00:00:00.000000001Z", 1, True),
        ("0001-01-01", -719_162 * DAY_NANOSECONDS, False),
    ],
)
def test_a_moment_is_nanoseconds_since_1970(text: str, nanoseconds: int, has_time: bool) -> None:
    assert parse_moment(text) == (nanoseconds, has_time)


@pytest.mark.parametrize(
    "text", ["", "2024-2-9", "2023-02-29", "2024-01-01 24:00", "2024-01-01 08:00:60", "31.12.2024"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadLiteral, match="a date such as 2024-01-31"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        (" 7 ", pa.int8(), 7), ("7.0", pa.int8(), 7), ("7.5", pa.float32(), Fraction(15, 2)),
        (" NO ", pa.string(), " NO "), ("0309", pa.large_string(), "0309"),
        ("x", pa.dictionary(pa.int8(), pa.string()), "x"),
        ("TRUE", pa.bool_(), True), (" false", pa.bool_(), False), ("1970-01-02", pa.date32(), DAY_NANOSECONDS),
    ],
)  # fmt: skip
def test_a_cell_takes_the_type_of_its_column(text: str, type_: pa.DataType, value: object) -> None:
    found = parse_cell(text, type_)
    assert (found, type(found) is bool) == (value, type(value) is bool)


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("7.5", pa.int64(), "a whole number"), ("yes", pa.bool_(), "true or false"), ("x", pa.binary(), "type binary"),
        ("x", pa.float64(), "a number"), ("8", pa.date32(), "a date"),
    ],
)  # fmt: skip
def test_a_cell_of_another_type_is_refused(text: str, type_: pa.DataType, expected: str) -> None:
    with pytest.raises(BadLiteral, match=expected):
        parse_cell(text, type_)


FLOATS = st.floats(allow_nan=False)


@given(value=FLOATS.filter(lambda x: abs(x) != float("inf")), nudge=st.sampled_from([0, 1, -1]))
def test_rounding_once_is_what_numpy_does(value: float, nudge: int) -> None:
    exact = Fraction(value) + nudge * Fraction(1, 2**1100)
    assert to_float(exact) == value
    for type_, kind in ((pa.float32(), np.float32), (pa.float16(), np.float16)):
        with np.errstate(over="ignore"):
            assert nearest_float(Fraction(value), type_) == float(kind(value))


def test_a_value_beyond_the_largest_becomes_an_infinity_of_its_sign() -> None:
    assert to_float(Fraction(10) ** 400) == float("inf")
    assert to_float(-(Fraction(10) ** 400)) == float("-inf")
    assert nearest_float(Fraction(65_520), pa.float16()) == float("inf")  # halfway to what would come next
    assert nearest_float(Fraction(65_519), pa.float16()) == 65_504.0


def test_a_float_above_and_below_the_middle_is_rounded_from_the_exact_value_not_from_float64() -> None:
    middle = Fraction(1) + Fraction(1, 2**24)  # between two floats of 32 bits
    assert nearest_float(middle, pa.float32()) == 1.0
    assert nearest_float(middle + Fraction(1, 2**200), pa.float32()) == 1.0 + 2.0**-23


@given(left=FLOATS, right=FLOATS)
def test_the_keys_of_floats_are_ordered_as_the_floats(left: float, right: float) -> None:
    assert (float_key(left) < float_key(right)) == (left < right)
    assert (float_key(left) == float_key(right)) == (left == right)


def test_neighbouring_floats_have_neighbouring_keys() -> None:
    for bits in (0, 1, 2**52, 0x7FEF_FFFF_FFFF_FFFF):
        first, second = struct.unpack("<2d", struct.pack("<2q", bits, bits + 1))
        assert float_key(second) == float_key(first) + 1
    assert float_key(-0.0) == float_key(0.0)
