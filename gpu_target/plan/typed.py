"""Typed predicates: names and types are resolved, ``let`` is written out, sugar is gone.

Out of ``bind``; into ``backends.interpreter`` as they are and into ``normalise``. Nodes are immutable and hashable.
"""

from __future__ import annotations

from gpu_target.columns.expressions import Constant, Value
from gpu_target.immutable import immutable


@immutable
class Truth:
    value: bool


@immutable
class Compare:
    """``value`` against a literal. Exact where ``value`` is stored, as float64 where it is computed."""

    value: Value
    operator: str  # = <> < <= > >=
    constant: Constant


@immutable
class ComparePair:
    """Two values of one family, neither a literal."""

    left: Value
    operator: str
    right: Value


@immutable
class InList:
    """``value`` equals one of the literals; ``key`` names them in ``Bound.lists`` (a list can have a million)."""

    value: Value
    key: str


@immutable
class Like:
    value: Value
    pattern: str
    escape: str | None


@immutable
class IsNull:
    value: Value


@immutable
class Contains:
    """An element of the list column ``value`` equals ``item``."""

    value: Value
    item: Value


@immutable
class ContainsAny:
    """An element of the list column ``value`` is in the list ``key`` of ``Bound.lists``."""

    value: Value
    key: str


@immutable
class IsUnknown:
    """``(predicate) IS NULL``."""

    operand: Predicate


@immutable
class Not:
    operand: Predicate


@immutable
class And:
    operands: tuple[Predicate, ...]


@immutable
class Or:
    operands: tuple[Predicate, ...]


@immutable
class CompareTruth:
    """Two predicates compared as booleans, FALSE before TRUE; UNKNOWN where either is."""

    left: Predicate
    operator: str
    right: Predicate


@immutable
class CoalesceTruth:
    """The first of the predicates that is not UNKNOWN."""

    operands: tuple[Predicate, ...]


Leaf = Compare | ComparePair | InList | Like | IsNull | Contains | ContainsAny
Predicate = Truth | Leaf | IsUnknown | Not | And | Or | CompareTruth | CoalesceTruth
