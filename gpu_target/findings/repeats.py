"""Rules that say what another rule says: those that match the same records, and those that another one covers.

A rule covers another where it matches whatever the other matches and selects at least as much of it: its lane is the
same or a more severe one, its rate is 100, and it is mandatory where the other is. A relief rule covers one that grants
no more. Rules that are retired, or match everything, cover none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gpu_target.findings.boxes import key_of
from gpu_target.findings.conditions import Condition, Conditions
from gpu_target.findings.covering import Positions, candidates
from gpu_target.findings.finding import Finding, Place, about_rule
from gpu_target.language.model import LANES, Rule

SEVERITY = {lane: severity for severity, lane in enumerate(LANES)}


def repeats(conditions: Conditions, rules: Sequence[Condition], relief: bool) -> list[Finding]:
    """RT203 and RT204, at most one for each rule. ``relief`` says whether any rule of the set grants relief."""
    first = _first_of_each(rules)
    found = [_same(rules[k].rule, rules[first[k]].rule) for k in range(len(rules)) if first[k] != k]
    rest = [rule for k, rule in enumerate(rules) if first[k] == k]
    outer, inner = candidates(conditions, rest)
    kept = _may_be_told([rule.rule for rule in rest], outer, inner)
    outer, inner = outer[kept], inner[kept]
    mutual = np.isin(outer * len(rest) + inner, inner * len(rest) + outer)
    starts = np.flatnonzero(np.concatenate([[True], inner[1:] != inner[:-1]])) if len(inner) else inner
    for low, high in zip(starts.tolist(), [*starts[1:].tolist(), len(inner)], strict=False):
        finding = _of_rule(
            conditions, rest, int(inner[low]), outer[low:high].tolist(), mutual[low:high].tolist(), relief
        )
        if finding is not None:
            found.append(finding)
    return found


def _first_of_each(rules: Sequence[Condition]) -> list[int]:
    """For each rule the first that has the same boxes and the same effect, an active one where there is one."""
    first: dict[object, int] = {}
    order = sorted(range(len(rules)), key=lambda k: (rules[k].rule.status == "draft", k))
    found = [0] * len(rules)
    for k in order:
        rule = rules[k]
        if rule.boxes is None:
            same: object = frozenset(map(key_of, rule.parts))
        else:
            same = frozenset(frozenset(box.items()) for box in rule.boxes)
        found[k] = first.setdefault((same, rule.rule.lane), k)
    return found


def _may_be_told(rules: Sequence[Rule], outer: Positions, inner: Positions) -> npt.NDArray[np.bool_]:
    """Of each pair whether the two have the same effect, or the outer one outdoes the inner one."""
    kinds: dict[object, int] = {}
    kind = np.array([kinds.setdefault((each.lane, each.relief, each.rate == 100, each.mandatory), len(kinds))
                     for each in rules], np.int64)  # fmt: skip
    one_of = {number: rules[place] for place, number in reversed(list(enumerate(kind.tolist())))}
    table = np.array(
        [
            [same_effect(one_of[a], one_of[b]) or outdoes(one_of[a], one_of[b]) for b in sorted(one_of)]
            for a in sorted(one_of)
        ],
        np.bool_,
    ).reshape(len(one_of), len(one_of))
    return table[kind[outer], kind[inner]]


def _of_rule(
    conditions: Conditions,
    rules: Sequence[Condition],
    inner: int,
    outers: Sequence[int],
    mutual: Sequence[bool],
    relief: bool,
) -> Finding | None:
    """What is told of one rule: that it is the same as one of ``outers``, else that one covers it."""
    rule = rules[inner]
    same = {
        outer for outer, both in zip(outers, mutual, strict=True) if both and _are_same(conditions, rules[outer], rule)
    }
    for outer in sorted(same):
        if _is_told(outer, inner, rules):
            return _same(rule.rule, rules[outer].rule)
    for outer in outers:
        other = rules[outer].rule
        if outer in same or not outdoes(other, rule.rule) or (other.status, rule.rule.status) == ("draft", "active"):
            continue
        if conditions.covers(rules[outer], rule):
            return _covered(rule.rule, other, relief)
    return None


def _are_same(conditions: Conditions, one: Condition, other: Condition) -> bool:
    """Whether two rules match the same records, to the same effect."""
    return same_effect(one.rule, other.rule) and conditions.covers(one, other) and conditions.covers(other, one)


def _is_told(outer: int, inner: int, rules: Sequence[Condition]) -> bool:
    """Whether of two rules that say the same the inner one is told: the draft, or the later one."""
    statuses = rules[outer].rule.status, rules[inner].rule.status
    return statuses == ("active", "draft") or (statuses[0] == statuses[1] and outer < inner)


def same_effect(one: Rule, other: Rule) -> bool:
    """Whether two rules send to the same lane, or both grant relief."""
    return one.lane == other.lane


def outdoes(outer: Rule, inner: Rule) -> bool:
    """Whether what ``inner`` does to a record that both match is done by ``outer`` in any case."""
    if outer.relief is not None or inner.relief is not None:
        return outer.relief is not None and inner.relief is not None and outer.relief <= inner.relief
    assert outer.lane is not None
    assert inner.lane is not None
    if SEVERITY[inner.lane] == 0 or SEVERITY[outer.lane] < SEVERITY[inner.lane]:
        return False  # the green lane selects nothing, so that such a rule is there for its score
    return outer.mandatory or (outer.rate == 100 and not inner.mandatory)


def _same(rule: Rule, other: Rule) -> Finding:
    lane = f"lane {rule.lane}" if rule.lane else "relief"
    rates = "" if rule.rate == other.rate else f", with rates of {_percent(other)} and {_percent(rule)}"
    return about_rule(
        "RT203", f"`{rule.id}` matches the same records as `{other.id}`", rule, rule.span,
        f"both {lane}{rates}", "delete one of them, or make them differ", related=_place(other),
    )  # fmt: skip


def _covered(rule: Rule, other: Rule, relief: bool) -> Finding:
    if rule.relief is not None:
        label = (
            f"keeps {_number(rule.relief)} %, `{other.id}` keeps {_number(other.relief or 0)} % of the same and more"
        )
    else:
        label = f"{_lane(rule)}; `{other.id}` selects all of it: {_lane(other)}"
        if relief and not other.mandatory:
            label += ", but for relief"
    remedy = "delete it, or narrow the other"
    if rule.weight and rule.relief is None:
        remedy += f"; it still adds its weight of {rule.weight} to the score"
    return about_rule(
        "RT204", f"`{rule.id}` is covered by `{other.id}`", rule, rule.span, label, remedy, related=_place(other)
    )


def _place(other: Rule) -> list[Place]:
    return [Place(f"`{other.id}`", other.span)] if other.span else []


def _lane(rule: Rule) -> str:
    return f"{rule.lane}, mandatory" if rule.mandatory else f"{rule.lane}, rate {_percent(rule)}"


def _percent(rule: Rule) -> str:
    return _number(rule.rate)


def _number(value: object) -> str:
    return f"{float(value):g}"  # type: ignore[arg-type]
