"""Generated reference pages hold every entry of the tables they are made from."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from gpu_target.language import schema
from tests.docs.pages import ROOT, docs_module, pages


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return docs_module("generate")


def test_the_page_of_codes_names_each_code_once(generate: ModuleType) -> None:
    text = generate.error_index.page()
    codes = [code for code, _ in generate.error_index.entries()]
    assert len(codes) > 100
    assert [code for code in codes if text.count(f"### {code}: ") != 1] == []
    assert [code for code in codes if text.count(f"[{code}](#{code.lower()})") != 1] == []


def test_every_block_of_the_page_of_codes_is_closed(generate: ModuleType) -> None:
    ticks = [line for line in generate.error_index.page().splitlines() if "```" in line]
    assert {line for line in ticks if not re.fullmatch(r"```(yaml|text)?", line)} == set()
    assert len(ticks) % 2 == 0


def test_the_page_of_record_types_names_each_field_with_its_type(generate: ModuleType) -> None:
    text = generate.record_types()
    assert generate.RECORD_TYPES
    missing = [
        (name, field.name)
        for name, record in generate.RECORD_TYPES.items()
        for field in record.described
        if f"| `{field.name}` | {field.type} |" not in text
    ]
    assert missing == []


def test_the_language_page_shows_every_operator_and_function(generate: ModuleType) -> None:
    text = generate.operators()
    assert len(generate.OPERATORS) > 15
    assert len(generate.FUNCTIONS) > 10
    forms = [each.form for each in generate.OPERATORS.values()] + list(generate.FUNCTIONS)
    assert [form for form in forms if f"### `{form}`" not in text] == []


def test_the_page_of_commands_shows_the_help_of_each(generate: ModuleType) -> None:
    text = generate.commands()
    paths = [" ".join(path) for path in generate.command_paths(generate.app)]
    assert {"generate", "run", "demo", "doctor", "rules check", "rules test"} <= set(paths)
    assert [path for path in paths if f"## gpu-target {path}\n" not in text] == []
    assert "--map" in text
    assert "\x1b" not in text, "the help of a terminal has no place on a page"


def test_a_table_cell_cannot_break_its_table(generate: ModuleType) -> None:
    assert generate.table(("a", "b"), [("x|y", "one\ntwo")]).splitlines()[-1] == r"| x\|y | one two |"


def test_an_unchanged_page_is_not_written_again(generate: ModuleType, tmp_path: Path) -> None:
    generate.write_all(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    generate.write_all(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert set(before) == set(generate.PAGES)


@pytest.mark.parametrize("model", [schema.RuleFile, schema.Rule, schema.Table, schema.ListFile, schema.DecisionTable])
def test_the_page_of_rule_files_names_every_key(model: type[BaseModel]) -> None:
    text = (ROOT / "docs" / "reference" / "rule-files.md").read_text(encoding="utf-8")
    keys = schema.keys_of(model)
    assert keys
    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) if "://" not in target]
    missing = [each for each in targets if "generated/" not in each and not (page.parent / each).exists()]
    assert missing == []
