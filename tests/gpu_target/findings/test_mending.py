"""Mends touch nothing but what they mend, and are refused where they would change what the rules do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.findings.finding import Finding, Mend
from gpu_target.findings.mending import Mended, all_active, keeps_meaning, keys_of, mend
from gpu_target.language.diagnostics import Span
from gpu_target.language.model import RuleSet
from tests.gpu_target.findings.checking import FIELDS, findings, load

RULE = "rules:\n  - {id: A, when: duty_rate > 3, lane: red}\n"


def meaning(ruleset: RuleSet) -> str:
    return gpu_target.compile(all_active(ruleset), pa.schema(FIELDS)).sha256


def mended(ruleset: RuleSet, found: Sequence[Finding]) -> str:
    """The one file after its mends, which keep the meaning."""
    (file,) = mend(ruleset, found)
    assert keeps_meaning(ruleset, [file], gpu_target.load_rules, meaning)
    assert file.before == (file.path).read_bytes().decode("utf-8-sig")
    return file.after


def after(folder: Path, text: str, *select: str) -> str:
    """The text behind the first two lines after its mends."""
    ruleset = load(folder, text)
    return mended(ruleset, findings(ruleset, *select)).split("\n", 2)[2]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("lists:\n  a: [X]\n", ""),
        ("lists:  # names\n  # one\n  a: [X]\n  # tail\n", "  # tail\n"),
        ("lists:\n  # names\n\n  # one\n  # more of it\n  a: [X]\n", "  # names\n\n"),
        ("lists:\n# names\n  a: [X]\n", "# names\n"),
        ("lists:\n  a: [X]  # unused\n", ""),
        ("lists:\n  a:\n    - X\n    - Y\n\n", "\n"),
        ("lists: {a: [X]}\n", ""),
        ("lists: {a: [X], b: [Y]}\n", "lists: {}\n"),
        ("let: {a: 1 + 1}\nlists:\n  b: [X]\n", ""),
        ("let:\n  a: >\n    1\n    + 1\n", ""),
        ("let:\n  a: \"'it'\"\n", ""),
    ],
)  # fmt: skip
def test_an_entry_that_no_rule_reads_is_deleted(before: str, expected: str, tmp_path: Path) -> None:
    text = before
    for _ in range(2):  # of two in one pair of braces the second goes the next time
        ruleset = load(tmp_path, text + RULE)
        found = findings(ruleset, "RT209")
        if found:
            text = mended(ruleset, found).split("\n", 2)[2].removesuffix(RULE)
    assert text.strip() in (expected.strip(), "")
    assert expected == text or "{" in before


def test_the_entries_around_it_stay_as_they_are(tmp_path: Path) -> None:
    before = """lists:
  # the first
  a: [XA,   XB]   # kept
  # goes with it
  b:
    - X   # goes with it
  # the last

  c: ["XA"]
let: {idle: 1 + 1, rate: duty_rate * 2, more: 2}
rules:
  - {id: A, when: rate > 3 AND country_of_origin IN @a AND country_of_origin IN @c, lane: red}
"""
    expected = (
        before.replace("  # goes with it\n  b:\n    - X   # goes with it\n", "")
        .replace("idle: 1 + 1, ", "")
        .replace(", more: 2", "")
    )
    assert after(tmp_path, before, "RT209") == expected


def test_a_comment_that_goes_with_its_entry_is_told(tmp_path: Path) -> None:
    ruleset = load(tmp_path, "lists:\n  # idle\n  a: [X]\n  b: [Y]\n" + RULE)
    (file,) = mend(ruleset, findings(ruleset, "RT209"))
    assert file.what == ["deleted the list `@a`, with the comment above it", "deleted the list `@b`"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("lane: red\n    offices: [0309, 309]", "lane: red\n    offices: ['0309', 309]"),
        ("lane: red\n    offices: 1e5  # here", "lane: red\n    offices: '1e5'  # here"),
        ("lane: red\n    flow: [IM, EX,\n      IM]", "lane: red\n    flow: [IM, EX]"),
        ("lane: red\n    tests: [{flow: NO, expect: match}]", "lane: red\n    tests: [{flow: 'NO', expect: match}]"),
    ],
)  # fmt: skip
def test_keys_of_a_rule_are_mended(before: str, expected: str, tmp_path: Path) -> None:
    text = "rules:\n  - id: A\n    when: duty_rate > 3\n    {}\n"
    assert after(tmp_path, text.format(before), "RT4", "RT405") == text.format(expected)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("country_of_origin IN ('FR', 'DE', 'FR')", "country_of_origin IN ('FR', 'DE')"),
        ("country_of_origin IN ('FR', 'FR', 'FR')", "country_of_origin IN ('FR')"),
        (">\n      country_of_origin IN ('FR',\n      'FR', 'DE')", ">\n      country_of_origin IN ('FR', 'DE')"),
        ("'country_of_origin IN (''FR'', ''FR'')'", "'country_of_origin IN (''FR'')'"),
        ("\"country_of_origin IN ('FR', '\\u0046R')\"", "\"country_of_origin IN ('FR')\""),
    ],
)
def test_values_in_a_condition_are_mended(before: str, expected: str, tmp_path: Path) -> None:
    text = "rules:\n  - id: A  # first\n    when: {}\n    lane: red\n"
    assert after(tmp_path, text.format(before), "RT405") == text.format(expected)


def test_line_ends_and_the_mark_at_the_beginning_stay(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    rule = "rules:\r\n  - {id: 1e5, when: duty_rate > 3, lane: red}\r\n"
    text = f"ruleset: r\r\nrecord: declaration-item\r\nlists: {{a: [X]}}\r\n{rule}"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    ruleset = gpu_target.load_rules(file)
    found = mended(ruleset, findings(ruleset, "RT209", "RT407"))
    assert found == text.replace("lists: {a: [X]}\r\n", "").replace("1e5", "'1e5'")


def test_files_of_a_folder_are_mended_each(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    head = "ruleset: r\nrecord: declaration-item\n"
    (tmp_path / "a.yaml").write_text(head + "lists: {a: [X]}\n" + RULE)
    (tmp_path / "sub" / "b.yaml").write_text(head + "lists: {b: codes.csv}\n" + RULE.replace("A", "B"))
    (tmp_path / "sub" / "codes.csv").write_text("code\nX\n")
    ruleset = gpu_target.load_rules(tmp_path)
    found = mend(ruleset, findings(ruleset, "RT209"))
    assert [each.path for each in found] == [tmp_path / "a.yaml", tmp_path / "sub" / "b.yaml"]
    assert [each.what for each in found] == [["deleted the list `@a`"], ["deleted the list `@b`"]]
    assert keeps_meaning(ruleset, found, gpu_target.load_rules, meaning)


def wrong(ruleset: RuleSet, text: str, what: str) -> list[Mended]:
    """A mend that puts ``text`` where ``what`` stands."""
    span = ruleset.rules[0].span
    assert span is not None
    source, *_ = span.source.resolve(0, 0)
    start = source.text.index(what)
    found = findings(ruleset, "RT4")[0]
    return mend(ruleset, [replace(found, mend=Mend("wrong", Span(source, start, start + len(what)), text))])


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("> 3", "> 4"), ("lane: red", "lane: blue"), ("lane: red", "lane: red, rate: 50"), ("> 3", "> 3 AND"),
        ("id: A", "id: B"), ("title: T", "title: U"), ("expect: match", "expect: no match"),
        ("{duty_rate: 4", "{duty_rate: 5"),
        ("status: draft", "status: active"),
        ("when: items", "when: items_count = 5 AND items"),
    ],
)  # fmt: skip
def test_a_mend_that_changes_anything_is_refused(what: str, text: str, tmp_path: Path) -> None:
    ruleset = load(
        tmp_path,
        """rules:
  - {id: A, title: T, when: duty_rate > 3, lane: red, tests: [{duty_rate: 4, expect: match}]}
  - {id: C, when: items_count > 2, lane: red, status: draft}
""",
    )
    found = wrong(ruleset, text, what)
    assert found[0].after != found[0].before
    assert not keeps_meaning(ruleset, found, gpu_target.load_rules, meaning)


def test_what_is_compared_leaves_places_out(tmp_path: Path) -> None:
    one = load(tmp_path, RULE)
    other = load(tmp_path, "# moved\n" + RULE)
    assert keys_of(one) == keys_of(other)
