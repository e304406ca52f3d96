"""The fast way to a tree gives the tree of the full parser, or none; what stands twice is parsed once."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, Source
from gpu_target.language.parser import parse_predicate
from gpu_target.language.printer import to_text
from gpu_target.language.terms import LONGEST, Terms, parse_terms
from tests.gpu_target.language.strategies import expressions, soups

PIECES = [
    "a = 1", "b <> 'x'", "c >= 2.50", "d LIKE '87%'", "e BETWEEN 1 AND 5", "f BETWEEN 'a' AND 'b'", "g IN ('x', 'y')",
    "h IN (1, 2)", "i IN @few", "(a = 1 OR b = 2)", "(a = 1)", "NOT a = 1", "a IS NULL", "a", "(a = 1 AND b = 2)",
    "a = 1 OR b = 2", "a = ' AND '", "a LIKE ' BETWEEN '", "(a = ' OR ' OR b = 1)", "a BETWEEN 1", "5", "a = 'it''s'",
    "a and b", "a = -1", "DATE = 1", "a = DATE '2024-01-31'", "TRUE", "null = 1", "a + 1 > b", "((a = 1) OR b = 2)",
    "(a = 1) OR (b = 2)", "(a = 1 OR b = 2", "a = 1)", "'x' = a", "a = 'x", "a NOT IN (1)", "a IN ()", "", " a = 1 ",
    "a =  1", "a = 1234567890123456789", "a = 'é'", "A = 'x' -- no", "(b BETWEEN 1 AND 2 OR c = 3)",
]  # fmt: skip
JOINS = [" AND ", "  AND ", " AND\n", "\nAND ", " and ", " OR ", " "]
texts = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([" AND "] * 6 + JOINS)), min_size=1, max_size=6)


def joined(pieces: list[tuple[str, str]]) -> str:
    return "".join(f"{piece}{join}" for piece, join in pieces[:-1]) + pieces[-1][0]


def parsed(text: str) -> tuple[ast.Expr | None, list[Diagnostic]]:
    errors: list[Diagnostic] = []
    return parse_predicate(Source("", text), errors=errors), errors


@given(pieces=texts)
@example([("a BETWEEN 1", " AND "), ("5", " AND "), ("b = 2", "")])
@example([("a = 1 OR b = 2", " AND "), ("c = 3", "")])
@example([("a = 'x", " AND "), ("y' = b", "")])
def test_the_fast_way_says_what_the_parser_says_or_nothing(pieces: list[tuple[str, str]]) -> None:
    text = joined(pieces)
    found = parse_terms(text, {})
    if found is not None:
        assert (found, []) == parsed(text)


@given(tree=expressions, other=expressions)
def test_any_tree_survives_the_fast_way(tree: ast.Expr, other: ast.Expr) -> None:
    for text in (to_text(tree), f"{to_text(tree)} AND {to_text(other)}"):
        found = parse_terms(text, {})
        assert found is None or (found, []) == parsed(text)


@given(first=texts, second=texts)
def test_what_is_remembered_changes_nothing(first: list[tuple[str, str]], second: list[tuple[str, str]]) -> None:
    known: Terms = {}
    parse_terms(joined(first), known)
    assert parse_terms(joined(second), known) == parse_terms(joined(second), {})


@pytest.mark.parametrize(
    "text", [*PIECES[:11], "a = 1 AND b <> 'x' AND e BETWEEN 1 AND 5 AND (a = 1 OR b = 2) AND g IN ('x', 'y')"]
)
def test_the_usual_conditions_take_the_fast_way(text: str) -> None:
    assert parse_terms(text, {}) == parsed(text)[0]


@pytest.mark.parametrize("text", ["a = 1 OR b = 2", "a = 1 and b = 2", "(a = 1", "", "a BETWEEN 1", "a = 1 AND"])
def test_what_needs_the_parser_is_left_to_it(text: str) -> None:
    assert parse_terms(text, {}) is None


def test_a_condition_that_stands_twice_is_one_object() -> None:
    known: Terms = {}
    first, second = parse_terms("a = 1 AND b = 2", known), parse_terms("c = 3 AND a = 1", known)
    assert isinstance(first, ast.And)
    assert isinstance(second, ast.And)
    assert first.operands[0] is second.operands[1]
    assert list(known) == ["a = 1", "b = 2", "c = 3"]


def test_a_deep_condition_is_left_to_the_parser_which_counts_the_and_around_it() -> None:
    deep = "a" + " + a" * (LONGEST // 4) + " > 1"
    assert parse_terms(f"{deep} AND b = 1", {}) is None
    assert parse_terms("a" + " + a" * (LONGEST // 4 - 3) + " > 1 AND b = 1", {}) is not None


@given(text=soups)
def test_a_soup_of_words_is_not_taken_for_a_condition(text: str) -> None:
    found = parse_terms(text, {})
    assert found is None or (found, []) == parsed(text)
