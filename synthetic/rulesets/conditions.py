"""A condition that matches about as many items as it should, built around one item that it is TRUE of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from synthetic.rulesets.luck import Luck
from synthetic.rulesets.sample import Sample
from synthetic.rulesets.shape import DISJUNCTIONS, MEAN_FURTHER_TERMS, MOST_TERMS
from synthetic.rulesets.terms import COLUMNS, Column, Condition, Names, Rung

SEEN = 12  # items of the sample from which on their share is taken as it is
NEAR = 2.0  # a condition that matches up to so many times what it should is near enough; so few times less, too
TRIES = 40  # other items tried for the second side of an OR
FINE = {"commodity_code", "importer_id", "declarant_id", "invoice_amount", "total_gross_mass_kg", "net_mass_kg"}
ORDER = {column.name: k for k, column in enumerate(COLUMNS)}


class Aim(NamedTuple):
    """``item`` makes the condition TRUE; of ``within``, what else the rule holds for, it matches ``share`` of all."""

    item: int
    within: int
    share: float


class Made(NamedTuple):
    """A condition's text and the columns that it reads."""

    text: str
    columns: tuple[Column, ...]


class _Term:
    """A ladder, and how far down it the condition stands."""

    def __init__(self, column: Column, rungs: Sequence[Rung]) -> None:
        self.column, self.rungs, self.place = column, rungs, 0
        self.either = False  # an OR, in parentheses

    @property
    def condition(self) -> Condition:
        return self.rungs[self.place]()

    @property
    def next(self) -> Condition | None:
        """One rung down; None at the foot."""
        return self.rungs[self.place + 1]() if self.place + 1 < len(self.rungs) else None


def make_condition(sample: Sample, luck: Luck, names: Names, aim: Aim, header: bool) -> Made:
    """Begin with as many wide terms as rules have, then narrow them, or take more, until few enough items match.

    ``header``: it reads columns of the declaration's head alone.
    """
    usable = [(each, each.weight) for each in COLUMNS if each.header or not header]
    spare = luck.in_turn(usable)[::-1]  # taken from the end
    terms: list[_Term] = []
    count = min(1 + luck.poisson(MEAN_FURTHER_TERMS), MOST_TERMS)
    while spare and len(terms) < count:
        _take(terms, spare, sample, luck, names, aim)
    if luck.chance(DISJUNCTIONS):
        any(_widen(term, sample, luck, names) for term in luck.shuffled(terms))  # the first that can be
    spare.sort(key=lambda column: column.name in FINE)  # few of them narrow enough
    while _share(sample, aim, terms) > aim.share * NEAR:
        may_take = len(terms) < MOST_TERMS
        if not _narrow(terms, sample, luck, aim) and not (may_take and _take(terms, spare, sample, luck, names, aim)):
            break
    terms.sort(key=lambda term: ORDER[term.column.name])
    text = " AND ".join(term.condition.text for term in terms)
    bare = text[1:-1] if len(terms) == 1 and terms[0].either else text  # parentheses only where AND follows
    return Made(bare, tuple(term.column for term in terms))


def expected(sample: Sample, within: int, conditions: Sequence[Condition]) -> float:
    """The share of items that all conditions match. Below what a sample shows, it is a guess between two bounds.

    As if the conditions had nothing to do with each other is too few; what the sample shows, with the one item that
    they were made for, is too many. The guess is a geometric mean in which the first counts twice (fitted to a year).
    """
    items, apart = within, sample.share(within)
    for each in conditions:
        items &= each.items
        apart *= sample.share(each.items)
    seen = sample.share(items)
    return seen if items.bit_count() >= SEEN else math.cbrt(min(apart, seen) ** 2 * seen)


def _share(sample: Sample, aim: Aim, terms: Sequence[_Term], instead: _Term | None = None) -> float:
    """Of the terms as they stand; of ``instead``, one of them, its next rung."""
    conditions = [(term.next if term is instead else None) or term.condition for term in terms]
    return expected(sample, aim.within, conditions)


def _narrow(terms: Sequence[_Term], sample: Sample, luck: Luck, aim: Aim) -> bool:
    """Step down one ladder: any that leaves enough items; where none does, the one that comes nearest to the aim."""
    steps = [term for term in terms if term.next is not None]
    if not steps:
        return False
    shares = [_share(sample, aim, terms, term) for term in steps]
    mild = [term for term, share in zip(steps, shares, strict=True) if share >= aim.share / NEAR]
    chosen = luck.pick(mild) if mild else steps[max(range(len(steps)), key=shares.__getitem__)]
    chosen.place += 1
    return True


def _take(terms: list[_Term], spare: list[Column], sample: Sample, luck: Luck, names: Names, aim: Aim) -> bool:
    """One more term, at its widest; columns that would leave too few items are passed over."""
    while spare:
        column = spare.pop()
        rungs = column.ladder(sample, aim.item, luck, names)
        if not rungs:
            continue
        more = [*terms, _Term(column, rungs)]
        if not terms or _share(sample, aim, more) >= aim.share / NEAR:
            terms[:] = more
            return True
    return False


def _widen(term: _Term, sample: Sample, luck: Luck, names: Names) -> bool:
    """Make each rung ``(rung OR other)``, with the narrowest condition on its column that is TRUE of another item.

    Whether there is one for which neither side implies the other, and that leaves items out.
    """
    for _ in range(TRIES):
        others = term.column.ladder(sample, luck.whole(0, sample.size - 1), luck, names)
        if others and all(_says_more(sample, rung().items, others[-1]().items) for rung in term.rungs):
            term.rungs = [_either(rung, others[-1]) for rung in term.rungs]
            term.either = True
            return True
    return False


def _says_more(sample: Sample, one: int, other: int) -> bool:
    """Whether an OR of two sets of items is neither of them, nor all items."""
    return bool(one & ~other and other & ~one and sample.all & ~(one | other))


def _either(rung: Rung, other: Rung) -> Rung:
    def both() -> Condition:
        one, two = rung(), other()
        return Condition(f"({one.text} OR {two.text})", one.items | two.items)

    return both
