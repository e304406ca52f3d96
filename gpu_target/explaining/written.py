"""Values of the interpreter as people and programs read them.

The interpreter holds numbers as int, Fraction or float, times as nanoseconds since 1970, NULL and NaN as None.
"""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import family
from gpu_target.language.literals import write_date, write_timestamp
from gpu_target.plan.literals import DAY_NANOSECONDS

MISSING = "missing"
MOST_DIGITS = 15  # of a number as it is shown to people
LONG_NUMBER = re.compile(r"-?\d+\.\d+(e[-+]?\d+)?")
SHOWN_ELEMENTS = 8  # of a list column, in text for people


def text_of(value: Any, type_: pa.DataType) -> str:
    """A value as a condition would write it, dates without their keyword; ``missing`` for NULL."""
    if value is None:
        return MISSING
    kind = family(type_)
    if kind == "list":
        element = ex.plain(type_.value_type)
        shown = ", ".join(text_of(each, element) for each in value[:SHOWN_ELEMENTS])
        more = f" and {len(value) - SHOWN_ELEMENTS:,} more" if len(value) > SHOWN_ELEMENTS else ""
        return f"[{shown}{more}]"
    if kind == "boolean":
        return "TRUE" if value else "FALSE"
    if kind == "time":
        return moment_text(value, type_)
    return number_text(value) if kind == "number" else quoted(value)


def quoted(text: str) -> str:
    """A text in the quotes of the language."""
    return "'" + text.replace("'", "''") + "'"


def number_text(value: int | float | Fraction) -> str:
    """The shortest text that means the number."""
    if isinstance(value, Fraction):
        return decimal_text(value)
    if not isinstance(value, int):
        if math.isinf(value):
            return "infinity" if value > 0 else "-infinity"
        text = repr(value + 0.0)  # without the sign of zero, which no comparison sees
        return text.removesuffix(".0").removeprefix("-") if value == 0 else text.removesuffix(".0")
    return str(value)


def decimal_text(value: Fraction) -> str:
    """The digits of a finite decimal; of any other ratio the nearest float."""
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        return number_text(float(value))
    exact = Context(prec=400).divide(Decimal(value.numerator), Decimal(value.denominator))
    return format(exact, "f")


def moment_text(nanoseconds: int, type_: pa.DataType) -> str:
    """A date, or a date and a time; beyond the years that a literal can say, in nanoseconds since 1970."""
    try:
        if pa.types.is_date(type_):
            return write_date(nanoseconds // DAY_NANOSECONDS)
        return write_timestamp(nanoseconds)
    except ValueError:
        return f"{nanoseconds:,} ns since 1970"


def json_of(value: Any, type_: pa.DataType) -> Any:
    """A value in a JSON document: decimals, times and infinities as text, everything else as JSON has it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    kind = family(type_)
    if kind == "list":
        return [json_of(each, ex.plain(type_.value_type)) for each in value]
    if kind == "time":
        return moment_text(value, type_)
    if isinstance(value, Fraction):
        return decimal_text(value)
    return number_text(value) if isinstance(value, float) and math.isinf(value) else value


def length_text(distance: Fraction | float, type_: pa.DataType) -> str:
    """How far two values of an ordered type are from each other, in words."""
    if family(type_) != "time" or isinstance(distance, float):
        return short(Fraction(distance)) if distance < math.inf else number_text(math.inf)
    for unit, size in (("day", DAY_NANOSECONDS), ("hour", 3_600_000_000_000), ("minute", 60_000_000_000)):
        if distance >= size:
            count = short(round(distance / size * 10) / Fraction(10))
            return f"{count} {unit}" + ("" if count == "1" else "s")
    return f"{short(distance / 1_000_000_000)} seconds"


def short(number: Fraction) -> str:
    """A difference to some six digits: that of two floats has many more, which say nothing."""
    if number.denominator == 1 or abs(number) >= 10**6:
        return str(round(number))
    return f"{float(number):.6g}"


def rounded(text: str) -> str:
    """For people, a number of more digits than mean something to them with twelve; any other text as it is."""
    if len(text) <= MOST_DIGITS or not LONG_NUMBER.fullmatch(text):
        return text
    return number_text(float(f"{float(text):.12g}"))


def rounded_words(text: str) -> str:
    """``rounded`` of every word."""
    return " ".join(rounded(each) for each in text.split(" "))
