"""Typed predicates: names and types are resolved, ``let`` is written out, sugar is gone.

Out of ``bind``; into ``backends.interpreter`` as they are and into ``normalise``. Nodes are immutable and hashable.
"""

from __future__ import annotations

from dataclasses import dataclass

from gpu_target.columns.expressions import Constant, Value


@dataclass(frozen=True, slots=True)
class Truth:
    value: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """``value`` against a literal. Exact where ``value`` is stored, as float64 where it is computed."""

    value: Value
    operator: str  # = <> < <= > >=
    constant: Constant


@dataclass(frozen=True, slots=True)
class ComparePair:
    """Two values of one family, neither a literal."""

    left: Value
    operator: str
    right: Value


@dataclass(frozen=True, slots=True)
class InList:
    """``value`` equals one of the literals; ``key`` names them in ``Bound.lists`` (a list can have a million)."""

    value: Value
    key: str


@dataclass(frozen=True, slots=True)
class Like:
    value: Value
    pattern: str
    escape: str | None


@dataclass(frozen=True, slots=True)
class IsNull:
    value: Value


@dataclass(frozen=True, slots=True)
class Contains:
    """An element of the list column ``value`` equals ``item``."""

    value: Value
    item: Value


@dataclass(frozen=True, slots=True)
class ContainsAny:
    """An element of the list column ``value`` is in the list ``key`` of ``Bound.lists``."""

    value: Value
    key: str


@dataclass(frozen=True, slots=True)
class IsUnknown:
    """``(predicate) IS NULL``."""

    operand: Predicate


@dataclass(frozen=True, slots=True)
class Not:
    operand: Predicate


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class CompareTruth:
    """Two predicates compared as booleans, FALSE before TRUE; UNKNOWN where either is."""

    left: Predicate
    operator: str
    right: Predicate


@dataclass(frozen=True, slots=True)
class CoalesceTruth:
    """The first of the predicates that is not UNKNOWN."""

    operands: tuple[Predicate, ...]


Leaf = Compare | ComparePair | InList | Like | IsNull | Contains | ContainsAny
Predicate = Truth | Leaf | IsUnknown | Not | And | Or | CompareTruth | CoalesceTruth
