"""gpu-target rules test: rules that do not bind, tests that cannot be run, and --coverage with its gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gpu_target.cli.conftest import Call

RULES = """ruleset: b
record: declaration-item
rules:
  - id: A
    when: customs_value > 1 AND duty_rate > 2
    lane: red
    tests:
      - {customs_value: 2, duty_rate: 3, expect: match}
      - {customs_value: 1, duty_rate: 3, expect: no match}
  - id: B
    when: flow = 'IM'
    lane: red
"""


@pytest.fixture
def rules(here: Path) -> Path:
    (here / "b.yaml").write_text(RULES)
    return here / "b.yaml"


def test_a_rule_without_tests_that_does_not_bind_is_an_error_as_everywhere(rules: Path, call: Call) -> None:
    rules.write_text(RULES.replace("flow =", "flwo ="))
    found = call("rules", "test", rules, "--json")
    assert (found.code, found.error_codes) == (2, ["RT101"])


def test_tests_that_need_a_table_of_a_folder_are_not_run_and_the_others_are(rules: Path, call: Call) -> None:
    people = "tables:\n  people: {data: parties, key: {importer_id: party_id}}\nlet:\n  old: people.age > 3\nrules:"
    reads = "  - {id: C, when: old AND flow = 'IM', lane: red, tests: [{flow: IM, expect: no match}]}\n"
    rules.write_text(RULES.replace("rules:", people) + reads)
    found = call("rules", "test", rules)
    assert found.code == 3
    assert "2 tests passed, 1 was not run" in found.out
    assert "rules that read people" in found.err


def test_coverage_shows_what_tests_do_not_decide(rules: Path, call: Call) -> None:
    found = call("rules", "test", rules, "--coverage")
    assert found.code == 0
    assert "Rules that one test matches and another does not: 1 of 2 (50.0 %)" in found.out
    assert "Terms that decide a match and a miss: 1 of 3 (33.3 %)" in found.out
    shown = [" ".join(line.split()) for line in found.out.splitlines()]
    assert "A yes no duty_rate > 2" in shown
    assert "B no no any test: there is none" in shown
    assert max(map(len, found.out.splitlines())) <= 80


def test_only_as_many_rules_are_shown_as_asked_for(rules: Path, call: Call) -> None:
    found = call("rules", "test", rules, "--coverage", "--top", "1")
    assert "any test" not in found.out
    assert "and 1 more rule: --top 2 shows them" in found.out
    assert "Not decided" not in call("rules", "test", rules, "--coverage", "--top", "0").out


def test_the_document_names_the_test_that_decides_each_term(rules: Path, call: Call) -> None:
    facts = call("rules", "test", rules, "--coverage", "--json").document["coverage"]
    assert facts["rules"] == {"decided": 1, "whole": 2, "percent": 50.0}
    first, second = facts["by_rule"]
    assert (first["matched_by"], first["missed_by"]) == (1, 2)
    assert first["terms"][0] == {
        "term": "customs_value > 1", "true_in": 1, "matches_thanks_to_it": 1, "misses_because_of_it": 2,
    }  # fmt: skip
    assert (second["tests"], second["matched_by"]) == (0, None)
    assert call("rules", "test", rules, "--json").document["coverage"] is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-under", "33"], 0),
        (["--fail-under", "34"], 1),
        (["--fail-under-rules", "50"], 0),
        (["--fail-under-rules", "50.1"], 1),
        (["--fail-under", "0", "--fail-under-rules", "100"], 1),
    ],
)
def test_a_gate_fails_where_tests_decide_less(rules: Path, call: Call, options: list[str], code: int) -> None:
    found = call("rules", "test", rules, *options)
    assert found.code == code
    assert ("asks for" in found.err) == bool(code)
    assert "Terms that decide" in found.out


def test_a_gate_is_inconclusive_where_nothing_could_be_run(here: Path, call: Call) -> None:
    (here / "bare.yaml").write_text("ruleset: b\nrules:\n  - {id: A, when: x > 1, lane: red}\n")
    assert call("rules", "test", "bare.yaml").code == 0
    assert call("rules", "test", "bare.yaml", "--fail-under", "0").code == 3


def test_a_percentage_beyond_a_hundred_is_refused(rules: Path, call: Call) -> None:
    assert call("rules", "test", rules, "--fail-under", "101").code == 2
