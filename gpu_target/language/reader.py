"""What the parser stands on: the tokens, the place reached, what is open, and the reports of errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from gpu_target.language import advice, ast
from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.language.lexer import Tokens
from gpu_target.language.limits import MOST_ERRORS, MOST_NESTED
from gpu_target.language.literals import Flaw, shorten

HOLE: Final = ast.Name("")  # stands where an operand was wrong or missing; a tree with one is never handed out
BRACKET: Final = 0  # the power of what only a closing parenthesis closes


class TooMany(Exception):
    """Further errors of this text would not help anyone."""


class Problems:
    """What was found wrong; of several problems at one place the first."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []
        self._starts: set[int] = set()

    def report(self, code: str, message: str, start: int, end: int, label: str, remedy: str) -> None:
        if start in self._starts:
            return
        self._starts.add(start)
        notes: tuple[str, ...] = ()
        last = len(self.found) + 1 == MOST_ERRORS
        if last:
            notes = (f"after {MOST_ERRORS} errors the rest of this text was not checked",)
        self.found.append(Diagnostic(code, message, Span(self.source, start, end), label, remedy, notes=notes))
        if last:
            raise TooMany

    def forget(self, start: int, end: int) -> None:
        """Take back what was told of these characters: it only follows from what is told of those before."""
        self.found = [each for each in self.found if not (each.span and start <= each.span.start < end)]

    def has(self, code: str) -> bool:
        return any(each.code == code for each in self.found)


@dataclass(slots=True)
class Open:
    """What waits for its right side or its closing parenthesis."""

    power: int
    kind: str  # an operator, "(", "call", "in", or "between" and, after its AND, "between and"
    token: int
    start: int  # where the expression begins, its left side included
    left: ast.Expr = HOLE
    items: list[ast.Expr] = field(default_factory=list)
    negated: bool = False


class Reader:
    """``value`` is the expression read last, ``start`` where it begins, its parentheses included.

    ``closed`` tells that it ends in IS NULL, IN or LIKE without parentheses, which nothing but AND and OR may follow.
    """

    __slots__ = ("at", "closed", "kinds", "nested", "opened", "problems", "start", "starts", "text", "texts", "value")

    def __init__(self, text: str, tokens: Tokens, problems: Problems) -> None:
        self.text = text
        self.kinds, self.texts, self.starts = tokens.kinds, tokens.texts, tokens.starts
        self.problems = problems
        self.opened: list[Open] = []
        self.at = 0
        self.nested = 0
        self.value: ast.Expr = HOLE
        self.start = 0
        self.closed = False

    def end(self, token: int) -> int:
        return self.starts[token] + len(self.texts[token])

    def span_from(self, start: int) -> ast.Offsets:
        """From ``start`` to the end of the last token read."""
        return start, self.end(self.at - 1)

    def report_token(self, code: str, message: str, token: int, label: str, remedy: str) -> None:
        self.problems.report(code, message, self.starts[token], self.end(token), label, remedy)

    def found(self, token: int) -> str:
        return advice.describe(self.kinds[token], self.texts[token])

    def written(self, start: int, end: int) -> str:
        return shorten(" ".join(self.text[start:end].split()))

    def bracket(self) -> Open | None:
        """The innermost open parenthesis."""
        return next((each for each in reversed(self.opened) if each.power == BRACKET), None)

    def leave(self) -> bool:
        """Skip to where reading can go on, after an operand: AND, OR, a comma of a list, a closing parenthesis."""
        bracket = self.bracket()
        stops = {"AND", "OR", "end"} | ({","} if bracket and bracket.kind != "(" else set())
        depth = 0
        while (kind := self.kinds[self.at]) != "end" and (depth or (kind not in stops and kind != ")")):
            depth += (kind == "(") - (kind == ")")
            self.at += 1
        return False

    def report_flaw(self, code: str, flaw: Flaw, token: int) -> None:
        start = self.starts[token]
        self.problems.report(code, flaw.message, start + flaw.start, start + flaw.end, flaw.label, flaw.remedy)

    def open(self, opened: Open, tokens: int = 1) -> None:
        """Put something that nests on the stack."""
        self.nested += 1
        if self.nested > MOST_NESTED:
            label = f"expected at most {MOST_NESTED} parentheses, functions, NOT and minus signs inside one another"
            self.report_token("RT014", "nested too deeply", self.at, label, advice.SPLIT)
            raise TooMany
        self.opened.append(opened)
        self.at += tokens
