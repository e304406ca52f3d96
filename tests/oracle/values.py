"""Values that break implementations, per Arrow type: extremes, neighbours, missing values, shared prefixes."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from tests.oracle.choices import Choices
from tests.oracle.columns import is_list, is_text

INTEGERS = (
    pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
)  # fmt: skip
FLOATS = (pa.float64(), pa.float32(), pa.float16())
DECIMALS = (
    pa.decimal128(9, 2), pa.decimal128(18, 4), pa.decimal128(38, 10), pa.decimal256(50, 3), pa.decimal128(38, 37),
    pa.decimal128(20, 0),
)  # fmt: skip
TIMES = (
    pa.date32(), pa.timestamp("us"), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("ns"),
    pa.timestamp("us", "UTC"), pa.timestamp("ms", "Asia/Seoul"),
)  # fmt: skip
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
TEXTS = (pa.string(), pa.large_string(), pa.string_view(), DICTIONARY)
LISTS = (pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.int64()), pa.list_(pa.float64()))
ALL_TYPES = (*INTEGERS, *FLOATS, *DECIMALS, pa.bool_(), *TIMES, *TEXTS, *LISTS)

# no character here is mapped differently by the Unicode tables of Arrow and DuckDB
TEXT_VALUES = (
    "", "a", "b", "A", "ab", "abc", "abd", "aB", "z", "Z", "é", "aé", "éa", "É", "ß", "🎉", "🎉a", "a🎉", "日本", "日",
    "a%b", "a_b", "%", "_", "\\", "a\\b", "it's", "'", '"', " ", "a ", " a", "a\nb", "\t", "e\u0301", "\uffff",
    "87", "8703", "8704", "870323", "8703231000", "0", "00", "9", "1", "XA", "XB", "FR", "aaaaaaaaaaaa",
    "aaaaaaaaaaaaa", "aaaaaaaaaaaab", "x" * 40, "x" * 39 + "y", "x" * 300, "é" * 150,
)  # fmt: skip
DATA_ONLY_TEXT = ("a\0b", "\0")  # values that a rule file need not be able to write
DAY_VALUES = (
    0, -1, 1, 19782, 19783, 19723, 20088, 11016, 11017, -719162, 2932896, -25567, 364, 365, 18321, 106751, -106751,
)  # fmt: skip
SECONDS_OF_DAY = (0, 1, 86_399, 43_200, 3_600, 3_599, 60)


def pool(type_: pa.DataType, choices: Choices, n_random: int = 12) -> pa.Array:
    """Edge values of a type and some at random, NULL among them; dictionaries as plain text."""
    if pa.types.is_dictionary(type_):
        type_ = pa.string()
    if is_text(type_):
        values: list[Any] = [*TEXT_VALUES, *DATA_ONLY_TEXT, *(_random_text(choices) for _ in range(n_random)), None]
        return pa.array(values, type_)
    if pa.types.is_boolean(type_):
        return pa.array([True, False, None], type_)
    if pa.types.is_integer(type_):
        return pa.array([*_integers(type_, choices, n_random), None], type_)
    if pa.types.is_floating(type_):
        return _floats(type_, choices, n_random)
    if pa.types.is_decimal(type_):
        return _decimals(type_, choices, n_random)
    if pa.types.is_date32(type_):
        days = [*DAY_VALUES, *(choices.integer(-719162, 2932896) for _ in range(n_random)), None]
        return pa.array(days, pa.int32()).cast(type_)
    if pa.types.is_timestamp(type_):
        return pa.array([*_ticks(type_, choices, n_random), None], pa.int64()).cast(type_)
    if is_list(type_):
        return _lists(type_, choices, n_random)
    raise TypeError(f"there are no edge values of {type_}")


def _random_text(choices: Choices) -> str:
    return "".join(choices.pick("abAB01é%_ß🎉x") for _ in range(choices.integer(1, 6)))


def _integers(type_: pa.DataType, choices: Choices, n_random: int) -> list[int]:
    signed = pa.types.is_signed_integer(type_)
    low = -(2 ** (type_.bit_width - 1)) if signed else 0
    high = 2 ** (type_.bit_width - (1 if signed else 0)) - 1
    around = [0, 1, 5, 100, 127, 128, 255, 2**24, 2**31, 2**32, 2**53, 2**62, 2**63, low, high]
    near = [sign * value + step for value in around for step in (-1, 0, 1) for sign in (1, -1)]
    near += [choices.integer(low, high) for _ in range(n_random)] + [choices.integer(-9, 9) for _ in range(4)]
    return list(dict.fromkeys(value for value in near if low <= value <= high))


def _floats(type_: pa.DataType, choices: Choices, n_random: int) -> pa.Array:
    dtype: Any = {16: np.float16, 32: np.float32, 64: np.float64}[type_.bit_width]
    info = np.finfo(dtype)
    with np.errstate(over="ignore"):
        base = np.array([0.0, 1.0, 0.1, 0.5, 2.0, 3.0, 100.0, 0.3, 2.0**11, 2.0**24, 2.0**53, 1e9, 1e15], dtype)
        base = np.append(base, [info.max, info.tiny, info.smallest_subnormal, dtype(1) / dtype(3)])
        base = np.append(base, [dtype(choices.integer(-(10**6), 10**6) / 1000) for _ in range(n_random)]).astype(dtype)
        near = np.concatenate([base, np.nextafter(base, dtype(np.inf)), np.nextafter(base, dtype(-np.inf)), -base])
    special = np.array([-0.0, np.inf, -np.inf, np.nan], dtype)
    values = np.unique(np.concatenate([near, special]))
    with_zeros = np.concatenate([values, np.array([-0.0, 0.0, np.nan], dtype)])
    missing = np.zeros(len(with_zeros) + 1, bool)
    missing[-1] = True
    return pa.array(np.append(with_zeros, dtype(0)), type_, mask=missing)


def _decimals(type_: pa.DataType, choices: Choices, n_random: int) -> pa.Array:
    limit = 10**type_.precision - 1
    one = 10**type_.scale
    whole = [0, 1, 2, 5, 10, 11, one - 1, one, one + 1, 2 * one, one // 10, limit, limit - 1, 2**53, 2**53 + 1, 2**63]
    whole += [choices.integer(0, limit) for _ in range(n_random)] + [choices.integer(0, 10 * one) for _ in range(4)]
    values = {sign * value for value in whole if value <= limit for sign in (1, -1)}
    # scaleb would round to the context's 28 digits
    exact = [Decimal((int(value < 0), Decimal(abs(value)).as_tuple().digits, -type_.scale)) for value in sorted(values)]
    return pa.array([*exact, None], type_)


def _ticks(type_: pa.DataType, choices: Choices, n_random: int) -> list[int]:
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[type_.unit]
    reach = 106_751 if type_.unit == "ns" else 2_932_895  # a timestamp in nanoseconds ends in 2262
    days = [day for day in DAY_VALUES if -min(reach, 719_161) <= day < reach]
    seconds = [day * 86_400 + choices.pick(SECONDS_OF_DAY) for day in days for _ in range(2)]
    seconds += [choices.integer(-86_400 * 20_000, 86_400 * 30_000) for _ in range(n_random)]
    edges = [day * 86_400 * per_second + step for day in days for step in (-1, 0, 1)]
    return list(dict.fromkeys([value * per_second + choices.integer(0, per_second - 1) for value in seconds] + edges))


def _lists(type_: pa.DataType, choices: Choices, n_random: int) -> pa.Array:
    if is_text(type_.value_type):
        items: list[Any] = [*TEXT_VALUES[:30], None]
    elif pa.types.is_integer(type_.value_type):
        items = [0, 1, 2, 5, 100, -1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), None]
    else:
        items = [0.0, -0.0, 1.0, 0.1, math.inf, math.nan, 5e-324, None]
    lists: list[Any] = [None, [], [None], [items[0]], items, items[:2]]
    lists += [[choices.pick(items) for _ in range(choices.integer(1, 4))] for _ in range(n_random)]
    return pa.array(lists, type_, from_pandas=False)


def exact_values(values: pa.Array) -> list[Fraction]:
    """The finite numbers of a pool."""
    found = []
    for value in values.to_pylist():
        if value is not None and not (isinstance(value, float) and not math.isfinite(value)):
            found.append(Fraction(value))
    return found
