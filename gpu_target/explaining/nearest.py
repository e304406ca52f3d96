"""The nearest miss: the smallest change of a record that would have made a rule match.

A change gives one column another value; it is shown only where the interpreter, on the record so changed, finds the
rule TRUE. What counts as small is defined in docs/decisions/0016-nearest-miss.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, Row, Test
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value, family
from gpu_target.columns.ordered import Points
from gpu_target.explaining import ordered_search
from gpu_target.explaining.axes import Axis, axis_of, changes_sign, distance, size_of
from gpu_target.explaining.probes import Prober, Probes
from gpu_target.explaining.text_search import Names, distinct
from gpu_target.explaining.trees import columns_read, compared_of, leaves_of, put
from gpu_target.explaining.written import text_of
from gpu_target.language.printer import write_name
from gpu_target.plan import typed
from gpu_target.plan.lists import Members
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.typed import Predicate

ORDERED = ("number", "time")
WHOLE = 1.0  # the size of a change from one text, truth or list to another, and from or to a missing value
NONE = math.inf  # the size where no change was found
MOST_OF_A_LIST = 1_000  # values on either side of the old one that are tried before all others
MOST_COLUMNS = 6  # of a condition, tried together with another one
STAND_IN = "\0computed"  # the column that takes the place of a computed value; no data has one of that name


@dataclass(frozen=True)
class Change:
    """One column, or one computed value, that would have to be something else.

    ``would`` goes on from ``would have to``: ``be below 1000``. ``size`` runs from 0 to 1. ``exact`` is False where a
    smaller change of the column might have been overlooked, which arithmetic that is not monotone makes possible.
    """

    value: Value  # the column; or what is computed, or looked up
    old: Any
    new: Any
    would: str
    distance: Fraction | float | None  # of ordered values; times in nanoseconds
    size: float
    exact: bool = True
    name: str = ""  # the column's, or of what is computed as the condition writes it

    @property
    def is_computed(self) -> bool:
        return not isinstance(self.value, ex.Column)

    @property
    def type(self) -> pa.DataType:
        return self.value.type


@dataclass(frozen=True)
class Miss:
    """How near a rule was to matching.

    failing  its terms that are not TRUE, by their place among the rule's terms and conditions
    changes  one change for each column that has to change, all of them together verified; empty where none was found
    """

    failing: tuple[int, ...]
    changes: tuple[Change, ...]

    @property
    def size(self) -> float:
        return sum(each.size for each in self.changes) if self.changes else NONE


class Search:
    """Looks for changes of one record. ``schema`` gives the columns' types."""

    def __init__(
        self,
        evaluator: Evaluator,
        lists: Mapping[str, Members],
        tables: Mapping[str, BoundTable],
        schema: Mapping[str, pa.DataType],
        tests: dict[int, tuple[Predicate, Test]],
    ) -> None:
        self.evaluator, self.lists, self.tables, self.schema = evaluator, lists, tables, schema
        self.points: dict[int, tuple[typed.InList, Points]] = {}
        self.known = tests  # by the identity of the predicate, which is kept alive

    def test(self, predicate: Predicate) -> Test:
        found = self.known.get(id(predicate))
        if found is None:
            self.known[id(predicate)] = found = predicate, self.evaluator.predicate(predicate)
        return found[1]

    def truth(self, predicate: Predicate, row: Row) -> bool | None:
        return self.test(predicate)(row)

    # -- a rule -------------------------------------------------------------------------------------------------------

    def miss(self, terms: Sequence[Predicate], row: Row, describe: bool = True) -> Miss:
        """How near the AND of ``terms`` is to being TRUE. ``describe`` False leaves out the words."""
        failing = tuple(place for place, term in enumerate(terms) if self.truth(term, row) is not True)
        if not failing:
            return Miss((), ())
        single = self.single(terms, [terms[place] for place in failing], row, describe)
        if single is not None:
            return Miss(failing, (single,))
        return Miss(failing, self.several(terms, failing, row, describe))

    def single(
        self, terms: Sequence[Predicate], failing: Sequence[Predicate], row: Row, describe: bool
    ) -> Change | None:
        """The smallest change of one column that makes every term TRUE."""
        common = columns_read(failing[0], self.tables)
        for each in failing[1:]:
            others = columns_read(each, self.tables)
            common = {name: None for name in common if name in others}
        found = [self.column(name, self.reading(terms, name), row, describe) for name in common]
        return min((each for each in found if each), key=lambda each: each.size, default=None)

    def several(
        self, terms: Sequence[Predicate], failing: Sequence[int], row: Row, describe: bool
    ) -> tuple[Change, ...]:
        """A change for each term that is not TRUE, one after the other; none where that does not make all TRUE."""
        changed: Row = row
        found: dict[str, Change] = {}
        for place in failing:
            term = terms[place]
            if self.truth(term, changed) is True:
                continue
            kept = [each for each in terms if self.truth(each, changed) is True]
            one = self.single([*kept, term], [term], changed, describe)
            needed = (one,) if one else self.pair([*kept, term], term, changed) if describe else ()
            if not needed:
                return ()
            for change in needed:
                assert isinstance(change.value, ex.Column)
                name = change.value.name
                changed = {**changed, name: change.new}
                found[name] = from_start(change, row[name])
        return tuple(found.values()) if all(self.truth(each, changed) is True for each in terms) else ()

    def pair(self, terms: Sequence[Predicate], term: Predicate, row: Row) -> tuple[Change, ...]:
        """Changes of two columns that make ``terms`` TRUE where no change of one does; those that are missing first."""
        names = sorted(columns_read(term, self.tables), key=lambda name: row[name] is not None)
        prober = Prober(self.evaluator, self.lists, self.tables, row, self.points)
        for name in names[:MOST_COLUMNS]:
            column = ex.Column(name, ex.plain(self.schema[name]))
            for value in prober.samples(column, self.reading(terms, name)):
                tried = {**row, name: value}
                left = [each for each in terms if self.truth(each, tried) is not True]
                if not left:
                    return (self.of(column, row[name], value),)
                second = self.single(terms, left, tried, True)
                if second is not None and second.value != column:
                    return self.of(column, row[name], value), second
        return ()

    @staticmethod
    def of(column: ex.Column, old: Any, new: Any) -> Change:
        """A change to one value that was tried."""
        would = f"be {text_of(new, column.type)}"
        found = Change(column, old, new, would, None, WHOLE, False, write_name(column.name))
        if old is None or family(column.type) not in ORDERED:
            return found
        return replace(found, distance=distance(old, new), size=size_of(old, new, column.type))

    def reading(self, terms: Sequence[Predicate], name: str) -> list[Predicate]:
        """The terms that a column has a part in."""
        return [each for each in terms if name in columns_read(each, self.tables)]

    # -- one term -----------------------------------------------------------------------------------------------------

    def alone(self, terms: Sequence[Predicate], term: Predicate, row: Row) -> list[Change]:
        """For each column that ``term`` reads, the change that makes it TRUE and leaves the terms TRUE that are."""
        kept = [each for each in terms if each is not term and self.truth(each, row) is True]
        names = columns_read(term, self.tables)
        found = [self.column(name, self.reading([*kept, term], name), row, True) for name in names]
        return sorted((each for each in found if each), key=lambda each: each.size)

    def computed(
        self, terms: Sequence[Predicate], term: Predicate, row: Row, names: Mapping[Value, str]
    ) -> list[Change]:
        """For each value that ``term`` computes or looks up, what it would have to be, all else as it is.

        ``names`` are those that the rule has for values.
        """
        kept = [each for each in terms if each is not term and self.truth(each, row) is True]
        values = dict.fromkeys(value for leaf in leaves_of(term) for value in compared_of(leaf))
        found = []
        for value in values:
            if isinstance(value, ex.Column) or family(value.type) not in (*ORDERED, "text"):
                continue
            column = ex.Column(STAND_IN, value.type)
            conditions = [changed for each in (*kept, term) if (changed := put(each, value, column)) is not each]
            old = self.evaluator.value(value)(row)
            change = self.search(column, conditions, {**row, STAND_IN: old}, True, self.evaluator.predicate)
            if change is not None:
                found.append(replace(change, value=value, name=names.get(value, "")))
        return found

    # -- one column ---------------------------------------------------------------------------------------------------

    def column(self, name: str, conditions: Sequence[Predicate], row: Row, describe: bool) -> Change | None:
        """The smallest change of a column of the record that makes all of ``conditions`` TRUE."""
        found = self.search(ex.Column(name, ex.plain(self.schema[name])), conditions, row, describe, self.test)
        return None if found is None else replace(found, name=write_name(name))

    def search(
        self,
        column: ex.Column,
        conditions: Sequence[Predicate],
        row: Row,
        describe: bool,
        test_of: Callable[[Predicate], Test],
    ) -> Change | None:
        tests = [test_of(each) for each in conditions]
        changed = dict(row)

        def holds(value: Any) -> bool:
            changed[column.name] = value
            return all(test(changed) is True for test in tests)

        old = row[column.name]
        found = (
            self.ordered(column, conditions, row, holds, describe)
            if family(column.type) in ORDERED
            else self.named(column, conditions, row, holds)
        )
        if old is not None and (found is None or found.size > WHOLE) and holds(None):
            return Change(column, old, None, "be missing", None, WHOLE)
        return found

    def ordered(
        self, column: ex.Column, conditions: Sequence[Predicate], row: Row, holds: Callable[[Any], bool], describe: bool
    ) -> Change | None:
        axis, old = axis_of(column.type), row[column.name]

        def at(position: int) -> bool:
            return holds(axis.value(position))

        place = None if old is None else axis.position(old)
        prober = Prober(self.evaluator, self.lists, self.tables, row, self.points)
        for most in (MOST_OF_A_LIST, None):
            probes = prober.probes(column, axis, conditions, place, most)
            found = ordered_search.nearest(axis, column.type, place, probes.positions, at)
            if most is None or is_settled(axis, column.type, place or 0, found, probes):
                break
        if found is None:
            return None
        exact = probes.exact
        new = axis.value(found)
        would = ""
        if describe:
            around = ordered_search.stretch(axis, found, probes.positions, at)
            would = f"be {ordered_search.words(axis, around, column.type, probes.named)}"
        if old is None:
            return Change(column, None, new, would, None, WHOLE, exact)
        return Change(column, old, new, would, distance(old, new), size_of(old, new, column.type), exact)

    def named(
        self, column: ex.Column, conditions: Sequence[Predicate], row: Row, holds: Callable[[Any], bool]
    ) -> Change | None:
        old = row[column.name]
        names = Names(self.evaluator, self.tables, row)
        for candidate in distinct(names.candidates(column, conditions, old)):
            if candidate.value != old and holds(candidate.value):
                return Change(column, old, candidate.value, candidate.words, None, WHOLE)
        return None


def is_settled(axis: Axis, type_: pa.DataType, old: int, found: int | None, probes: Probes) -> bool:
    """Whether no value of a list that was left out can be nearer than the position that was found."""
    if (probes.first, probes.last) == (axis.lowest, axis.highest):
        return True
    if found is None or changes_sign(axis.value(old), axis.value(found), type_):
        return False
    far = distance(axis.value(old), axis.value(found))
    return all(far <= distance(axis.value(old), axis.value(end)) for end in (probes.first, probes.last))


def from_start(change: Change, old: Any) -> Change:
    """The change as one from the value that the record has, where the column was changed before."""
    if change.old == old:
        return change
    if old is None or change.distance is None or change.new is None:
        return replace(change, old=old, distance=None, size=WHOLE)
    far, size = distance(old, change.new), size_of(old, change.new, change.type)
    return replace(change, old=old, distance=far, size=size)
