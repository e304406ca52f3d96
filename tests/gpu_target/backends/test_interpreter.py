"""The interpreter's own pieces, against values worked out by hand or by Python's library."""

from __future__ import annotations

import datetime
import math
import re
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.backends.interpreter import (
    as_float,
    both,
    capitals,
    civil,
    days_between,
    divide,
    either,
    like,
    modulo,
    python_values,
)
from gpu_target.plan.literals import DAY_NANOSECONDS, EPOCH


def test_and_and_or_are_those_of_three_valued_logic() -> None:
    truths = (True, False, None)
    assert [both(a, b) for a in truths for b in truths] == [True, False, None, False, False, False, None, False, None]
    assert [either(a, b) for a in truths for b in truths] == [True, True, True, True, False, None, True, None, None]


@given(day=st.dates())
def test_days_are_those_of_the_calendar(day: datetime.date) -> None:
    moment = (day - EPOCH).days * DAY_NANOSECONDS
    assert civil(moment) == civil(moment + DAY_NANOSECONDS - 1) == (day.year, day.month, day.day)


@given(pattern=st.text("a%_!.", max_size=6), text=st.text("a.!\n", max_size=6))
def test_like_is_what_a_regular_expression_says(pattern: str, text: str) -> None:
    expression = "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in pattern)
    assert like(text, pattern, None) is bool(re.fullmatch(expression, text, re.DOTALL))


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [("50%", "50!%", True), ("500", "50!%", False), ("a_b", "a!_%", True), ("!", "!!", True)],
)
def test_after_the_escape_a_sign_stands_for_itself(text: str, pattern: str, fits: bool) -> None:
    assert like(text, pattern, "!") is fits


def test_division_and_remainder_by_zero_are_null() -> None:
    assert (divide(1.0, 0.0), divide(1.0, -0.0), modulo(1.0, 0.0), modulo(math.inf, 2.0)) == (None,) * 4
    assert (divide(1.0, 4.0), modulo(-7.0, 3.0), modulo(7.0, math.inf)) == (0.25, -1.0, 7.0)


def test_a_difference_of_times_is_in_days() -> None:
    assert days_between(3 * DAY_NANOSECONDS // 2, 0) == 1.5
    assert days_between(-1, 0) == -1 + (DAY_NANOSECONDS - 1) / DAY_NANOSECONDS


def test_exact_numbers_are_rounded_once() -> None:
    assert as_float(Fraction(1, 3)) == 1 / 3
    assert as_float(2**53 + 1) == 2.0**53
    assert as_float(None) is None


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (pa.array([1.5, float("nan"), None, float("inf")]), [1.5, None, None, math.inf]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array([0, -1, None], pa.int32()).cast(pa.date32()), [0, -DAY_NANOSECONDS, None]),
        (pa.array([1, None], pa.timestamp("ms")), [1_000_000, None]),
        (pa.array([0], pa.timestamp("s", "Asia/Seoul")), [9 * 3_600_000_000_000]),  # its wall clock
        (pa.array([[1.0, None], None, [], [float("nan")]]), [[1.0, None], None, [], [None]]),
        (pa.array([[9], ["a", "b"], None][1:]).slice(1), [None]),
    ],
    ids=["float", "coded", "date", "timestamp", "zoned", "list", "slice"],
)  # fmt: skip
def test_values_come_as_the_interpreter_computes_with_them(array: pa.Array, values: list[object]) -> None:
    assert python_values(array) == values


def test_every_capital_is_one_code_point() -> None:
    found = capitals()
    assert {len(capital) for capital in found.values()} == {1}
    assert (found[ord("ß")], found[ord("é")], found[ord("ᾳ")]) == ("ẞ", "É", "ᾼ")
    assert ord("A") not in found
