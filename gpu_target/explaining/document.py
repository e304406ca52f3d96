"""An explanation as a JSON document; docs/reference/explain-json.md describes it."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from gpu_target.columns.expressions import family
from gpu_target.explaining.conditions import Condition
from gpu_target.explaining.explanation import Explanation, Item, RuleExplained
from gpu_target.explaining.nearest import Change, Miss
from gpu_target.explaining.seen import Seen
from gpu_target.explaining.selecting import Cause, Part
from gpu_target.explaining.written import json_of
from gpu_target.language.model import Rule
from gpu_target.plan.literals import DAY_NANOSECONDS

WORDS = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}


def document(found: Explanation) -> dict[str, Any]:
    """Everything about a record, for ``--json``."""
    key = zip(found.key.columns, found.key.values, found.key.types, strict=True)
    return {
        "ruleset": found.ruleset,
        "ruleset_sha256": found.ruleset_sha256,
        "key": {name: json_of(value, type_) for name, value, type_ in key},
        "seed": found.seed,
        "as_of": found.as_of,
        "rules": found.rules,
        "idle_rules": found.idle,
        "shared_key": found.shared,
        "declaration": declaration(found),
        "items": [item(each) for each in found.items],
    }


def declaration(found: Explanation) -> dict[str, Any]:
    """The lane and its cause, over all items of the declaration."""
    cause: Cause = found.cause
    return {
        "items": [{"item": name, "row": row} for name, row in zip(found.labels, found.rows, strict=True)],
        "lane": cause.lane,
        "score": cause.score,
        "rule_id": None if cause.decided_by is None else cause.decided_by.id,
        "selected_by": cause.selected_by,
        "kept_percent": percent(cause.kept),
        "relief_rule_id": None if cause.relief_by is None else cause.relief_by.id,
        "rules": [part(each, found.labels) for each in cause.parts],
    }


def part(found: Part, labels: tuple[str, ...]) -> dict[str, Any]:
    """What one matching rule did to the lane."""
    return {
        **head(found.rule),
        "items": [labels[place] for place in found.items],
        "chance_percent": percent(found.chance),
        "drawn_percent": percent(found.drawn),
        "effect": found.effect,
    }


def head(rule: Rule) -> dict[str, Any]:
    """What a rule is and does."""
    return {
        "rule_id": rule.id,
        "title": rule.title,
        "status": rule.status,
        "lane": rule.lane,
        "relief": percent(rule.relief),
        "rate": percent(rule.rate),
        "mandatory": rule.mandatory,
        "weight": rule.weight,
    }


def item(found: Item) -> dict[str, Any]:
    """One record."""
    return {
        "row": found.row,
        "key": {each.name: json_of(each.value, each.type) for each in found.key},
        "matched": [rule(each) for each in found.matched],
        "nearest": [rule(each) for each in found.nearest],
        "not_shown": found.not_shown,
    }


def rule(found: RuleExplained) -> dict[str, Any]:
    """One rule on one record."""
    return {
        **head(found.rule),
        "why": found.rule.why,
        "truth": WORDS[found.truth],
        "conditions": [condition(each) for each in found.conditions],
        "miss": None if found.miss is None else miss(found.miss, found),
    }


def miss(found: Miss, of: RuleExplained) -> dict[str, Any]:
    """How near a rule was."""
    return {
        "not_true": len(found.failing),
        "size": None if math.isinf(found.size) else found.size,
        "changes": [change(each) for each in found.changes],
        "failing": [
            {
                "condition": each.condition,
                "computed": [change(one) for one in each.computed],
                "alone": [change(one) for one in each.alone],
            }
            for each in of.failing
        ],
    }


def change(found: Change) -> dict[str, Any]:
    """One value that would have to be another; the distance of times is in days."""
    return {
        "of": found.name,
        "computed": found.is_computed,
        "from": json_of(found.old, found.type),
        "to": json_of(found.new, found.type),
        "would": found.would,
        "distance": length(found),
        "size": found.size,
        "exact": found.exact,
    }


def length(found: Change) -> float | int | None:
    """The distance of ordered values; None where there is none, or it has no end."""
    if found.distance is None or math.isinf(found.distance):
        return None
    days = DAY_NANOSECONDS if family(found.type) == "time" else 1
    return percent(Fraction(found.distance) / days)


def condition(found: Condition) -> dict[str, Any]:
    """One condition, with those that it joins."""
    return {
        "text": found.text,
        "truth": WORDS[found.truth],
        "why": found.why,
        "joined": found.joined or None,
        "seen": [seen(each) for each in found.seen],
        "parts": [condition(each) for each in found.parts],
    }


def seen(found: Seen) -> dict[str, Any]:
    """One value that a condition saw."""
    return {
        "name": found.name,
        "kind": found.kind,
        "value": json_of(found.value, found.type),
        "how": found.how,
        "parts": [seen(each) for each in found.parts],
    }


def percent(number: Fraction | None) -> float | int | None:
    """A ratio as JSON has numbers."""
    if number is None:
        return None
    return number.numerator if number.denominator == 1 else float(number)
