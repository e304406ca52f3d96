"""Values of text, boolean and list columns that could make conditions hold: those that the conditions name.

Each candidate comes with the words for it. Texts are either the same or not, so all of them are equally far from the
old one; of those that a list holds, the one that shares the longest beginning with the old value comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, Row
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import family
from gpu_target.explaining.axes import axis_of
from gpu_target.explaining.trees import leaves_of, reads_directly
from gpu_target.explaining.written import quoted, text_of
from gpu_target.plan import typed
from gpu_target.plan.atoms import split_pattern
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.plan import values_of
from gpu_target.plan.typed import Predicate

MOST_SORTED = 10_000  # values of a list that are put in the order of how much they share with the old one
MOST_TRIED = 20_000  # values of one list
MOST_KEYS = 2_000  # of a lookup table
OTHERS = ("0", "1", "X", "")  # tried as values that no condition names


class Candidate(NamedTuple):
    """A value, and what it would have to be in words: ``begin with '8703'``."""

    value: Any
    words: str


class Names:
    """Candidates for one record."""

    def __init__(self, evaluator: Evaluator, tables: Mapping[str, BoundTable], row: Row) -> None:
        self.evaluator, self.tables, self.row = evaluator, tables, row

    def candidates(self, column: ex.Column, conditions: Sequence[Predicate], old: Any) -> Iterator[Candidate]:
        """Values other than NULL for the column, the ones that conditions name first."""
        kind = family(column.type)
        if kind == "boolean":
            yield from (Candidate(each, f"be {'TRUE' if each else 'FALSE'}") for each in (True, False))
            return
        leaves = [leaf for term in conditions for leaf in leaves_of(term)]
        if kind == "list":
            yield from self.lists_of(column, leaves, old)
            return
        for leaf in leaves:
            if reads_directly(leaf, column.name):
                yield from self.texts(leaf, column, old or "")
        yield from self.table_keys(column.name, conditions)
        for each in (*OTHERS, f"{old or ''}0"):
            yield Candidate(each, f"be another text, such as {quoted(each)}")

    # -- text ---------------------------------------------------------------------------------------------------------

    def texts(self, leaf: typed.Leaf, column: ex.Column, old: str) -> Iterator[Candidate]:
        """The texts that a leaf names for a column that it reads."""
        bare = column in (getattr(leaf, "value", None), getattr(leaf, "left", None), getattr(leaf, "right", None))
        if isinstance(leaf, typed.Like) and bare:
            yield from like_texts(leaf.pattern, leaf.escape, old)
        elif isinstance(leaf, typed.Compare) and bare:
            literal = str(leaf.constant.value)
            if leaf.operator in ("=", "<>"):
                yield Candidate(literal, f"be {quoted(literal)}")
            else:
                yield from beside(literal, leaf.operator)
        elif isinstance(leaf, typed.InList) and bare:
            yield from self.members(leaf.key, old)
        elif isinstance(leaf, typed.ComparePair) and bare:
            other = leaf.right if leaf.left == column else leaf.left
            found = self.evaluator.value(other)(self.row)
            if isinstance(found, str):
                yield Candidate(found, f"be {quoted(found)}")
                yield from beside(found, leaf.operator)
        elif isinstance(leaf, typed.Contains) and leaf.item == column:
            elements = self.evaluator.value(leaf.value)(self.row) or []
            yield from (Candidate(each, f"be {quoted(each)}") for each in elements if isinstance(each, str))
        else:
            yield from self.inside(leaf, old)

    def inside(self, leaf: typed.Leaf, old: str) -> Iterator[Candidate]:
        """Texts for a column inside functions: what the leaf names as the whole, or as the beginning of the old one."""
        named: list[Any] = []
        if isinstance(leaf, typed.Compare):
            named = [leaf.constant.value]
        elif isinstance(leaf, typed.InList):
            named = list(self.evaluator.members(leaf.key)[:MOST_KEYS])
        elif isinstance(leaf, typed.ComparePair):
            named = [self.evaluator.value(each)(self.row) for each in (leaf.left, leaf.right)]
        elif isinstance(leaf, typed.Like):
            named = [each.value for each in like_texts(leaf.pattern, leaf.escape, old)]
        for each in named:
            if isinstance(each, str):
                for text in dict.fromkeys((each + old[len(each) :], each, f"{each}0")):
                    yield Candidate(text, f"be {quoted(text)}")
            elif each is not None:
                yield from of_length(each, old)

    def members(self, key: str, old: str) -> Iterator[Candidate]:
        """The values of a list, those that begin most like the old one first."""
        values = self.evaluator.members(key)
        if len(values) <= MOST_SORTED:
            values = sorted(values, key=lambda each: -shared(each, old))
        for each in values[:MOST_TRIED]:
            yield Candidate(each, f"be {one_of(key, values, quoted(each))}")

    def table_keys(self, name: str, conditions: Sequence[Predicate]) -> Iterator[Candidate]:
        """The keys of the tables that conditions look up by the column."""
        names = {each.table for each in values_of(tuple(conditions)) if isinstance(each, ex.Lookup)}
        for table in (self.tables[each] for each in sorted(names)):
            if name in table.keys:
                for key in table.key_arrays[table.keys.index(name)][:MOST_KEYS].to_pylist():
                    if isinstance(key, str):
                        yield Candidate(key, f"be {quoted(key)}, a key of the table {table.name}")

    # -- lists --------------------------------------------------------------------------------------------------------

    def lists_of(self, column: ex.Column, leaves: Sequence[typed.Leaf], old: Any) -> Iterator[Candidate]:
        """The old list with an element more, or with fewer."""
        element = ex.Column("", ex.plain(column.type.value_type))
        held = list(old or [])
        for leaf in leaves:
            if isinstance(leaf, typed.Contains) and leaf.value == column:
                item = (
                    self.evaluator.literal(leaf.item.value, element)
                    if isinstance(leaf.item, ex.Constant)
                    else self.evaluator.value(leaf.item)(self.row)
                )
                shown = text_of(item, element.type)
                if item is not None and holds_value(element.type, item):
                    yield Candidate([*held, item], f"contain {shown}")
                    yield Candidate([each for each in held if each != item], f"not contain {shown}")
            elif isinstance(leaf, typed.ContainsAny) and leaf.value == column:
                values = [self.evaluator.literal(each, element) for each in self.evaluator.members(leaf.key)]
                for each in (value for value in values[:MOST_KEYS] if holds_value(element.type, value)):
                    shown = text_of(each, element.type)
                    yield Candidate([*held, each], f"contain {one_of(leaf.key, values, shown)}")
                known = set(values)
                yield Candidate([each for each in held if each not in known], f"contain none of {list_name(leaf.key)}")
        yield Candidate([], "be an empty list")


def shared(left: str, right: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next(
        (place for place, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )


def holds_value(type_: pa.DataType, value: Any) -> bool:
    """Whether a column of the type can hold a value of its family."""
    if family(type_) not in ("number", "time"):
        return True
    axis = axis_of(type_)
    at = axis.near(value)
    return axis.inside(at) and bool(axis.value(at) == value)


def like_texts(pattern: str, escape: str | None, old: str) -> Iterator[Candidate]:
    """Texts that fit a pattern: its beginning put before the rest of the old value, and the pattern filled in."""
    literal, rest = split_pattern(pattern, escape)
    if rest == "":
        yield Candidate(literal, f"be {quoted(literal)}")
        return
    if rest == "%":
        kept = literal + old[len(literal) :]
        yield Candidate(kept, f"begin with {quoted(literal)}")
        return
    filled = []
    characters = iter(pattern)
    for character in characters:
        filled.append(next(characters) if character == escape else {"%": "", "_": "0"}.get(character, character))
    found = "".join(filled)
    yield Candidate(found, f"fit {quoted(pattern)}, such as {quoted(found)}")


def beside(literal: str, operator: str) -> Iterator[Candidate]:
    """Texts before and after a literal, in the order of their bytes."""
    way = {"<": "come before", "<=": "come before or be", ">": "come after", ">=": "come after or be"}.get(operator)
    for each in (literal, f"{literal}0", f"{literal}\0", literal[:-1], ""):
        yield Candidate(each, f"{way} {quoted(literal)}" if way else f"be {quoted(each)}")


def of_length(number: Any, old: str) -> Iterator[Candidate]:
    """The old text cut or lengthened to about so many characters."""
    if not 0 <= number <= 1_000:
        return
    for length in dict.fromkeys(max(0, int(number) + step) for step in (0, 1, -1)):
        yield Candidate(old[:length].ljust(length, "0"), f"have {length} characters")


def list_name(key: str) -> str:
    """``@name`` of a named list, or words for one written inside a condition."""
    return f"@{key[1:].rsplit(':', 2 if key.endswith(':whole') else 1)[0]}" if key.startswith("@") else "the list"


def one_of(key: str, values: Sequence[Any], example: str) -> str:
    """``'XA', one of the 2 values of @high_risk_origins``."""
    if len(values) == 1:
        return example
    return f"{example}, one of the {len(values):,} values of {list_name(key)}"


def distinct(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each value once."""
    seen: list[Any] = []
    known: set[Any] = set()
    for each in candidates:
        if isinstance(each.value, list):
            if each.value in seen:
                continue
            seen.append(each.value)
        elif each.value in known:
            continue
        else:
            known.add(each.value)
        yield each
