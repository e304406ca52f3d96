"""The published JSON Schema and the loader describe the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from gpu_target.language import schema
from gpu_target.language.diagnostics import GpuTargetError
from gpu_target.language.files import load_rules
from gpu_target.language.schema import json_schema, keys_of
from tests.gpu_target.language.loading import rule_set, write
from tests.gpu_target.language.test_decision import HEADER, ROWS, TEMPLATE
from tests.gpu_target.language.test_files import BESIDE, DESIGN

SCHEMA = json_schema()
RULE = "- {id: A, when: a = 1, lane: red, %s}"
GOOD = {
    "design": DESIGN,
    "decision table": TEMPLATE,
    "relief": rule_set("- {id: A, when: a = 1, relief: 12.5}"),
    "no rules": rule_set(),
    "orange": rule_set("- {id: 7, when: a, lane: orange}"),
    "empty texts": rule_set("- {id: A, when: a = 1, lane: red, why: , owner: ~}"),
    "one office": rule_set(RULE % "offices: 309, flow: [IM, EX], tags: x"),
    "data table": rule_set(tables="{t: {data: parties, key: {importer_id: party_id}}}"),
    "list of a column": rule_set(lists="{x: {file: lists/watched_importers.csv, column: importer_id}}"),
    "roles": rule_set(key="[a]", roles="{date: a, flow: b, office: c}"),
    "test of a list": rule_set(RULE % "tests: [{a: [x, ~], b: 1, expect: no match}]"),
}
BAD = {
    "no name": "rules: []\n",
    "no rules": "ruleset: s\n",
    "unknown key": "ruleset: s\nrule: []\nrules: []\n",
    "features": "ruleset: s\nfeatures: {}\nrules: []\n",
    "record": rule_set(record="item"),
    "lane": rule_set("- {id: A, when: a = 1, lane: amber}"),
    "no lane": rule_set("- {id: A, when: a = 1}"),
    "lane and relief": rule_set(RULE % "relief: 10"),
    "rate": rule_set(RULE % "rate: 101"),
    "rate with a sign": rule_set(RULE % "rate: 50%"),
    "weight": rule_set(RULE % "weight: 65536"),
    "weight with a point": rule_set(RULE % "weight: 1.5"),
    "mandatory": rule_set(RULE % "mandatory: maybe"),
    "day": rule_set(RULE % "valid: {from: 01/02/2024}"),
    "no day": rule_set(RULE % "valid: {}"),
    "status": rule_set(RULE % "status: off"),
    "verdict": rule_set(RULE % "tests: [{a: 1, expect: hit}]"),
    "no verdict": rule_set(RULE % "tests: [{a: 1}]"),
    "test with a mapping": rule_set(RULE % "tests: [{a: {b: 1}, expect: match}]"),
    "no id": rule_set("- {when: a = 1, lane: red}"),
    "list name": rule_set(lists="{a-b: [x]}"),
    "list without column": rule_set(lists="{x: {file: l.csv}}"),
    "table without file": rule_set(tables="{t: {key: a}}"),
    "table without key": rule_set(tables="{t: {data: parties}}"),
    "table with both": rule_set(tables="{t: {data: parties, file: t.csv, key: a}}"),
    "template key": TEMPLATE.replace("    lane:", "    lanes:"),
}


class Words(yaml.SafeLoader):
    """YAML as editors read it: booleans are true and false, days are text."""


Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] in ("int", "float", "null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def accepted(text: str) -> bool:
    return not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(yaml.load(text, Words)))


def loaded(folder: Path, text: str) -> bool:
    write(folder, {"r.yaml": text, **BESIDE, "t.csv": HEADER + ROWS})
    try:
        load_rules(folder / "r.yaml")
    except GpuTargetError:
        return False
    return True


def test_the_schema_is_a_schema_and_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("name", GOOD)
def test_the_schema_and_the_loader_accept_what_is_right(name: str, tmp_path: Path) -> None:
    assert accepted(GOOD[name])
    assert loaded(tmp_path, GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_the_schema_and_the_loader_refuse_what_is_wrong(name: str, tmp_path: Path) -> None:
    assert not accepted(BAD[name])
    assert not loaded(tmp_path, BAD[name])


def models() -> list[type[BaseModel]]:
    found = [each for each in vars(schema).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    return [model for model in found if model is not BaseModel and not model.__name__.startswith("_")]


@pytest.mark.parametrize("model", models(), ids=lambda m: m.__name__)
def test_the_loader_takes_the_keys_of_the_published_schema(model: type[BaseModel]) -> None:
    definition: dict[str, Any] = SCHEMA if model.__name__ == "RuleFile" else SCHEMA["$defs"][model.__name__]
    assert set(keys_of(model)) == set(definition["properties"])
    assert {key for key, needed in keys_of(model).items() if needed} == set(definition.get("required", []))
    assert all(each.get("description") for each in definition["properties"].values())


@pytest.mark.parametrize("key", keys_of(schema.Rule))
def test_the_loader_reads_every_key_of_a_rule(key: str, tmp_path: Path) -> None:
    """A mapping of mappings is no value of any key: a key that is passed over would go unnoticed."""
    rule = {"id": "A", "when": "a = 1", "lane": "red"}
    rule.pop("lane" if key == "relief" else "", None)
    lines = "".join(f"{name}: {value}\n  " for name, value in rule.items() if name != key)
    write(tmp_path, {"r.yaml": rule_set(f"- {lines}{key}: {{a: {{b: c}}}}")})
    with pytest.raises(GpuTargetError) as error:
        load_rules(tmp_path / "r.yaml")
    assert {each.code for each in error.value.diagnostics} <= {"RT031", "RT033"}
