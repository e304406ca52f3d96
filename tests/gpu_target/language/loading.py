"""Rule files for tests, in which « and » mark the place that a message must show."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from gpu_target.language.diagnostics import Diagnostic, GpuTargetError, render
from gpu_target.language.files import load_rules
from gpu_target.language.model import Rule, RuleSet


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def rule_set(rules: str = "", **keys: str) -> str:
    """A rule file around the text of its rules, each line of which stands two columns in."""
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    body = dedent(rules).strip("\n")
    indented = "\n".join(f"  {line}" if line else line for line in body.split("\n"))
    return f"ruleset: s\n{lines}rules:\n{indented}\n" if rules else f"ruleset: s\n{lines}rules: []\n"


def load(folder: Path, text: str | bytes, **others: str | bytes) -> RuleSet:
    write(folder, {"r.yaml": text, **others})
    return load_rules(folder / "r.yaml")


def one(folder: Path, text: str) -> Rule:
    (rule,) = load(folder, rule_set(text)).rules
    return rule


def problems(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(GpuTargetError) as error:
        load_rules(path)
    return error.value.diagnostics


def fault(folder: Path, marked: str, code: str, *said: str, file: str = "r.yaml") -> Diagnostic:
    """The only problem of the marked text: it has this code, stands between « and », and says all of ``said``."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    write(folder, {file: text})
    found = problems(folder / "r.yaml")
    assert [each.code for each in found] == [code], "\n".join(render(each) for each in found)
    span = found[0].span
    assert span is not None
    source, first, last = span.source.resolve(span.start, span.end)
    assert source.name == str(folder / file)
    assert (source.text[first:last], first) == (text[start:end], start)
    shown = render(found[0])
    assert not [part for part in said if part not in shown], shown
    return found[0]
