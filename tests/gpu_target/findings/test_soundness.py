"""No verdict is contradicted by the interpreter, and of planted rules all are found.

The long form of the first is ``python -m tests.oracle.verdict_run``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gpu_target.findings.within import findings_within, is_plain
from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.model import Predicate, Rule
from gpu_target.language.parser import parse_predicate_text
from gpu_target.language.printer import to_text
from gpu_target.plan.process import compiling
from tests.oracle.cases import rule_of, ruleset_of
from tests.oracle.choices import Seeded
from tests.oracle.planted import SCHEMA, Planter
from tests.oracle.verdict_run import main
from tests.oracle.verdicts import Verdicts, contradiction, judged, related_case


def test_no_verdict_is_contradicted_by_the_interpreter() -> None:
    counted = 0
    for seed in range(40):
        drawn = related_case(f"slice {seed}", 4, 12, 1 + seed % 4)
        table = drawn.source.random_table(seed, 300)
        verdicts = judged(drawn.ruleset, table.schema)
        assert contradiction(verdicts, table) == ""
        counted += verdicts.count
    assert counted > 500, "too few verdicts to prove anything"


def test_the_long_run_tells_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sets", "2", "--rows", "50"]) == 0
    assert "2 rule sets of 12 rules" in capsys.readouterr().out


def test_a_wrong_verdict_would_be_seen() -> None:
    drawn = related_case("wrong", 4, 12, 2)
    table = drawn.source.random_table(1, 300)
    verdicts = judged(drawn.ruleset, table.schema)
    some = [each.position for each in verdicts.conditions.all if not each.never]
    assert contradiction(Verdicts(verdicts.conditions, some, [], []), table).startswith("never, but on")
    assert contradiction(Verdicts(verdicts.conditions, [], some, []), table).startswith("always, but not on")
    pairs = [(a, b) for a in some for b in some]
    assert contradiction(Verdicts(verdicts.conditions, [], [], pairs), table).startswith("covered, but not on")


@pytest.mark.parametrize("batch", range(4))
def test_planted_rules_are_all_found(batch: int) -> None:
    counted = np.zeros(3, int)
    for seed in range(100):
        planter = Planter(Seeded(f"{batch} {seed}"))
        base = planter.rule()
        same = planter.rewritten(base, planter.choices.integer(1, 3))
        narrow = planter.rewritten(planter.narrowed(base), planter.choices.integer(0, 2))
        dead = planter.rewritten(planter.dead(base), planter.choices.integer(0, 2))
        verdicts = judged(ruleset_of([base, same, narrow, dead]), SCHEMA)
        assert 3 in verdicts.never, f"{to_text(base)} has a dead form: {to_text(dead)}"
        if 0 in verdicts.never:
            continue  # it contradicts itself, and nothing can be planted beside it
        covered = set(verdicts.covered)
        assert {(0, 1), (1, 0)} <= covered, f"{to_text(base)} is the same as {to_text(same)}"
        assert 2 in verdicts.never or (0, 2) in covered, f"{to_text(base)} covers {to_text(narrow)}"
        counted += [1, 1, 2 not in verdicts.never]
    assert (counted > 80).all()


def written(rule: Rule) -> Rule:
    """The rule with a condition that knows its places."""
    text = to_text(rule.when.tree)
    return replace(rule, when=Predicate(parse_predicate_text(text), Source(rule.id, text)))


def without(tree: ast.Expr, places: set[tuple[int, int]]) -> ast.Expr | None:
    """A condition without the operands of AND and OR that stand at some places; None where nothing is left."""
    if tree.span in places:
        return None
    if not isinstance(tree, (ast.And, ast.Or)):
        return tree
    kept = tuple(part for each in tree.operands if (part := without(each, places)) is not None)
    return type(tree)(kept) if len(kept) > 1 else kept[0] if kept else None


def test_without_what_adds_nothing_rules_match_the_same() -> None:
    counted = 0
    for seed in range(25):
        drawn = related_case(f"idle {seed}", 4, 12, 1 + seed % 4)
        table = drawn.source.random_table(seed, 300)
        rules = tuple(map(written, drawn.ruleset.rules))
        ruleset = replace(drawn.ruleset, rules=rules)
        conditions = judged(ruleset, table.schema).conditions
        changed = []
        for each in conditions.all:
            with compiling():
                found = [one for one in findings_within(conditions, each) if one.code in ("RT205", "RT206")]
            places = {(one.diagnostic.span.start, one.diagnostic.span.end) for one in found if one.diagnostic.span}
            left = without(each.rule.when.tree, places)
            if places and left is not None:
                counted += len(places)
                changed += [each.rule, rule_of(left, f"{each.rule.id} mended")]
        pairs = [pair for k in range(0, len(changed), 2) for pair in ((k, k + 1), (k + 1, k))]
        mended = judged(replace(ruleset, rules=tuple(changed)), table.schema)
        assert contradiction(Verdicts(mended.conditions, [], [], pairs), table) == ""
    assert counted > 50, "too little was told to prove anything"


def test_of_a_plain_rule_nothing_would_be_told() -> None:
    plain = 0
    for seed in range(60):
        drawn = related_case(f"plain {seed}", 6, 12, 4)
        found = judged(drawn.ruleset, drawn.source.random_table(0, 1).schema).conditions
        with compiling():
            for each in found.all:
                if is_plain(found, each):
                    assert findings_within(found, each) == []
                    plain += 1
    assert plain > 50
