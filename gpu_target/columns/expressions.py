"""Typed value expressions: what a term compares.

Nodes are immutable, hashable and picklable, so that equal ones are shared.

Every node has an Arrow ``type``. Arithmetic and numeric functions give float64, in which NaN stands for NULL: the
language has no other NaN. Points in time computed from others have no single unit, so they carry ``MOMENT``, which
``columns.values`` represents as days and nanoseconds of the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from fractions import Fraction
from functools import wraps
from typing import TypeVar

import pyarrow as pa

from gpu_target.immutable import immutable

NUMBER = pa.float64()
TEXT = pa.large_string()
DATE = pa.date32()
MOMENT = pa.timestamp("ns")
BOOLEAN = pa.bool_()
MOST_TYPES = 4096  # remembered at once; each access to a nested type makes a new object of it


@immutable
class Column:
    """A column of the record, as the data stores it; a dictionary counts as the type of its entries."""

    name: str
    type: pa.DataType


@immutable
class Lookup:
    """A column of a lookup table, joined to the record; NULL where the key is missing."""

    table: str
    column: str
    type: pa.DataType


@immutable
class Constant:
    """A literal: Fraction (number), str (text), bool, or int (DATE: days; MOMENT: nanoseconds since 1970)."""

    value: Fraction | str | bool | int
    type: pa.DataType


@immutable
class AsOf:
    """The day that the run is as of; given at evaluation, so that a plan does not depend on it."""

    type: pa.DataType = field(default=DATE)


@immutable
class Function:
    """An operator or function by its name in ``language.operators``; ``-`` with one argument is unary minus."""

    name: str
    arguments: tuple[Value, ...]
    type: pa.DataType


Value = Column | Lookup | Constant | AsOf | Function
Answer = TypeVar("Answer")


def once_per_type(ask: Callable[[pa.DataType], Answer]) -> Callable[[pa.DataType], Answer]:
    """Remembers what a function says of a type, by the type's identity: to hash one, Arrow writes it out as text."""
    known: dict[int, tuple[pa.DataType, Answer]] = {}  # the type is kept, so that its identity stays its own

    @wraps(ask)
    def remembered(type_: pa.DataType) -> Answer:
        found = known.get(id(type_))
        if found is None:
            if len(known) >= MOST_TYPES:
                known.clear()
            known[id(type_)] = found = type_, ask(type_)
        return found[1]

    return remembered


@once_per_type
def family(type_: pa.DataType) -> str:
    """number, text, boolean, time, list, or other: values of one family can be compared with each other."""
    if pa.types.is_dictionary(type_):
        return family(type_.value_type)
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "number"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return "text"
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return "time"
    if is_list(type_):
        return "list"
    return "other"


@once_per_type
def plain(type_: pa.DataType) -> pa.DataType:
    """The type without its encoding: a dictionary is its entries, all forms of text are one type, and of lists."""
    if pa.types.is_dictionary(type_):
        return plain(type_.value_type)
    if is_list(type_):
        return pa.large_list(plain(type_.value_type))
    return TEXT if family(type_) == "text" else type_


def is_list(type_: pa.DataType) -> bool:
    """Lists of any layout."""
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_))


def is_exact_number(type_: pa.DataType) -> bool:
    """Integers and decimals: compared with each other without rounding."""
    return bool(pa.types.is_integer(type_) or pa.types.is_decimal(type_))


def is_stored(value: Value) -> bool:
    """A bare column, of the record or of a lookup table: its comparisons with literals are exact."""
    return isinstance(value, (Column, Lookup))


def columns_of(value: Value) -> set[str]:
    """Names of the record's columns that a value reads; those of lookup keys are known to the plan."""
    if isinstance(value, Column):
        return {value.name}
    if isinstance(value, Function):
        return set().union(*(columns_of(each) for each in value.arguments))
    return set()


def lookups_of(value: Value) -> set[str]:
    """Names of the lookup tables that a value reads."""
    if isinstance(value, Lookup):
        return {value.table}
    if isinstance(value, Function):
        return set().union(*(lookups_of(each) for each in value.arguments))
    return set()
