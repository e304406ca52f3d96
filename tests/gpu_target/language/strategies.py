"""Any tree that a predicate can be: every node, every literal, names that need quotes; types are not kept apart."""

from __future__ import annotations

import datetime

from hypothesis import strategies as st

from gpu_target.language import ast
from gpu_target.language.lexer import KEYWORDS
from gpu_target.language.literals import DAY, EPOCH_DAY
from gpu_target.language.operators import FUNCTIONS

CHARACTERS = st.characters(exclude_categories=["Cs"])
ODD_NAMES = [
    "Item Price",
    'say "x"',
    "2nd",
    "née",
    "año",
    "date",
    "Timestamp",
    "year",
    "left",
    "a.b",
    "@a",
    "'",
    " ",
    "π",
]

names = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True),
    st.sampled_from([*ODD_NAMES, *sorted(KEYWORDS), *sorted(FUNCTIONS), "and", "As_Of"]),
    st.text(CHARACTERS, min_size=1, max_size=6),
)
numbers = st.one_of(
    st.integers(0, 10**20).map(str),
    st.floats(0, 1e300, allow_subnormal=False).map(repr),
    st.sampled_from(["7", "7.0", ".5", "1e-05", "1E+3", "007", "0.10"]),
)
texts = st.one_of(
    st.sampled_from(["XA", "", "l'or", "''", "8703%", "a\nb", "naïve", "\U0001f6a2"]), st.text(CHARACTERS, max_size=8)
)
dates = st.dates().map(lambda day: day.toordinal() - EPOCH_DAY)
timestamps = st.builds(
    lambda days, rest: days * DAY + rest,
    dates,
    st.one_of(st.integers(0, DAY - 1), st.integers(0, 86_399).map(lambda second: second * 10**9)),
)
list_names = st.builds(ast.ListName, names)
leaves: st.SearchStrategy[ast.Expr] = st.one_of(
    st.builds(ast.Name, names),
    st.builds(ast.TableColumn, names, names),
    st.builds(ast.Number, numbers),
    st.builds(ast.String, texts),
    st.builds(ast.Boolean, st.booleans()),
    st.builds(ast.Date, dates),
    st.builds(ast.Timestamp, timestamps),
    st.just(ast.AsOf()),
)


@st.composite
def likes(draw: st.DrawFn, operands: st.SearchStrategy[ast.Expr]) -> ast.Like:
    """LIKE with a pattern whose escapes are right."""
    escape = draw(st.none() | st.sampled_from(["!", "'", "\\", "%", "_", "é"]) | CHARACTERS)
    pieces = st.one_of(st.sampled_from(["%", "_", "a"]), CHARACTERS).filter(lambda piece: piece != escape)
    if escape is not None:
        pieces |= st.sampled_from([escape + "%", escape + "_", escape + escape])
    pattern = "".join(draw(st.lists(pieces, max_size=6)))
    return ast.Like(draw(operands), pattern, escape, draw(st.booleans()))


@st.composite
def calls(draw: st.DrawFn, operands: st.SearchStrategy[ast.Expr]) -> ast.Call:
    """A function with as many arguments as it takes, and of the written kind where one is asked for."""
    function = draw(st.sampled_from(sorted(FUNCTIONS.values(), key=lambda each: each.name)))
    if function.name == "LEFT":
        return ast.Call("LEFT", (draw(operands), ast.Number(str(draw(st.integers(0, 99))))))
    if function.name == "CONTAINS_ANY":
        return ast.Call("CONTAINS_ANY", (draw(operands), draw(list_names)))
    most = function.fewest + 2 if function.most is None else function.most
    return ast.Call(function.name, tuple(draw(st.lists(operands, min_size=function.fewest, max_size=most))))


def _grow(inner: st.SearchStrategy[ast.Expr]) -> st.SearchStrategy[ast.Expr]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    items = st.one_of(st.lists(inner, min_size=1, max_size=3).map(tuple), list_names)
    flags = st.booleans()
    return st.one_of(
        st.builds(ast.Negate, inner),
        st.builds(ast.Arithmetic, st.sampled_from("+-*/"), inner, inner),
        calls(inner),
        st.builds(ast.Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner, inner),
        st.builds(ast.Between, inner, inner, inner, flags),
        st.builds(ast.In, inner, items, flags),
        likes(inner),
        st.builds(ast.IsNull, inner, flags),
        st.builds(ast.Not, inner),
        st.builds(ast.And, several),
        st.builds(ast.Or, several),
    )


expressions: st.SearchStrategy[ast.Expr] = st.recursive(leaves, _grow, max_leaves=12)

_PIECES = [
    *sorted(KEYWORDS), "and", "Or", "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "(", ")", ",", ".", "@",
    "a", "b", "t.c", '"a b"', '""', "'x'", "'it''s'", "'", '"', "7", ".5", "1e-05", "7x", "1.2.3", "1e999",
    "DATE '2024-02-29'", "DATE '2023-02-29'", "TIMESTAMP '2024-01-31 08:00:00'", "date", "LEFT(", "left(a, 2)",
    "MOD(a, b)", "CONTAINS_ANY(", "COALESCE(a, ", "SUBSTR(", "IN (", "IN @l", "IS NULL", "IS NOT NULL",
    "BETWEEN 1 AND", "LIKE '8%'", "ESCAPE '!'", "==", "&&", "||", "%", ";", "--", "/*", "\n", "\t", "\u00a0", "“", "é",
    "²", "\ud800", "\x00", "\U0001f600",
]  # fmt: skip
soups = st.lists(st.sampled_from(_PIECES), max_size=14).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)])
)
"""Texts made of pieces of the language, mostly wrong."""


def day(year: int, month: int, number: int) -> int:
    """Days since 1970-01-01."""
    return (datetime.date(year, month, number) - datetime.date(1970, 1, 1)).days
