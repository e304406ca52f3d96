"""What the classes of one column say about those of another, row by row.

A value that is NULL is NULL in every class column that is made of it, and a comparison of two values is NULL where one
of them is. A text that is known fits certain patterns. ``Facts.close`` puts all of that into a box; everything else
about two columns counts as independent, which makes verdicts incomplete and never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.coded import ClassColumn, PatternColumn, TextColumn, fits
from gpu_target.columns.expressions import TEXT, Value, family
from gpu_target.columns.pairs import PairColumn
from gpu_target.columns.text import prefix_range
from gpu_target.findings import texts
from gpu_target.findings.classes import having, limits_of, may_be_null, names_of, possible_classes, segments_of
from gpu_target.findings.implications import implied_tests
from gpu_target.plan.lookups import BoundTable

Box = dict[int, int]  # by class column: the bit set of the classes that a row may have; columns left out may have any
ANY_MISSING = frozenset(["COALESCE", "LEAST", "GREATEST"])  # NULL where all of their arguments are
MAY_COMPUTE_NULL = frozenset(["+", "-", "*", "/", "MOD"])
MOST_NAMES = 20_000  # of a class, and of a column, that are looked through for the patterns they fit
MOST_ROUNDS = 20
MOST_KNOWN = 20_000  # answers that are kept, of each kind


class Implied(NamedTuple):
    """Where the classes of ``column`` are all in ``inside``, those of ``other`` are all in ``then``."""

    column: int
    inside: int
    other: int
    then: int


class Kind(NamedTuple):
    """Classes of a text column, and the classes of a pattern column that such texts can have."""

    texts: int
    patterns: int


class Facts:
    """What is possible in the columns of some rules, and between them."""

    def __init__(self, columns: Mapping[int, ClassColumn], tables: Mapping[str, BoundTable], listed: set[str]) -> None:
        """``listed`` names the tables whose rows are part of the rule set, and so are all there are."""
        self.columns, self.tables = columns, tables
        known: dict[Value, pa.Array] = {
            value: tables[value.table].table.column(value.column).combine_chunks()
            for column in columns.values()
            for value in column.values
            if isinstance(value, ex.Lookup) and value.table in listed
        }
        self.possible = {number: possible_classes(column, known) for number, column in columns.items()}
        self.null = {number: 1 << column.null for number, column in columns.items()}
        self.present = {number: self.possible[number] & ~self.null[number] for number in columns}
        self.turned = self._reversed_pairs()
        self.numbers: dict[Value, int] = {}
        self.made_of = {number: tuple(map(self._number, column.values)) for number, column in columns.items()}
        self.arguments: dict[int, tuple[int, ...]] = {}  # of computed and looked-up values: what they are made of
        self._find_arguments()
        self.values = list(self.numbers)
        self.nullable = [may_be_null(value) for value in self.values]
        self.of_value: dict[int, list[int]] = {}  # the columns that are made of a value alone
        self.pairs: dict[int, tuple[int, int]] = {}
        self.pairs_of: dict[int, list[int]] = {}
        for number, made_of in self.made_of.items():
            if len(set(made_of)) == 1:
                self.of_value.setdefault(made_of[0], []).append(number)
            elif number not in self.turned:
                self.pairs[number] = made_of[0], made_of[1]
                for value in made_of:
                    self.pairs_of.setdefault(value, []).append(number)
        self.results: dict[int, list[int]] = {}
        for result, arguments in self.arguments.items():
            for value in dict.fromkeys(arguments):
                self.results.setdefault(value, []).append(result)
        self.implied: dict[int, list[Implied]] = {}
        for each in self._implications():
            self.implied.setdefault(each.column, []).append(each)
        self.kinds: dict[tuple[int, int], list[Kind]] = {}
        self.known_following: dict[tuple[int, int], dict[int, int]] = {}
        self.known_together: dict[tuple[int, int, int, int], tuple[int, int]] = {}  # the same parts are asked often
        self.mixed: dict[int, list[tuple[int, int]]] = {}  # by either: a text and a pattern column of one value
        for pair in self._mixed():
            for number in pair:
                self.mixed.setdefault(number, []).append(pair)
        self.linked = self._linked()
        self.reach = {number: self._reach(made_of) for number, made_of in self.made_of.items()}

    def _reach(self, values: Iterable[int]) -> frozenset[int]:
        """Values with all that they are made of. Columns that have none in common say nothing about each other."""
        found: set[int] = set()
        stack = list(values)
        while stack:
            value = stack.pop()
            if value not in found:
                found.add(value)
                stack += self.arguments.get(value, ())
        return frozenset(found)

    def _number(self, value: Value) -> int:
        return self.numbers.setdefault(value, len(self.numbers))

    # -- how columns belong together ----------------------------------------------------------------------------------

    def _reversed_pairs(self) -> dict[int, int]:
        """Comparisons that stand both ways round: of the second one the first."""
        first: dict[tuple[Value, Value], int] = {}
        found: dict[int, int] = {}
        for number, column in self.columns.items():
            if isinstance(column, PairColumn) and column.left != column.right:
                other = first.get((column.right, column.left))
                if other is None:
                    first[column.left, column.right] = number
                else:
                    found[number] = other
        return found

    def turn(self, column: int, bits: int) -> tuple[int, int]:
        """A set of classes of the comparison that is meant: `a < b` and `b > a` are one."""
        other = self.turned.get(column)
        if other is None:
            return column, bits
        return other, bits & 0b1010 | (bits & 0b0001) << 2 | (bits & 0b0100) >> 2

    def _find_arguments(self) -> None:
        columns = {value.name: value for value in self.numbers if isinstance(value, ex.Column)}
        stack = list(self.numbers)
        while stack:
            value = stack.pop()
            if isinstance(value, ex.Function):
                arguments = value.arguments
            elif isinstance(value, ex.Lookup):
                table = self.tables[value.table]
                names = (*table.keys, *([table.date] if table.date else []))
                arguments = tuple(columns[name] for name in names if name in columns)
            else:
                continue
            if self._number(value) not in self.arguments:
                self.arguments[self._number(value)] = tuple(map(self._number, arguments))
                stack += arguments

    def _linked(self) -> frozenset[int]:
        """Columns that a fact of another one may say something about, or the other way round."""
        inside = {each for arguments in self.arguments.values() for each in arguments}
        inside |= {each for pair in self.pairs.values() for each in pair}
        found = {number for number, pair in self.pairs.items() if any(map(self._known, pair))}
        for value, numbers in self.of_value.items():
            if len(numbers) > 1 or value in inside or any(map(self._known, self.arguments.get(value, ()))):
                found.update(numbers)
        return frozenset(found) - set(self.turned)

    def _known(self, value: int) -> bool:
        """Whether some column tells whether a value is NULL."""
        return value in self.of_value or any(map(self._known, self.arguments.get(value, ())))

    def _implications(self) -> Iterator[Implied]:
        """Between columns that share a value: tests of one that imply tests of the other."""
        for numbers in self.of_value.values():
            for (one, k), (other, j) in implied_tests(self.columns, numbers):
                holds, then = having(k, self.columns[one].null), having(j, self.columns[other].null)
                without = self.possible[other] & ~then & ~self.null[other]
                yield Implied(one, holds, other, then)
                yield Implied(other, without, one, self.possible[one] & ~holds)

    def _mixed(self) -> list[tuple[int, int]]:
        """Pairs of a text column and a pattern column of one value."""
        found = []
        for numbers in self.of_value.values():
            own = [each for each in numbers if isinstance(self.columns[each], TextColumn)]
            patterns = [each for each in numbers if isinstance(self.columns[each], PatternColumn)]
            found += [(one, other) for one in own for other in patterns]
        return found

    def there(self, column: int) -> int:
        """The possible classes of a column without that of NULL."""
        return self.present[column]

    # -- boxes --------------------------------------------------------------------------------------------------------

    def close(self, box: Box) -> Box | None:
        """The box with all that is implied; None where no row can be in it. ``box`` itself stays as it is."""
        if not self.linked.intersection(box):
            return box
        box = dict(box)
        for _ in range(MOST_ROUNDS):
            before = dict(box)
            if not (self._close_nulls(box) and self._close_tests(box)):
                return None
            if box == before:
                break
        return box

    def _narrow(self, box: Box, column: int, bits: int) -> bool:
        """Leave a column no other classes than these; whether any is left."""
        own = box.get(column)
        possible = self.possible[column]
        left = bits & (possible if own is None else own)
        if own is not None or left != possible:
            box[column] = left
        return bool(left)

    def _close_nulls(self, box: Box) -> bool:
        missing = self._missing(box)
        if missing is None:
            return False
        for value, is_null in missing.items():
            for column in self.of_value.get(value, ()):
                if not self._narrow(box, column, self.null[column] if is_null else ~self.null[column]):
                    return False
        for column in dict.fromkeys(number for value in missing for number in self.pairs_of.get(value, ())):
            states = [missing.get(each) for each in self.pairs[column]]
            if True in states or None not in states:
                bits = self.null[column] if True in states else ~self.null[column]
                if not self._narrow(box, column, bits):
                    return False
        return True

    def _missing(self, box: Box) -> dict[int, bool] | None:
        """Which values are NULL, and which are not; None where that contradicts itself."""
        found: dict[int, bool] = {}
        waiting: list[tuple[int, bool]] = []
        halves: list[tuple[int, int]] = []  # pairs that are NULL because one side is, or both
        for column, bits in box.items():
            is_null = bits == self.null[column]
            if bits & self.null[column] and not is_null:
                continue
            if column not in self.pairs:
                waiting.append((self.made_of[column][0], is_null))
            elif is_null:
                halves += [self.pairs[column], self.pairs[column][::-1]]
            else:
                waiting += [(each, False) for each in self.pairs[column]]
        while waiting or halves:
            if not waiting:
                certain = [each for each in halves if not self.nullable[each[0]] or found.get(each[0]) is False]
                halves = [each for each in halves if each not in certain]
                waiting = [(other, True) for _, other in certain]
                if not certain:
                    break
                continue
            value, is_null = waiting.pop()
            if (is_null and not self.nullable[value]) or found.get(value, is_null) is not is_null:
                return None
            if value not in found:
                found[value] = is_null
                if value in self.arguments:
                    waiting += self._of_arguments(value, is_null)
                if value in self.results:
                    waiting += self._of_results(value, is_null)
        return found

    def _of_arguments(self, number: int, is_null: bool) -> list[tuple[int, bool]]:
        """What a value says of those that it is made of."""
        value, arguments = self.values[number], self.arguments[number]
        if isinstance(value, ex.Function) and value.name in ANY_MISSING:
            if is_null:
                return [(each, True) for each in arguments]
            return [(arguments[0], False)] if len(arguments) == 1 else []
        if not is_null:
            return [(each, False) for each in arguments]
        if not isinstance(value, ex.Function) or (value.name in MAY_COMPUTE_NULL and not _never_nan(value)):
            return []
        nullable = [each for each in arguments if self.nullable[each]]
        return [(nullable[0], True)] if len(nullable) == 1 else []

    def _of_results(self, number: int, is_null: bool) -> list[tuple[int, bool]]:
        """What a value says of those that are made of it."""
        found: list[tuple[int, bool]] = []
        for result in self.results[number]:
            value = self.values[result]
            if isinstance(value, ex.Function) and value.name in ANY_MISSING:
                if not is_null:
                    found.append((result, False))
            elif is_null:
                found.append((result, True))
        return found

    def _close_tests(self, box: Box) -> bool:
        for column in [each for each in box if each in self.implied and box[each] != self.there(each)]:
            for other, then in self._following(column, box[column]).items():
                if not self._narrow(box, other, then):
                    return False
        for text, pattern in dict.fromkeys(pair for column in box for pair in self.mixed.get(column, ())):
            own = box.get(text, self.possible[text]), box.get(pattern, self.possible[pattern])
            left, right = self._together(text, pattern, *own)
            if not (self._narrow(box, text, left) and self._narrow(box, pattern, right)):
                return False
        return True

    def _following(self, column: int, bits: int) -> dict[int, int]:
        """What some classes of a column leave of other columns, by column."""
        found = self.known_following.get((column, bits))
        if found is None:
            found = {}
            for each in self.implied[column]:
                if not bits & ~each.inside:
                    found[each.other] = found.get(each.other, each.then) & each.then
            if len(self.known_following) >= MOST_KNOWN:
                self.known_following.clear()
            self.known_following[column, bits] = found
        return found

    def _together(self, text: int, pattern: int, named: int, fitted: int) -> tuple[int, int]:
        """What is left of the classes ``named`` of a text column and ``fitted`` of a pattern column of its value."""
        asked = text, pattern, named, fitted
        known = self.known_together.get(asked)
        if known is None:
            left, right = named & self.null[text], fitted & self.null[pattern]
            for kind in self._kinds(text, pattern):
                if kind.texts & named and kind.patterns & fitted:
                    left |= kind.texts
                    right |= kind.patterns
            if len(self.known_together) >= MOST_KNOWN:
                self.known_together.clear()
            self.known_together[asked] = known = left, right
        return known

    # -- texts and patterns -------------------------------------------------------------------------------------------

    def _kinds(self, text: int, pattern: int) -> list[Kind]:
        if (text, pattern) not in self.kinds:
            of_class = self._patterns_of_classes(text, pattern)
            grouped: dict[int, int] = {}
            for number, bits in enumerate(of_class):
                grouped[bits] = grouped.get(bits, 0) | 1 << number
            self.kinds[text, pattern] = [Kind(classes & self.possible[text], bits) for bits, classes in grouped.items()]
        return self.kinds[text, pattern]

    def _patterns_of_classes(self, text: int, pattern: int) -> list[int]:
        """For every class of a text column the classes of a pattern column that its texts can have."""
        column, patterns = self.columns[text], self.columns[pattern]
        assert isinstance(column, TextColumn)
        assert isinstance(patterns, PatternColumn)
        possible = self.possible[pattern] & ~self.null[pattern]
        classes = column.classes
        limits = limits_of(column.value)
        sizes = np.bincount(classes.name_class, minlength=classes.null)
        few = np.flatnonzero(sizes[classes.name_class] <= MOST_NAMES)  # a long list may fit whatever it likes
        if len(few) > MOST_NAMES:
            few = few[:0]
        skipped = set(classes.name_class.tolist()) - set(classes.name_class[few].tolist())
        found = [possible if number in skipped else 0 for number in range(classes.null)]
        names = names_of(classes, few)
        array = pa.array(names, TEXT)
        codes = np.zeros(len(names), np.int64)
        for bit, expression in enumerate(patterns.expressions):
            codes |= fits(array, expression).astype(np.int64) << bit
        for name, number, code in zip(names, classes.name_class[few].tolist(), codes.tolist(), strict=True):
            if limits.allow(name):
                found[number] |= 1 << code
        tokens = [texts.tokens_of(*each) for each in patterns.patterns]
        for low, high, number in segments_of(classes):
            found[number] |= self._of_segment(low, high, tokens, possible, patterns.null)
        return [each & possible for each in found]

    @staticmethod
    def _of_segment(
        low: bytes, high: bytes | None, tokens: list[tuple[texts.Token, ...]], possible: int, null: int
    ) -> int:
        """The classes of patterns that texts of a range can have, as far as their common beginning tells."""
        prefix = texts.begins_with(texts.common_prefix(low, high))
        for bit, each in enumerate(tokens):
            if len(prefix) > 1 and texts.implies(prefix, each):
                possible &= having(bit, null)
            elif texts.exclude(prefix, each) or _apart(texts.head_of(each), low, high):
                possible &= ~having(bit, null)
        return possible


def _apart(head: str, low: bytes, high: bytes | None) -> bool:
    """Whether a range has no text that begins with ``head``."""
    first, behind = prefix_range(head)
    above = high is not None and first is not None and first >= high
    return above or (behind is not None and behind <= low)


def _never_nan(value: ex.Function) -> bool:
    """Whether a sign or a difference of days is NULL only where an argument is."""
    return value.name == "-" and (len(value.arguments) == 1 or family(value.arguments[0].type) == "time")
