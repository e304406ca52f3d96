"""Comparisons of typed values: literals are folded, and stand on the right of what remains."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pytest

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Column, Constant
from gpu_target.plan import typed
from gpu_target.plan.compare import as_moment, compare_values, remedy_for
from gpu_target.plan.literals import DAY_NANOSECONDS

VALUE = Column("value", pa.float64())
MADE = Column("made", pa.date32())
ONE, TWO = (Constant(Fraction(n), ex.NUMBER) for n in (1, 2))


@pytest.mark.parametrize(
    ("sign", "holds"), [("=", False), ("<>", True), ("<", True), ("<=", True), (">", False), (">=", False)]
)
def test_two_literals_are_compared_at_once(sign: str, holds: bool) -> None:
    assert compare_values(ONE, sign, TWO) == typed.Truth(holds)


@pytest.mark.parametrize(
    ("sign", "mirrored"), [("=", "="), ("<>", "<>"), ("<", ">"), ("<=", ">="), (">", "<"), (">=", "<=")]
)
def test_a_literal_on_the_left_goes_to_the_right_with_the_sign_turned(sign: str, mirrored: str) -> None:
    assert compare_values(ONE, sign, VALUE) == typed.Compare(VALUE, mirrored, ONE)
    assert compare_values(VALUE, sign, ONE) == typed.Compare(VALUE, sign, ONE)


def test_a_day_is_its_midnight_whatever_it_meets() -> None:
    day = Constant(3, ex.DATE)
    midnight = Constant(3 * DAY_NANOSECONDS, ex.MOMENT)
    assert as_moment(day) == midnight
    assert compare_values(MADE, "<", day) == typed.Compare(MADE, "<", midnight)
    assert compare_values(day, "=", midnight) == typed.Truth(True)


def test_a_computed_time_has_no_ticks_and_stays_a_pair() -> None:
    computed = ex.Function("COALESCE", (MADE, MADE), ex.DATE)
    midnight = Constant(0, ex.MOMENT)
    assert compare_values(computed, "<", Constant(0, ex.DATE)) == typed.ComparePair(computed, "<", midnight)
    assert compare_values(Constant(0, ex.DATE), "<", computed) == typed.ComparePair(computed, ">", midnight)


@pytest.mark.parametrize(
    ("wanted", "found", "remedy"),
    [
        (pa.string(), Fraction(8703), "write '8703' in quotes"),
        (pa.string(), Fraction(1, 2), "write '0.5' in quotes"),
        (pa.string(), True, "write a text in single quotes"),
        (pa.int64(), "12.5", "write 12.5 without quotes"),
        (pa.int64(), "1.2.3", "write a number"),
        (pa.int64(), True, "write a number"),
        (pa.date32(), "2024-03-01", "write DATE '2024-03-01'"),
        (pa.timestamp("s"), Fraction(7), "write DATE '2024-01-31'"),
        (pa.bool_(), Fraction(1), "write TRUE or FALSE"),
    ],
)
def test_the_remedy_says_what_to_write(wanted: pa.DataType, found: Fraction | str | bool, remedy: str) -> None:
    assert remedy_for(Column("c", wanted), Constant(found, ex.TEXT)) == remedy
