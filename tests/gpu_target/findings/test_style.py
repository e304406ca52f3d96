"""How rules are written: unused names, values that stand twice, codes without quotes, words the record lacks."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from gpu_target.findings.quoting import read_otherwise
from tests.gpu_target.findings.checking import codes, findings, load, shown, told


def test_what_is_reached_from_a_rule_is_used(tmp_path: Path) -> None:
    text = """lists: {a: [X], b: [Y], c: [Z]}
let:
  outer: inner > 3
  inner: duty_rate * 2
  idle: also_idle + 1
  also_idle: 1 + 1
rules:
  - {id: A, when: outer AND country_of_origin IN @a, lane: red}
  - {id: B, when: country_of_origin IN @b AND duty_rate > 1, lane: red, status: retired}
"""
    assert [shown(each) for each in findings(load(tmp_path, text), "RT209")] == [
        "RT209 the list `@c` is never used: no rule reads it",
        "RT209 `idle` of `let` is never used: no rule reads it",
        "RT209 `also_idle` of `let` is never used: no rule reads it",
    ]


def test_a_table_that_no_rule_reads_is_told(tmp_path: Path) -> None:
    text = """tables: {t: {file: t.csv, key: commodity_code}}
rules:
  - {id: A, when: duty_rate > 3, lane: red}
"""
    found = findings(load(tmp_path, text, {"t.csv": "commodity_code,floor\n1,2\n"}), "RT209")
    assert [shown(each) for each in found] == ["RT209 the table `t` is never used: no rule reads it"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("brand_or_model LIKE '8!%' ESCAPE '!'", ["RT404 `brand_or_model LIKE '8!%' ESCAPE '!'` has no wildcard"]),
        ("commodity_code LIKE '8703_31000'", []),
        ("country_of_origin IN ('FR', 'DE', 'FR', 'FR')", ["RT405 `'FR'` stands twice in IN"] * 2),
        ("country_of_origin NOT IN ('FR')", ["RT406 `country_of_origin NOT IN ('FR')` has one value"]),
        ("duty_rate IN (3, 3.0)", []),  # written otherwise, so perhaps meant otherwise
    ],
)  # fmt: skip
def test_conditions_that_are_written_oddly(when: str, expected: list[str], tmp_path: Path) -> None:
    found = told(tmp_path, when, "RT404", "RT405", "RT406")
    assert [each.split(": ")[0] for each in found] == expected


def test_values_of_lists_and_keys_that_stand_twice(tmp_path: Path) -> None:
    text = """lists: {a: [X, Y, X]}
rules:
  - {id: A, when: country_of_origin IN @a, lane: red, flow: [IM, EX, IM], offices: ['1', '2', '2']}
"""
    found = findings(load(tmp_path, text), "RT405")
    assert [each.diagnostic.message for each in found] == [
        "`X` stands twice in the list `@a`",
        "`IM` stands twice in `flow` of `A`",
        "`2` stands twice in `offices` of `A`",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0309", "309"), ("0301", "193"), ("NO", "false"), ("Yes", "true"), ("off", "false"), ("1e5", "100000"),
        ("12:30", "750"), ("007", "7"), ("0x1F", "31"), ("0b11", "3"), ("0o17", "15"), ("1_000", "1000"), ("+5", "5"),
        ("12.50", "12.5"), (".5", "0.5"), ("5.", "5"), ("-12:30", "-750"), (".inf", "infinity"),
        (".nan", "a number that is none"), ("True", "true"), ("1e400", "inf"),
    ],
)  # fmt: skip
def test_codes_that_other_readers_of_yaml_change(text: str, read: str) -> None:
    assert read_otherwise(text) == read


@pytest.mark.parametrize(
    "text", ["309", "0", "-5", "12.5", "8703231000", "FR", "N", "EUR1", "true", "12-30", "1.2.3", "é", "1" * 60, "x1e5"]
)
def test_codes_that_all_readers_keep(text: str) -> None:
    assert read_otherwise(text) is None
    assert str(yaml.safe_load(text)).lower() == text.lower()


def test_only_codes_that_meet_text_are_told(tmp_path: Path) -> None:
    text = """lists: {offices: [0309, '0310'], rates: [1e5, 007]}
rules:
  - id: 1e5
    when: customs_office_code IN @offices AND duty_rate NOT IN @rates
    flow: [NO, IM]
    offices: 0309
    lane: red
    tests:
      - {customs_office_code: 0309, duty_rate: 1e5, registration_ts: 2024-05-01, document_codes: [00], expect: match}
"""
    found = findings(load(tmp_path, text), "RT407")
    assert [each.diagnostic.message for each in found] == [
        "other programs read 0309 as 309",
        "other programs read 1e5 as 100000",
        "other programs read NO as false",
        "other programs read 0309 as 309",
        "other programs read 0309 as 309",
        "other programs read 00 as 0",
    ]


@pytest.mark.parametrize(
    ("when", "message", "remedy"),
    [
        ("country_of_origin = 'fr'", "`country_of_origin` never holds `fr`", "did you mean 'FR'?"),
        ("country_of_origin <> 'FRA'", "`country_of_origin` never holds `FRA`", "write a value that the field has"),
        ("invoice_currency IN ('EUR', 'usd')", "`invoice_currency` never holds `usd`", "did you mean 'USD'?"),
        ("commodity_code = '8703'", "`commodity_code` never holds `8703`", "did you mean LIKE '8703%'?"),
        ("commodity_code LIKE '87.03%'", "`commodity_code` never fits `87.03%`", "did you mean '8703%'?"),
        ("'IMP' = flow", "`flow` never holds `IMP`", "did you mean 'IM'?"),
        ("valuation_method = 7", "`valuation_method` never holds `7`", "write a value that the field has"),
        ("prior_lane = 'orange'", "`prior_lane` never holds `orange`", "write a value that the field has"),
        ("country_of_origin IN @wrong", "`country_of_origin` never holds `xb`, which stands in `@wrong`",
         "did you mean 'XB'?"),
    ],
)  # fmt: skip
def test_values_that_the_record_type_does_not_have(when: str, message: str, remedy: str, tmp_path: Path) -> None:
    text = f"lists: {{wrong: [XA, xb]}}\nrules:\n  - id: A\n    when: >-\n      {when}\n    lane: red\n"
    (found,) = findings(load(tmp_path, text), "RT208")
    assert (found.diagnostic.message, found.diagnostic.remedy) == (message, remedy)


@pytest.mark.parametrize(
    "when",
    ["country_of_origin = 'XA'", "country_of_origin = ''", "commodity_code LIKE '8703%'", "commodity_code LIKE '%00'",
     "flow IN ('IM', 'EX', 'TR')", "valuation_method IN (1, 6)", "goods_description = 'anything'",
     "commodity_code LIKE '__________'", "country_of_origin > 'a'", "flow = prior_lane"],
)  # fmt: skip
def test_values_that_it_has(when: str, tmp_path: Path) -> None:
    assert told(tmp_path, when, "RT208") == []


def test_the_keys_of_a_rule_are_held_against_the_record_type_too(tmp_path: Path) -> None:
    assert told(tmp_path, "duty_rate > 3", "RT208", keys="lane: red\n    flow: [im, EX]") == [
        "RT208 `flow` never holds `im`, which `flow` of `A` names: expected IM, EX, TR"
    ]


def test_without_a_record_type_any_value_may_be_meant(tmp_path: Path) -> None:
    text = "ruleset: r\nrules:\n  - {id: A, when: country_of_origin = 'fr', lane: red}\n"
    assert codes(findings(load(tmp_path, text), types={"country_of_origin": pa.string()})) == []


def test_of_retired_rules_nothing_is_told(tmp_path: Path) -> None:
    keys = "lane: red\n    status: retired\n    flow: [im, im]"
    assert told(tmp_path, "country_of_origin IN ('fr', 'fr') AND commodity_code LIKE 'x'", "RT", keys=keys) == []


def test_a_rule_past_its_last_day_is_told_while_it_is_active(tmp_path: Path) -> None:
    past = "lane: red\n    valid: {until: 2024-05-31}"
    assert told(tmp_path, "duty_rate > 3", "RT301", keys=past) == [
        "RT301 `A` ended on 2024-05-31: before 2024-06-01, the day of --as-of"
    ]
    assert told(tmp_path, "duty_rate > 3", "RT301", keys=past.replace("05-31", "06-01")) == []
    assert told(tmp_path, "duty_rate > 3", "RT301", keys=past + "\n    status: draft") == []


def test_a_comment_that_is_meant_as_one_cuts_nothing_off(tmp_path: Path) -> None:
    rule = "rules:\n  - id: A\n    title: Taxed goods # 30 or more\n    when: duty_rate >= 30 #thirty\n    lane: red\n"
    assert findings(load(tmp_path, rule), "RT408") == []


def test_a_line_inside_a_longer_text_is_no_key(tmp_path: Path) -> None:
    rule = "rules:\n  - id: A\n    why: |\n      title: Importer #7\n    when: duty_rate >= 30\n    lane: red\n"
    assert findings(load(tmp_path, rule), "RT408") == []


def test_a_text_cut_off_names_its_rule_and_the_whole_text(tmp_path: Path) -> None:
    rules = "".join(
        f"  - id: {name}\n    why: See #{name}\n    when: duty_rate >= 30\n    lane: red\n" for name in "AB"
    )
    found = findings(load(tmp_path, "rules:\n" + rules), "RT408")
    assert [each.rule for each in found] == ["A", "B"]
    assert "write 'See #B' in quotes" in found[1].diagnostic.remedy


@pytest.mark.parametrize(("value", "found"), [("803900000", 1), ("'803900000'", 0), ("8039", 0), ("0803900000", 0)])
def test_a_code_of_a_test_that_lost_its_zero(value: str, found: int, tmp_path: Path) -> None:
    rule = "rules:\n  - id: A\n    when: commodity_code LIKE '08%'\n    lane: red\n"
    told = findings(load(tmp_path, f"{rule}    tests: [{{commodity_code: {value}, expect: match}}]\n"), "RT208")
    assert [each.diagnostic.remedy for each in told] == ["did you mean '0803900000'?"] * found
