"""Stored columns to declared types: exactly, or not at all."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from gpu_target.inputs.cast import can_become, cast, result_type
from gpu_target.language.types import parse_type

NOON = datetime.datetime(2024, 1, 31, 12, 0)
DAY = datetime.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("stored", "kind", "expected", "bad"),
    [
        (pa.array([1, 2**63, None], pa.uint64()), "integer", [1, None, None], [1]),
        (pa.array([1.0, 1.5, float("nan"), float("inf"), 1e19]), "integer", [1, None, None, None, None], [1, 3, 4]),
        (pa.array([Decimal("2.00"), Decimal("2.50"), Decimal("0.00")]), "integer", [2, None, 0], [1]),
        (pa.array([1, -2], pa.int16()), "number", [1.0, -2.0], []),
        (pa.array([0.1, 1.005, float("nan")]), "decimal(5, 2)", [Decimal("0.10"), None, None], [1]),
        (pa.array([7, 12345]), "decimal(5, 2)", [Decimal("7.00"), None], [1]),
        (pa.array([Decimal("1.50"), Decimal("1.55")]), "decimal(5, 1)", [Decimal("1.5"), None], [1]),
        (pa.array([0, 1, 2]), "boolean", [False, True, None], [2]),
        (pa.array([703, None]), "text", ["703", None], []),
        (pa.array([NOON], pa.timestamp("ns", "Africa/Casablanca")), "date", [DAY], []),
        (pa.array([1, 1000], pa.timestamp("ns")), "timestamp", [None, datetime.datetime(1970, 1, 1, 0, 0, 0, 1)], [0]),
        (pa.array([DAY]), "timestamp", [datetime.datetime(2024, 1, 31)], []),
        (pa.array([NOON], pa.date64()), "date", [DAY], []),
        (pa.array(["1", "x", "1"]).dictionary_encode(), "integer", [1, None, 1], [1]),
        (pa.array(["2.5", None]), "number", [2.5, None], []),
        (pa.nulls(2), "date", [None, None], []),
        (pa.array([["a"], None]), "list(text)", [["a"], None], []),
    ],
)
def test_cells_that_fit_are_kept_and_the_others_are_named(
    stored: pa.Array, kind: str, expected: list[object], bad: list[int]
) -> None:
    wanted = parse_type(kind)
    assert can_become(stored.type, wanted)
    found, positions = cast(stored, wanted)
    assert found.type == result_type(stored.type, wanted)
    assert found.to_pylist() == expected
    assert positions.tolist() == bad


def test_a_moment_has_the_day_of_its_own_zone() -> None:
    late = pa.array([datetime.datetime(2024, 1, 31, 23, 30)], pa.timestamp("us", "Asia/Seoul"))  # 08:30 on 1 February
    assert cast(late, parse_type("date"))[0].to_pylist() == [datetime.date(2024, 2, 1)]


def test_whole_numbers_are_dates_by_a_format() -> None:
    wanted = parse_type("date")
    assert not can_become(pa.int32(), wanted)
    assert can_become(pa.int32(), wanted, "%Y%m%d")
    found, bad = cast(pa.array([20240131, 1]), wanted, "%Y%m%d")
    assert found.to_pylist() == [DAY, None]
    assert bad.tolist() == [1]


@pytest.mark.parametrize(
    "encoding", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_text_keeps_its_encoding(encoding: pa.DataType) -> None:
    assert result_type(encoding, parse_type("text")) == encoding


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (pa.float64(), "text"),
        (pa.bool_(), "number"),
        (pa.int64(), "date"),
        (pa.date32(), "integer"),
        (pa.binary(), "text"),
    ],
)
def test_what_would_lose_or_invent_something_is_refused(stored: pa.DataType, kind: str) -> None:
    assert not can_become(stored, parse_type(kind))


def test_a_stream_of_whole_numbers_beyond_float_precision_stays_exact_as_decimal() -> None:
    found, bad = cast(pa.array([2**53 + 1]), parse_type("decimal(20, 0)"))
    assert found.to_pylist() == [Decimal(2**53 + 1)]
    assert not len(bad)
