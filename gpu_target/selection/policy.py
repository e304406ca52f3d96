"""What each rule does to a declaration, as arrays: severity, weight, chance of selection at every level of relief."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from gpu_target.language.model import LANES, Rule
from gpu_target.selection.draws import rule_word

SEVERITY_SHIFT = 24  # a decision is severity << 24 | (2^24 - 1 - position of the rule)
SEVERITY = {lane: severity for severity, lane in enumerate(LANES)} | {None: 0}
LAST_POSITION = (1 << SEVERITY_SHIFT) - 1


@dataclass(frozen=True)
class Policy:
    """One entry per rule, in rule-set order; ``levels`` are the percentages of their rate that rules keep.

    severity   uint32[rules]          0 green .. 3 red
    weight     int64[rules]
    word       uint64[rules]          names the rule in its draws
    threshold  uint64[rules, levels]  selected where the draw is below
    certain    bool[rules, levels]    selected without a draw
    relief     uint16[rules]          for relief rules the level they grant, else 0
    levels     Fraction[levels]       100 first, then falling

    Chances never rise from one level to the next, and nor do ``threshold`` and ``certain``.
    """

    severity: npt.NDArray[np.uint32]
    weight: npt.NDArray[np.int64]
    word: npt.NDArray[np.uint64]
    threshold: npt.NDArray[np.uint64]
    certain: npt.NDArray[np.bool_]
    relief: npt.NDArray[np.uint16]
    levels: tuple[Fraction, ...]


def make_policy(rules: Sequence[Rule]) -> Policy:
    """The arrays of active rules. Chances are exact: a draw d selects where d < chance * 2^64."""
    levels = (Fraction(100), *sorted({rule.relief for rule in rules if rule.relief is not None} - {100}, reverse=True))
    # a few rates are those of all rules, and equal ones are mostly one object: to hash a fraction takes longer than all
    kinds: dict[tuple[bool, bool, int], int] = {}
    kind_of = [kinds.setdefault((rule.lane is None, rule.mandatory, id(rule.rate)), len(kinds)) for rule in rules]
    rates = {id(rule.rate): rule.rate for rule in rules}
    chances = [_chances(is_relief, mandatory, rates[rate], levels) for is_relief, mandatory, rate in kinds]
    thresholds = [[min(math.ceil(each * 2**64), 2**64 - 1) for each in row] for row in chances]
    shape = (len(kinds), len(levels))
    kind = np.array(kind_of, np.int64)
    return Policy(
        severity=np.array([SEVERITY[rule.lane] for rule in rules], np.uint32),
        weight=np.array([0 if rule.lane is None else rule.weight for rule in rules], np.int64),
        word=np.array([rule_word(rule.id) for rule in rules], np.uint64),
        threshold=np.array(thresholds, np.uint64).reshape(shape)[kind],
        certain=np.array([[each >= 1 for each in row] for row in chances], np.bool_).reshape(shape)[kind],
        relief=np.array([0 if rule.relief is None else levels.index(rule.relief) for rule in rules], np.uint16),
        levels=levels,
    )


def _chances(is_relief: bool, is_mandatory: bool, rate: Fraction, levels: Sequence[Fraction]) -> list[Fraction]:
    """The chance that a match is selected, at every level of relief."""
    if is_relief:
        return [Fraction(0)] * len(levels)
    return [rate / 100 if is_mandatory else rate * level / 10_000 for level in levels]
