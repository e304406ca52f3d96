"""What one rule says of itself."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from gpu_target.language.diagnostics import render
from tests.gpu_target.findings.checking import codes, findings, load, told

NEVER = [
    "customs_value > 5 AND customs_value < 3",
    "customs_value BETWEEN 5 AND 3",
    "country_of_origin IN ('FR', 'DE') AND country_of_origin IN ('ES', 'IT')",
    "country_of_origin = 'FR' AND country_of_origin LIKE 'D%'",
    "commodity_code LIKE '87%' AND NOT commodity_code LIKE '8%'",
    "goods_description LIKE '%racecar%' AND goods_description NOT LIKE '%car%'",
    "goods_description = 'car' AND goods_description LIKE '%bus%'",
    "goods_description LIKE 'a%' AND goods_description LIKE 'b%c'",
    "customs_value IS NULL AND customs_value / net_mass_kg > 2",
    "net_mass_kg > gross_mass_kg AND gross_mass_kg >= net_mass_kg",
    "net_mass_kg > gross_mass_kg AND net_mass_kg IS NULL",
    "NOT (container_flag OR NOT container_flag) AND duty_rate > 3",
    "COALESCE(duty_rate, 0) IS NULL",
    "CONTAINS(document_codes, 'A') AND document_codes IS NULL",
    "UPPER(goods_description) = 'Car'",
    "LEFT(commodity_code, 4) LIKE '87032%'",
    "MONTH(registration_ts) = 13",
    "HOUR(registration_ts) = 2.5",
    "items_count > 2.2 AND items_count < 2.8",
    "items_count = 2.5",
    "LENGTH(commodity_code) < 0",
    "registration_ts < DATE '2024-01-01' AND registration_ts >= TIMESTAMP '2024-01-01 00:00:00'",
    "duty_rate > 3 AND 1 = 2",
]
ALWAYS = [
    "duty_rate < 3 OR duty_rate >= 3 OR duty_rate IS NULL",
    "(duty_rate > 3) IS NOT NULL OR duty_rate IS NULL",
    "commodity_code LIKE '%' OR commodity_code IS NULL",
    "goods_description LIKE '%a%' OR NOT goods_description LIKE '%a%' OR goods_description IS NULL",
    "container_flag OR NOT container_flag OR container_flag IS NULL",
    "net_mass_kg < gross_mass_kg OR net_mass_kg >= gross_mass_kg OR net_mass_kg IS NULL OR gross_mass_kg IS NULL",
    "1 = 1",
]
SOMETIMES = [
    "customs_value > 3 AND customs_value < 5",
    "duty_rate < 3 OR duty_rate >= 3",
    "country_of_origin = 'FR' AND country_of_dispatch = 'DE'",
    "UPPER(goods_description) LIKE '%CAR%'",
    "LEFT(commodity_code, 4) = '8703' AND commodity_code LIKE '8704%'",  # true, and beyond the method
    "CONTAINS(document_codes, 'A') AND CONTAINS(document_codes, 'B')",
    "registration_ts < AS_OF",
    "NOT (duty_rate IS NULL AND duty_rate > 3)",  # UNKNOWN where it is missing
    "items_count = 3",
    "customs_value / net_mass_kg > 3 AND net_mass_kg = 0",  # true, and beyond the method
]


@pytest.mark.parametrize("when", NEVER)
def test_a_rule_that_no_record_meets_is_told(when: str, tmp_path: Path) -> None:
    assert [each[:5] for each in told(tmp_path, when, "RT20")] == ["RT201"]


@pytest.mark.parametrize("when", ALWAYS)
def test_a_rule_that_every_record_meets_is_told(when: str, tmp_path: Path) -> None:
    assert [each[:5] for each in told(tmp_path, when, "RT20")] == ["RT202"]


@pytest.mark.parametrize("when", SOMETIMES)
def test_of_a_rule_that_some_records_meet_nothing_is_told(when: str, tmp_path: Path) -> None:
    assert told(tmp_path, when, "RT20") == []


@pytest.mark.parametrize(
    ("when", "label"),
    [
        ("customs_value > 5 AND duty_rate = 3 AND customs_value < 3", "excluded by `customs_value > 5`"),
        ("customs_value BETWEEN 5 AND 3", "nothing lies between these ends, are they exchanged?"),
        ("UPPER(goods_description) = 'Car'", "no value is so: UPPER gives no small letters"),
        ("LEFT(commodity_code, 2) = '870'", "no value is so: LEFT gives 2 characters at most"),
        ("items_count = 2.5", "no value is so: `items_count` is a whole number"),
        ("duty_rate > 3 AND 1 = 2", "no record is so"),
    ],
)
def test_it_says_why_no_record_meets_it(when: str, label: str, tmp_path: Path) -> None:
    assert told(tmp_path, when) == [f"RT201 `A` can never match: {label}"]


@pytest.mark.parametrize(
    ("keys", "when", "label"),
    [
        ("flow: IM", "flow = 'EX'", "excluded by `flow: IM`"),
        ("offices: ['1', '2', '3', '4', '5']", "customs_office_code = '9'", "excluded by `offices: 1, 2, 3, 4, …`"),
        ("valid: {until: 2024-03-01}", "registration_ts > DATE '2024-04-01'", "excluded by `valid: until 2024-03-01`"),
        ("valid: {from: 2024-03-01}", "registration_ts IS NULL", "excluded by `valid: from 2024-03-01`"),
    ],
)
def test_the_other_keys_of_a_rule_are_conditions_too(keys: str, when: str, label: str, tmp_path: Path) -> None:
    found = told(tmp_path, when, keys=f"lane: red\n    {keys}")
    assert found == [f"RT201 `A` can never match: {label}"]


def test_the_place_of_the_other_term_is_named_where_it_is_on_another_line(tmp_path: Path) -> None:
    ruleset = load(
        tmp_path, "rules:\n  - id: A\n    lane: red\n    when: |\n      duty_rate > 5\n      AND duty_rate < 3\n"
    )
    (found,) = findings(ruleset)
    assert f"= note: `duty_rate > 5` stands at {tmp_path / 'r.yaml'}:7:7" in render(found.diagnostic)
    assert found.diagnostic.location() == (str(tmp_path / "r.yaml"), 8, 11)
    assert found.as_dict()["related"] == [
        {"what": "`duty_rate > 5`", "file": str(tmp_path / "r.yaml"), "line": 7, "column": 7}
    ]


@pytest.mark.parametrize(
    ("when", "idle", "reason"),
    [
        ("duty_rate > 5 AND duty_rate > 3", "duty_rate > 3", "duty_rate > 5"),
        ("duty_rate > 3 AND duty_rate > 5", "duty_rate > 3", "duty_rate > 5"),
        ("duty_rate > 3 AND duty_rate > 3", "duty_rate > 3", "duty_rate > 3"),
        ("duty_rate IS NOT NULL AND duty_rate > 3", "duty_rate IS NOT NULL", "duty_rate > 3"),
        ("net_mass_kg IS NOT NULL AND customs_value / net_mass_kg > 3", "net_mass_kg IS NOT NULL",
         "customs_value / net_mass_kg > 3"),
        ("commodity_code LIKE '8703%' AND (commodity_code LIKE '87%')", "commodity_code LIKE '87%'",
         "commodity_code LIKE '8703%'"),
        ("goods_description = 'a car' AND goods_description LIKE '%car%'", "goods_description LIKE '%car%'",
         "goods_description = 'a car'"),
        ("country_of_origin = 'FR' AND NOT country_of_origin = 'DE'", "NOT country_of_origin = 'DE'",
         "country_of_origin = 'FR'"),
        ("gross_mass_kg > net_mass_kg AND net_mass_kg <= gross_mass_kg", "net_mass_kg <= gross_mass_kg",
         "gross_mass_kg > net_mass_kg"),
    ],
)  # fmt: skip
def test_a_term_that_another_implies_adds_nothing(when: str, idle: str, reason: str, tmp_path: Path) -> None:
    assert told(tmp_path, when) == [f"RT205 `{idle}` adds nothing to `A`: implied by `{reason}`"]


def test_a_term_that_a_key_implies_adds_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, "flow = 'IM' AND duty_rate > 3", keys="lane: red\n    flow: IM")
    assert found == ["RT205 `flow = 'IM'` adds nothing to `A`: implied by `flow: IM`"]


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("commodity_code LIKE '87%' OR commodity_code LIKE '8703%'",
         "the alternative `commodity_code LIKE '8703%'` adds nothing to `A`: `commodity_code LIKE '87%'` takes it in"),
        ("country_of_origin IN ('FR', 'DE') AND (country_of_origin = 'ES' OR duty_rate > 3)",
         "`country_of_origin = 'ES'` can never be what makes `A` match: "
         "excluded by `country_of_origin IN ('FR', 'DE')`"),
        ("duty_rate > 3 OR (items_count > 5 AND items_count < 3)",
         "`items_count > 5 AND items_count < 3` can never be what makes `A` match: "
         "`items_count > 5` and `items_count < 3` exclude each other"),
        ("duty_rate < 5 OR duty_rate > 9 OR duty_rate BETWEEN 2 AND 3",
         "the alternative `duty_rate BETWEEN 2 AND 3` adds nothing to `A`: `duty_rate < 5` takes it in"),
        ("duty_rate < 5 OR duty_rate > 4 OR duty_rate BETWEEN 2 AND 30",
         "the alternative `duty_rate BETWEEN 2 AND 30` adds nothing to `A`: the other alternatives take it in"),
    ],
)  # fmt: skip
def test_an_alternative_may_add_nothing(when: str, message: str, tmp_path: Path) -> None:
    assert told(tmp_path, when) == [f"RT206 {message}"]


def test_terms_inside_an_alternative_are_looked_at_too(tmp_path: Path) -> None:
    found = told(tmp_path, "duty_rate > 3 OR (items_count > 5 AND items_count > 2 AND flow = 'IM')")
    assert found == ["RT205 `items_count > 2` adds nothing to `A`: implied by `items_count > 5`"]


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("small <= 300 AND code = 'a'", "`small <= 300` in `A`: so is every value that is not missing"),
        ("code = 'a' OR small > 300",
         "`small > 300` in `A`: no value is so: `small` is a whole number from 0 to 255"),
        ("code = 'a' OR price = 0.001", "`price = 0.001` in `A`: no value is so: `price` is a decimal(9, 2)"),
        ("code LIKE '%' AND small > 3", "`code LIKE '%'` in `A`: so is every value that is not missing"),
        ("code = 'a' OR NOT small > 300",
         "`small > 300` in `A`: no value is so: `small` is a whole number from 0 to 255"),
        ("small > 3 OR code IN @none", "`code IN @none` in `A`: the list is empty"),
        ("small > 3 OR floors.floor > 100",
         "`floors.floor > 100` in `A`: no value is so: no row of the table has such a value in `floors.floor`"),
    ],
)  # fmt: skip
def test_a_comparison_that_the_type_decides_is_told(when: str, text: str, tmp_path: Path) -> None:
    types = {"small": pa.uint8(), "code": pa.string(), "price": pa.decimal128(9, 2)}
    head = "lists: {none: none.csv}\ntables:\n  floors: {file: floors.csv, key: code, types: {floor: number}}\n"
    files = {"none.csv": "code\n", "floors.csv": "code,floor\na,5\nb,90\n"}
    ruleset = load(tmp_path, f"ruleset: r\n{head}rules:\n  - id: A\n    when: >-\n      {when}\n    lane: red\n", files)
    found = findings(ruleset, "RT20", types=types, ignore=("RT209",))
    assert [f"{each.code} {each.diagnostic.message}: {each.diagnostic.label}" for each in found] == [
        f"RT207 the type decides {text}"
    ]


def test_a_table_of_the_data_may_hold_anything(tmp_path: Path) -> None:
    text = "tables:\n  people: {data: parties, key: {importer_id: party_id}}\n"
    ruleset = load(tmp_path, text + "rules:\n  - {id: A, when: people.age > 3 AND duty_rate > 3, lane: red}\n")
    assert findings(ruleset) == []  # the rule is not even bound


def test_drafts_are_looked_at_and_retired_rules_are_not(tmp_path: Path) -> None:
    rule = "  - {{id: {0}, when: duty_rate > 5 AND duty_rate < 3, lane: red, status: {0}}}\n"
    ruleset = load(tmp_path, "rules:\n" + "".join(map(rule.format, ("active", "draft", "retired"))))
    assert [each.rule for each in findings(ruleset)] == ["active", "draft"]


def test_what_the_rows_of_a_template_have_in_common_is_told_once(tmp_path: Path) -> None:
    text = """rules:
  table: t.csv
  template: {id: T, when: "duty_rate > 3 AND duty_rate > 2 AND commodity_code = '{code}'", lane: red}
"""
    rows = "code\n8703231000\n8703231001\n8703231002\n"
    found = findings(load(tmp_path, text, {"t.csv": rows}))
    assert codes(found) == ["RT205"]
    assert "with the cells of row 2 of" in found[0].diagnostic.notes[0]
    assert found[0].diagnostic.notes[1] == "and so in 2 more rows of the decision table"


@pytest.mark.parametrize("when", ["customs_value < customs_value", "(duty_rate > 3) <> (duty_rate > 3)"])
def test_the_type_is_no_reason_where_two_sides_are_compared(tmp_path: Path, when: str) -> None:
    assert told(tmp_path, when) == ["RT201 `A` can never match: no record is so"]
