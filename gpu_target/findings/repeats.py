"""Rules that say what another rule says: those that match the same records, and those that another one covers.

A rule covers another where it matches whatever the other matches and selects at least as much of it: its lane is the
same or a more severe one, its rate is 100, and it is mandatory where the other is. A relief rule covers one that grants
no more. Rules that are retired, or match everything, cover none.
"""

from __future__ import annotations

from collections.abc import Sequence

from gpu_target.findings.conditions import Condition, Conditions
from gpu_target.findings.covering import candidates
from gpu_target.findings.finding import Finding, Place, about_rule
from gpu_target.language.model import LANES, Rule

SEVERITY = {lane: severity for severity, lane in enumerate(LANES)}


def repeats(conditions: Conditions, rules: Sequence[Condition], relief: bool) -> list[Finding]:
    """RT203 and RT204, at most one for each rule. ``relief`` says whether any rule of the set grants relief."""
    outer_of: dict[int, list[int]] = {}
    for outer, inner in candidates(conditions, rules):
        if same_effect(rules[outer].rule, rules[inner].rule) or outdoes(rules[outer].rule, rules[inner].rule):
            outer_of.setdefault(inner, []).append(outer)
    found: list[Finding] = []
    for inner, outers in sorted(outer_of.items()):
        finding = _of_rule(conditions, rules, inner, outers, relief)
        if finding is not None:
            found.append(finding)
    return found


def _of_rule(
    conditions: Conditions, rules: Sequence[Condition], inner: int, outers: Sequence[int], relief: bool
) -> Finding | None:
    rule = rules[inner]
    covering = [outer for outer in outers if conditions.covers(rules[outer], rule)]
    for outer in covering:
        other = rules[outer].rule
        if same_effect(other, rule.rule) and _is_told(outer, inner, rules) and conditions.covers(rule, rules[outer]):
            return _same(rule.rule, other)
    for outer in covering:
        other = rules[outer].rule
        if not outdoes(other, rule.rule) or (other.status, rule.rule.status) == ("draft", "active"):
            continue
        if same_effect(other, rule.rule) and conditions.covers(rule, rules[outer]):
            continue  # the same: the other one is told
        return _covered(rule.rule, other, relief)
    return None


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
