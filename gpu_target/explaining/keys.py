"""The key that names a record: its text against the key columns, and the rows that have it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Never

import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.backends.interpreter import python_values
from gpu_target.columns import expressions as ex
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import family
from gpu_target.explaining.written import text_of
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.suggest import one_of
from gpu_target.language.wording import counted
from gpu_target.plan.literals import BadLiteral, nearest_float, parse_cell

SHOWN = 8  # keys that a message names


@dataclass(frozen=True)
class Key:
    """The first columns of the key, as many as were given, and the value of each as the interpreter holds it."""

    columns: tuple[str, ...]
    values: tuple[Any, ...]
    types: tuple[pa.DataType, ...]

    @property
    def text(self) -> str:
        return ", ".join(
            f"{name} {text_of(value, type_)}"
            for name, value, type_ in zip(self.columns, self.values, self.types, strict=True)
        )

    @property
    def whole_number(self) -> int | None:
        """The declaration where it is a whole number."""
        return self.values[0] if pa.types.is_integer(self.types[0]) else None

    def has_declaration(self, column: pa.Array) -> pa.Array:
        """bool: the rows whose first key column has the value."""
        if pa.types.is_dictionary(column.type):
            return self.has_declaration(column.dictionary).take(column.indices)
        type_, value = self.types[0], self.values[0]
        if pa.types.is_integer(type_) or family(type_) == "text":
            return pc.equal(column, pa.scalar(value, column.type))
        return pa.array([each == value for each in python_values(column)], pa.bool_())


def parse_key(
    parts: Sequence[Any],
    key: Sequence[str],
    schema: Mapping[str, pa.DataType],
    known: Callable[[], Sequence[str]] = tuple,
) -> Key:
    """A key from its parts, texts or values; at least the first part, which is the declaration.

    ``known`` gives a key of the data, part by part, for a message to show; it is asked only then.

    Raises UsageError: US051 where there are too many parts or one is no value of its column, US016 without a key.
    """
    if not key:
        remedy = "name its columns in the rule set or the map: key: [COLUMN]"
        raise UsageError(Diagnostic("US016", "a record is found by its key, and no key is known", remedy=remedy))
    names = ", ".join(key)
    if len(parts) > len(key):
        message = f"the key has {counted(len(key), 'column')} ({names}), and {len(parts)} values were given"
        wrong_key(message, such_as(key, known()))
    empty = [name for name, part in zip(key, parts or ("",), strict=False) if part in ("", None)]
    if empty:
        what = "is empty" if len(parts) < 2 else f"has an empty part, `{empty[0]}`"
        wrong_key(f"the key ({names}) {what}", such_as(key, known()))
    columns, types, values = tuple(key[: len(parts)]), [], []
    for name, part in zip(columns, parts, strict=True):
        type_ = ex.plain(schema[name])
        types.append(type_)
        try:
            values.append(value_of(part, type_))
        except (BadLiteral, pa.ArrowInvalid, OverflowError):
            wrong_key(
                f"`{part}` is no value of the key column `{name}`, which holds {kind_of(type_)}", such_as(key, known())
            )
    return Key(columns, tuple(values), tuple(types))


def such_as(key: Sequence[str], known: Sequence[str]) -> str:
    """How a key is given: one that the data has, or else the names of its columns."""
    return f"give one such as --key {','.join(known)}" if known else f"give --key {','.join(key).upper()}"


def written(batch: pa.RecordBatch) -> list[str]:
    """The first row of key columns as ``--key`` takes its parts; nothing where one is missing."""
    found = []
    for column in batch.columns:
        (value,) = python_values(decoded(column.slice(0, 1)))
        if value is None:
            return []
        text = text_of(value, ex.plain(column.type))
        if isinstance(value, str):
            text = value if not set(value) & set(', "') else '"' + value.replace('"', '""') + '"'
        found.append(text)
    return found


def kind_of(type_: pa.DataType) -> str:
    """What a column holds, in words."""
    if pa.types.is_integer(type_):
        return "whole numbers"
    words = {"number": "numbers", "text": "texts", "boolean": "TRUE or FALSE"}
    if family(type_) == "time":
        return "dates such as 2024-01-31" if pa.types.is_date(type_) else "times such as 2024-01-31 08:00:00"
    return words.get(family(type_), f"values of type {type_}")


def value_of(part: Any, type_: pa.DataType) -> Any:
    """One part of a key as the interpreter holds values of the type."""
    if not isinstance(part, str):
        return python_values(pa.array([part]).cast(type_))[0]
    value = parse_cell(part if family(type_) == "text" else part.strip(), type_)
    if pa.types.is_integer(type_):
        return pa.scalar(int(value), type_).as_py()
    if pa.types.is_floating(type_):
        return nearest_float(Fraction(value), type_)
    return value


def wrong_key(message: str, remedy: str) -> Never:
    """Raise UsageError with US051."""
    raise UsageError(Diagnostic("US051", message, place="--key", remedy=remedy))


def chosen(rows: Sequence[Mapping[str, Any]], key: Key, item_columns: Sequence[str]) -> list[int]:
    """The places of the rows that have the whole of the key. Raises UsageError with US050 where none has."""
    found = [
        place
        for place, row in enumerate(rows)
        if all(row[name] == value for name, value in zip(key.columns, key.values, strict=True))
    ]
    if not found:
        items = [tuple(row[name] for name in item_columns) for row in rows]
        shown = [",".join(str(each) for each in item) for item in dict.fromkeys(items)]
        first = f"{key.columns[0]} {text_of(key.values[0], key.types[0])}"
        remedy = f"its items are {one_of(shown, SHOWN)}"
        raise UsageError(
            Diagnostic("US050", f"no record has the key {key.text}", place="--key", remedy=f"{first}: {remedy}")
        )
    return found


def no_declaration(key: Key, columns: Iterable[pa.Array]) -> Never:
    """Say that no row has the declaration, and which ones come nearest in their order. Raises UsageError with US050."""
    below: list[Any] = []
    above: list[Any] = []
    value, type_ = key.values[0], key.types[0]
    for column in columns:
        known = sorted(each for each in python_values(pc.unique(decoded(column))) if each is not None)
        place = bisect_left(known, value)
        below = sorted([*below, *known[max(0, place - 2) : place]])[-2:]
        above = sorted([*above, *known[place : place + 2]])[:2]
    near = [text_of(each, type_).strip("'") for each in dict.fromkeys([*below, *above])]
    remedy = f"the nearest that there are: {', '.join(near)}" if near else "the data has no rows"
    message = f"no record has {key.columns[0]} {text_of(value, type_)}"
    raise UsageError(Diagnostic("US050", message, place="--key", remedy=remedy))
