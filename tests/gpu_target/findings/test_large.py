"""Rule sets that are large in one way or another: what is too much is left out, and nothing grows beyond measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_target.findings import boxes, covering, within
from tests.gpu_target.findings.checking import codes, findings, load, shown, told


def nested(n: int) -> str:
    return "rules:\n" + "".join(f"  - {{id: A{k}, when: duty_rate > {k}, lane: red}}\n" for k in range(n))


def test_each_of_many_nested_rules_is_told_once(tmp_path: Path) -> None:
    found = findings(load(tmp_path, nested(200)))
    assert codes(found) == ["RT204"] * 199


def test_rules_are_compared_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "CHUNK", 7)
    assert codes(findings(load(tmp_path, nested(50)))) == ["RT204"] * 49


def test_of_too_many_boxes_the_largest_rules_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        nested(3) + "  - {id: B, when: duty_rate > 7 AND items_count = 1 OR flow = 'IM' AND duty_rate > 8, lane: red}\n"
    )
    assert codes(findings(load(tmp_path, text))) == ["RT204"] * 3
    monkeypatch.setattr(covering, "MOST_BOXES", 3)
    assert [each.rule for each in findings(load(tmp_path, text))] == ["A1", "A2"]


ALTERNATIVES = " AND ".join(f"(items_count = {k} OR duty_rate > {k} OR customs_value > {k})" for k in range(9))


def test_a_rule_with_too_many_alternatives_is_compared_as_it_is_written(tmp_path: Path) -> None:
    turned = " AND ".join(reversed(ALTERNATIVES.split(" AND ")))
    rules = f"rules:\n  - {{id: A, when: {ALTERNATIVES}, lane: red}}\n  - {{id: B, when: {turned}, lane: red}}\n"
    assert [shown(each) for each in findings(load(tmp_path, rules), "RT203")] == [
        "RT203 `B` matches the same records as `A`: both lane red"
    ]


def test_steps_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    either = "(items_count = 1 OR duty_rate > 1) AND (items_count = 2 OR duty_rate > 2)"
    when = f"{either} AND items_count = 3 AND duty_rate = 0"
    assert [each[:5] for each in told(tmp_path, when, "RT201")] == ["RT201"]
    monkeypatch.setattr(boxes, "MOST_STEPS", 1)
    assert told(tmp_path, when, "RT201") == []


@pytest.mark.parametrize("joint", ["AND", "OR"])
def test_of_very_many_parts_none_is_held_against_another(
    joint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = "customs_value > {}" if joint == "AND" else "customs_value > {} AND duty_rate > 3"
    when = f" {joint} ".join(part.format(k) for k in range(20))
    assert len(told(tmp_path, when)) > 15
    monkeypatch.setattr(within, "MOST_PARTS", 19)
    assert told(tmp_path, when) == []


def test_of_a_contradiction_of_many_the_whole_is_told(tmp_path: Path) -> None:
    words = " AND ".join(f"items_count <> {k}" for k in range(2, 9))
    assert told(tmp_path, f"items_count > 1 AND items_count < 9 AND {words}") == [
        "RT201 `A` can never match: its conditions exclude each other"
    ]


def test_patterns_in_several_columns_know_of_each_other(tmp_path: Path) -> None:
    many = "".join(f"  - {{id: P{k}, when: goods_description LIKE '%p{k:02}q%', lane: green}}\n" for k in range(30))
    last = """  - {id: Y, when: goods_description LIKE '%p00q_z%', lane: red}
  - {id: Z, when: goods_description LIKE '%q_z%' AND NOT goods_description LIKE '%p00q_z%', lane: red}
  - {id: N, when: NOT goods_description LIKE '%p00q%' AND goods_description LIKE '%zp00q_z%', lane: red}
"""
    assert [(each.code, each.rule) for each in findings(load(tmp_path, f"rules:\n{many}{last}"))] == [("RT201", "N")]


def test_elements_in_several_columns_know_of_each_other(tmp_path: Path) -> None:
    many = "".join(f"  - {{id: P{k}, when: \"CONTAINS(document_codes, 'D{k}')\", lane: green}}\n" for k in range(30))
    last = (
        "  - {id: N, when: \"CONTAINS(document_codes, 'D0') AND NOT CONTAINS_ANY(document_codes, @some)\", lane: red}\n"
    )
    text = f"lists: {{some: [D0, E1]}}\nrules:\n{many}{last}"
    assert [(each.code, each.rule) for each in findings(load(tmp_path, text))] == [("RT201", "N")]


def test_a_long_list_does_not_hide_what_single_texts_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpu_target.findings.facts.MOST_NAMES", 5)
    text = """lists: {ids: ids.csv}
rules:
  - {id: A, when: importer_id IN @ids AND importer_id LIKE '%5', lane: red}
  - {id: B, when: importer_id = 'I3' AND importer_id LIKE '%6', lane: red}
"""
    ids = "id\n" + "".join(f"I{k}\n" for k in range(20))
    found = findings(load(tmp_path, text, {"ids.csv": ids}))
    assert [(each.code, each.rule) for each in found] == [("RT201", "B")]
