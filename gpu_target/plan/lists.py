"""Lists of values, typed by the column that they meet."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.expressions import NUMBER, TEXT, family, is_list
from gpu_target.columns.values import read_moments
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import RuleSet, Scalar, ValueList
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan.literals import DAY_NANOSECONDS, BadLiteral, parse_cell

BEYOND_FLOATS = Fraction(2) ** 1024  # rounds to an infinity in every float type, and equals no stored exact number
Item = Fraction | str | bool | int


@dataclass(frozen=True)
class Members:
    """The values of a list without duplicates: text of a named list as a large_string array, for it can be long; all
    else as a tuple, numbers as int or Fraction, times in nanoseconds."""

    kind: str  # family
    values: pa.LargeStringArray | tuple[Item, ...]


@dataclass
class BoundLists:
    """Every list that a rule set uses, under a key per list and family, bound once.

    A list written inside a predicate is named by its content, so that a plan does not depend on what else was bound.
    """

    ruleset: RuleSet
    errors: list[Diagnostic]
    bound: dict[str, Members] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def inline(self, values: tuple[Item, ...], type_: pa.DataType) -> str:
        """The key of a list written inside a predicate."""
        kind = family(type_)
        unique = tuple(dict.fromkeys(values))
        key = "#" + hashlib.blake2b(repr((kind, unique)).encode(), digest_size=16).hexdigest()
        if key not in self.bound:
            self.bound[key] = Members(kind, unique)
        return key

    def scalars(self, scalars: Sequence[Scalar], type_: pa.DataType) -> tuple[Item, ...]:
        """Values of ``flow`` and ``offices``; those that do not fit the column are reported."""
        values: list[Item] = []
        for scalar in scalars:
            try:
                values.append(parse_cell(scalar.text, type_))
            except BadLiteral as error:
                self.errors.append(
                    Diagnostic(
                        "RT109",
                        f"`{scalar.text}` does not fit the column",
                        scalar.span,
                        f"expected {error}",
                        "write values of the column's type",
                    )
                )
        return tuple(values)

    def named(self, node: ast.ListName, type_: pa.DataType, place: Span) -> str | None:
        """The key of ``@name`` read as values of a column's type; None where a problem was reported."""
        found = self.ruleset.lists.get(node.name)
        if found is None:
            remedy = did_you_mean(node.name, self.ruleset.lists, f"define it: lists: {{{node.name}: [...]}}")
            self.errors.append(
                Diagnostic("RT102", f"there is no list `@{node.name}`", place, "not under `lists`", remedy)
            )
            return None
        whole = pa.types.is_integer(type_)
        key = f"@{node.name}:{family(type_)}{':whole' if whole else ''}"
        if key not in self.bound and key not in self.failed:
            members = self._read(found, type_, place)
            if members is None:
                self.failed.add(key)
            else:
                self.bound[key] = members
        return None if key in self.failed else key

    def _read(self, found: ValueList, type_: pa.DataType, place: Span) -> Members | None:
        kind = family(type_)
        values = found.values
        if is_list(values.type) or family(values.type) not in ("text", kind):
            self.errors.append(
                Diagnostic(
                    "RT109",
                    f"the list `@{found.name}` holds {values.type} and meets {type_}",
                    place,
                    remedy="use a list of the column's type",
                )
            )
            return None
        if kind == "text":
            return Members(kind, pc.unique(values.cast(TEXT)))
        if family(values.type) == kind:
            return Members(kind, typed_items(values))
        if pa.types.is_integer(type_) and not pc.any(pc.match_substring(values, "x", ignore_case=True)).as_py():
            try:  # the fast way for a million ids; what it cannot read, and hexadecimal, is looked at one by one
                return Members(kind, tuple(pc.unique(pc.cast(values, pa.int64())).to_pylist()))
            except pa.ArrowInvalid:
                pass
        return self._parse(found, type_)

    def _parse(self, found: ValueList, type_: pa.DataType) -> Members | None:
        kind = family(type_)
        items: dict[Item, None] = {}
        wrong = 0
        for row, text in enumerate(found.values.to_pylist()):
            try:
                items[parse_cell(text, NUMBER if kind == "number" else type_)] = None
            except BadLiteral as error:
                wrong += 1
                if wrong <= 3:
                    self._report(found, row, text, str(error))
        return None if wrong else Members(kind, tuple(items))

    def _report(self, found: ValueList, row: int, text: str, expected: str) -> None:
        span = found.spans[row] if found.spans else None
        place = "" if span or found.path is None else f"{found.path}: row {row + 1}"
        self.errors.append(
            Diagnostic(
                "RT109",
                f"`{text}` in the list `@{found.name}` does not fit the column it is used with",
                span,
                f"expected {expected}",
                "mend the value, or use the list with a column of its type",
                place,
            )
        )


def typed_items(values: pa.Array) -> tuple[Item, ...]:
    """Values of a typed array in the form that predicates compare: exact numbers, booleans, nanoseconds."""
    unique = pc.unique(values).drop_null()
    kind = family(values.type)
    if kind == "time":
        moments = read_moments(unique)
        pairs = zip(moments.days.tolist(), moments.nanoseconds.tolist(), strict=True)
        return tuple(day * DAY_NANOSECONDS + nanosecond for day, nanosecond in pairs)
    if pa.types.is_integer(values.type) or kind == "boolean":
        return tuple(unique.to_pylist())
    return tuple(exact_number(each) for each in unique.to_pylist() if each == each)


def exact_number(value: float | Decimal) -> Fraction:
    """A float or decimal as an exact number; an infinity as one that rounds to it."""
    if math.isinf(value):
        return BEYOND_FLOATS if value > 0 else -BEYOND_FLOATS
    return Fraction(value)
