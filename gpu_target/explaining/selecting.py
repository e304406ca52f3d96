"""From the rules that matched to the lane: relief, draws, and which rule decided. One declaration, in plain Python.

The numbers are those that ``selection`` decides by: chances, thresholds and words of ``Policy``, draws of ``draws``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.engine import declaration_words
from gpu_target.language.model import LANES, Rule
from gpu_target.selection.draws import draw_slowly
from gpu_target.selection.policy import Policy

WORD = 2**64
DECIDES, SELECTED, NOT_DRAWN, GREEN, RELIEF = "decides", "selected", "not selected", "green", "relief"


@dataclass(frozen=True)
class Part:
    """What one matching rule did.

    items    the items that it matched, by their place among those of the declaration
    chance   percent of declarations that the rate selects, after relief; None for relief rules
    drawn    the number drawn, in percent: selected where it is below the chance; None where nothing is drawn
    effect   decides, selected, not selected, green (it only adds to the score) or relief
    """

    rule: Rule
    items: tuple[int, ...]
    chance: Fraction | None
    drawn: Fraction | None
    effect: str


@dataclass(frozen=True)
class Cause:
    """Why a declaration has its lane.

    kept       percent of every rate that is not mandatory which relief left; 100 without relief
    relief_by  the rule that granted it
    parts      every rule that matched, in rule-set order
    """

    lane: str
    score: int
    decided_by: Rule | None
    selected_by: str | None  # RULE or MANDATORY
    kept: Fraction
    relief_by: Rule | None
    parts: tuple[Part, ...]


def cause_of(
    rules: Sequence[Rule], policy: Policy, matches: Mapping[int, Sequence[int]], seed: int, word: int
) -> Cause:
    """The lane of a declaration whose items matched ``matches``: items by the position of the rule.

    ``rules`` and ``policy`` are those of the active rules, ``word`` names the declaration in its draws.
    """
    order = sorted(matches)
    level = max((int(policy.relief[position]) for position in order), default=0)
    score = sum(int(policy.weight[position]) * len(matches[position]) for position in order)
    drawn = {position: draw_of(policy, position, level, seed, word) for position in order}
    selected = [
        position
        for position in order
        if policy.severity[position]
        and (policy.certain[position, level] or drawn[position] < int(policy.threshold[position, level]))
    ]
    deciding = max(selected, key=lambda position: (int(policy.severity[position]), -position), default=None)
    granting = next((rules[position] for position in order if level and policy.relief[position] == level), None)
    parts = []
    for position in order:
        rule = rules[position]
        if rule.relief is not None:
            parts.append(Part(rule, tuple(matches[position]), None, None, RELIEF))
            continue
        kept = Fraction(100) if rule.mandatory else policy.levels[level]
        chance = Fraction(rule.rate) * kept / 100
        effect = effect_of(policy, position, position in selected, position == deciding)
        draws = effect != GREEN and not policy.certain[position, level]
        percent = Fraction(100 * drawn[position], WORD) if draws else None
        parts.append(Part(rule, tuple(matches[position]), chance, percent, effect))
    decided = None if deciding is None else rules[deciding]
    return Cause(
        LANES[0] if decided is None or decided.lane is None else decided.lane,
        score,
        decided,
        None if decided is None else "MANDATORY" if decided.mandatory else "RULE",
        policy.levels[level],
        granting,
        tuple(parts),
    )


def draw_of(policy: Policy, position: int, level: int, seed: int, word: int) -> int:
    """The draw of a rule for a declaration; 0 where the rule is certain, which draws nothing."""
    if policy.certain[position, level]:
        return 0
    return draw_slowly(seed, word, int(policy.word[position]))


def effect_of(policy: Policy, position: int, is_selected: bool, decides: bool) -> str:
    """What came of a rule that matched."""
    if not policy.severity[position]:
        return GREEN
    if decides:
        return DECIDES
    return SELECTED if is_selected else NOT_DRAWN


def word_of(key: pa.Array, name: str) -> int:
    """The number that names a declaration in its draws; ``key`` has one value of the key column. Raises DataError."""
    key = decoded(key)
    if family(key.type) == "text" and not key.null_count:
        return hash_slowly(key.cast(TEXT)[0].as_py())
    return int(declaration_words(key, name, 0)[0])


def hash_slowly(text: str) -> int:
    """The hash of ``kernels.hash_bytes`` by Python's integers: to load a kernel takes longer than all of this."""
    mask = WORD - 1
    found = 0xCBF29CE484222325
    for byte in text.encode():
        found = (found ^ byte) * 0x100000001B3 & mask
    found = (found ^ found >> 30) * 0xBF58476D1CE4E5B9 & mask
    found = (found ^ found >> 27) * 0x94D049BB133111EB & mask
    return found ^ found >> 31
