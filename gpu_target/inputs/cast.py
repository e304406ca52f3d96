"""Stored columns to declared types: what a map may ask of Parquet and Arrow data, and which cells cannot follow.

No cell is rounded, cut or wrapped on the way, except where the declared type itself means it: ``number`` is the nearest
float64, and the ``date`` of a moment is its day.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

from gpu_target.inputs.text import NO_ROWS, read_text
from gpu_target.language.types import FieldType

Read = tuple[pa.Array, npt.NDArray[np.int64]]


def is_text(stored: pa.DataType) -> bool:
    """Plain, large, view or dictionary-encoded text."""
    if is_.is_dictionary(stored):
        stored = stored.value_type
    return bool(is_.is_string(stored) or is_.is_large_string(stored) or is_.is_string_view(stored))


def _kind(stored: pa.DataType) -> str:
    """The kind of ``FieldType`` that a stored type holds, or ``""``."""
    if is_.is_dictionary(stored):
        stored = stored.value_type
    if is_.is_list(stored) or is_.is_large_list(stored) or is_.is_list_view(stored) or is_.is_large_list_view(stored):
        return "list" if is_text(stored.value_type) else ""
    tests = {
        "text": is_text, "integer": is_.is_integer, "number": is_.is_floating, "decimal": is_.is_decimal,
        "boolean": is_.is_boolean, "date": is_.is_date, "timestamp": is_.is_timestamp, "null": is_.is_null,
    }  # fmt: skip
    return next((kind for kind, test in tests.items() if test(stored)), "")


_FROM: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "integer", "date", "boolean"}),
    "integer": frozenset({"text", "integer", "number", "decimal"}),
    "number": frozenset({"text", "integer", "number", "decimal"}),
    "decimal": frozenset({"text", "integer", "number", "decimal"}),
    "boolean": frozenset({"text", "integer", "boolean"}),
    "date": frozenset({"text", "date", "timestamp"}),
    "timestamp": frozenset({"text", "date", "timestamp"}),
    "list": frozenset({"text", "list"}),
}


def can_become(stored: pa.DataType, wanted: FieldType, pattern: str | None = None) -> bool:
    """Whether a stored column may be declared as ``wanted``; whole numbers such as 20240131 are dates by a format."""
    kind = _kind(stored)
    return kind == "null" or kind in _FROM[wanted.kind] or (pattern is not None and kind == "integer")


def result_type(stored: pa.DataType, wanted: FieldType) -> pa.DataType:
    """The Arrow type of the column once read: text keeps its own encoding, which is quicker to classify."""
    return stored if wanted.kind == "text" and is_text(stored) else wanted.to_arrow()


def cast(values: pa.Array, wanted: FieldType, pattern: str | None = None) -> Read:
    """``values`` as ``result_type``, and the positions of the cells that cannot be, which are NULL in the result.

    ``can_become(values.type, wanted, pattern)`` holds. A NaN is no value: as an integer or decimal it is NULL.
    """
    if is_text(values.type) and wanted.kind == "text":
        return values, NO_ROWS
    if is_.is_dictionary(values.type):
        return _by_entry(values, wanted, pattern)
    kind, target = _kind(values.type), wanted.to_arrow()
    if kind == "text":
        return read_text(pc.cast(values, pa.large_string()), wanted, pattern)
    if kind == "null":
        return pa.nulls(len(values), target), NO_ROWS
    if pattern is not None and kind == "integer":
        return read_text(pc.cast(values, pa.large_string()), wanted, pattern)
    if kind == "number" and wanted.kind in ("integer", "decimal"):
        return _from_float(values, wanted)
    if wanted.kind == "boolean" and kind == "integer":
        return read_text(pc.cast(values, pa.large_string()), wanted)
    if wanted.is_numeric and kind in ("integer", "decimal"):
        return _from_exact(values, wanted)
    if is_.is_date64(values.type):
        values, kind = pc.cast(values, pa.timestamp("ms")), "timestamp"
    if kind == "timestamp":
        return _from_moment(values, wanted)
    return pc.cast(values, target), NO_ROWS


def _by_entry(values: pa.DictionaryArray, wanted: FieldType, pattern: str | None) -> Read:
    entries, bad_entries = cast(values.dictionary, wanted, pattern)
    found = entries.take(values.indices)
    if not len(bad_entries):
        return found, NO_ROWS
    bad = pc.is_in(values.indices, pa.array(bad_entries).cast(values.indices.type))
    return found, _positions(bad)


def _from_float(values: pa.Array, wanted: FieldType) -> Read:
    """A decimal is the shortest one that means the same float; an integer must have no fraction."""
    wide = pc.cast(values, pa.float64())
    present = pc.and_(pc.is_valid(wide), pc.invert(pc.is_nan(wide)))
    if wanted.kind == "decimal":
        written = pc.if_else(present, pc.cast(values, pa.large_string()), pa.scalar(None, pa.large_string()))
        return read_text(written, wanted)
    whole = pc.and_(pc.equal(pc.trunc(wide), wide), pc.and_(pc.greater_equal(wide, -(2.0**63)), pc.less(wide, 2.0**63)))
    kept = pc.if_else(pc.and_(present, whole), wide, pa.scalar(None, pa.float64()))
    return pc.cast(kept, pa.int64(), safe=False), _positions(pc.and_(present, pc.invert(whole)))


def _from_exact(values: pa.Array, wanted: FieldType) -> Read:
    if wanted.kind == "number":
        return pc.cast(values, pa.float64(), safe=False), NO_ROWS  # the nearest, as when its text is read
    try:
        return pc.cast(values, wanted.to_arrow()), NO_ROWS
    except pa.ArrowInvalid:  # some cells do not fit: their texts say which
        pass
    if is_.is_integer(values.type):
        return read_text(pc.cast(values, pa.large_string()), wanted)
    plain = [None if value is None else format(value, "f") for value in values.to_pylist()]
    written = pa.array(plain, type=pa.large_string())
    if wanted.kind == "integer":
        written = pc.replace_substring_regex(written, r"\.0*$", "")
    return read_text(written, wanted)


def _from_moment(values: pa.Array, wanted: FieldType) -> Read:
    clock = pc.local_timestamp(values) if values.type.tz is not None else values  # the zone's own wall clock
    if wanted.kind == "date":
        return pc.cast(pc.floor_temporal(clock, unit="day"), pa.date32()), NO_ROWS
    try:
        return pc.cast(clock, pa.timestamp("us")), NO_ROWS
    except pa.ArrowInvalid:  # finer than a microsecond, or seconds beyond the range of microseconds
        per = {"ns": 1000}.get(clock.type.unit)
        whole = pc.cast(clock, pa.int64())
        if per is not None:
            lost = pc.not_equal(pc.multiply(pc.divide(whole, per), per), whole)
        else:
            furthest = (2**63 - 1) // {"s": 1_000_000, "ms": 1000}.get(clock.type.unit, 1)
            lost = pc.or_(pc.greater(whole, furthest), pc.less(whole, -furthest))
        kept = pc.if_else(lost, pa.scalar(None, clock.type), clock)
        return pc.cast(kept, pa.timestamp("us")), _positions(lost)


def _positions(mask: pa.Array) -> npt.NDArray[np.int64]:
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)).astype(np.int64)
