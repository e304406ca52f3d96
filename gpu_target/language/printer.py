"""From a tree back to text: one spelling for every tree, which parses to that tree again."""

from __future__ import annotations

from collections.abc import Iterable

from gpu_target.language import ast
from gpu_target.language.lexer import is_bare_name
from gpu_target.language.literals import write_date, write_timestamp
from gpu_target.language.operators import AND, COMPARISON, NOT, OPERATORS, OR, SIGN, SUM

_LEAF = SIGN + 1  # the power of what never needs parentheses
_POWER = {sign: OPERATORS[sign].power for sign in ("+", "-", "*", "/")}


def to_text(expr: ast.Expr) -> str:
    """The canonical text: keywords in capitals, single spaces, ``<>``, parentheses and quotes only where needed."""
    return _write(expr)[0]


def write_name(name: str) -> str:
    """A name as a predicate writes it, in double quotes where it needs them."""
    return name if is_bare_name(name) else _quote(name, '"')


def _quote(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote + quote) + quote


def _within(expr: ast.Expr, power: int) -> str:
    """The text of an operand, in parentheses where it binds less than ``power``."""
    text, own = _write(expr)
    return text if own >= power else f"({text})"


def _write(expr: ast.Expr) -> tuple[str, int]:
    """The text and the power with which it holds together."""
    match expr:
        case ast.And(operands):
            return " AND ".join(_within(each, AND + 1) for each in operands), AND
        case ast.Or(operands):
            return " OR ".join(_within(each, OR + 1) for each in operands), OR
        case ast.Not(operand):
            return f"NOT {_within(operand, NOT)}", NOT
        case ast.Arithmetic(operator, left, right):
            power = _POWER[operator]
            return f"{_within(left, power)} {operator} {_within(right, power + 1)}", power
        case ast.Negate(operand):
            return f"-{_within(operand, _LEAF)}", SIGN
        case ast.Compare() | ast.Between() | ast.In() | ast.Like() | ast.IsNull():
            return _write_condition(expr), COMPARISON
        case _:
            return _write_leaf(expr), _LEAF


def _write_condition(expr: ast.Compare | ast.Between | ast.In | ast.Like | ast.IsNull) -> str:
    if isinstance(expr, ast.Compare):
        return f"{_within(expr.left, SUM)} {expr.operator} {_within(expr.right, SUM)}"
    operand = _within(expr.operand, SUM)
    no = "NOT " if expr.negated else ""
    match expr:
        case ast.IsNull():
            return f"{operand} IS {no}NULL"
        case ast.Between(_, low, high):
            return f"{operand} {no}BETWEEN {_within(low, SUM)} AND {_within(high, SUM)}"
        case ast.In(_, items):
            right = _write_leaf(items) if isinstance(items, ast.ListName) else f"({_join(items)})"
            return f"{operand} {no}IN {right}"
        case ast.Like(_, pattern, escape):
            end = f" ESCAPE {_quote(escape, chr(39))}" if escape is not None else ""
            return f"{operand} {no}LIKE {_quote(pattern, chr(39))}{end}"


def _join(items: Iterable[ast.Expr]) -> str:
    return ", ".join(_write(each)[0] for each in items)


def _write_leaf(expr: ast.Expr) -> str:
    match expr:
        case ast.Number(text):
            return text
        case ast.String(value):
            return _quote(value, "'")
        case ast.Boolean(value):
            return "TRUE" if value else "FALSE"
        case ast.Date(days):
            return f"DATE '{write_date(days)}'"
        case ast.Timestamp(nanoseconds):
            return f"TIMESTAMP '{write_timestamp(nanoseconds)}'"
        case ast.AsOf():
            return "AS_OF"
        case ast.Name(name):
            return write_name(name)
        case ast.TableColumn(table, column):
            return f"{write_name(table)}.{write_name(column)}"
        case ast.ListName(name):
            return f"@{name if name.isidentifier() else _quote(name, chr(34))}"
        case ast.Call(function, arguments):
            return f"{function}({_join(arguments)})"
    raise TypeError(f"{type(expr).__name__} is not a node of a predicate")
