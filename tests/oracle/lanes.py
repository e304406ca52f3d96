"""Lanes in plain Python, for rules whose rates leave nothing to chance: every effective rate is 0 or 100 percent."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

import numpy as np

from gpu_target.language.model import LANES, Rule

Decision = tuple[str, int, str | None, str | None]  # lane, score, rule_id, selected_by


def decide(keys: Sequence[Hashable], mask: np.ndarray, rules: Sequence[Rule]) -> dict[Hashable, Decision]:
    """The decision of every declaration. ``mask``: bool[rule, row]."""
    decisions: dict[Hashable, Decision] = {}
    for key in dict.fromkeys(keys):
        rows = [row for row, each in enumerate(keys) if each == key]
        decisions[key] = _decide_one(mask[:, rows], rules)
    return decisions


def _decide_one(mask: np.ndarray, rules: Sequence[Rule]) -> Decision:
    hits = mask.sum(axis=1)
    kept = min((rule.relief for rule, n in zip(rules, hits, strict=True) if n and rule.relief is not None), default=100)
    score = 0
    best: tuple[int, Rule] | None = None
    for rule, n in zip(rules, hits, strict=True):
        if rule.lane is None or not n:
            continue
        score += rule.weight * int(n)
        rate = Fraction(100) if rule.mandatory else rule.rate * kept / 100
        assert rate in (0, 100), "the draw of another rate is not known here"
        severity = LANES.index(rule.lane)
        if rate == 100 and severity > (best[0] if best else 0):
            best = severity, rule
    if best is None:
        return "green", score, None, None
    return LANES[best[0]], score, best[1].id, "MANDATORY" if best[1].mandatory else "RULE"
