"""The table of functions and operators: complete, and in step with the parser."""

from __future__ import annotations

import pytest

from gpu_target.language import ast
from gpu_target.language.operators import FUNCTIONS, OPERATORS, Function, Operator
from gpu_target.language.parser import parse_predicate_text
from gpu_target.language.printer import to_text
from gpu_target.language.trees import children

ENTRIES: list[Function | Operator] = [*FUNCTIONS.values(), *OPERATORS.values()]
NAMES = [each.name if isinstance(each, Function) else each.spelling for each in ENTRIES]


def nodes(tree: ast.Expr) -> list[ast.Expr]:
    return [tree, *(inner for child in children(tree) for inner in nodes(child))]


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_each_example_is_canonical_text_over_the_columns_of_its_row(entry: Function | Operator) -> None:
    tree = parse_predicate_text(entry.example.predicate)
    assert to_text(tree) == entry.example.predicate
    assert {node.name for node in nodes(tree) if isinstance(node, ast.Name)} == set(entry.example.row)
    assert {node.name for node in nodes(tree) if isinstance(node, ast.ListName)} == set(entry.example.lists)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_example_of_a_function_calls_it(function: Function) -> None:
    calls = [node for node in nodes(parse_predicate_text(function.example.predicate)) if isinstance(node, ast.Call)]
    assert function.name in {call.function for call in calls}
    assert len(function.takes) == (function.most or function.fewest)


_NODE = {"NOT": ast.Not, "AND": ast.And, "OR": ast.Or, "IN": ast.In, "IN @": ast.In, "BETWEEN": ast.Between,
         "LIKE": ast.Like, "IS NULL": ast.IsNull, "unary -": ast.Negate}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_the_example_of_an_operator_uses_it(operator: Operator) -> None:
    found = nodes(parse_predicate_text(operator.example.predicate))
    if operator.spelling in _NODE:
        assert any(isinstance(node, _NODE[operator.spelling]) for node in found)
    else:
        signs = {node.operator for node in found if isinstance(node, ast.Compare | ast.Arithmetic)}
        assert operator.spelling in signs


BINARY = [each for each in OPERATORS.values() if each.form == f"x {each.spelling} y"]


PAIRS = [(weak.spelling, strong.spelling) for weak in BINARY for strong in BINARY if strong.power > weak.power]


@pytest.mark.parametrize(("weak", "strong"), PAIRS)
def test_the_operator_of_higher_power_is_applied_first(weak: str, strong: str) -> None:
    right = parse_predicate_text(f"a {weak} b {strong} c")
    assert right == parse_predicate_text(f"a {weak} (b {strong} c)")
    left = parse_predicate_text(f"a {strong} b {weak} c")
    assert left == parse_predicate_text(f"(a {strong} b) {weak} c")
