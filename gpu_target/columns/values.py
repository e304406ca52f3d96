"""Values of a batch: reading stored columns and computing derived ones, column at a time.

Numbers are float64[n] with NaN for NULL. Times are ``Moments``. Text and booleans stay Arrow arrays. Arithmetic is
plain IEEE, one NumPy operation per operator, so nothing is fused or reordered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns import expressions as ex
from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, numbers_of
from gpu_target.columns.expressions import TEXT, Value, family
from gpu_target.columns.lookup import LookupIndex

Numbers = npt.NDArray[np.float64]
DAY_NANOSECONDS = 86_400_000_000_000
TICKS_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": DAY_NANOSECONDS}


@dataclass(frozen=True)
class Moments:
    """Points in time: int64[n] days since 1970, int64[n] nanoseconds of the day, bool[n] whether known."""

    days: npt.NDArray[np.int64]
    nanoseconds: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]

    def take(self, rows: npt.NDArray[np.int64]) -> Moments:
        return Moments(self.days[rows], self.nanoseconds[rows], self.known[rows])


@dataclass(frozen=True)
class TableJoin:
    """How a lookup table is joined: its columns, the record's key columns, the record's date and the index."""

    table: Mapping[str, pa.Array]
    keys: Sequence[str]
    date: str | None
    index: LookupIndex


class Batch:
    """The columns of some rows, with what was computed from them; each value is computed once."""

    def __init__(
        self, columns: Mapping[str, pa.Array], n_rows: int, joins: Mapping[str, TableJoin], as_of: int | None
    ) -> None:
        self.columns, self.n_rows, self.joins, self.as_of = columns, n_rows, joins, as_of
        self.computed: dict[Value, Any] = {}
        self.as_floats: dict[Value, Numbers] = {}
        self.as_moments: dict[Value, Moments] = {}
        self.joined: dict[str, pa.Array] = {}
        self.elements: dict[tuple[Value, int], npt.NDArray[np.uint64]] = {}  # by list column and sets of elements

    def array(self, value: Value) -> pa.Array:
        """A stored or text value as an Arrow array; a lookup comes as dictionary-coded rows of its table."""
        if isinstance(value, ex.Column):
            return self.columns[value.name]
        if value not in self.computed:
            self.computed[value] = self._array(value)
        return self.computed[value]

    def _array(self, value: Value) -> pa.Array:
        if isinstance(value, ex.Lookup):
            return pa.DictionaryArray.from_arrays(
                self.rows_of(value.table), self.joins[value.table].table[value.column]
            )
        if isinstance(value, ex.Constant):
            return pa.repeat(pa.scalar(value.value, value.type), self.n_rows)
        assert isinstance(value, ex.Function)
        return text_function(value, [self.array(each) for each in value.arguments if family(each.type) == "text"])

    def rows_of(self, table: str) -> pa.Array:
        """Row of the lookup table for every row of the batch, int64, NULL without one."""
        if table not in self.joined:
            join = self.joins[table]
            days = known = None
            if join.date is not None:
                moments = read_moments(self.columns[join.date])
                days, known = moments.days, moments.known
            rows = join.index.find([self.columns[name] for name in join.keys], days, known)
            self.joined[table] = pa.array(rows, mask=rows < 0)
        return self.joined[table]

    def numbers(self, value: Value) -> Numbers:
        """A number of any type as float64, NaN where NULL. Not to be written to: it is shared."""
        if value not in self.as_floats:
            if isinstance(value, ex.Constant):
                found = np.full(self.n_rows, to_float(value))
            elif isinstance(value, ex.Function):
                found = self._function(value)
            else:
                found = read_numbers(self.array(value))
            self.as_floats[value] = found
        return self.as_floats[value]

    def _function(self, value: ex.Function) -> Numbers:
        first = value.arguments[0]
        if value.name in MOMENT_PARTS and family(first.type) == "time":
            return moment_part(value.name, self.moments(first))
        if value.name == "-" and family(first.type) == "time":
            return days_between(self.moments(first), self.moments(value.arguments[1]))
        if value.name == "LENGTH":
            return text_lengths(self.array(first))
        with np.errstate(all="ignore"):
            return NUMERIC[value.name](*(self.numbers(each) for each in value.arguments))

    def moments(self, value: Value) -> Moments:
        """A date or timestamp as days and nanoseconds of the day."""
        if isinstance(value, (ex.Constant, ex.AsOf)):
            return self._fixed_moment(value)
        if value not in self.as_moments:
            if isinstance(value, ex.Function):
                found = fold_moments(value.name, [self.moments(each) for each in value.arguments])
            else:
                found = read_moments(self.array(value))
            self.as_moments[value] = found
        return self.as_moments[value]

    def _fixed_moment(self, value: ex.Constant | ex.AsOf) -> Moments:
        if isinstance(value, ex.AsOf):
            assert self.as_of is not None, "the engine asks for AS_OF before it evaluates"
            day, nanosecond = self.as_of, 0
        elif pa.types.is_date(value.type):
            day, nanosecond = int(value.value), 0
        else:
            day, nanosecond = divmod(int(value.value), DAY_NANOSECONDS)
        n = self.n_rows
        return Moments(np.full(n, day), np.full(n, nanosecond), np.ones(n, np.bool_))


# -- numbers ----------------------------------------------------------------------------------------------------------


def divide(left: Numbers, right: Numbers) -> Numbers:
    """NULL by zero."""
    found = np.empty(len(left), np.float64)
    kernels.divide(frozen(left), frozen(right), found)
    return found


def coalesce(*values: Numbers) -> Numbers:
    """The first that is not NULL."""
    found = values[0]
    for each in values[1:]:
        found = np.where(np.isnan(found), each, found)
    return found


def least(*values: Numbers) -> Numbers:
    """The smallest that is not NULL."""
    found = values[0]
    for each in values[1:]:
        found = np.fmin(found, each)  # ignores NaN, which is NULL
    return found


def greatest(*values: Numbers) -> Numbers:
    """The largest that is not NULL."""
    found = values[0]
    for each in values[1:]:
        found = np.fmax(found, each)
    return found


def subtract(left: Numbers, right: Numbers | None = None) -> Numbers:
    """A difference, or with one argument unary minus."""
    return np.negative(left) if right is None else np.subtract(left, right)


NUMERIC: Mapping[str, Callable[..., Numbers]] = {
    "+": np.add, "-": subtract, "*": np.multiply, "/": divide, "MOD": np.fmod, "ABS": np.abs,
    "COALESCE": coalesce, "LEAST": least, "GREATEST": greatest,
}  # fmt: skip


def to_float(constant: ex.Constant) -> float:
    """A literal's nearest float64; Python rounds a ratio of integers once, half to even."""
    value = constant.value
    assert not isinstance(value, str)
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def read_numbers(values: pa.Array) -> Numbers:
    """A stored number as float64, rounded to nearest; NULL as NaN."""
    if pa.types.is_dictionary(values.type):
        entries = np.append(read_numbers(values.dictionary), np.nan)
        found: Numbers = entries[np.asarray(pc.fill_null(values.indices.cast(pa.int64()), len(entries) - 1))]
        return found
    if pa.types.is_decimal(values.type):
        return read_decimals(values)
    bitmap, offset = bitmap_of(values)
    numbers: Numbers = numbers_of(values).astype(np.float64, copy=False)
    if not len(bitmap):
        return numbers
    found = np.empty(len(values), np.float64)
    kernels.read_floats(frozen(numbers), bitmap, offset, found)
    return found


def read_decimals(values: pa.Array) -> Numbers:
    """Decimals as the nearest float64: one exact division where both sides are exact, else one by one."""
    scale = values.type.scale
    if pa.types.is_decimal128(values.type) and 0 <= scale <= 22:
        words = decimal_words(values)
        low, high = words[:, 0].view(np.int64), words[:, 1].view(np.int64)
        if ((high == low >> 63) & (np.abs(low) <= 2**53)).all():
            numbers: Numbers = low.astype(np.float64) / 10.0**scale
            numbers[np.asarray(values.is_null())] = np.nan
            return numbers
    exact = [None if each is None else each.as_integer_ratio() for each in values.to_pylist()]
    return np.array([np.nan if each is None else each[0] / each[1] for each in exact], np.float64)


def decimal_words(values: pa.Array) -> npt.NDArray[np.uint64]:
    """uint64[n, 1, 2 or 4]: the two's complement words of an array of decimals, lowest first."""
    if values.type.bit_width < 64:
        values = values.cast(pa.decimal64(values.type.precision, values.type.scale))
    width = values.type.bit_width // 64
    buffer = values.buffers()[1]
    if buffer is None:
        return np.zeros((len(values), width), np.uint64)
    whole = np.frombuffer(buffer, np.uint64, (values.offset + len(values)) * width)
    return whole.reshape(-1, width)[values.offset :]


# -- times ------------------------------------------------------------------------------------------------------------

MOMENT_PARTS = ("YEAR", "MONTH", "DAY", "HOUR", "WEEKDAY")


def wall_clock(values: pa.Array) -> pa.Array:
    """Timestamps with a zone as that zone's wall clock; all others as they are."""
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        return pc.local_timestamp(values)
    return values


def read_moments(values: pa.Array) -> Moments:
    """A date or timestamp column, of any unit, as days and nanoseconds."""
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    values = wall_clock(values)
    known = ~np.asarray(values.is_null()) if values.null_count else np.ones(len(values), np.bool_)
    filled = values.fill_null(0) if values.null_count else values
    if pa.types.is_date(values.type):
        days = numbers_of(filled).astype(np.int64)
        return Moments(days, np.zeros(len(days), np.int64), known)
    per_day = TICKS_PER_DAY[values.type.unit]
    days, nanoseconds = np.empty(len(values), np.int64), np.empty(len(values), np.int64)
    kernels.split_ticks(numbers_of(filled), per_day, DAY_NANOSECONDS // per_day, days, nanoseconds)
    return Moments(days, nanoseconds, known)


def moment_part(name: str, moments: Moments) -> Numbers:
    """YEAR, MONTH, DAY, HOUR or WEEKDAY, in the proleptic Gregorian calendar."""
    if name in ("HOUR", "WEEKDAY"):
        found = np.empty(len(moments.days), np.float64)
        if name == "HOUR":
            kernels.hours(moments.nanoseconds, moments.known, found)
        else:
            kernels.weekdays(moments.days, moments.known, found)
        return found
    days = moments.days.astype("M8[D]")
    if name == "YEAR":
        part = days.astype("M8[Y]").astype(np.int64) + 1970
    elif name == "MONTH":
        part = days.astype("M8[M]").astype(np.int64) % 12 + 1
    else:
        part = (days - days.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1
    return np.where(moments.known, part.astype(np.float64), np.nan)


def days_between(left: Moments, right: Moments) -> Numbers:
    """Days from ``right`` to ``left``; a fraction where times of day differ."""
    whole = (left.days - right.days).astype(np.float64)
    fraction = (left.nanoseconds - right.nanoseconds).astype(np.float64) / DAY_NANOSECONDS
    return np.where(left.known & right.known, whole + fraction, np.nan)


def earlier(left: Moments, right: Moments) -> npt.NDArray[np.bool_]:
    """Whether the left time lies before the right one."""
    same_day = (left.days == right.days) & (left.nanoseconds < right.nanoseconds)
    return np.asarray((left.days < right.days) | same_day, np.bool_)


def fold_moments(name: str, values: Sequence[Moments]) -> Moments:
    """COALESCE, LEAST or GREATEST of times, NULL ignored."""
    found = values[0]
    for each in values[1:]:
        if name == "COALESCE":
            take = ~found.known
        else:
            better = earlier(each, found) if name == "LEAST" else earlier(found, each)
            take = each.known & (~found.known | better)
        found = Moments(
            np.where(take, each.days, found.days),
            np.where(take, each.nanoseconds, found.nanoseconds),
            np.where(take, each.known, found.known),
        )
    return found


# -- text -------------------------------------------------------------------------------------------------------------


def text_lengths(values: pa.Array) -> Numbers:
    """Code points of every text; once per entry where the text is dictionary-coded."""
    if pa.types.is_dictionary(values.type):
        return read_numbers(pa.DictionaryArray.from_arrays(values.indices, pc.utf8_length(as_text(values.dictionary))))
    return read_numbers(pc.utf8_length(as_text(values)))


def as_text(values: pa.Array) -> pa.Array:
    """Any form of text as large_string."""
    if pa.types.is_dictionary(values.type):
        return values.dictionary.cast(TEXT).take(values.indices)
    return values if values.type == TEXT else values.cast(TEXT)


def text_function(value: ex.Function, arguments: Sequence[pa.Array]) -> pa.Array:
    """UPPER, LEFT, COALESCE, LEAST or GREATEST of text."""
    if value.name in ("UPPER", "LEFT"):
        return map_entries(arguments[0], lambda entries: text_of_one(value, as_text(entries)))
    texts = [as_text(each) for each in arguments]
    if value.name == "COALESCE":
        return pc.coalesce(*texts)
    found = texts[0]
    for each in texts[1:]:  # element-wise extremes of text by bytes, NULL ignored
        better = pc.less(each, found) if value.name == "LEAST" else pc.greater(each, found)
        take = pc.fill_null(better, False)
        found = pc.coalesce(pc.if_else(take, each, found), each)
    return found


def text_of_one(value: ex.Function, texts: pa.Array) -> pa.Array:
    """UPPER or LEFT of plain text."""
    if value.name == "UPPER":
        return pc.utf8_upper(texts)
    length = value.arguments[1]
    assert isinstance(length, ex.Constant)
    return pc.utf8_slice_codeunits(texts, 0, min(int(length.value), 2**31 - 1))  # no text is longer


def map_entries(values: pa.Array, function: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """``function`` of every text, once per entry where the text is dictionary-coded."""
    if pa.types.is_dictionary(values.type):
        return pa.DictionaryArray.from_arrays(values.indices, function(values.dictionary))
    return function(values)
