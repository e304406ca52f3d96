"""A failed test: what was expected, what each condition saw, and for a decision table the row and its cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gpu_target.cli.explanation import WORDS, seen_lines
from gpu_target.explaining.document import condition
from gpu_target.explaining.written import rounded_words
from gpu_target.language.decision import RowSource

if TYPE_CHECKING:
    from gpu_target.explaining.conditions import Condition
    from gpu_target.language.model import Rule
    from gpu_target.rule_tests import TestOutcome

SAID = {True: "match", False: "no match", None: "no match (UNKNOWN: something it reads is missing)"}


def told(outcome: TestOutcome, rule: Rule, conditions: Sequence[Condition]) -> str:
    """A failed test for people."""
    found, expected = SAID[outcome.found], SAID[outcome.expected]
    lines = [f"failed: {outcome.rule_id}, test {outcome.index}: {found}, expected {expected}"]
    if outcome.span:
        lines.append(" --> {}:{}:{}".format(*outcome.span.location()))
    lines += [line for each in conditions for line in _lines(each, "  ")]
    cells = _cells(rule)
    if cells:
        assert isinstance(rule.when.source, RowSource)
        lines.append(f"  = {rule.when.source.note}: " + ", ".join(f"{name} {text!r}" for name, text in cells.items()))
    return "\n".join(lines)


def _lines(found: Condition, margin: str) -> Iterator[str]:
    """A condition with its truth, and below it what it computed and the conditions in it."""
    yield f"{margin}{WORDS[found.truth]:<7}  {found.text}: {rounded_words(found.why)}"
    for line in dict.fromkeys(seen_lines(found.seen)):
        yield f"{margin}         {line}"
    for part in found.parts:
        yield from _lines(part, margin + "  ")


def facts_of_test(outcome: TestOutcome, rule: Rule, conditions: Sequence[Condition]) -> dict[str, Any]:
    """A failed test for ``--json``; ``conditions`` are as ``explain`` has them."""
    file, line, column = outcome.span.location() if outcome.span else (None, None, None)
    source = rule.when.source
    return {
        "rule_id": outcome.rule_id, "test": outcome.index, "expected": SAID[outcome.expected],
        "found": {True: "match", False: "no match", None: "unknown"}[outcome.found],
        "file": file, "line": line, "column": column,
        "row": source.note if isinstance(source, RowSource) else None, "cells": _cells(rule),
        "conditions": [condition(each) for each in conditions],
    }  # fmt: skip


def _cells(rule: Rule) -> dict[str, str] | None:
    """The cells of a decision table's row by their column; None for any other rule."""
    source = rule.when.source
    return dict(zip(source.header, source.row, strict=True)) if isinstance(source, RowSource) else None
