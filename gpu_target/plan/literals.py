"""Literals and cells as exact values of a column's type."""

from __future__ import annotations

import datetime
import re
import struct
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

import pyarrow as pa

from gpu_target.columns.expressions import family

EPOCH = datetime.date(1970, 1, 1)
DAY_NANOSECONDS = 86_400_000_000_000
LIMIT_DIGITS = 1000  # a literal beyond 1e±1000 is a slip of the pen, and would cost memory to hold exactly

_FLOAT, _BITS = struct.Struct("<d"), struct.Struct("<q")
_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?Z?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class BadLiteral(ValueError):
    """The text is no value of the wanted type; the message says what is expected."""


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Fraction:
    """The exact value of a number as written. Raises BadLiteral."""
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise BadLiteral("a number such as 12.5")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise BadLiteral("a number such as 12.5") from error
    if not number:
        return Fraction(0)
    if abs(number.adjusted()) > LIMIT_DIGITS or len(text) > LIMIT_DIGITS:
        raise BadLiteral(f"a number between 1e-{LIMIT_DIGITS} and 1e{LIMIT_DIGITS}")
    return Fraction(number)


def parse_moment(text: str) -> tuple[int, bool]:
    """Nanoseconds since 1970 of an ISO date or timestamp, and whether a time of day was written."""
    found = _TIMESTAMP.fullmatch(text)
    try:
        if not found:
            raise ValueError
        day = (datetime.date.fromisoformat(found[1]) - EPOCH).days
        hour, minute, second = (int(found[k] or 0) for k in (2, 3, 4))
        datetime.time(hour, minute, second)
    except ValueError as error:
        raise BadLiteral("a date such as 2024-01-31, or 2024-01-31 08:00:00") from error
    fraction = int((found[5] or "").ljust(9, "0"))
    seconds = hour * 3600 + minute * 60 + second
    return day * DAY_NANOSECONDS + seconds * 1_000_000_000 + fraction, found[2] is not None


def parse_cell(text: str, type_: pa.DataType) -> Fraction | str | bool | int:
    """A cell's value in the form ``expressions.Constant`` holds; for times, nanoseconds since 1970."""
    kind = family(type_)
    if kind == "text":
        return text
    if kind == "number":
        value = parse_number(text.strip())
        if pa.types.is_integer(type_) and value.denominator != 1:
            raise BadLiteral("a whole number")
        return value
    if kind == "boolean":
        word = text.strip().lower()
        if word not in ("true", "false"):
            raise BadLiteral("true or false")
        return word == "true"
    if kind == "time":
        return parse_moment(text.strip())[0]
    raise BadLiteral(f"a value of type {type_}, which cannot be written as text")


def nearest_float(value: Fraction, type_: pa.DataType) -> float:
    """``value`` rounded once, half to even, to float16, float32 or float64; beyond the largest, an infinity."""
    if type_.bit_width == 64:
        try:
            return value.numerator / value.denominator  # Python rounds a ratio of integers once, half to even
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    digits, lowest, highest = {16: (11, -24, 16), 32: (24, -149, 128)}[type_.bit_width]
    if value == 0:
        return 0.0
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if Fraction(2) ** exponent > magnitude:
        exponent -= 1
    unit = max(exponent - digits + 1, lowest)  # weight of the last bit; subnormals share the lowest
    steps = round(magnitude / Fraction(2) ** unit)  # Fraction rounds half to even
    if steps * Fraction(2) ** unit >= Fraction(2) ** highest:
        result = float("inf")
    else:
        result = float(steps * Fraction(2) ** unit)
    return result if value > 0 else -result


def to_float(value: Fraction) -> float:
    """The nearest float64."""
    return nearest_float(value, pa.float64())


def unit_nanoseconds(type_: pa.DataType) -> int:
    """Nanoseconds in one tick of a date or timestamp column as ``columns`` reads it (dates in days)."""
    if pa.types.is_date(type_):
        return DAY_NANOSECONDS
    return {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}[type_.unit]


def float_key(value: float) -> int:
    """Order-preserving int64 of a float64; -0.0 equals 0.0. The twin of ``columns.kernels.float_key``."""
    bits: int = _BITS.unpack(_FLOAT.pack(value + 0.0))[0]
    return bits if bits >= 0 else bits ^ 0x7FFF_FFFF_FFFF_FFFF
