"""The nearest change found the slow way: try values around every threshold, and see on the changed record."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from gpu_target.backends.interpreter import Row
from gpu_target.columns.expressions import family, plain
from gpu_target.plan.literals import DAY_NANOSECONDS, unit_nanoseconds

NUMBERS = (0, 1, -1, 2, 5, 100)


def arrow_value(value: Any, type_: pa.DataType) -> pa.Array:
    """One value of the interpreter as a column's own type holds it; raises where it is no value of the type."""
    type_ = plain(type_)
    if value is None:
        return pa.nulls(1, type_)
    if family(type_) == "time":
        ticks, rest = divmod(value, unit_nanoseconds(type_))
        assert rest == 0, f"{value} is no value of {type_}"
        whole = pa.int32() if pa.types.is_date32(type_) else pa.int64()
        return pa.array([ticks], whole).cast(type_)
    if isinstance(value, Fraction):
        exact = Context(prec=400).divide(Decimal(value.numerator), Decimal(value.denominator))
        return pa.array([exact], type_)
    if pa.types.is_floating(type_):
        found = pa.array(np.array([value], type_.to_pandas_dtype()), type_)
        assert float(found[0].as_py()) == value, f"{value} is no value of {type_}"
        return found
    return pa.array([value], type_)


def neighbours(value: Any, type_: pa.DataType) -> Iterator[Any]:
    """A value of an ordered type, and the next ones on either side."""
    if pa.types.is_floating(type_):
        dtype: Any = type_.to_pandas_dtype()
        with np.errstate(over="ignore", under="ignore"):
            here = dtype(float(value))
            for end in (-np.inf, np.inf):
                near = np.nextafter(here, dtype(end))
                yield from (float(near), float(np.nextafter(near, dtype(end))))
        yield float(here)
        return
    if family(type_) == "time":
        unit = unit_nanoseconds(type_)
        base = int(value) // unit * unit
        yield from (base + step * unit for step in (-1, 0, 1, 2))
        return
    scale = 10**type_.scale if pa.types.is_decimal(type_) else 1
    base = math.floor(Fraction(value) * scale)
    for step in (-1, 0, 1, 2):
        yield Fraction(base + step, scale) if pa.types.is_decimal(type_) else base + step


def fits(value: Any, type_: pa.DataType) -> bool:
    """Whether a column of the type can hold the value."""
    if isinstance(value, float) and value != value:
        return False
    try:
        arrow_value(value, type_)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, AssertionError):
        return False
    return True


def candidates(type_: pa.DataType, named: Sequence[Any], old: Any) -> list[Any]:
    """Values of a column: those of its pool, those that rules name with their neighbours, and NULL."""
    type_ = plain(type_)
    if family(type_) not in ("number", "time"):
        python = {"text": str, "boolean": bool, "list": list}[family(type_)]
        return [*(each for each in named if isinstance(each, python) and fits(each, type_)), None]
    found: dict[Any, None] = {}
    for each in (*named, *([] if old is None else [old]), *NUMBERS):
        if isinstance(each, (int, float, Fraction)) and not isinstance(each, bool):
            if isinstance(each, float) and not math.isfinite(each):
                found[each] = None
                continue
            try:
                found.update(dict.fromkeys(neighbours(each, type_)))
            except OverflowError:
                continue
    if pa.types.is_int8(type_) or pa.types.is_uint8(type_):
        found.update(dict.fromkeys(range(-128, 256)))
    if pa.types.is_int16(type_) or pa.types.is_uint16(type_):
        found.update(dict.fromkeys(range(-300, 600)))
    if pa.types.is_date(type_):
        found.update(dict.fromkeys(range(-60 * DAY_NANOSECONDS, 60 * DAY_NANOSECONDS, DAY_NANOSECONDS)))
    return [*(each for each in found if fits(each, type_)), None]


def changed(row: Row, name: str, value: Any) -> Mapping[str, Any]:
    return {**row, name: value}


def far(old: Any, new: Any) -> Fraction | float:
    """The distance of two numbers or times."""
    if any(isinstance(each, float) and math.isinf(each) for each in (old, new)):
        return math.inf
    return abs(Fraction(new) - Fraction(old))
