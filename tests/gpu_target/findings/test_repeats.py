"""Rules that repeat another, and rules that another one covers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gpu_target.findings.checking import findings, load, shown

WIDE, NARROW = "duty_rate > 3", "duty_rate > 5 AND items_count = 2"


def told(folder: Path, *rules: str) -> list[str]:
    text = "".join(f"  - {{id: {'ABCDEF'[k]}, {rule}}}\n" for k, rule in enumerate(rules))
    return [shown(each) for each in findings(load(folder, f"rules:\n{text}"), "RT203", "RT204")]


def pair(outer: str = "lane: red", inner: str = "lane: red") -> tuple[str, str]:
    return f"when: {WIDE}, {outer}", f"when: {NARROW}, {inner}"


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("lane: red", "lane: red"), ("lane: red", "lane: blue, rate: 10"), ("lane: red, rate: 100", "lane: yellow"),
        ("lane: red, mandatory: true", "lane: red, mandatory: true"), ("lane: yellow", "lane: orange"),
        ("relief: 10", "relief: 50"), ("relief: 10", "relief: 10"), ("lane: red", "lane: red, flow: IM"),
        ("lane: red", "lane: red, valid: {until: 2024-12-31}"), ("lane: red", "lane: red, status: draft"),
    ],
)  # fmt: skip
def test_a_narrower_rule_of_no_more_effect_is_covered(outer: str, inner: str, tmp_path: Path) -> None:
    (found,) = told(tmp_path, *pair(outer, inner))
    assert found.startswith("RT204 `B` is covered by `A`: ")
    (found,) = told(tmp_path, *reversed(pair(outer, inner)))
    assert found.startswith("RT204 `A` is covered by `B`: ")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("lane: blue", "lane: red"), ("lane: red, rate: 90", "lane: red, rate: 10"),
        ("lane: red", "lane: red, mandatory: true"), ("relief: 50", "relief: 10"), ("relief: 10", "lane: red"),
        ("lane: red", "relief: 10"), ("lane: red, flow: IM", "lane: red"),
        ("lane: red, flow: IM", "lane: red, flow: EX"),
        ("lane: red, status: draft", "lane: red"), ("lane: red, status: retired", "lane: red"),
        ("lane: red", "lane: red, status: retired"), ("lane: red", "lane: green"), ("lane: green", "lane: green"),
        ("lane: red, offices: ['1']", "lane: red, offices: ['1', '2']"),
        ("lane: red, valid: {from: 2024-01-01}", "lane: red, valid: {until: 2024-12-31}"),
    ],
)  # fmt: skip
def test_a_rule_that_does_more_somewhere_is_not(outer: str, inner: str, tmp_path: Path) -> None:
    assert told(tmp_path, *pair(outer, inner)) == []


def test_the_label_says_what_covers_what(tmp_path: Path) -> None:
    assert told(tmp_path, *pair("lane: red", "lane: blue, rate: 12.5")) == [
        "RT204 `B` is covered by `A`: blue, rate 12.5; `A` selects all of it: red, rate 100"
    ]
    relief = "when: importer_id = 'T', relief: 10"
    assert told(tmp_path, *pair(), relief)[0].endswith("red, rate 100, but for relief")
    mandatory = pair("lane: red, mandatory: true", "lane: red")
    assert told(tmp_path, *mandatory, relief)[0].endswith("`A` selects all of it: red, mandatory")
    assert told(tmp_path, *pair("relief: 10", "relief: 20")) == [
        "RT204 `B` is covered by `A`: keeps 20 %, `A` keeps 10 % of the same and more"
    ]


@pytest.mark.parametrize(
    ("first", "second", "label"),
    [
        ("lane: red", "lane: red", "both lane red"),
        ("lane: red, rate: 20", "lane: red, rate: 50", "both lane red, with rates of 20 and 50"),
        ("relief: 10", "relief: 50", "both relief"),
        ("lane: green", "lane: green", "both lane green"),
        ("lane: red", "lane: red, status: draft", "both lane red"),
    ],
)
def test_the_later_of_two_that_are_the_same_is_told(first: str, second: str, label: str, tmp_path: Path) -> None:
    same = (f"when: {NARROW}, {first}", f"when: items_count = 2 AND 5 < duty_rate, {second}")
    assert told(tmp_path, *same) == [f"RT203 `B` matches the same records as `A`: {label}"]


def test_of_a_draft_and_an_active_rule_the_draft_is_told(tmp_path: Path) -> None:
    found = told(tmp_path, f"when: {WIDE}, lane: red, status: draft", f"when: {WIDE}, lane: red")
    assert found == ["RT203 `A` matches the same records as `B`: both lane red"]


def test_the_same_in_a_less_severe_lane_is_covered(tmp_path: Path) -> None:
    found = told(tmp_path, f"when: {WIDE}, lane: yellow", f"when: {WIDE}, lane: red")
    assert found == ["RT204 `A` is covered by `B`: yellow, rate 100; `B` selects all of it: red, rate 100"]
    assert told(tmp_path, f"when: {WIDE}, lane: yellow", f"when: {WIDE}, lane: red, rate: 20") == []


def test_of_many_that_are_the_same_each_refers_to_the_first(tmp_path: Path) -> None:
    found = told(tmp_path, *[f"when: {WIDE}, lane: red"] * 4)
    assert [each.split(":")[0] for each in found] == [
        f"RT203 `{each}` matches the same records as `A`" for each in "BCD"
    ]


def test_a_rule_that_alternatives_of_another_cover_together_is_found(tmp_path: Path) -> None:
    wide = "when: duty_rate < 4 OR duty_rate >= 3 AND items_count = 1 OR items_count > 1 AND duty_rate > 2, lane: red"
    found = told(tmp_path, wide, "when: '(duty_rate = 1 OR duty_rate = 5) AND items_count IN (1, 2)', lane: red")
    assert [each[:32] for each in found] == ["RT204 `B` is covered by `A`: red"]


def test_a_rule_that_matches_everything_or_nothing_is_told_of_alone(tmp_path: Path) -> None:
    text = """rules:
  - {id: ALL, when: duty_rate IS NULL OR duty_rate IS NOT NULL, lane: red}
  - {id: NONE, when: duty_rate > 5 AND duty_rate < 3, lane: red}
  - {id: SOME, when: duty_rate > 5, lane: red}
"""
    found = findings(load(tmp_path, text), "RT201", "RT202", "RT203", "RT204")
    assert [(each.code, each.rule) for each in found] == [("RT202", "ALL"), ("RT201", "NONE")]


def test_rows_of_a_decision_table_are_compared_with_each_other(tmp_path: Path) -> None:
    text = """rules:
  table: t.csv
  template: {when: "commodity_code LIKE '{code}%'", lane: red}
"""
    found = findings(load(tmp_path, text, {"t.csv": "code\n8703\n40\n87\n"}))
    assert [shown(each) for each in found] == [
        "RT204 `t.csv-2` is covered by `t.csv-4`: red, rate 100; `t.csv-4` selects all of it: red, rate 100"
    ]
    assert found[0].diagnostic.notes[-1].startswith("with the cells of row 2 of")
