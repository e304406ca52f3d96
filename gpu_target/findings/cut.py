"""Texts that YAML cuts off at a `#`: what stands behind it is no comment when a letter or digit follows at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gpu_target.findings.finding import Finding
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.language.model import Rule, RuleSet

# Of a plain text on one line; a comment that is meant as one has a space behind its `#`.
CUT = re.compile(r"^ *(?:- +)?(title|why|owner|source): +([^\s'\"|>#].*?)[ \t]+(#\w.*?)[ \t\r]*$", re.MULTILINE)
KEYS = {"title": "title", "why": "why", "owner": "owner", "source": "origin"}  # and what the model calls them


def cut_texts(ruleset: RuleSet) -> list[Finding]:
    """RT408 of every rule file; of retired rules nothing is told."""
    by_file: dict[Source, list[Rule]] = {}
    for rule in ruleset.rules:
        if rule.span is not None and rule.status != "retired" and not isinstance(rule.when.source, RowSource):
            by_file.setdefault(rule.span.source.resolve(rule.span.start, rule.span.end)[0], []).append(rule)
    return [found for file, rules in by_file.items() if "#" in file.text for found in _in_file(file, rules)]


def _in_file(file: Source, rules: list[Rule]) -> Iterator[Finding]:
    for match in CUT.finditer(file.text):
        key, text, rest = match.groups()
        readers = [rule for rule in rules if getattr(rule, KEYS[key]) == text]  # none of a line inside a longer text
        if readers:
            nearest = min(readers, key=lambda rule: abs(_start(rule) - match.start()))
            whole = f"{text} {rest}".replace("'", "''")
            yield Finding(
                Diagnostic(
                    "RT408", f"`{key}` ends before the `#`: YAML takes the rest for a comment",
                    Span(file, *match.span(3)), "not part of the text",
                    f"write '{whole}' in quotes, or a space after the # of a comment",
                ),
                nearest.id,
            )  # fmt: skip


def _start(rule: Rule) -> int:
    assert rule.span is not None
    return rule.span.source.resolve(rule.span.start, rule.span.end)[1]
