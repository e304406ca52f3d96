"""Findings and errors in the four formats of ``rules check``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import Diagnostic, render

if TYPE_CHECKING:
    from gpu_target.findings.finding import Finding


class Format(StrEnum):
    """How findings are shown."""

    text = "text"
    concise = "concise"
    json = "json"
    github = "github"


def show_findings(screen: Screen, format_: Format, findings: Sequence[Finding]) -> None:
    """On standard output; as JSON they are part of the document."""
    if format_ is not Format.json:
        screen.asked([shown(format_, each.diagnostic) for each in findings], apart=format_ is Format.text)


def shown(format_: Format, diagnostic: Diagnostic) -> str:
    """One finding or error."""
    return {Format.concise: concise, Format.github: annotation}.get(format_, render)(diagnostic)


def concise(diagnostic: Diagnostic) -> str:
    """One line, as editors and grep take it."""
    place = diagnostic.location()
    where = "{}:{}:{}: ".format(*place) if place else f"{diagnostic.place}: " if diagnostic.place else ""
    return f"{where}{diagnostic.code} {_told(diagnostic)}"


def annotation(diagnostic: Diagnostic) -> str:
    """A workflow command of GitHub Actions: it shows at the line of the file in a pull request."""
    kind = "error" if diagnostic.is_error else "warning"
    found = {"title": diagnostic.code}
    if diagnostic.span:
        source, start, end = diagnostic.span.source.resolve(diagnostic.span.start, diagnostic.span.end)
        (line, column), (last, behind) = source.line_column(start), source.line_column(max(start, end))
        found |= {"file": source.name, "line": str(line), "endLine": str(last), "col": str(column)}
        if last == line:  # GitHub takes no columns of a finding over several lines
            found["endColumn"] = str(max(behind, column))
    elif diagnostic.place:
        found["file"] = diagnostic.place
    properties = ",".join(f"{name}={_property(value)}" for name, value in found.items())
    lines = [_told(diagnostic), *diagnostic.notes]
    if diagnostic.remedy:
        lines.append(f"do: {diagnostic.remedy}")
    return f"::{kind} {properties}::{_data(chr(10).join(lines))}"


def _told(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message}: {diagnostic.label}" if diagnostic.label else diagnostic.message


def _data(text: str) -> str:
    """Escaped as the runner reads a message (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
