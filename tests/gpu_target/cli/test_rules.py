"""gpu-target rules check, test and schema."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from tests.gpu_target.cli.conftest import Call

WRONG = """ruleset: wrong
record: declaration-item
rules:
  - id: A
    when: commodity_kode LIKE '8703%'
    lane: red
  - id: B
    when: country_of_origin = 840
    lane: red
    status: draft
"""


def test_check_finds_nothing_wrong_in_good_rules(here: Path, call: Call) -> None:
    found = call("rules", "check", "rules.yaml", "--map", "map.yaml", "--data", "lodged.csv")
    assert found.code == 0
    assert "4 rules, 1 of them draft or retired" in found.out
    assert "checked against the data lodged.csv" in found.out
    facts = call("rules", "check", "rules.yaml", "--map", "map.yaml", "--json").document
    assert (facts["rules"], facts["active"], facts["findings"]) == (4, 3, [])
    assert facts["checked_against"] == "the map map.yaml"


def test_check_says_when_names_and_types_were_not_checked(here: Path, call: Call) -> None:
    found = call("rules", "check", "rules.yaml")
    assert (found.code, "not checked" in found.out) == (0, True)
    assert call("rules", "check", "rules.yaml", "--json").document["checked_against"] is None


def test_check_shows_every_problem_of_every_rule_drafts_included(here: Path, call: Call) -> None:
    (here / "wrong.yaml").write_text(WRONG)
    found = call("rules", "check", "wrong.yaml", "--json")
    assert found.code == 2
    assert [(each["line"], each["column"]) for each in found.document["errors"]] == [(5, 11), (8, 31)]
    assert "did you mean `commodity_code`?" in found.document["errors"][0]["remedy"]
    plain = call("rules", "check", "wrong.yaml")
    assert "wrong.yaml:5:11" in plain.err
    assert "^^^^" in plain.err


def test_errors_in_json_have_an_end_and_notes(here: Path, call: Call) -> None:
    rules = "".join(f"  - {{id: {name}, when: weight > 3, lane: red}}\n" for name in "AB")
    (here / "t.yaml").write_text("ruleset: t\nrecord: declaration-item\nrules:\n" + rules)
    (error,) = call("rules", "check", "t.yaml", "--json").document["errors"]
    assert (error["line"], error["column"], error["end_line"], error["end_column"]) == (4, 19, 4, 25)
    assert error["notes"] == ["also read by 1 more rule: B"]


def test_check_does_not_judge_what_needs_the_tables_of_a_folder(here: Path, call: Call) -> None:
    (here / "t.yaml").write_text("""ruleset: t
record: declaration-item
tables:
  people: {data: parties, key: {importer_id: party_id}}
rules:
  - {id: A, when: people.age > 3, lane: red}
  - {id: B, when: commodity_code = '0703100000', lane: red}
""")
    found = call("rules", "check", "t.yaml")
    assert (found.code, "Not checked: what reads people" in found.out) == (0, True)


def test_tests_that_fail_are_shown_with_their_place(here: Path, call: Call) -> None:
    rules = (here / "rules.yaml").read_text().replace("price: 900, expect: match", "price: 900, expect: no match")
    (here / "rules.yaml").write_text(rules)
    found = call("rules", "test", "rules.yaml", "--map", "map.yaml")
    assert found.code == 1
    assert "failed: CHEAP-CARS, test 1: match, expected no match" in found.err
    assert "rules.yaml:9:9" in found.err
    facts = call("rules", "test", "rules.yaml", "--map", "map.yaml", "--json").document
    assert (facts["tests"], facts["run"], len(facts["failed"])) == (2, 2, 1)
    assert facts["failed"][0]["line"] == 9


def test_a_test_that_fails_says_what_it_saw(here: Path, call: Call) -> None:
    (here / "t.csv").write_text("chapter,above\n30,400\n64,120\n")
    (here / "t.yaml").write_text("""ruleset: t
record: declaration-item
let: {unit_value: customs_value / net_mass_kg}
rules:
  table: t.csv
  template:
    id: LARGE
    when: commodity_code LIKE '{chapter}%' AND (unit_value > {above} OR duty_rate > 30)
    lane: red
    flow: IM
    valid: {until: 2024-12-31}
    tests:
      - {commodity_code: '64', customs_value: 300, net_mass_kg: 2, flow: EX, expect: match}
""")
    found = call("rules", "test", "t.yaml")
    assert found.code == 1
    seen = found.err.split("failed: LARGE-t.csv-3, ")[1]
    assert seen.splitlines()[2:] == [
        "  TRUE     commodity_code LIKE '64%': '64' begins with '64'",
        "  TRUE     unit_value > 120 OR duty_rate > 30: 1 of its 2 conditions is TRUE",
        "    TRUE     unit_value > 120: 150 is above 120",
        "             unit_value = customs_value / net_mass_kg = 300 / 2 = 150",
        "    UNKNOWN  duty_rate > 30: duty_rate is missing, so this is UNKNOWN",
        "  FALSE    flow: IM: it is 'EX'",
        "  = row 3 of t.csv: chapter '64', above '120'",
        "",
    ]
    facts = call("rules", "test", "t.yaml", "--json").document["failed"][1]
    assert (facts["row"], facts["cells"]) == ("row 3 of t.csv", {"chapter": "64", "above": "120"})
    assert [each["truth"] for each in facts["conditions"]] == ["TRUE", "TRUE", "FALSE"]
    assert facts["conditions"][1]["parts"][0]["seen"][0]["value"] == 150


def test_results_are_not_written_among_the_rules(here: Path, call: Call) -> None:
    (here / "set").mkdir()
    (here / "set" / "r.yaml").write_text((here / "rules.yaml").read_text())
    arguments = ("run", "set", "lodged.csv", "--map", "map.yaml", "--backend", "interpreter", "--out")
    refused = call(*arguments, "set")
    assert (refused.code, "set holds the rule files" in refused.err, "set-results" in refused.err) == (2, True, True)
    assert [each.name for each in (here / "set").iterdir()] == ["r.yaml"]
    assert call(*arguments, "set/results").code == 0


def test_how_many_rules_have_tests_is_said_in_words(here: Path, call: Call) -> None:
    rule = "  - {id: %s, when: duty_rate > 3, lane: red%s}\n"
    test = ", tests: [{duty_rate: 4, expect: match}]"
    for rules, said in (
        (rule % ("A", test), "t: 1 test passed; every rule has tests"),
        (rule % ("A", ""), "t: there are no tests in its 1 rule"),
        (rule % ("A", test) + rule % ("B", ""), "t: 1 test passed; 1 of 2 rules has no tests"),
    ):
        (here / "t.yaml").write_text("ruleset: t\nrecord: declaration-item\nrules:\n" + rules)
        assert call("rules", "test", "t.yaml").out.strip() == said


def test_tests_that_pass_are_counted(here: Path, call: Call) -> None:
    found = call("rules", "test", "rules.yaml", "--map", "map.yaml", "--data", "lodged.csv")
    assert (found.code, "2 tests passed; 3 of 4 rules have no tests" in found.out) == (0, True)


def test_tests_that_could_not_be_run_do_not_pass(here: Path, call: Call) -> None:
    found = call("rules", "test", "rules.yaml")
    assert found.code == 3
    assert "not checked" in found.err
    assert "its 2 tests were not run" in found.out


def test_rules_without_tests_are_told(here: Path, call: Call) -> None:
    (here / "bare.yaml").write_text(
        "ruleset: b\nrecord: declaration-item\nrules:\n  - {id: A, when: flow = 'IM', lane: red}\n"
    )
    found = call("rules", "test", "bare.yaml")
    assert (found.code, "there are no tests" in found.out) == (0, True)


@pytest.mark.parametrize("arguments", [[], ["--map"], ["--json"]])
def test_schemas_are_json_schemas(call: Call, arguments: list[str]) -> None:
    found = call("rules", "schema", *arguments)
    assert found.code == 0
    jsonschema.Draft202012Validator.check_schema(found.document)
    assert ("null_values" in found.out) == ("--map" in arguments)
