"""Rule files that a schema refuses, in which « and » mark the place that the message must show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.diagnostics import Diagnostic, GpuTargetError, render
from tests.gpu_target.language.loading import rule_set, write

SCHEMA = pa.schema(
    {
        "id": pa.int64(),
        "code": pa.string(),
        "origin": pa.dictionary(pa.int32(), pa.string()),
        "value": pa.float64(),
        "price": pa.decimal128(9, 2),
        "lodged": pa.timestamp("us"),
        "made": pa.date32(),
        "flag": pa.bool_(),
        "papers": pa.list_(pa.string()),
        "raw": pa.binary(),
        "parts": pa.list_(pa.binary()),
    }
)


def compile_file(folder: Path, text: str, schema: pa.Schema = SCHEMA, **options: Any) -> gpu_target.Plan:
    """The plan of a rule file."""
    write(folder, {"r.yaml": text})
    return gpu_target.compile(gpu_target.load_rules(folder / "r.yaml"), schema, **options)


def problems(folder: Path, text: str, schema: pa.Schema = SCHEMA, **options: Any) -> tuple[Diagnostic, ...]:
    """What a schema refuses in a rule file."""
    write(folder, {"r.yaml": text})
    ruleset = gpu_target.load_rules(folder / "r.yaml")  # the file by itself is well-formed
    with pytest.raises(GpuTargetError) as error:
        gpu_target.compile(ruleset, schema, **options)
    return error.value.diagnostics


def marked_text(diagnostic: Diagnostic) -> str:
    """The characters of the file under the carets."""
    assert diagnostic.span is not None, render(diagnostic)
    source, first, last = diagnostic.span.source.resolve(diagnostic.span.start, diagnostic.span.end)
    return source.text[first:last]


def refused(folder: Path, marked: str, code: str, *said: str, schema: pa.Schema = SCHEMA, **options: Any) -> Diagnostic:
    """The only problem of the marked file: it has this code, stands between « and », and says all of ``said``."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    found = problems(folder, text, schema, **options)
    assert [each.code for each in found] == [code], "\n".join(render(each) for each in found)
    span = found[0].span
    assert span is not None
    line = text.count("\n", 0, start) + 1
    assert span.location() == (str(folder / "r.yaml"), line, start - text.rfind("\n", 0, start))
    assert marked_text(found[0]) == text[start:end]
    shown = render(found[0])
    assert "^" * (end - start) in shown
    assert not [part for part in said if part not in shown], shown
    return found[0]


def condition(when: str, **keys: str) -> str:
    """A file with one rule for the red lane."""
    return rule_set(f"- id: A\n  when: |\n    {when}\n  lane: red", **keys)
