"""The values of an ordered type as consecutive whole numbers: neighbours on the axis are neighbours among the values.

The keys of value classes (``plan.atoms``) are those of the type's widest form: a key of a float column is that of a
float64, also where the column has 32 bits. ``ceil`` leads from such a key to the axis.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import family
from gpu_target.columns.ordered import HIGHEST_FLOAT
from gpu_target.plan.atoms import keys_of
from gpu_target.plan.literals import DAY_NANOSECONDS, nearest_float

Number = int | float | Fraction
FLOAT_BITS = {16: ("<e", "<h"), 32: ("<f", "<i"), 64: ("<d", "<q")}


@dataclass(frozen=True)
class Axis:
    """Positions ``lowest`` to ``highest``, both included.

    ``value`` gives the value at a position, ``position`` that of a value of the type, ``ceil`` the first position whose
    value has at least this key, ``near`` the first position whose value is at least a number.
    """

    lowest: int
    highest: int
    value: Callable[[int], Any]
    position: Callable[[Any], int]
    ceil: Callable[[int], int]
    near: Callable[[Number], int]
    floating: bool = False

    def inside(self, position: int) -> bool:
        return self.lowest <= position <= self.highest


@ex.once_per_type
def axis_of(type_: pa.DataType) -> Axis:
    """The axis of numbers, dates or timestamps of a type."""
    if pa.types.is_floating(type_):
        return _floats(type_)
    keys = keys_of(type_)
    lowest, highest = _limits(type_)
    unit = keys.divisor if family(type_) == "time" else 1

    def value(position: int) -> Any:
        return Fraction(position, keys.multiplier) if pa.types.is_decimal(type_) else position * unit

    def position(found: Any) -> int:
        return int(found * keys.multiplier) if pa.types.is_decimal(type_) else int(found) // unit

    def near(number: Number) -> int:
        if type(number) is int:
            return max(lowest, min(highest, -(-number * keys.multiplier // unit)))
        if _infinite(number):
            return highest if number > 0 else lowest
        return max(lowest, min(highest, math.ceil(Fraction(number) * keys.multiplier / unit)))

    return Axis(lowest, highest, value, position, lambda key: key - keys.shift, near)


def _limits(type_: pa.DataType) -> tuple[int, int]:
    if pa.types.is_decimal(type_):
        return 1 - 10**type_.precision, 10**type_.precision - 1
    if pa.types.is_date32(type_):
        return -(2**31), 2**31 - 1
    if pa.types.is_date(type_):  # milliseconds of midnights
        return -(2**63) // 86_400_000 + 1, 2**63 // 86_400_000 - 1
    if pa.types.is_unsigned_integer(type_):
        return 0, 2**type_.bit_width - 1
    half: int = 2 ** (type_.bit_width - 1)
    return -half, half - 1


def _floats(type_: pa.DataType) -> Axis:
    """Floats in the order of their bits; the two zeros are one position."""
    width = type_.bit_width
    as_float, as_bits = (struct.Struct(form) for form in FLOAT_BITS[width])
    mask = (1 << (width - 1)) - 1

    def position(found: float) -> int:
        bits: int = as_bits.unpack(as_float.pack(found + 0.0))[0]
        return bits if bits >= 0 else -(bits & mask)

    def value(at: int) -> float:
        found: float = as_float.unpack(as_bits.pack(abs(at)))[0]
        return found if at >= 0 else -found

    def ceil(key: int) -> int:
        wide = key if key >= 0 else key + 1  # that of -0.0 is nobody's
        if width == 64:
            return wide
        if abs(wide) > HIGHEST_FLOAT:  # where an open end is
            return position(math.inf) + 1 if wide > 0 else position(-math.inf)
        bits = struct.unpack("<d", struct.pack("<q", abs(wide)))[0]
        return near(bits if wide >= 0 else -bits)

    def near(number: Number) -> int:
        rounded = nearest_float(Fraction(number), type_) if not _infinite(number) else float(number)
        at = position(rounded)
        return at if rounded >= number else at + 1

    return Axis(position(-math.inf), position(math.inf), value, position, ceil, near, floating=True)


def _infinite(number: Number) -> bool:
    return isinstance(number, float) and math.isinf(number)


def distance(old: Number, new: Number) -> Fraction | float:
    """How far two values are from each other, exact; infinite where one of them is."""
    if _infinite(old) or _infinite(new):
        return math.inf
    return abs(Fraction(new) - Fraction(old))


def changes_sign(old: Number, new: Number, type_: pa.DataType) -> bool:
    """Whether a number would become one of the other sign; zero counts as positive, and is neither to go to."""
    return family(type_) == "number" and (new < 0 <= old or old < 0 < new)


def size_of(old: Number, new: Number, type_: pa.DataType) -> float:
    """The size of a change, from 0 for none towards 1: d / (|old| + d) for numbers, d / (1 year + d) for times.

    A number that changes its sign has changed as a whole, which is 1.
    """
    far = distance(old, new)
    if isinstance(far, float) or changes_sign(old, new, type_):
        return 1.0
    whole = Fraction(365 * DAY_NANOSECONDS) if family(type_) == "time" else abs(Fraction(old))
    return float(far / (whole + far)) if far else 0.0
