"""Changed versions of a rule set: what was asked for changes, and not a character else."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from gpu_target.cli.checking import columns_of
from gpu_target.language.model import Rule, RuleSet
from gpu_target.rule_tests import run_tests
from synthetic import ProfileError
from synthetic.rulesets import change_rules, generate_rules
from tests.synthetic.rulesets.test_generate import loaded

BY_HAND = """\
# Règles écrites à la main: مراقبة
ruleset: by-hand
record: declaration-item
rules:
  - id: A  # cars
    when: commodity_code LIKE '8703%' AND customs_value > 1000.50
    lane: red
  - {id: B, when: "duty_rate >= 10", lane: yellow, rate: 50}
  - id: C
    when: >
      net_mass_kg < 20
      OR goods_description = 'x > 7'
    lane: blue
    tests:
      - {net_mass_kg: 5, expect: match}
  - id: D
    mandatory: true
    lane: red
    when: customs_value IS NULL
# the end
"""


def changed_rules(before: RuleSet, after: RuleSet) -> list[tuple[Rule, Rule]]:
    """The rules of the same id that differ in what they do."""
    pairs = zip(before.rules, after.rules, strict=False)
    return [(a, b) for a, b in pairs if effect(a) != effect(b)]


def effect(rule: Rule) -> tuple[object, ...]:
    return rule.id, rule.when.tree, rule.lane, rule.rate, rule.mandatory


def test_as_many_rules_change_and_are_added_as_asked_for(tmp_path: Path) -> None:
    text = generate_rules(700, seed=2)
    after = change_rules(text, add=434, change=199, seed=2)
    old, new = loaded(text, tmp_path), loaded(after, tmp_path)
    assert [rule.id for rule in new.rules[:700]] == [rule.id for rule in old.rules]
    assert len(changed_rules(old, new)) == 199
    assert len({rule.id for rule in new.rules}) == len(new.rules) == 1_134
    lines = [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line.startswith("- ")]
    assert len(lines) == 199  # one line of each changed rule, and no other


def test_the_same_arguments_give_the_same_text() -> None:
    text = generate_rules(60, seed=2)
    assert change_rules(text, 5, 5, seed=1) == change_rules(text, 5, 5, seed=1) != change_rules(text, 5, 5, seed=2)
    assert change_rules(text) == text


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rules_written_by_hand_keep_comments_tests_and_layout(tmp_path: Path, seed: int, newline: str) -> None:
    text = "\ufeff" * (seed % 2) + BY_HAND.replace("\n", newline)
    after = change_rules(text, add=2, change=2, seed=seed)
    old, new = loaded(BY_HAND, tmp_path), loaded(after, tmp_path)
    moved = changed_rules(old, new)
    assert len(moved) == 2
    assert all(not b.mandatory and a.id != "D" for a, b in moved)  # a prohibition stays one
    assert all(a.when.tree == b.when.tree for a, b in moved if a.id == "C")  # its tests hold what it matches
    assert len(new.rules) == 6
    for kept in ("# Règles écrites à la main: مراقبة", "# cars", "# the end", "goods_description = 'x > 7'"):
        assert kept in after


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        ("rules: []\n", 0),
        ("rules: [{id: A, when: duty_rate > 3, lane: red}]", 1),
        ("rules: [{id: A, when: duty_rate > 3, lane: red}, ]\n", 1),
        ("rules: [ # none\n]\n", 0),
        ("rules: [{id: A, when: duty_rate > 3, lane: red}, # one, or [more]\n]\n", 1),
        ("rules: [{id: A, when: duty_rate > 3, lane: red} # one,\n]\n", 1),
        ("rules: [{id: A, when: duty_rate > 3, lane: red} # one\n  , # and\n  ]  # end\n", 1),
        ("rules:\n- id: A\n  when: duty_rate > 3\n  lane: red", 1),
        ("rules:\n    -   lane: red\n        id: A\n        when: |\n          duty_rate > 3\n\n# end\n", 1),
        ("rules:\n  - id: A\n    lane: red\n    when: duty_rate > 3  # tail\nlet:\n  x: duty_rate\n", 1),
    ],
)
def test_every_way_of_writing_the_list_takes_new_rules(tmp_path: Path, rules: str, count: int) -> None:
    text = f"ruleset: x\nrecord: declaration-item\n{rules}"
    after = loaded(change_rules(text, add=30, change=count, seed=4), tmp_path)
    assert len(after.rules) == count + 30
    assert len(changed_rules(loaded(text, tmp_path), after)) == count


def test_new_rules_use_only_the_lists_and_names_that_the_file_has(tmp_path: Path) -> None:
    bare = change_rules("ruleset: x\nrecord: declaration-item\nrules: []\n", add=200, seed=1)
    assert "@" not in bare
    assert "unit_value" not in bare
    assert "customs_value / net_mass_kg" in bare
    assert "@" in change_rules(generate_rules(1, seed=1), add=200, seed=1)


def test_new_ids_never_meet_old_ones(tmp_path: Path) -> None:
    text = generate_rules(20, seed=1)
    twice = change_rules(change_rules(text, add=10, seed=1), add=10, seed=1)
    shorter = change_rules(text.replace(text[text.index("  - id: ") : text.index("  - id: ", 5_000)], "", 1), add=9)
    for each, count in ((twice, 40), (shorter, None)):
        rules = loaded(each, tmp_path).rules
        assert len({rule.id for rule in rules}) == len(rules) == (count or len(rules))


HEAD = "ruleset: x\nrecord: declaration-item\n"


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "rule",
    [
        "{id: A, when: duty_rate > 3, lane: red, rate: 100.0}",
        "{id: A, when: duty_rate > 3, lane: red, rate: 50.00}",
        "{id: A, when: duty_rate > 3, lane: orange}",
        "{id: A, when: duty_rate > 3, lane: orange, rate: 50.0}",
        "id: A\n    lane: red\n    when: >2\n        duty_rate > 3\n",
        "id: A\n    lane: red\n    when: > # was duty_rate > 400\n      duty_rate > 3\n    # was duty_rate > 4\n",
        "id: A\n    lane: red\n    when: |- # was duty_rate > 400\n      duty_rate > 3\n",
        "{id: A, when: 'goods_description = ''x > 7'' OR duty_rate > 3', lane: red}",
        r'{id: A, when: "goods_description = \"x > 7\" OR \"duty_rate\" > 4", lane: red}',
    ],
)
def test_a_changed_rule_does_something_else_however_it_is_written(tmp_path: Path, seed: int, rule: str) -> None:
    text = f"{HEAD}rules:\n  - {rule}\n"
    after = change_rules(text, change=1, seed=seed)
    assert len(changed_rules(loaded(text, tmp_path), loaded(after, tmp_path))) == 1
    assert "x > 7" in after or "x > 7" not in text


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "when",
    [
        "'\"Price > 50\" = 3'",
        r'"\"Price > 50\" = 3"',
        '>2\n        "Price > 50" = 3',
        "> # was a > 400\n      a = 3",
        "'goods_description = ''x > 7'''",
        r'"a = \u0027x > 7\u0027"',
    ],
)
def test_numbers_in_quotes_and_comments_are_no_thresholds(when: str, seed: int) -> None:
    text = f"{HEAD}rules:\n  - id: A\n    when: {when}\n    mandatory: true\n    lane: red\n"
    with pytest.raises(ProfileError, match=r"PR022.*1 rules are to change, and 0 of 1 can"):
        change_rules(text, change=1, seed=seed)


@pytest.mark.parametrize(
    ("value", "named"), [("customs_value/net_mass_kg", True), ("customs_value  /  gross_mass_kg", False), ("{}", False)]
)
def test_a_ratio_goes_by_its_name_only_where_the_file_means_it(value: str, named: bool) -> None:
    text = f"{HEAD}let:\n  unit_value: {value}\n  ? [a]\n  : b\nrules: []\n"
    assert ("unit_value <=" in change_rules(text, add=200, seed=1)) == named


def test_tests_beside_rules_still_pass_after_a_change(tmp_path: Path) -> None:
    text = BY_HAND.replace("customs_value > 1000.50\n", "customs_value > 1000.50\n    tests: [{expect: no match}]\n")
    for seed in range(8):
        ruleset = loaded(change_rules(text, change=3, seed=seed), tmp_path)
        columns = columns_of(ruleset, None, None)
        assert columns is not None
        assert all(each.passed for each in run_tests(ruleset, columns.types))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", "line 2, column 1"),
        ("- a\n", "no mapping with a key `rules`"),
        ("ruleset: x\n", "`rules` is no list"),
        ("rules: {table: t.csv, template: {}}\n", "a decision table has none"),
        ("rules:\n  - {when: a > 1, lane: red}\n", "line 2: rule 1 has no id"),
        ("rules:\n  - just text\n", "line 2: rule 1 has no id"),
        ("", "no mapping"),
    ],
)
def test_what_is_no_rule_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ProfileError, match="PR021") as caught:
        change_rules(text, change=1)
    assert message in str(caught.value)


@pytest.mark.parametrize("record", ["", "record: traveller\n"])
def test_rules_are_added_only_to_files_about_items(record: str) -> None:
    text = f"ruleset: x\n{record}rules:\n  - {{id: A, when: a > 1, lane: red}}\n"
    assert change_rules(text, change=1, seed=1) != text
    with pytest.raises(ProfileError, match=r"(?s)PR021.*record.*declaration-item"):
        change_rules(text, add=1)


def test_too_few_rules_to_change_are_counted() -> None:
    with pytest.raises(ProfileError, match=r"PR022.*4 rules are to change, and 3 of 4 can") as caught:
        change_rules(BY_HAND, change=4)
    assert "ask for 3 or fewer" in str(caught.value)
