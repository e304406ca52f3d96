"""Canonical text: one spelling for every tree."""

from __future__ import annotations

import pytest
from hypothesis import given

from gpu_target.language.ast import Expr
from gpu_target.language.parser import parse_predicate_text
from gpu_target.language.printer import to_text, write_name
from tests.gpu_target.language.strategies import expressions


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a=1 and b!=2", "a = 1 AND b <> 2"),
        ("( (a) = 1 ) AND (b)", "a = 1 AND b"),
        ("(a AND b) OR c", "a AND b OR c"),
        ("a AND (b OR c)", "a AND (b OR c)"),
        ("(a AND b) AND c", "(a AND b) AND c"),
        ("not(a=1)", "NOT a = 1"),
        ("not(a and b)", "NOT (a AND b)"),
        ("(not a) is null", "(NOT a) IS NULL"),
        ("(a+b)+c < (a*b)+c", "a + b + c < a * b + c"),
        ("a-(b-c) < a/(b*c)", "a - (b - c) < a / (b * c)"),
        ("(a+b)*c = 1", "(a + b) * c = 1"),
        ("- - a < -(a+b)", "-(-a) < -(a + b)"),
        ("a - -1 = -1", "a - -1 = -1"),
        ("(a=b)=(c=d)", "(a = b) = (c = d)"),
        ("x in('XA','l''or') or x NOT in @l", "x IN ('XA', 'l''or') OR x NOT IN @l"),
        ("x between 1 and(2)", "x BETWEEN 1 AND 2"),
        ("x like '8!%' escape '!'", "x LIKE '8!%' ESCAPE '!'"),
        ('"a" = "in" and "t"."b c" = 1', 'a = "in" AND t."b c" = 1'),
        ("left(code,4) = '8703'", "LEFT(code, 4) = '8703'"),
        ('contains_any(codes,@"my list")', 'CONTAINS_ANY(codes, @"my list")'),
        ("date>date '2024-01-31'", "date > DATE '2024-01-31'"),
        ("t>timestamp '2024-01-31T08:00:00.500'", "t > TIMESTAMP '2024-01-31 08:00:00.5'"),
        ("d = date '0001-01-01' or d < as_of or true", "d = DATE '0001-01-01' OR d < AS_OF OR TRUE"),
    ],
)
def test_a_predicate_has_one_canonical_text(written: str, canonical: str) -> None:
    assert to_text(parse_predicate_text(written)) == canonical
    assert to_text(parse_predicate_text(canonical)) == canonical


@given(expressions)
def test_printed_text_reads_back_as_the_same_tree(tree: Expr) -> None:
    text = to_text(tree)
    assert parse_predicate_text(text) == tree
    assert to_text(parse_predicate_text(text)) == text


@pytest.mark.parametrize(("name", "written"), [("née", "née"), ("date", "date"), ("And", '"And"'), ('a"b', '"a""b"')])
def test_names_are_quoted_only_where_they_must_be(name: str, written: str) -> None:
    assert write_name(name) == written
