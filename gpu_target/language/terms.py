"""The fast way to a predicate's tree: conditions joined by AND, each distinct one parsed once.

Rule sets say the same few conditions again and again. A text is cut at its ANDs, and each piece is looked up or parsed
by itself; the usual forms have a pattern of their own. The pieces make the whole wherever each is a whole condition
that binds closer than AND: a quote or a parenthesis that a cut has torn apart leaves an error behind, and the text goes
to the full parser. Trees made here are shared and know no places: whoever needs one parses the text again.
"""

from __future__ import annotations

import re

from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.lexer import KEYWORDS
from gpu_target.language.limits import MOST_BYTES, MOST_OPERATORS_DEEP
from gpu_target.language.parser import parse_predicate

Terms = dict[str, ast.Expr]  # conditions by their text

LONGEST = MOST_OPERATORS_DEEP  # characters; a longer one can be so deep that the AND around it makes it too deep
_AND = " AND "  # written otherwise, in small letters or at the beginning of a line, it is for the full parser
_VALUE = r"(?:'[^']*'|[0-9]{1,9}(?:\.[0-9]{1,5})?)"
_USUAL = re.compile(
    rf"""([A-Za-z_][A-Za-z0-9_]*)\ (?:
      (=|<>|<=|>=|<|>)\ ({_VALUE})
    | LIKE\ '([^']*)'
    | BETWEEN\ ({_VALUE})\ AND\ ({_VALUE})
    | IN\ \(({_VALUE}(?:,\ {_VALUE})*)\)
    )""",
    re.VERBOSE,
)
_VALUES = re.compile(_VALUE)


def parse_terms(text: str, known: Terms) -> ast.Expr | None:
    """The tree of a predicate, without places, made of the conditions in ``known``; new ones are added there.

    None where only the full parser can tell what the text says, or what is wrong with it.
    """
    if len(text) > MOST_BYTES // 4:  # a character has four bytes at most
        return None
    operands: list[ast.Expr] = []
    waiting = ""
    for piece in text.strip(" \t\r\n").split(_AND):
        if waiting:
            piece, waiting = waiting + _AND + piece, ""
        elif " BETWEEN " in piece:
            waiting = piece  # the next AND is the one of BETWEEN
            continue
        tree = known.get(piece)
        if tree is None:
            tree = _parse_term(piece)
            if tree is None:
                return None
            known[piece] = tree
        operands.append(tree)
    if waiting:
        return None
    return operands[0] if len(operands) == 1 else ast.And(tuple(operands))


def _parse_term(text: str) -> ast.Expr | None:
    """The tree of one condition; None for a mistake, and for operands of an AND or OR that stands open."""
    if text.isascii():
        usual = _usual(text)
        if usual is not None:
            return usual
        if text[:1] + text[-1:] == "()":
            parts = [each for part in text[1:-1].split(" OR ") if (each := _usual(part)) is not None]
            if len(parts) == text.count(" OR ") + 1:
                return parts[0] if len(parts) == 1 else ast.Or(tuple(parts))
    if len(text) > LONGEST:
        return None
    tree = parse_predicate(Source("", text), errors=[])
    if isinstance(tree, (ast.And, ast.Or)) and tree.span[0] == 0:  # no parenthesis around it
        return None
    return tree


def _usual(text: str) -> ast.Expr | None:
    found = _USUAL.fullmatch(text)
    if found is None or found[1].upper() in KEYWORDS:
        return None
    name, operator, value, pattern, low, high, values = found.groups()
    column = ast.Name(name)
    if operator:
        return ast.Compare(operator, column, _literal(value))
    if values:
        return ast.In(column, tuple(map(_literal, _VALUES.findall(values))))
    if low:
        return ast.Between(column, _literal(low), _literal(high))
    return ast.Like(column, pattern)


def _literal(text: str) -> ast.Number | ast.String:
    return ast.String(text[1:-1]) if text[0] == "'" else ast.Number(text)
