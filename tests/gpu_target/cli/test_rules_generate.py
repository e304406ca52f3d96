"""gpu-target rules generate: what it refuses, and what it reports."""

from __future__ import annotations

from pathlib import Path

import pytest

import gpu_target as gt
from tests.gpu_target.cli.conftest import Call, Outcome


@pytest.mark.parametrize(
    ("arguments", "said", "remedy"),
    [
        (
            ("--rules", "5", "--from", "rules.yaml"),
            "--rules makes a new rule set and --from changes one",
            "one of the two",
        ),
        (("--add", "3"), "--add and --change need a rule set to change", "name it: --from FILE"),
        (("--rules", "5", "--change", "3"), "--add and --change need a rule set to change", "name it: --from FILE"),
    ],
)
def test_options_that_contradict_each_other_write_nothing(
    here: Path, call: Call, arguments: tuple[str, ...], said: str, remedy: str
) -> None:
    found = call("rules", "generate", *arguments, "--out", "new.yaml", "--json")
    assert (found.code, found.error_codes) == (2, ["US023"])
    plain = call("rules", "generate", *arguments, "--out", "new.yaml")
    assert plain.code == 2
    assert f"error[US023]: {said}" in plain.err
    assert remedy in plain.err
    assert not (here / "new.yaml").exists()


LIST = "ruleset: x\nrecord: declaration-item\nlists:\n  codes: {file: codes.csv, column: code}\n"
RULES = LIST + "rules:\n  - {id: A, when: commodity_code IN @codes AND duty_rate > 3, lane: red}\n"


def changed(call: Call, source: str, out: str = "new.yaml", *more: str) -> Outcome:
    return call("rules", "generate", "--from", source, "--out", out, "--json", *(more or ("--change", "1")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "RT020"),  # no such file
        ("", "RT020"),  # a folder
        ("rules: [", "RT025"),
        ("ruleset: x\nrules:\n  - {id: A, when: duty_rate >, lane: red}\n", "RT004"),
        ("ruleset: x\nrules:\n  - {id: A, when: duty_rate IS NULL, mandatory: true, lane: red}\n", "PR022"),
        ("ruleset: x\nrules: []\n", "PR022"),
        ("\udcff", "RT023"),
    ],
)
def test_a_source_that_cannot_be_changed_is_named_and_nothing_is_written(
    here: Path, call: Call, text: str | None, code: str
) -> None:
    if text:
        (here / "old.yaml").write_text(text, encoding="utf-8", errors="surrogateescape")
    elif text is not None:
        (here / "old.yaml").mkdir()
    found = changed(call, "old.yaml")
    assert (found.code, found.error_codes[0]) == (2, code)
    assert {each["file"] for each in found.document["errors"]} == {"old.yaml"}
    assert not (here / "new.yaml").exists()


def test_rules_are_added_only_to_files_about_items(here: Path, call: Call) -> None:
    (here / "old.yaml").write_text("ruleset: x\nrules:\n  - {id: A, when: a > 1, lane: red}\n", encoding="utf-8")
    found = changed(call, "old.yaml", "new.yaml", "--add", "1")
    assert (found.code, found.error_codes) == (2, ["PR021"])
    assert found.document["errors"][0]["file"] == "old.yaml"


def test_files_that_the_rules_name_have_to_be_there_from_the_new_place_too(here: Path, call: Call) -> None:
    (here / "codes.csv").write_text("code\n870323\n", encoding="utf-8")
    (here / "old.yaml").write_text(RULES, encoding="utf-8")
    found = changed(call, "old.yaml", "elsewhere/new.yaml")
    assert (found.code, found.error_codes) == (2, ["DT203"])
    assert found.document["errors"][0]["file"] == "elsewhere/new.yaml"
    assert "tmp" not in found.out
    assert list((here / "elsewhere").iterdir()) == []
    assert changed(call, "old.yaml").code == 0
    assert gt.load_rules(here / "new.yaml").rules[0].id == "A"


def test_the_number_of_rules_written_is_reported(here: Path, call: Call) -> None:
    assert call("rules", "generate", "--out", "all.yaml", "--json").document["rules"] == 3_000
    assert call("rules", "generate", "--rules", "4", "--out", "few.yaml", "--json").document["rules"] == 4
    assert changed(call, "few.yaml", "more.yaml", "--add", "3").document["rules"] == 7
