"""Where the answer of conditions can change as one ordered column changes and everything else stays.

Comparisons of the bare column change at the cuts of its value classes, and nowhere else. A comparison with another
value changes where the column meets that value. Inside arithmetic, a condition changes near the number that arithmetic,
undone, leads back to; the exact place is found by halving, between two probes that answer differently.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from gpu_target.backends.interpreter import Evaluator, Row, civil
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value, family
from gpu_target.columns.ordered import Interval, Points
from gpu_target.explaining.axes import Axis, Number, axis_of
from gpu_target.explaining.text_search import Names
from gpu_target.explaining.trees import leaves_of, reads_directly
from gpu_target.plan import typed
from gpu_target.plan.atoms import Atoms
from gpu_target.plan.lists import Members
from gpu_target.plan.literals import DAY_NANOSECONDS
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.plan import values_of
from gpu_target.plan.typed import Predicate

FEW_VALUES = 1_024  # a type of so few values is tried as a whole
NEIGHBOURS = 64  # of the old value, tried one by one where arithmetic is not monotone
MOST_TARGETS = 200  # of a list inside arithmetic
MOST_KEYS = 2_000  # of a lookup table
FEW, USUAL = 12, (1, 0, 10, 1000, -1)  # values of a column that are tried together with another
ROUNDING = 2  # positions to either side of a number that arithmetic leads back to
HOUR_NANOSECONDS = 3_600_000_000_000
# monotone in every argument while the others stay, but for the poles that ``inverse`` finds
MONOTONE = frozenset(("+", "-", "*", "/", "ABS", "LEAST", "GREATEST", "COALESCE", "YEAR"))


class Probes(NamedTuple):
    """Positions to try, ascending.

    exact  whether between two of them the answer changes at most once
    named  numbers that the conditions compare the column with
    """

    positions: list[int]
    exact: bool
    named: frozenset[Number]
    first: int  # from here to ``last`` no value of a long list was left out
    last: int


class Prober:
    """Probes for one record. ``lists`` and ``tables`` are those of the bound rules, ``known`` the tests of lists."""

    def __init__(
        self,
        evaluator: Evaluator,
        lists: Mapping[str, Members],
        tables: Mapping[str, BoundTable],
        row: Row,
        known: dict[int, tuple[typed.InList, Points]],
    ) -> None:
        self.evaluator, self.lists, self.tables, self.row, self.known = evaluator, lists, tables, row, known

    def probes(
        self,
        column: ex.Column,
        axis: Axis,
        conditions: Sequence[Predicate],
        old: int | None,
        most: int | None = None,
    ) -> Probes:
        """Where to try the column. ``old`` is its position now, None where it is missing.

        Of a list longer than ``most``, only so many values on either side of the old one are tried.
        """
        found = {axis.lowest, axis.lowest + 1, axis.highest - 1, axis.highest}
        first, last = axis.lowest, axis.highest
        for cuts, left_out in self.cuts(column, axis, conditions, old or 0, most):
            found.update(each - 1 for each in cuts)
            found.update(cuts)
            if left_out:
                first, last = max(first, min(cuts)), min(last, max(cuts))
        anchors: list[Number] = []
        exact = True
        named = {number for term in conditions for leaf in leaves_of(term) for number in literals(leaf, column)}
        for leaf in (each for term in conditions for each in leaves_of(term)):
            near, known = self.anchors(leaf, column)
            anchors += near
            exact &= known
        for anchor in anchors:
            at = axis.near(anchor)
            named.add(anchor)
            found.update(range(at - ROUNDING, at + ROUNDING + 1))
        found.update(self.key_positions(column.name, axis, conditions))
        if axis.highest - axis.lowest < FEW_VALUES:
            everything = list(range(axis.lowest, axis.highest + 1))
            return Probes(everything, True, frozenset(named), axis.lowest, axis.highest)
        if any(reads_inside(term, column.name) for term in conditions):
            found.update(gallop(0 if old is None else old))
        if not exact:
            found.update(self.neighbours(column, axis, old or 0))
        positions = sorted(each for each in found if axis.inside(each))
        return Probes(positions, exact, frozenset(named), first, last)

    def samples(self, column: ex.Column, conditions: Sequence[Predicate]) -> list[Any]:
        """A few values of a column that are worth a trial together with other columns."""
        kind = family(column.type)
        if kind not in ("number", "time"):
            names = Names(self.evaluator, self.tables, self.row)
            return [each.value for each in islice(names.candidates(column, conditions, self.row[column.name]), FEW)]
        axis = axis_of(column.type)
        named = self.probes(column, axis, conditions, None).named
        others = [self.row[each] for each in self.row if kind == "time" and isinstance(self.row[each], int)]
        numbers_tried = [*named, *(USUAL if kind == "number" else others)]
        positions = dict.fromkeys(axis.near(each) for each in numbers_tried)
        return [axis.value(each) for each in list(positions)[:FEW] if axis.inside(each)]

    def cuts(
        self, column: ex.Column, axis: Axis, conditions: Sequence[Predicate], old: int, most: int | None
    ) -> Iterable[tuple[list[int], bool]]:
        """The cuts of the column's value classes, as positions, by test; and whether some of them were left out."""
        for leaf in (each for term in conditions for each in leaves_of(term)):
            if isinstance(leaf, typed.Compare) and leaf.value == column:
                test = self.test_of(leaf)
                assert isinstance(test, Interval)
                yield [axis.ceil(test.low), axis.ceil(test.high)], False
            elif isinstance(leaf, typed.InList) and leaf.value == column:
                keys = self.points_of(leaf).keys
                left_out = most is not None and len(keys) > 2 * most
                if left_out:
                    assert most is not None
                    middle = bisect_left(keys, old, key=axis.ceil)
                    keys = keys[max(0, middle - most) : middle + most]
                yield [end for key in keys for end in (axis.ceil(key), axis.ceil(key + 1))], left_out

    def test_of(self, leaf: typed.Compare | typed.InList) -> Interval | Points:
        """The test by which the value classes are cut for a leaf."""
        atoms = Atoms(self.lists)
        asked = atoms.ask(leaf)
        test: Interval | Points = list(atoms.groups[asked.group].tests)[asked.test]
        return test

    def points_of(self, leaf: typed.InList) -> Points:
        """The same for a list, which can be long: asked once."""
        if id(leaf) not in self.known:
            found = self.test_of(leaf)
            assert isinstance(found, Points)
            self.known[id(leaf)] = leaf, found
        return self.known[id(leaf)][1]

    def anchors(self, leaf: typed.Leaf, column: ex.Column) -> tuple[list[Number], bool]:
        """Numbers near which a leaf changes that reads the column otherwise, and whether these are all there are."""
        found: list[Number] = []
        exact = True
        for value, targets in self.sides(leaf):
            if value == column and not isinstance(leaf, (typed.Compare, typed.InList)):
                found += targets
            elif isinstance(value, ex.Function) and reads_directly(value, column.name):
                found += self.inverse(value, column.name, targets)
                exact &= is_monotone(value, column.name) and len(targets) < MOST_TARGETS
        both = isinstance(leaf, typed.ComparePair) and all(
            reads_directly(side, column.name) for side in (leaf.left, leaf.right)
        )
        return found, exact and not both

    def sides(self, leaf: typed.Leaf) -> list[tuple[Value, list[Number]]]:
        """The values that a leaf compares, each with the numbers that it is compared with."""
        if isinstance(leaf, typed.Compare):
            return [(leaf.value, numbers([leaf.constant.value]))]
        if isinstance(leaf, typed.InList):
            return [(leaf.value, numbers(self.evaluator.members(leaf.key)[:MOST_TARGETS]))]
        if isinstance(leaf, typed.ComparePair):
            left, right = (self.evaluator.value(side)(self.row) for side in (leaf.left, leaf.right))
            return [(leaf.left, numbers([right])), (leaf.right, numbers([left]))]
        if isinstance(leaf, typed.Contains):
            elements = self.evaluator.value(leaf.value)(self.row) or []
            return [(leaf.item, numbers(elements[:MOST_TARGETS]))]
        return [(leaf.value, [0.0])]

    def inverse(self, value: Value, name: str, targets: Sequence[Number]) -> list[Number]:
        """What the column would have to be for ``value`` to be one of ``targets``; also where a division has its pole.

        Other values stay as they are in the record. Approximate: arithmetic rounds.
        """
        if isinstance(value, ex.Column):
            return list(targets) if value.name == name else []
        if not isinstance(value, ex.Function):
            return []
        found: list[Number] = []
        for place, argument in enumerate(value.arguments):
            if reads_directly(argument, name):
                others = [
                    self.evaluator.value(each)(self.row) for other, each in enumerate(value.arguments) if other != place
                ]
                wanted = self.undone(value, place, others, targets)
                found += self.inverse(argument, name, wanted[:MOST_TARGETS])
        return found

    def undone(self, value: ex.Function, place: int, others: Sequence[Any], targets: Sequence[Number]) -> list[Number]:
        """What the argument at ``place`` would have to be, the others being what they are."""
        name = value.name
        if name in ("LEAST", "GREATEST", "COALESCE"):
            return numbers([*targets, *others])
        if name == "YEAR":
            return [moment for target in targets for moment in year_starts(target)]
        if None in others or (family(value.arguments[0].type) != "number" and name != "-"):
            return []
        if family(value.arguments[0].type) == "time":
            sign = 1 if place == 0 else -1
            return [others[0] + sign * int(Fraction(each) * DAY_NANOSECONDS) for each in finite(targets)]
        known = float(others[0]) if others else 0.0
        undo = UNDO.get((name, place, len(value.arguments)))
        return [] if undo is None else numbers([each for target in finite(targets) for each in undo(target, known)])

    def neighbours(self, column: ex.Column, axis: Axis, old: int) -> Iterable[int]:
        """Positions around the old one: the next ones, for times also the starts of hours, days and months."""
        yield from range(old - NEIGHBOURS, old + NEIGHBOURS + 1)
        if family(column.type) != "time":
            return
        moment = axis.value(old)
        midnight = moment - moment % DAY_NANOSECONDS
        moments = [midnight + days * DAY_NANOSECONDS for days in range(-400, 401)]
        moments += [midnight + hours * HOUR_NANOSECONDS for hours in range(-24, 49)]
        for each in moments:
            yield from (axis.near(each) - 1, axis.near(each))

    def key_positions(self, name: str, axis: Axis, conditions: Sequence[Predicate]) -> Iterable[int]:
        """The keys of lookup tables that the column is a key of: between them it finds no row."""
        names = {each.table for each in values_of(tuple(conditions)) if isinstance(each, ex.Lookup)}
        for table in (self.tables[each] for each in sorted(names)):
            if name in table.keys:
                for key in table.key_arrays[table.keys.index(name)][:MOST_KEYS].to_pylist():
                    if isinstance(key, int):
                        yield from (axis.near(key) - 1, axis.near(key), axis.near(key) + 1)


def literals(leaf: typed.Leaf, column: ex.Column) -> list[Number]:
    """The literal that a leaf compares the bare column with."""
    return numbers([leaf.constant.value]) if isinstance(leaf, typed.Compare) and leaf.value == column else []


def reads_inside(node: Any, name: str) -> bool:
    """Whether a condition reads the column other than as a bare column against literals."""
    return any(
        reads_directly(leaf, name) and not (isinstance(leaf, (typed.Compare, typed.InList)) and is_bare(leaf.value))
        for leaf in leaves_of(node)
    )


def is_bare(value: Value) -> bool:
    """Whether a value is a column of the record itself."""
    return isinstance(value, ex.Column)


def is_monotone(value: Value, name: str) -> bool:
    """Whether a value only rises or only falls with the column between the numbers that ``inverse`` gives."""
    if isinstance(value, ex.Column):
        return True
    if not isinstance(value, ex.Function):
        return False
    reading = [each for each in value.arguments if reads_directly(each, name)]
    return len(reading) == 1 and value.name in MONOTONE and is_monotone(reading[0], name)


def gallop(start: int) -> Iterable[int]:
    """Steps from a position that double, in both directions."""
    step = 1
    while step < 2**256:
        yield from (start - step, start + step)
        step *= 2


def numbers(values: Iterable[Any]) -> list[Number]:
    """Those of the values that are numbers or moments."""
    return [
        each
        for each in values
        if isinstance(each, (int, float, Fraction)) and not isinstance(each, bool) and each == each
    ]


def finite(values: Iterable[Number]) -> list[float]:
    """Those that are finite as float64."""
    found = []
    for each in values:
        try:
            number = float(each)
        except OverflowError:
            continue
        if math.isfinite(number):
            found.append(number)
    return found


def year_starts(year: Number) -> list[Number]:
    """Nanoseconds of the first moments of a year and the next; none far beyond the calendar."""
    if not -(10**6) < float(year) < 10**6:
        return []
    starts: list[Number] = []
    for each in (math.floor(year), math.floor(year) + 1):
        day = (each - 1970) * 365
        while civil(day * DAY_NANOSECONDS)[0] < each:
            day += 1
        while civil((day - 1) * DAY_NANOSECONDS)[0] >= each:
            day -= 1
        starts.append(day * DAY_NANOSECONDS)
    return starts


def quotient(a: float, b: float) -> list[float]:
    """What a product's or a quotient's other factor was; nothing where that is not known."""
    return [a / b] if b else []


# by operator, place of the argument sought and number of arguments: from the result and the other argument
UNDO: Mapping[tuple[str, int, int], Callable[[float, float], list[float]]] = {
    ("+", 0, 2): lambda t, k: [t - k], ("+", 1, 2): lambda t, k: [t - k],
    ("-", 0, 2): lambda t, k: [t + k], ("-", 1, 2): lambda t, k: [k - t],
    ("-", 0, 1): lambda t, k: [-t], ("ABS", 0, 1): lambda t, k: [t, -t, 0.0],
    ("*", 0, 2): quotient, ("*", 1, 2): quotient,
    ("/", 0, 2): lambda t, k: [t * k], ("/", 1, 2): lambda t, k: [*quotient(k, t), 0.0],
    ("MOD", 0, 2): lambda t, k: [t, t + k, t - k, k, -k, 0.0],
}  # fmt: skip
