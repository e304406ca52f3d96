"""The syntax tree of a predicate: what was written, with where it stands, before names and types are known.

``span`` is a pair of character offsets into the predicate's own text. It takes no part in equality, so a tree equals
the tree parsed from its canonical text.
"""

from __future__ import annotations

from dataclasses import field

from gpu_target.immutable import immutable

Offsets = tuple[int, int]
NOWHERE: Offsets = (0, 0)


def _span() -> Offsets:
    return field(default=NOWHERE, compare=False, repr=False)


@immutable
class Number:
    """``text`` as written, without a sign: ``7``, ``7.0``, ``1e-05``. A minus before it is ``Negate``."""

    text: str
    span: Offsets = _span()


@immutable
class String:
    value: str  # doubled quotes already single
    span: Offsets = _span()


@immutable
class Boolean:
    value: bool
    span: Offsets = _span()


@immutable
class Date:
    days: int  # since 1970-01-01, proleptic Gregorian
    span: Offsets = _span()


@immutable
class Timestamp:
    nanoseconds: int  # since 1970-01-01 00:00:00, no time zone
    span: Offsets = _span()


@immutable
class AsOf:
    span: Offsets = _span()


@immutable
class Name:
    """A column or a name of ``let``."""

    name: str
    quoted: bool = field(default=False, compare=False)
    span: Offsets = _span()


@immutable
class TableColumn:
    """``table.column`` of a lookup table."""

    table: str
    column: str
    span: Offsets = _span()


@immutable
class ListName:
    """``@list``; only on the right of IN and as an argument of CONTAINS_ANY."""

    name: str
    span: Offsets = _span()


@immutable
class Negate:
    operand: Expr
    span: Offsets = _span()


@immutable
class Arithmetic:
    operator: str  # + - * /
    left: Expr
    right: Expr
    span: Offsets = _span()


@immutable
class Call:
    function: str  # upper case, a key of operators.FUNCTIONS
    arguments: tuple[Expr, ...]
    span: Offsets = _span()


@immutable
class Compare:
    operator: str  # = <> < <= > >=   (!= is read as <>)
    left: Expr
    right: Expr
    span: Offsets = _span()


@immutable
class Between:
    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False
    span: Offsets = _span()


@immutable
class In:
    operand: Expr
    items: tuple[Expr, ...] | ListName
    negated: bool = False
    span: Offsets = _span()


@immutable
class Like:
    operand: Expr
    pattern: str
    escape: str | None = None
    negated: bool = False
    span: Offsets = _span()


@immutable
class IsNull:
    operand: Expr
    negated: bool = False
    span: Offsets = _span()


@immutable
class Not:
    operand: Expr
    span: Offsets = _span()


@immutable
class And:
    operands: tuple[Expr, ...]  # two or more, as written: a parenthesised AND inside stays an And of its own
    span: Offsets = _span()


@immutable
class Or:
    operands: tuple[Expr, ...]
    span: Offsets = _span()


Expr = (
    Number | String | Boolean | Date | Timestamp | AsOf | Name | TableColumn | ListName | Negate | Arithmetic | Call
    | Compare | Between | In | Like | IsNull | Not | And | Or
)  # fmt: skip
