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


def test_tests_that_pass_are_counted(here: Path, call: Call) -> None:
    found = call("rules", "test", "rules.yaml", "--map", "map.yaml", "--data", "lodged.csv")
    assert (found.code, "2 tests passed; 3 of 4 rules have none" in found.out) == (0, True)


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
