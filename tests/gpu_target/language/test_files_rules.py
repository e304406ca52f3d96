"""One rule of a rule file: every key by its declared type."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from gpu_target.language.diagnostics import render
from gpu_target.language.model import Scalar
from gpu_target.language.printer import to_text
from tests.gpu_target.language.loading import fault, load, one, problems, rule_set, write

BASE = "- {id: A, when: a = 1, lane: red, %s}"


def test_a_rule_with_only_what_it_must_have_has_the_defaults(tmp_path: Path) -> None:
    rule = one(tmp_path, "- {id: A, when: a = 1, lane: red}")
    assert (rule.rate, rule.mandatory, rule.weight, rule.relief) == (Fraction(100), False, 1, None)
    assert (rule.valid, rule.flow, rule.offices, rule.tags, rule.tests) == (None, (), (), (), ())
    assert (rule.title, rule.owner, rule.origin, rule.why) == ("", "", "", "")
    assert rule.is_active


def test_every_key_of_a_rule_is_read(tmp_path: Path) -> None:
    rule = one(
        tmp_path,
        """
        - id: UV-0001
          title: Cars
          when: >
            a = 1
            AND b = 2
          lane: blue
          rate: 12.5
          weight: 65535
          valid: {from: 2024-03-01, until: '2024-12-31'}
          flow: IM
          offices: [0309, NO]
          tags: [x, y]
          status: draft
          owner: Tanger
          source: notice 12
          why: because
        """,
    )
    assert (rule.id, rule.title, rule.lane, rule.rate, rule.weight) == (
        "UV-0001",
        "Cars",
        "blue",
        Fraction(25, 2),
        65535,
    )
    assert rule.valid is not None
    assert (rule.valid.first, rule.valid.until) == (datetime.date(2024, 3, 1), datetime.date(2024, 12, 31))
    assert [each.text for each in (*rule.flow, *rule.offices)] == ["IM", "0309", "NO"]  # never YAML's guess
    assert (rule.tags, rule.status, rule.owner, rule.origin, rule.why) == (
        ("x", "y"),
        "draft",
        "Tanger",
        "notice 12",
        "because",
    )
    assert not rule.is_active
    assert to_text(rule.when.tree) == "a = 1 AND b = 2"
    assert rule.span is not None
    assert rule.span.location() == (str(tmp_path / "r.yaml"), 3, 9)


@pytest.mark.parametrize(("lane", "read"), [("green", "green"), ("yellow", "yellow"), ("orange", "yellow")])
def test_orange_is_another_word_for_yellow(lane: str, read: str, tmp_path: Path) -> None:
    assert one(tmp_path, f"- {{id: A, when: a = 1, lane: {lane}}}").lane == read


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        ("0", 0),
        ("100", 100),
        ("'2.5'", Fraction(5, 2)),
        ("0.1", Fraction(1, 10)),
        ("+.5", Fraction(1, 2)),
        ("100.000", 100),
    ],
)
def test_a_rate_is_exact(rate: str, value: Fraction, tmp_path: Path) -> None:
    assert one(tmp_path, BASE % f"rate: {rate}").rate == value


def test_a_relief_rule_has_no_lane(tmp_path: Path) -> None:
    rule = one(tmp_path, "- {id: A, when: a = 1, relief: 10}")
    assert (rule.lane, rule.relief) == (None, Fraction(10))


def test_a_mandatory_rule_may_state_its_rate_of_100(tmp_path: Path) -> None:
    rule = one(tmp_path, BASE % "mandatory: true, rate: 100.0")
    assert rule.mandatory
    assert rule.rate == 100


def test_one_day_may_be_the_first_and_the_last(tmp_path: Path) -> None:
    rule = one(tmp_path, BASE % "valid: {from: 2024-02-29, until: 2024-02-29}")
    assert rule.valid is not None
    assert rule.valid.first == rule.valid.until


def test_half_a_validity_is_open_at_the_other_end(tmp_path: Path) -> None:
    rule = one(tmp_path, BASE % "valid: {until: 2024-02-29}")
    assert rule.valid is not None
    assert rule.valid.first is None


def test_texts_may_be_left_empty(tmp_path: Path) -> None:
    assert one(tmp_path, "- id: A\n  when: a = 1\n  lane: red\n  why:\n  owner: ~\n  tests:\n").why == ""


def test_values_of_tests_keep_their_text_and_their_nulls(tmp_path: Path) -> None:
    (test,) = one(
        tmp_path, BASE % "tests: [{b: 0309, c: , d: ~, e: null, f: 'null', g: '', h: [x, ~], expect: no match}]"
    ).tests
    assert not test.matches
    plain = {name: value for name, value in test.values.items() if isinstance(value, Scalar)}
    assert {name: (value.text, value.is_null) for name, value in plain.items()} == {
        "b": ("0309", False),
        "c": ("", True),
        "d": ("", True),
        "e": ("", True),
        "f": ("null", False),
        "g": ("", False),
    }
    values = test.values["h"]
    assert isinstance(values, tuple)
    assert [(value.text, value.is_null) for value in values] == [("x", False), ("", True)]
    assert test.name_spans["b"].location()[1:] == (3, test.name_spans["b"].start - len("ruleset: s\nrules:\n") + 1)


LONG = "x" * 201
RULES = {
    "RT031 key": (
        "- {id: A, when: a = 1, «lanes»: red, lane: red}",
        "RT031",
        "unknown key `lanes` in a rule",
        "did you mean `lane`?",
    ),
    "RT031 other word": ("- {id: A, when: a = 1, lane: red, «description»: x}", "RT031", "did you mean `why`?"),
    "RT032 id": ("- {«when»: a = 1, lane: red}", "RT032", "`id` is missing in a rule", "such as `id: UV-0001`"),
    "RT032 when": ("- {«id»: A, lane: red}", "RT032", "`when` is missing"),
    "RT031 for lane": ("- {id: A, when: a = 1, «lnae»: red}", "RT031", "did you mean `lane`?"),
    "RT031 for when": ("- {id: A, «wehn»: a = 1, lane: red}", "RT031", "did you mean `when`?"),
    "RT028 not": ("- id: A\n  when: «!a» IN ('x')\n  lane: red", "RT028", "in a condition write NOT"),
    "RT032 lane": ("- {«id»: A, when: a = 1}", "RT032", "`lane` (or `relief`) is missing"),
    "RT033 when": ("- {id: A, when: «[a]», lane: red}", "RT033", "`when` must be one value", "found a list"),
    "RT033 brace": ("- {id: A, when: «{a: 1}», lane: red}", "RT033", "must be in quotes"),
    "RT033 valid": (BASE % "valid: «2024-01-01»", "RT033", "`valid` must be a mapping", "{from: 2024-03-01"),
    "RT033 valid empty": (BASE % "valid: «{}»", "RT033", "`from`, `until` or both"),
    "RT033 title": (BASE % "title: «[a]»", "RT033", "`title` must be one value"),
    "RT033 tags": (BASE % "tags: [«[a]»]", "RT033", "`tags` must be one value"),
    "RT033 flow": (BASE % "flow: «{a: b}»", "RT033", "`flow` must be one value"),
    "RT033 tests": (BASE % "tests: «{a: 1, expect: match}»", "RT033", "`tests` must be a list", "`- {`"),
    "RT033 a test": (BASE % "tests: [«a»]", "RT033", "{column: value, expect: match}"),
    "RT033 test value": (BASE % "tests: [{a: «{b: 1}», expect: match}]", "RT033", "a value or a list of values"),
    "RT033 test list": (BASE % "tests: [{a: [«[b]»], expect: match}]", "RT033", "a list of values"),
    "RT034 lane": ("- {id: A, when: a = 1, lane: «~»}", "RT034", "`lane` is empty", "write `lane: red`"),
    "RT034 offices": (BASE % "offices: [a, «null»]", "RT034", "`offices` is empty"),
    "RT034 rate": (BASE % "rate: «~»", "RT034", "`rate` is empty"),
    "RT040 blank": ("- {id: «' '», when: a = 1, lane: red}", "RT040", "`id` is blank", "UV-0001"),
    "RT040 control": ('- {id: «"a\\tb"», when: a = 1, lane: red}', "RT040", "control character U+0009"),
    "RT040 long": (f"- {{id: «{LONG}», when: a = 1, lane: red}}", "RT040", "has 201 characters, more than 200"),
    "RT043 lane": (
        "- {id: A, when: a = 1, lane: «Red»}",
        "RT043",
        "`Red` is not a lane",
        "orange or red",
        "did you mean red?",
    ),
    "RT043 like none": ("- {id: A, when: a = 1, lane: «purple»}", "RT043", "orange or red", "write one of them"),
    "RT043 amber": ("- {id: A, when: a = 1, lane: «amber»}", "RT043", "did you mean yellow?"),
    "RT043 status": (
        BASE % "status: «disabled»",
        "RT043",
        "not a status",
        "active, draft or retired",
        "did you mean retired?",
    ),
    "RT043 expect": (BASE % "tests: [{a: 1, expect: «true»}]", "RT043", "match or no match", "did you mean match?"),
    "RT032 expect": (BASE % "tests: [{«a»: 1}]", "RT032", "`expect` is missing in a test"),
    "RT044 over": (BASE % "rate: «100.01»", "RT044", "found 100.01, expected 0 to 100"),
    "RT044 under": (BASE % "rate: «-1»", "RT044", "`rate` must be a percentage"),
    "RT044 sign": (BASE % "rate: «50%»", "RT044", "write 50, without the sign"),
    "RT044 comma": (BASE % "rate: «'2,5'»", "RT044", "write 2.5, with a point"),
    "RT044 exponent": (BASE % "rate: «1e1»", "RT044", "found 1e1"),
    "RT044 relief": ("- {id: A, when: a = 1, relief: «most»}", "RT044", "`relief` must be a percentage"),
    "RT044 weight": (BASE % "weight: «65536»", "RT044", "whole number", "expected 0 to 65535"),
    "RT044 weight decimal": (BASE % "weight: «1.5»", "RT044", "whole number"),
    "RT044 weight very long": (BASE % f"weight: «{'9' * 5000}»", "RT044", "whole number"),
    "RT045 yes": (BASE % "mandatory: «yes»", "RT045", "`mandatory` must be true or false", "write true"),
    "RT045 ja": (BASE % "mandatory: «ja»", "RT045", "write true"),
    "RT045 Oui": (BASE % "mandatory: «Oui»", "RT045", "write true"),
    "RT045 nein": (BASE % "mandatory: «nein»", "RT045", "write false"),
    "RT045 maybe": (BASE % "mandatory: «maybe»", "RT045", "write true or false"),
    "RT045 True": (BASE % "mandatory: «True»", "RT045", "found True", "write true"),
    "RT046 order": (BASE % "valid: {from: «01/03/2024»}", "RT046", "`from` must be a day", "2024-01-31"),
    "RT046 time": (BASE % "valid: {until: «2024-01-31 08:00:00»}", "RT046", "expected year-month-day"),
    "RT046 calendar": (BASE % "valid: {until: «2023-02-29»}", "RT046", "does not have", "found 2023-02-29"),
    "RT046 year 0": (BASE % "valid: {until: «0000-01-01»}", "RT046", "calendar"),
    "RT047": (
        BASE % "valid: {from: 2024-03-01, until: «2024-02-29»}",
        "RT047",
        "`until` is before `from`, 2024-03-01",
        "exchange",
    ),
    "RT048": (BASE % "«relief»: 10", "RT048", "either `lane` or `relief`", "make two rules"),
    "RT049 mandatory": (BASE % "mandatory: true, rate: «50»", "RT049", "selects all", "delete `rate`"),
    "RT049 relief rate": ("- {id: A, when: a = 1, relief: 10, «rate»: 50}", "RT049", "a relief rule has no `rate`"),
    "RT049 relief mandatory": ("- {id: A, when: a = 1, relief: 10, «mandatory»: false}", "RT049", "no `mandatory`"),
    "RT031 valid": (BASE % "valid: {«to»: 2024-01-01}", "RT031", "in `valid`", "did you mean `until`?"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_fault_of_a_rule_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    text, code, *said = RULES[name]
    fault(tmp_path, rule_set(text), code, *said)


FOLDED = """\
ruleset: s
rules:
  - id: A
    when: >
      country_of_origin = 'é' AND
      customs_value «BETWEN» 1 AND 2
    lane: red
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_fault_inside_a_folded_condition_is_told_at_its_line_and_column(ends: str, tmp_path: Path) -> None:
    marked = FOLDED.replace("\n", ends)
    start = marked.index("«")
    write(tmp_path, {"r.yaml": marked.replace("«", "").replace("»", "")})
    (found,) = problems(tmp_path / "r.yaml")
    assert found.code == "RT004"
    assert found.location() == (str(tmp_path / "r.yaml"), 6, 21)
    span = found.span
    assert span is not None
    source, first, last = span.source.resolve(span.start, span.end)
    assert (first, source.text[first:last]) == (start, "BETWEN")
    assert "      customs_value BETWEN 1 AND 2\n" in render(found)


def test_a_condition_that_yaml_cut_at_a_comment_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set("- id: A\n  when: a = 'box #1'\n  lane: red")})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.location()) == ("RT002", (str(tmp_path / "r.yaml"), 4, 15))
    assert "a comment" in found.notes[0]


def test_a_long_value_is_not_echoed_in_full(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(f"- {{id: A, when: a = 1, lane: {'x' * 100_000}}}")})
    (found,) = problems(tmp_path / "r.yaml")
    assert len(render(found)) < 800


def test_rules_keep_their_order(tmp_path: Path) -> None:
    text = "\n".join(f"- {{id: '{n}', when: a = {n}, lane: red}}" for n in (3, 1, 2))
    assert [rule.id for rule in load(tmp_path, rule_set(text)).rules] == ["3", "1", "2"]
