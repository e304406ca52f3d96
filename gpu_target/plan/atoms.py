"""Typed leaves as tests of class columns: what each asks, put to the column that can answer it.

After this, a leaf is (column, test, whether it is the test's complement). Equal tests of equal values are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from gpu_target.columns import coded, elements, expressions, ordered, pairs, text
from gpu_target.columns.coded import ClassColumn
from gpu_target.columns.expressions import Constant, Value, family
from gpu_target.plan import typed
from gpu_target.plan.lists import Item, Members
from gpu_target.plan.literals import float_key, nearest_float, unit_nanoseconds

MOST_CLASSES = 65_535  # classes are uint16, and the last is NULL's
MOST_BITS = 12  # patterns or element tests that share one column: 2^12 classes
WORD_BITS = 60  # element tests that are looked up at once: a multiple of those of a column, within one word
NULL_TEST = -1  # the number of the test whether a value is NULL, in every group
PAIR_SETS = {
    "=": 1 << pairs.EQUAL, "<": 1 << pairs.LESS, ">": 1 << pairs.GREATER,
    "<=": 1 << pairs.LESS | 1 << pairs.EQUAL, ">=": 1 << pairs.GREATER | 1 << pairs.EQUAL,
    "<>": 1 << pairs.LESS | 1 << pairs.GREATER,
}  # fmt: skip


class Asked(NamedTuple):
    """A group of tests and the number of one of them; ``negated`` asks for its complement over what is not NULL."""

    group: int
    test: int
    negated: bool = False


class Answer(NamedTuple):
    """Where a test is answered: the class column, and the bit set of its classes on which the test is TRUE."""

    column: int
    classes: int


class Cut(NamedTuple):
    """What a group was cut into for some of its tests: columns by their numbers, and the answers by test."""

    tests: tuple[int, ...]
    columns: dict[int, ClassColumn]
    answers: dict[int, Answer]


class Classes(NamedTuple):
    """The class columns by their numbers, in order; the answers by group and test; the groups that were cut anew."""

    columns: dict[int, ClassColumn]
    answers: dict[int, dict[int, Answer]]
    recut: set[int]


class Part(NamedTuple):
    """Some tests of a group: a column that answers them, and the set of its classes on which each is TRUE."""

    column: ClassColumn
    sets: list[int]


@dataclass
class Group:
    """The tests asked of one value, in order of first appearance."""

    kind: str  # ordered, text, pattern, pair, elements, member
    values: tuple[Value, ...]
    tests: dict[Any, int] = field(default_factory=dict)
    cut: Cut | None = None  # the last time

    def ask(self, test: Any) -> int:
        return self.tests.setdefault(test, len(self.tests))


@dataclass
class Atoms:
    """Collects the tests of all rules, then cuts every value into classes."""

    lists: Mapping[str, Members]
    groups: list[Group] = field(default_factory=list)
    by_value: dict[tuple[str, tuple[Value, ...]], int] = field(default_factory=dict)
    n_columns: int = 0  # cut so far; a column cut anew has a new number
    homes: dict[int, tuple[Value, int]] = field(default_factory=dict)  # by identity of the value, which is kept alive

    def group(self, kind: str, *values: Value) -> int:
        key = (kind, values)
        if key not in self.by_value:
            self.by_value[key] = len(self.groups)
            self.groups.append(Group(kind, values))
        return self.by_value[key]

    def ask(self, leaf: typed.Leaf) -> Asked:
        """Put a leaf to its group."""
        return ASKERS[type(leaf)](self, leaf)

    def _compare(self, leaf: typed.Compare) -> Asked:
        group = self.home(leaf.value)
        test, negated = self._comparison(leaf)
        return Asked(group, self.groups[group].ask(test), negated)

    def _in_list(self, leaf: typed.InList) -> Asked:
        group = self.home(leaf.value)
        return Asked(group, self.groups[group].ask(self._list_test(leaf.key, leaf.value.type)))

    def _is_null(self, leaf: typed.IsNull) -> Asked:
        return Asked(self.home(leaf.value), NULL_TEST)

    def _contains(self, leaf: typed.Contains | typed.ContainsAny) -> Asked:
        if isinstance(leaf, typed.Contains) and not isinstance(leaf.item, Constant):
            group = self.group("member", leaf.value, leaf.item)
            return Asked(group, self.groups[group].ask("in"))
        group = self.group("elements", leaf.value)
        element = expressions.plain(leaf.value.type.value_type)
        return Asked(group, self.groups[group].ask(self._element_test(leaf, element)))

    def home(self, value: Value) -> int:
        """The group where a value's comparisons with literals are asked."""
        known = self.homes.get(id(value))
        if known is None:
            self.homes[id(value)] = known = value, self.group(*self._home(value))
        return known[1]

    @staticmethod
    def _home(value: Value) -> tuple[Any, ...]:
        kind = family(value.type)
        if kind == "text":
            return ("text", value)
        if kind == "list":
            return ("elements", value)
        if kind == "time" and not expressions.is_stored(value):
            return ("pair", value, value)
        return ("ordered", value)

    def _pair(self, leaf: typed.ComparePair) -> Asked:
        group = self.group("pair", leaf.left, leaf.right)
        return Asked(group, self.groups[group].ask(leaf.operator))

    def _like(self, leaf: typed.Like) -> Asked:
        literal, rest = split_pattern(leaf.pattern, leaf.escape)
        if rest not in ("", "%"):
            group = self.group("pattern", leaf.value)
            return Asked(group, self.groups[group].ask((leaf.pattern, leaf.escape)))
        group = self.group("text", leaf.value)
        test = text.Named(literal, None) if rest == "" else text.prefix_range(literal)
        return Asked(group, self.groups[group].ask(test))

    def _list_test(self, key: str, type_: pa.DataType) -> Any:
        members = self.lists[key]
        if members.kind == "text":
            return text.Named(None, key)
        assert isinstance(members.values, tuple)
        return ordered.Points(point_keys(members.values, type_))

    def _element_test(self, leaf: typed.Contains | typed.ContainsAny, element: pa.DataType) -> Any:
        if isinstance(leaf, typed.ContainsAny):
            return self._list_test(leaf.key, element)
        assert isinstance(leaf.item, Constant)
        if family(element) == "text":
            return text.Named(str(leaf.item.value), None)
        assert not isinstance(leaf.item.value, str)
        point = point_key(leaf.item.value, element)
        return ordered.Points(() if point is None else (point,))

    def _comparison(self, leaf: typed.Compare) -> tuple[Any, bool]:
        """The test of a comparison with a literal, and whether it is to be negated."""
        negated = leaf.operator == "<>"
        operator = "=" if negated else leaf.operator
        value = leaf.constant.value
        if isinstance(value, str):
            return text_test(operator, value), negated
        low, high = key_bounds(value, leaf.value.type)
        if operator == "=":
            return ordered.Interval(low, high), negated
        lowest, highest = key_range(leaf.value.type)
        if operator in ("<", "<="):
            return ordered.Interval(lowest, low if operator == "<" else high), negated
        return ordered.Interval(low if operator == ">=" else high, highest), negated

    # -- classes ------------------------------------------------------------------------------------------------------

    def cut(self, asked: Iterable[Asked]) -> Classes:
        """Class columns that answer what is asked: groups and tests count in the order of ``asked``.

        A group whose tests are those of the last time keeps its columns; one that nothing asks any more loses them.
        """
        wanted: dict[int, dict[int, None]] = {}
        for each in asked:
            tests = wanted.setdefault(each.group, {})
            if each.test != NULL_TEST:
                tests[each.test] = None
        for number, group in enumerate(self.groups):
            if number not in wanted:
                group.cut = None
        found = Classes({}, {}, set())
        for number, wanted_tests in wanted.items():
            group = self.groups[number]
            chosen = tuple(wanted_tests)
            if group.cut is None or group.cut.tests != chosen:
                group.cut = self._cut_group(group, chosen)
                found.recut.add(number)
            found.columns.update(group.cut.columns)
            found.answers[number] = group.cut.answers
        return found

    def _cut_group(self, group: Group, chosen: tuple[int, ...]) -> Cut:
        names = list(group.tests)
        columns: dict[int, ClassColumn] = {}
        answers: list[Answer] = []
        for column, sets in self._parts(group, [names[each] for each in chosen]):
            answers += [Answer(self.n_columns, classes) for classes in sets]
            columns[self.n_columns] = column
            self.n_columns += 1
        by_test = dict(zip(chosen, answers, strict=True))
        by_test[NULL_TEST] = Answer(self.n_columns - 1, 1 << column.null)
        return Cut(chosen, columns, by_test)

    def _parts(self, group: Group, tests: list[Any]) -> list[Part]:
        """A group's tests as one column, or as several where one would have too many classes."""
        if group.kind == "elements":
            return self._element_parts(group, tests)
        if group.kind == "pattern" and len(tests) > MOST_BITS:
            return [
                part for k in range(0, len(tests), MOST_BITS) for part in self._parts(group, tests[k : k + MOST_BITS])
            ]
        column, sets = self._column(group, tests)
        if column.null < MOST_CLASSES:
            return [Part(column, sets)]
        half = len(tests) // 2
        return self._parts(group, tests[:half]) + self._parts(group, tests[half:])

    def _element_parts(self, group: Group, tests: list[Any]) -> list[Part]:
        """Columns over the same classes of elements, so that a batch classifies its elements once."""
        value = group.values[0]
        classes, sets = self._cut_values(expressions.plain(value.type.value_type), tests)
        if classes.null >= MOST_CLASSES:
            half = len(tests) // 2
            return self._element_parts(group, tests[:half]) + self._element_parts(group, tests[half:])
        found: list[Part] = []
        for k in range(0, max(len(sets), 1), WORD_BITS):  # one column at least: IS NULL alone asks no set
            together = sets[k : k + WORD_BITS]
            shared = elements.element_sets(classes, together)
            for first in range(0, max(len(together), 1), MOST_BITS):
                count = min(MOST_BITS, len(together) - first)
                found.append(Part(elements.ElementsColumn(value, shared, first, count), bit_sets(count)))
        return found

    def _column(self, group: Group, tests: list[Any]) -> tuple[ClassColumn, list[int]]:
        value = group.values[0]
        if group.kind == "pair":
            return pairs.PairColumn(value, group.values[1]), [PAIR_SETS[test] for test in tests]
        if group.kind == "member":
            return pairs.MemberColumn(value, group.values[1]), [0b10 for _ in tests]
        if group.kind == "pattern":
            return coded.PatternColumn(value, tuple(tests)), bit_sets(len(tests))
        classes, sets = self._cut_values(value.type, tests)
        if isinstance(classes, text.TextClasses):
            return coded.TextColumn(value, classes), sets
        return coded.OrderedColumn(value, classes), sets

    def _cut_values(
        self, type_: pa.DataType, tests: Sequence[Any]
    ) -> tuple[ordered.OrderedClasses | text.TextClasses, list[int]]:
        if family(type_) == "text":
            named = {test.key for test in tests if isinstance(test, text.Named) and test.key is not None}
            arrays = {key: self.lists[key].values for key in named}
            found = text.cut_text(tests, arrays)
            return found.classes, found.sets
        lowest, highest = key_range(type_)
        cut = ordered.cut(tests, lowest, highest)
        wide = pa.types.is_decimal(type_) and type_.precision > 18
        cuts = ordered.cut_words(list(cut.cuts), type_.bit_width // 64) if wide else cut.cuts.astype(np.int64)
        return ordered.OrderedClasses(cuts, cut.class_of.astype(np.uint16), cut.n_classes), cut.sets


def bit_sets(n: int) -> list[int]:
    """For each of ``n`` bits, the set of classes 0 .. 2^n - 1 that have it."""
    sets = []
    for bit in range(n):
        holds = (np.arange(1 << n) >> bit & 1).astype(np.bool_)
        sets.append(ordered.to_bits(holds))
    return sets


ASKERS: Mapping[type, Callable[[Atoms, Any], Asked]] = {
    typed.Compare: Atoms._compare, typed.ComparePair: Atoms._pair, typed.InList: Atoms._in_list,
    typed.Like: Atoms._like, typed.IsNull: Atoms._is_null, typed.Contains: Atoms._contains,
    typed.ContainsAny: Atoms._contains,
}  # fmt: skip


class Keys(NamedTuple):
    """How a column's values become keys: from ``lowest`` up to, and without, ``highest``.

    An exact value is ``multiplier / divisor`` times its key less ``shift``; floats have an order of their own.
    """

    lowest: int
    highest: int
    floating: bool
    multiplier: int = 1
    divisor: int = 1
    shift: int = 0


@expressions.once_per_type
def keys_of(type_: pa.DataType) -> Keys:
    """The keys of a type that is number, boolean or time."""
    lowest, highest = ordered.LOWEST, ordered.HIGHEST
    if pa.types.is_floating(type_):
        return Keys(lowest, highest, floating=True)
    if family(type_) == "time":
        return Keys(lowest, highest, floating=False, divisor=unit_nanoseconds(type_))
    if pa.types.is_decimal(type_):
        if type_.precision > 18:
            highest = 1 << (type_.bit_width - 1)
        return Keys(-highest, highest, floating=False, multiplier=10**type_.scale)
    return Keys(lowest, highest, floating=False, shift=ordered.LOWEST if pa.types.is_uint64(type_) else 0)


def key_range(type_: pa.DataType) -> tuple[int, int]:
    """The keys that a column of this type can have: from the first up to, and without, the second."""
    keys = keys_of(type_)
    return keys.lowest, keys.highest


def key_bounds(value: Item, type_: pa.DataType) -> tuple[int, int]:
    """Keys of a column's type at a literal: the first that is not below it, and the first above it."""
    assert not isinstance(value, str)
    lowest, highest, floating, multiplier, divisor, shift = keys_of(type_)
    if floating:
        key = float_key(nearest_float(Fraction(value), type_))
        return key, key + 1
    numerator, denominator = value.numerator * multiplier, value.denominator * divisor
    low, high = -(-numerator // denominator) + shift, numerator // denominator + 1 + shift
    return min(max(low, lowest), highest), min(max(high, lowest), highest)


def point_key(value: Item, type_: pa.DataType) -> int | None:
    """The key that equals a literal, None where no value of the type does."""
    low, high = key_bounds(value, type_)
    return low if low < high else None


def point_keys(values: Sequence[Item], type_: pa.DataType) -> tuple[int, ...]:
    """The keys that equal the values of a list, ascending."""
    if pa.types.is_signed_integer(type_) and set(map(type, values)) <= {int}:  # a million ids: no rationals
        with suppress(OverflowError):
            return tuple(ordered.sorted_once(np.array(values, np.int64)).tolist())
    return tuple(sorted({key for each in values if (key := point_key(each, type_)) is not None}))


def text_test(operator: str, literal: str) -> text.Test:
    """The test of a comparison with a text; ``after`` is the first text above the literal."""
    if operator == "=":
        return text.Named(literal, None)
    at, after = literal.encode(), literal.encode() + b"\0"
    ranges = {
        "<": text.Range(None, at),
        "<=": text.Range(None, after),
        ">": text.Range(after, None),
        ">=": text.Range(at, None),
    }
    return ranges[operator]


def split_pattern(pattern: str, escape: str | None) -> tuple[str, str]:
    """The literal text that a LIKE pattern begins with, and what follows its first wildcard, that included."""
    literal: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == escape:
            position += 1
            character = pattern[position]
        elif character in "%_":
            break
        literal.append(character)
        position += 1
    rest = pattern[position:]
    return "".join(literal), "%" if rest and set(rest) == {"%"} else rest
