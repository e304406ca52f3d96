"""A condition in its canonical text: on one line where it fits, else broken at AND and OR.

Keywords are capitals, blanks are single. AND inside OR stands in parentheses, which change nothing and save a reader
from knowing which binds closer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.parser import parse_predicate
from gpu_target.language.printer import to_text
from gpu_target.language.terms import Terms, parse_terms

STEP = 2  # blanks that what stands inside parentheses is moved in by
MARK = "ǂ"  # a letter that no rule has; begins and ends the name that stands for a cell
_CELL = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


class Cells:
    """The placeholders of a template's condition outside quotes, as names that the rule language can read."""

    def __init__(self) -> None:
        self.name_of: dict[str, str] = {}

    def hidden(self, text: str) -> str:
        """The condition with a name in the place of each cell that stands outside quotes."""
        parts, reached = [], 0
        for quote in _QUOTED.finditer(text):
            parts += [_CELL.sub(self._hide, text[reached : quote.start()]), quote[0]]
            reached = quote.end()
        return "".join([*parts, _CELL.sub(self._hide, text[reached:])])

    def _hide(self, cell: re.Match[str]) -> str:
        if cell[0] in ("{{", "}}"):
            return cell[0]
        return self.name_of.setdefault(cell[0], f"{MARK}{len(self.name_of)}{MARK}")

    def shown(self, text: str) -> str:
        """The cells in their places again."""
        for cell, name in self.name_of.items():
            text = text.replace(name, cell)
        return text


def parsed(text: str, known: Terms) -> ast.Expr | None:
    """The tree of a condition, or None where it cannot be read by itself. ``known`` keeps the terms met so far."""
    shared = parse_terms(text, known)
    return shared if shared is not None else parse_predicate(Source("", text), errors=[])


class Texts:
    """Trees on one line. Rules share most of their terms, and the text of a tree is made once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[ast.Expr, str]] = {}  # by the identity of the tree, which is kept alive

    def of(self, tree: ast.Expr) -> str:
        """The whole condition."""
        known = self.known.get(id(tree))
        if known is None:
            known = self.known[id(tree)] = tree, self._written(tree)
        return known[1]

    def operand(self, tree: ast.Expr) -> str:
        """A condition as AND, OR and NOT take it."""
        text = self.of(tree)
        return f"({text})" if isinstance(tree, (ast.And, ast.Or)) else text

    def _written(self, tree: ast.Expr) -> str:
        match tree:
            case ast.And(operands):
                return " AND ".join(map(self.operand, operands))
            case ast.Or(operands):
                return " OR ".join(map(self.operand, operands))
            case ast.Not(operand):
                return f"NOT {self.operand(operand)}"
        return to_text(tree)

    def in_lines(self, tree: ast.Expr, width: int) -> Iterator[str]:
        """The condition broken into lines of at most ``width`` characters, where it has places to be broken at."""
        if isinstance(tree, (ast.And, ast.Or)):
            joint = "AND " if isinstance(tree, ast.And) else "OR "
            for place, operand in enumerate(tree.operands):
                yield from self._broken(operand, joint if place else "", width)
        else:
            yield from self._broken(tree, "", width)

    def _broken(self, tree: ast.Expr, before: str, width: int) -> Iterator[str]:
        """One operand: behind ``before``, over several lines where one is too short."""
        whole = before + self.operand(tree)
        opening = before
        while isinstance(tree, ast.Not):
            opening, tree = f"{opening}NOT ", tree.operand
        if len(whole) <= width:
            yield whole
        elif isinstance(tree, (ast.And, ast.Or)):
            yield f"{opening}("
            yield from (" " * STEP + line for line in self.in_lines(tree, width - STEP))
            yield ")"
        elif isinstance(tree, ast.In) and isinstance(tree.items, tuple):
            head = to_text(ast.In(tree.operand, (), tree.negated)).removesuffix(")")
            yield opening + head
            yield from (" " * STEP + line for line in filled(map(to_text, tree.items), width - STEP))
            yield ")"
        else:
            yield whole


def filled(parts: Iterable[str], width: int, opening: str = "", margin: str = "") -> list[str]:
    """Parts with commas between them, as many on a line as fit; the first stands behind ``opening``."""
    lines, line, is_new = [], opening, True
    for part in parts:
        if not is_new and len(line) + 2 + len(part) + 1 > width:
            lines.append(line + ",")
            line, is_new = margin, True
        line += part if is_new else f", {part}"
        is_new = False
    return [*lines, line]
