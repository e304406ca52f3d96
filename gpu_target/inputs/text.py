"""Cells of text to typed columns: what a person wrote, read by the declared type and never guessed.

``parse_cell`` says what each type accepts; ``read_text`` gives the same answer for a whole column, with Arrow's parser
where the two agree. Spaces around anything but text do not matter. Only ASCII digits count.
"""

from __future__ import annotations

import datetime
import decimal
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.language.types import FieldType

LIST_SEPARATOR = ";"  # between the elements of a list(text) in one CSV cell
FIRST_DAY = (datetime.date(1, 1, 1) - datetime.date(1970, 1, 1)).days
FIRST_MOMENT = FIRST_DAY * 86_400_000_000  # microseconds
EPOCH = datetime.datetime(1970, 1, 1)
NO_ROWS: npt.NDArray[np.int64] = np.empty(0, np.int64)
MICROSECOND = datetime.timedelta(microseconds=1)

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?)?"
)
_SPACES = " \t\n\v\f\r"
_EXACT = decimal.Context(prec=200, Emax=1_999_999, Emin=-1_999_999, traps=[decimal.InvalidOperation])
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

Value = str | int | float | bool | decimal.Decimal | list[str]


def parse_cell(text: str, wanted: FieldType, pattern: str | None = None) -> Value | None:
    """The value of one cell, or None where ``text`` is no such value.

    Dates are days and timestamps microseconds since 1970-01-01. ``pattern`` is a format of ``datetime.strptime`` for a
    date or timestamp. What each type accepts:

    - ``integer``: digits with an optional sign, within 64 bits; ``1.0`` is none.
    - ``number``: what Python's ``float`` accepts, without underscores; also ``inf`` and ``nan``, in any letter case.
    - ``decimal(p, s)``: a decimal number, with an exponent or without, that p digits and s places hold exactly.
    - ``boolean``: ``true``, ``false``, ``1``, ``0`` in any letter case.
    - ``date``: ``2024-01-31``. ``timestamp``: the same, or followed by a space or ``T`` and ``08``, ``08:30``,
      ``08:30:59`` or ``08:30:59.123456``. Years 1 to 9999.
    - ``list(text)``: elements with ``;`` between them.
    """
    if wanted.kind == "text":
        return text
    if wanted.kind == "list":
        return text.split(LIST_SEPARATOR)
    bare = text.strip(_SPACES)
    if pattern is not None:
        return _by_pattern(bare, wanted.kind, pattern)
    if wanted.kind == "integer":
        # more than 4,000 digits is more than Python converts, and cannot be 64 bits unless led by zeros
        value = int(bare) if len(bare) <= 4000 and _INTEGER.fullmatch(bare) else None
        return value if value is not None and -(2**63) <= value < 2**63 else None
    if wanted.kind == "number":
        return float(bare) if _NUMBER.fullmatch(bare) else None
    if wanted.kind == "decimal":
        return _decimal(bare, wanted.precision, wanted.scale)
    if wanted.kind == "boolean":
        return _BOOLEANS.get(bare.lower())
    return _day(bare) if wanted.kind == "date" else _moment(bare)


def _decimal(text: str, precision: int, scale: int) -> decimal.Decimal | None:
    if len(text) > 150 or not _DECIMAL.fullmatch(text):
        return None
    value = _EXACT.create_decimal(text)
    if not value:
        return decimal.Decimal(0)
    if value.adjusted() >= precision - scale:
        return None
    fitted = value.quantize(decimal.Decimal(1).scaleb(-scale), context=_EXACT)
    return fitted if fitted == value else None


def _day(text: str) -> int | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return (datetime.date.fromisoformat(text) - EPOCH.date()).days
    except ValueError:
        return None


def _moment(text: str) -> int | None:
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        return None
    days, hour, minute, second = _day(found[1]), int(found[2] or 0), int(found[3] or 0), int(found[4] or 0)
    fraction = (found[5] or "").rstrip("0")
    if days is None or hour > 23 or minute > 59 or second > 59 or len(fraction) > 6:
        return None
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    return seconds * 1_000_000 + int(fraction.ljust(6, "0"))


@lru_cache(maxsize=100_000)  # a year has few days, and one distinct text costs 5 µs
def _by_pattern(text: str, kind: str, pattern: str) -> int | None:
    try:
        moment = datetime.datetime.strptime(text, pattern).replace(tzinfo=None)  # its own wall clock
    except ValueError:
        return None
    since = moment - EPOCH
    return since.days if kind == "date" else since // MICROSECOND


def read_text(
    values: pa.Array, wanted: FieldType, pattern: str | None = None
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """A column of text as ``wanted.to_arrow()``, and the positions of the cells that are no such value.

    ``values`` is a string, large_string or string_view array; NULL stays NULL, and a cell that cannot be read is NULL
    in the result. Equal to ``parse_cell`` of every cell.
    """
    target = wanted.to_arrow()
    if wanted.kind == "text":
        return pc.cast(values, target), NO_ROWS
    if wanted.kind == "list":
        return pc.cast(pc.split_pattern(values, LIST_SEPARATOR), target), NO_ROWS
    if pattern is None:
        fast = _by_arrow(values, wanted, target)
        if fast is None:
            fast = _by_arrow(pc.ascii_trim_whitespace(values), wanted, target)
        if fast is not None:
            return fast, NO_ROWS
    return _by_cell(values, wanted, pattern, target)


def _by_arrow(values: pa.Array, wanted: FieldType, target: pa.DataType) -> pa.Array | None:
    """The column by Arrow's parser; None where that refuses a cell or reads more than ``parse_cell`` does."""
    try:
        found = pc.cast(values, target)
    except pa.ArrowInvalid:
        return None
    if wanted.kind == "integer":  # it takes hexadecimal
        wider = pc.any(pc.match_substring(values, "x", ignore_case=True)).as_py()
    elif wanted.kind == "number":  # it takes nan(1)
        wider = pc.any(pc.is_nan(found)).as_py() and pc.any(pc.match_substring(values, "(")).as_py()
    elif wanted.kind == "decimal":  # as many digits as parse_cell reads
        wider = (pc.max(pc.binary_length(values)).as_py() or 0) > 100
    elif wanted.kind in ("date", "timestamp"):  # it takes the year 0
        first = FIRST_DAY if wanted.kind == "date" else FIRST_MOMENT
        whole = found.cast(pa.int32() if wanted.kind == "date" else pa.int64())
        wider = (pc.min(whole).as_py() or 0) < first
    else:
        wider = False
    return None if wider else found


def _by_cell(
    values: pa.Array, wanted: FieldType, pattern: str | None, target: pa.DataType
) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    entries = values.dictionary_encode()
    parsed = [None if text is None else parse_cell(text, wanted, pattern) for text in entries.dictionary.to_pylist()]
    stored = {"date": pa.int32(), "timestamp": pa.int64()}.get(wanted.kind, target)
    found = pa.array(parsed, type=stored).cast(target).take(entries.indices)
    bad = pc.and_(pc.is_valid(values), pc.is_null(found))
    return found, np.flatnonzero(bad.to_numpy(zero_copy_only=False)).astype(np.int64)


def expected(wanted: FieldType, pattern: str | None = None) -> str:
    """What a cell of this type looks like, for a message."""
    if pattern is not None:
        example = datetime.datetime(2024, 1, 31, 8, 30, 59).strftime(pattern)
        return f"{wanted} written as {pattern}, such as {example}"
    return {
        "integer": "integer such as 42, within 64 bits",
        "number": "number such as 12.5",
        "decimal": f"{wanted}: at most {wanted.precision - wanted.scale} digits before the point, {wanted.scale} after",
        "boolean": "boolean: true, false, 1 or 0",
        "date": "date such as 2024-01-31",
        "timestamp": "timestamp such as 2024-01-31 08:30:00",
    }.get(wanted.kind, str(wanted))


def advice(text: str, wanted: FieldType, pattern: str | None = None) -> str:
    """What to write instead of a cell that could not be read."""
    bare = text.strip(_SPACES)
    if not bare:
        return "only the empty cell is missing; list others under null_values of a map"
    if wanted.kind in ("date", "timestamp"):
        if pattern is None and _moment(bare) is not None:
            return "the cells hold times: declare the type timestamp, or give a format"
        return "give the format its cells have in a map, such as format: '%d/%m/%Y'"
    if wanted.kind == "integer" and _NUMBER.fullmatch(bare):
        return "declare the type number, or decimal(p, s) to keep the digits"
    if wanted.is_numeric and re.fullmatch(r"[+-]?[0-9][0-9 .,'\u00a0\u202f]*", bare):
        return "write numbers with a point and without separators, such as 1234.56"
    if wanted.kind == "boolean":
        return "declare the type text and compare with it in the rules"
    return "correct the cell, declare another type in a map, or list it under null_values if it means missing"
