"""What tests in rule files decide: by hand on small rules, and by putting TRUE or FALSE in the place of each term."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gpu_target
from gpu_target.coverage import Coverage, RuleCoverage, cover
from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.model import Predicate, Rule, RuleSet, RuleTest, Scalar
from gpu_target.language.printer import to_text
from gpu_target.rule_tests import run_tests
from tests.gpu_target.building import ruleset as built
from tests.gpu_target.language.loading import rule_set, write

TYPES = {"code": pa.string(), "value": pa.float64(), "flow": pa.string(), **{name: pa.bool_() for name in "abcd"}}
Terms = dict[str, tuple[int, int, int]]


def covered(folder: Path, rules: str, **keys: str) -> Coverage:
    write(folder, {"r.yaml": rule_set(rules, **keys)})
    loaded = gpu_target.load_rules(folder / "r.yaml")
    return cover(loaded, run_tests(loaded, TYPES), TYPES)


def terms(folder: Path, when: str, *tests: str, more: str = "", **keys: str) -> Terms:
    """By its text, the test that makes a term TRUE, the one that it makes match, the one that it alone makes miss."""
    lines = "".join(f"\n    - {{{test}}}" for test in tests)
    (found,) = covered(folder, f"- id: A\n  when: {when}\n  lane: red\n{more}  tests:{lines}", **keys).rules
    return {each.text: (each.true, each.matches, each.misses) for each in found.terms}


def test_of_conditions_joined_by_and_each_must_be_all_that_is_missing(tmp_path: Path) -> None:
    tests = (
        "code: X, value: 2, expect: match",
        "code: Y, value: 1, expect: no match",  # both fail: neither is shown to count
        "code: X, value: 1, expect: no match",
    )
    assert terms(tmp_path, "code = 'X' AND value > 1", *tests) == {"code = 'X'": (1, 1, 0), "value > 1": (1, 1, 3)}


def test_of_conditions_joined_by_or_each_must_be_the_only_one(tmp_path: Path) -> None:
    tests = ("code: X, value: 2, expect: match", "code: X, value: 1, expect: match", "value: 0, expect: no match")
    # the missing code of the third test is UNKNOWN, which is not TRUE
    assert terms(tmp_path, "code = 'X' OR value > 1", *tests) == {"code = 'X'": (1, 2, 3), "value > 1": (1, 0, 3)}


def test_not_is_a_part_of_its_term(tmp_path: Path) -> None:
    tests = ("a: false, b: false, expect: match", "a: true, b: false, expect: no match", "b: false, expect: no match")
    assert terms(tmp_path, "NOT (a OR b)", *tests) == {"NOT a": (1, 1, 2), "NOT b": (1, 1, 0)}
    assert terms(tmp_path, "NOT a AND NOT NOT b", "a: false, b: true, expect: match") == {
        "NOT a": (1, 1, 0),
        "b": (1, 1, 0),
    }


def test_a_name_of_let_and_a_list_are_one_term_each(tmp_path: Path) -> None:
    keys = {"lists": "{codes: [X, Y]}", "let": "{double: value * 2, cheap: value < 5 AND value > 0}"}
    found = terms(
        tmp_path, "code IN @codes AND cheap AND double <> 4", "code: X, value: 3, expect: match",
        "code: X, value: 2, expect: no match", **keys,
    )  # fmt: skip
    assert found == {"code IN @codes": (1, 1, 0), "cheap": (1, 1, 0), "double <> 4": (1, 1, 2)}


def test_where_flow_fails_no_term_is_to_blame(tmp_path: Path) -> None:
    tests = ("value: 2, flow: IM, expect: match", "value: 2, flow: EX, expect: no match")
    more = "  flow: IM\n"
    keys = {"roles": "{flow: flow}"}
    assert terms(tmp_path, "value > 1", *tests, more=more, **keys) == {"value > 1": (1, 1, 0)}
    blamed = "value: 1, flow: EX, expect: no match"
    assert terms(tmp_path, "value > 1", *tests, blamed, more=more, **keys) == {"value > 1": (1, 1, 0)}
    assert terms(tmp_path, "value > 1", "value: 1, expect: no match", more=more, **keys) == {"value > 1": (0, 0, 1)}


def test_rules_are_counted_with_their_drafts_and_without_retired_ones(tmp_path: Path) -> None:
    found = covered(
        tmp_path,
        """
        - {id: BOTH, when: value > 1, lane: red, tests: [{value: 2, expect: match}, {value: 1, expect: no match}]}
        - {id: ONE, when: value > 1 AND a, lane: red, status: draft, tests: [{value: 1, expect: no match}]}
        - {id: NONE, when: value > 1, lane: red}
        - {id: OLD, when: value > 1, lane: red, status: retired, tests: [{value: 2, expect: match}]}
        """,
    )
    assert [(each.rule.id, each.matched, each.missed) for each in found.rules] == [
        ("BOTH", 1, 2), ("ONE", 0, 1), ("NONE", 0, 0),
    ]  # fmt: skip
    assert (found.of_rules.decided, found.of_rules.whole) == (1, 3)
    assert (found.of_terms.decided, found.of_terms.whole) == (1, 4)
    assert found.of_terms.percent == 25
    assert Coverage(()).of_terms.percent == 100


# -- against the definition -------------------------------------------------------------------------------------------

TREES = st.recursive(
    st.sampled_from([ast.Name(name) for name in "abcd"]),
    lambda inner: st.one_of(
        st.builds(ast.Not, inner),
        *(st.lists(inner, min_size=2, max_size=3).map(tuple).map(kind) for kind in (ast.And, ast.Or)),
    ),
    max_leaves=8,
)
ROWS = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 4), min_size=1, max_size=4)


def leaves(tree: ast.Expr, negated: bool = False) -> Iterator[bool]:
    """For each name in the order of the text, whether an odd number of NOTs stands around it."""
    if isinstance(tree, ast.Not):
        yield from leaves(tree.operand, not negated)
    elif isinstance(tree, (ast.And, ast.Or)):
        for each in tree.operands:
            yield from leaves(each, negated)
    else:
        yield negated


def with_truth(tree: ast.Expr, place: list[int], truth: bool) -> ast.Expr:
    """The tree with TRUE or FALSE in the place of a name, which ``place`` counts down to."""
    if isinstance(tree, ast.Not):
        return ast.Not(with_truth(tree.operand, place, truth))
    if isinstance(tree, (ast.And, ast.Or)):
        return type(tree)(tuple([with_truth(each, place, truth) for each in tree.operands]))
    place[0] -= 1
    return ast.Boolean(truth) if place[0] == -1 else tree


def rule_with(id_: str, tree: ast.Expr, rows: list[tuple[bool | None, ...]]) -> Rule:
    tests = [
        RuleTest(
            {name: Scalar(str(each).lower()) for name, each in zip("abcd", row, strict=True) if each is not None}, True
        )
        for row in rows
    ]
    return Rule(id_, Predicate(tree, Source("when", to_text(tree))), lane="red", tests=tuple(tests))


def matches(rules: list[Rule]) -> list[list[bool]]:
    """For each rule which of its tests it matches."""
    outcomes = iter(run_tests(replace(built(), rules=tuple(rules)), TYPES))
    return [[next(outcomes).found is True for _ in rule.tests] for rule in rules]


def first(holds: list[bool]) -> int:
    return next((place for place, each in enumerate(holds, 1) if each), 0)


@settings(max_examples=300)
@given(tree=TREES, rows=ROWS)
@example(tree=ast.Or((ast.And((ast.Name("a"), ast.Name("b"))), ast.And((ast.Name("a"), ast.Name("c"))))),
         rows=[(True, True, False, None), (False, True, True, None)])  # fmt: skip
def test_a_term_decides_where_another_truth_of_it_alone_turns_the_rule(
    tree: ast.Expr, rows: list[tuple[bool | None, ...]]
) -> None:
    rule = rule_with("R", tree, rows)
    ruleset: RuleSet = replace(built(), rules=(rule,))
    (found,) = cover(ruleset, run_tests(ruleset, TYPES), TYPES).rules
    signs = list(leaves(tree))
    held = [rule_with(f"{k} TRUE", with_truth(tree, [k], not negated), rows) for k, negated in enumerate(signs)]
    failed = [rule_with(f"{k} FALSE", with_truth(tree, [k], negated), rows) for k, negated in enumerate(signs)]
    (is_match,), with_it, without_it = matches([rule]), matches(held), matches(failed)
    assert isinstance(found, RuleCoverage)
    assert (found.matched, found.missed) == (first(is_match), first([not each for each in is_match]))
    for k, term in enumerate(found.terms):
        thanks = [now and not without for now, without in zip(is_match, without_it[k], strict=True)]
        because = [with_ and not now for now, with_ in zip(is_match, with_it[k], strict=True)]
        assert (term.matches, term.misses) == (first(thanks), first(because)), term.text
