"""What a predicate's text means as a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language import ast
from gpu_target.language.ast import (
    And,
    Arithmetic,
    AsOf,
    Between,
    Boolean,
    Call,
    Compare,
    Date,
    Expr,
    In,
    IsNull,
    Like,
    ListName,
    Name,
    Negate,
    Not,
    Number,
    Or,
    String,
    TableColumn,
    Timestamp,
)
from gpu_target.language.diagnostics import Diagnostic, RuleError, Source
from gpu_target.language.lexer import KEYWORDS, read_tokens
from gpu_target.language.operators import FUNCTIONS
from gpu_target.language.parser import parse_predicate, parse_predicate_text
from gpu_target.language.printer import to_text
from gpu_target.language.trees import children
from tests.gpu_target.language.strategies import day, expressions, soups

A, B, C, D = Name("a"), Name("b"), Name("c"), Name("d")
ONE, TWO = Number("1"), Number("2")


def less(left: Expr, right: Expr) -> Compare:
    return Compare("<", left, right)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a OR b AND c OR d", Or((A, And((B, C)), D))),
        ("a AND b AND c", And((A, B, C))),
        ("a AND (b AND c)", And((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("NOT a AND b", And((Not(A), B))),
        ("NOT a = b", Not(Compare("=", A, B))),
        ("NOT NOT a", Not(Not(A))),
        ("NOT a IS NULL", Not(IsNull(A))),
        ("a AND NOT b OR c", Or((And((A, Not(B))), C))),
        ("a < b + c * d", less(A, Arithmetic("+", B, Arithmetic("*", C, D)))),
        ("a * b + c < d", less(Arithmetic("+", Arithmetic("*", A, B), C), D)),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a - (b - c)", Arithmetic("-", A, Arithmetic("-", B, C))),
        ("a / b * c", Arithmetic("*", Arithmetic("/", A, B), C)),
        ("-a * b", Arithmetic("*", Negate(A), B)),
        ("a - -1", Arithmetic("-", A, Negate(ONE))),
        ("- -a", Negate(Negate(A))),
        ("-(a + b)", Negate(Arithmetic("+", A, B))),
        ("(((a)))", A),
    ],
)
def test_operators_bind_as_in_sql(text: str, tree: Expr) -> None:
    assert parse_predicate_text(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a != 1", Compare("<>", A, ONE)),
        ("a BETWEEN 1 AND 2 AND b", And((Between(A, ONE, TWO), B))),
        ("a NOT BETWEEN 1 AND 2 OR b", Or((Between(A, ONE, TWO, True), B))),
        (
            "a + 1 BETWEEN b - 1 AND c * 2",
            Between(Arithmetic("+", A, ONE), Arithmetic("-", B, ONE), Arithmetic("*", C, TWO)),
        ),
        ("a BETWEEN 1 AND (b BETWEEN 1 AND 2)", Between(A, ONE, Between(B, ONE, TWO))),
        ("a IN (1, -2)", In(A, (ONE, Negate(TWO)))),
        ("a NOT IN ('x')", In(A, (String("x"),), True)),
        ("a IN @high", In(A, ListName("high"))),
        ("a NOT IN @in", In(A, ListName("in"), True)),
        ('a IN @"my list"', In(A, ListName("my list"))),
        ("a LIKE '8703%'", Like(A, "8703%")),
        ("a NOT LIKE '50!%%' ESCAPE '!'", Like(A, "50!%%", "!", True)),
        ("a LIKE 'l''''or' ESCAPE ''''", Like(A, "l''or", "'")),
        ("a LIKE '!!' ESCAPE '!'", Like(A, "!!", "!")),
        ("a IS NULL AND b IS NOT NULL", And((IsNull(A), IsNull(B, True)))),
        ("a + b IS NULL", IsNull(Arithmetic("+", A, B))),
        ("(a = b) IS NULL", IsNull(Compare("=", A, B))),
        ("(a IS NULL) IS NOT NULL", IsNull(IsNull(A), True)),
        ("(a = 1) = TRUE", Compare("=", Compare("=", A, ONE), Boolean(True))),
        ("TRUE OR false", Or((Boolean(True), Boolean(False)))),
    ],
)
def test_conditions_are_read(text: str, tree: Expr) -> None:
    assert parse_predicate_text(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("'l''or\n'", String("l'or\n")),
        ("DATE '1970-01-01'", Date(0)),
        ("date '2024-02-29'", Date(day(2024, 2, 29))),
        ("DATE '0001-01-01'", Date(-719162)),
        ("DATE '9999-12-31'", Date(2932896)),
        ("TIMESTAMP '1970-01-01 00:00:01'", Timestamp(10**9)),
        ("timestamp '1970-01-02T00:00:00.5'", Timestamp(86_400_500_000_000)),
        ("TIMESTAMP '1969-12-31 23:59:59.999999999'", Timestamp(-1)),
        ("as_of", AsOf()),
        ("date", Name("date")),
        ("timestamp = DATE '1970-01-02'", Compare("=", Name("timestamp"), Date(1))),
        ("year = YEAR(day)", Compare("=", Name("year"), Call("YEAR", (Name("day"),)))),
        ("left < left (left, 2)", less(Name("left"), Call("LEFT", (Name("left"), TWO)))),
        ('"Item ""Price""" > 1', Compare(">", Name('Item "Price"'), ONE)),
        ("t.c = 1", Compare("=", TableColumn("t", "c"), ONE)),
        ('"my t" . "in" = 1', Compare("=", TableColumn("my t", "in"), ONE)),
        ("Flow = flow", Compare("=", Name("Flow"), Name("flow"))),
        ("COALESCE(a, b, 1)", Call("COALESCE", (A, B, ONE))),
        ("coalesce(a = 1, TRUE)", Call("COALESCE", (Compare("=", A, ONE), Boolean(True)))),
        ("CONTAINS(a, b)", Call("CONTAINS", (A, B))),
        ("CONTAINS_ANY(a, @l) AND b", And((Call("CONTAINS_ANY", (A, ListName("l"))), B))),
    ],
)
def test_values_names_and_functions_are_read(text: str, tree: Expr) -> None:
    assert parse_predicate_text(text) == tree


def test_a_quoted_name_is_remembered_as_quoted() -> None:
    tree = parse_predicate_text('a = "XA"')
    assert isinstance(tree, Compare)
    assert isinstance(tree.right, Name)
    assert tree.right.quoted


def test_the_tree_spans_the_whole_expression() -> None:
    text = " (a + b) * 2 < c AND d IN (1, 2)\n"
    tree = parse_predicate_text(text)
    assert tree.span == (1, len(text) - 1)
    assert [text[slice(*node.span)] for node in children(tree)] == ["(a + b) * 2 < c", "d IN (1, 2)"]


def nodes(tree: Expr) -> list[Expr]:
    return [tree, *(inner for child in children(tree) for inner in nodes(child))]


@given(expressions)
def test_the_span_of_each_node_read_alone_is_that_node(tree: Expr) -> None:
    text = to_text(tree)
    for node in nodes(parse_predicate_text(text)):
        if not isinstance(node, ListName):
            assert parse_predicate_text(text[slice(*node.span)]) == node


@given(expressions)
def test_case_of_keywords_and_blanks_change_nothing(tree: Expr) -> None:
    text = to_text(tree)
    tokens = read_tokens(text, lambda *problem: pytest.fail(str(problem)))
    words = []
    for at, (kind, word) in enumerate(zip(tokens.kinds, tokens.texts, strict=True)):
        is_list = at > 0 and tokens.kinds[at - 1] == "@"
        is_function = word in FUNCTIONS and tokens.kinds[at + 1] == "("
        words.append(word.lower() if is_function or (kind in KEYWORDS and not is_list) else word)
    spread = "".join(word if word == "@" else word + "\n\t " for word in words)
    assert parse_predicate_text(spread) == tree


def test_ten_thousand_conditions_need_no_recursion() -> None:
    text = " AND ".join(f"c{number} = {number}" for number in range(10_000))
    tree = parse_predicate_text(text)
    assert isinstance(tree, And)
    assert len(tree.operands) == 10_000
    assert to_text(tree) == text


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("NOT ", ""), ("(x OR ", ")"), ("x IN (1, ", ")"), ("COALESCE(x, ", ")"), ("- ", "")],
)
def test_nesting_is_read_to_200_and_refused_at_201(opening: str, closing: str) -> None:
    assert parse_predicate_text(opening * 200 + "a" + closing * 200)
    with pytest.raises(RuleError) as raised:
        parse_predicate_text(opening * 201 + "a" + closing * 201)
    assert [each.code for each in raised.value.diagnostics] == ["RT014"]


def test_a_sum_is_as_deep_as_it_is_long() -> None:
    assert parse_predicate_text(" + ".join(["a"] * 257))
    with pytest.raises(RuleError, match="RT014"):
        parse_predicate_text(" + ".join(["a"] * 258))


def test_a_predicate_of_one_mebibyte_is_read_and_of_one_byte_more_refused() -> None:
    text = "a = '" + "é" * ((1 << 19) - 3) + "'"
    assert len(text.encode()) == 1 << 20
    assert parse_predicate_text(text)
    with pytest.raises(RuleError, match="RT015"):
        parse_predicate_text(text + " ")


@given(st.one_of(st.text(), st.text(st.characters()), soups))
def test_any_text_gives_a_tree_or_errors_within_the_text(text: str) -> None:
    errors: list[Diagnostic] = []
    source = Source("rule.yaml", text)
    tree = parse_predicate(source, errors=errors)
    assert (tree is None) == bool(errors)
    for each in errors:
        assert each.span is not None
        assert each.span.source is source
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert each.message
        assert each.label
        assert each.remedy
    starts = [each.span.start for each in errors if each.span]
    assert starts == sorted(set(starts))
    if tree is not None:
        assert text[slice(*tree.span)].strip() != ""
        assert parse_predicate_text(to_text(tree)) == tree


def test_errors_are_added_to_those_already_found() -> None:
    errors: list[Diagnostic] = []
    assert parse_predicate(Source("a.yaml", "a ="), errors=errors) is None
    assert parse_predicate(Source("b.yaml", "a = 1"), errors=errors) == Compare("=", A, ONE)
    assert parse_predicate(Source("c.yaml", "= 1"), errors=errors) is None
    assert [each.location() for each in errors] == [("a.yaml", 1, 4), ("c.yaml", 1, 1)]


def test_nodes_do_not_compare_their_places() -> None:
    assert parse_predicate_text("a=1") == parse_predicate_text("  a  =  1")
    assert ast.NOWHERE == (0, 0)
