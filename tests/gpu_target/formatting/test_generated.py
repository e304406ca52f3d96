"""Rule files in any style come out in one form, with every comment, saying the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

import gpu_target
from gpu_target.formatting.rule_set import format_text
from gpu_target.formatting.scalars import WIDTH
from gpu_target.language.diagnostics import Source, Span
from gpu_target.language.model import Predicate, RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.yaml_nodes import YamlMap, YamlScalar, compose
from tests.gpu_target.formatting.scribe import Written, rule_files
from tests.strategies import WITHOUT_SHRINKING

SCHEMA = pa.schema([(name, type_.to_arrow()) for name, type_ in RECORD_TYPES["declaration-item"].fields.items()])


def said(value: Any) -> Any:
    """What a rule set says: its parts without places and without the text of conditions, of which the tree counts."""
    if isinstance(value, Predicate):
        return value.tree
    if isinstance(value, (Span, Source, Path)):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        left_out = {"span", "spans", "name_spans", "contents", "sha256", "path"}
        return type(value).__name__, [
            said(getattr(value, each.name)) for each in fields(value) if each.name not in left_out
        ]
    if isinstance(value, tuple):
        return [said(each) for each in value]
    if hasattr(value, "to_pylist"):
        return value.to_pylist()
    return {key: said(each) for key, each in value.items()} if isinstance(value, dict) else value


def load(folder: Path, text: str) -> RuleSet:
    (folder / "l.csv").write_text("code\nXA\n")
    (folder / "r.yaml").write_bytes(text.encode())
    return gpu_target.load_rules(folder / "r.yaml")


def formatted(folder: Path, text: str) -> str:
    return format_text(folder / "r.yaml", text.encode())[1].after.decode()


def scalars(text: str) -> list[str]:
    """The values of all scalars, keys included."""
    found, waiting = [], [compose(Source("", text), [])]
    while waiting:
        node = waiting.pop()
        if isinstance(node, YamlScalar):
            found.append(node.value)
        elif node is not None:
            waiting += (
                [each for pair in node.entries.values() for each in pair] if isinstance(node, YamlMap) else node.items
            )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@settings(max_examples=400, phases=WITHOUT_SHRINKING)
@given(written=rule_files())
def test_any_rule_file_keeps_its_comments_and_its_meaning(folder: Path, written: Written) -> None:
    before = load(folder, written.text)
    text = formatted(folder, written.text)
    assert formatted(folder, text) == text
    inside = "\n".join(scalars(text))
    assert [mark for mark in written.marks if text.count(mark) != 1 or mark in inside] == []
    after = load(folder, text)
    assert said(after) == said(before)
    assert gpu_target.compile(after, SCHEMA).sha256 == gpu_target.compile(before, SCHEMA).sha256
    assert not [line for line in text.split("\n") if line != line.rstrip()]


@settings(max_examples=100, phases=WITHOUT_SHRINKING)
@given(one=rule_files(noisy=False))
def test_no_line_is_longer_than_it_must_be(folder: Path, one: Written) -> None:
    load(folder, one.text)
    text = formatted(folder, one.text)
    # a text in quotes with odd characters, or one that no blank can break, has no place to be broken at
    assert [line for line in text.split("\n") if len(line) > WIDTH and "'" not in line and '"' not in line] == []
