"""A rule set read again after an edit is the one that is read afresh: rules, places, hash, and every problem."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language.diagnostics import GpuTargetError, Span
from gpu_target.language.files import load_rules
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.printer import to_text
from gpu_target.language.reread import Rereader, common_prefix, common_suffix
from tests.gpu_target.language.loading import write

HEAD = "ruleset: s\nlists:\n  few: [a, b]\nlet:\n  ratio: x / y\nrules:\n"
RULES = [
    "  - id: A\n    when: x > 1 AND s = 'a'\n    lane: red\n",
    "  - id: B\n    when: >-\n      x > 1\n      AND y < 2\n    lane: green\n    flow: [IM, EX]\n",
    "  # a comment between\n\n  - id: C\n    when: |\n      s IN @few OR\n      ratio > 2\n    relief: 10\n",
    "  - {id: D, when: 's = ''it AND b''', lane: blue, tests: [{x: 1, expect: match}]}\n",
    "  - id: E\n    title: a title that\n      goes on\n    when: s LIKE 'a%' AND x BETWEEN 1 AND 5\n    lane: red\n",
]
LINES = [
    "  - id: N1\n    when: y = 3\n    lane: red\n", "  - id: A\n    when: y = 3\n    lane: red\n", "    weight: 9\n",
    "\n", "  # a word\n", "    when: x > 1 AND\n", "---\n", "...\n", "let: {}\n", "  x: 1\n", "   - id: N2\n",
    "    why: |\n\n", "    title: 'open\n", '    why: "\n', "% x\n", "- id: N4\n", "\t\n", "    tests: [\n",
    "  -\n    id: N3\n    when: y = 4\n    lane: red\n", "  - id: N5\n    when: &x y = 3\n    lane: red\n",
    "    <<: 1\n", "      and y = 5\n", "    owner: é\r\n",
]  # fmt: skip
TYPED = ["x", " ", "\n", "'", "1", "-", ":", " AND y = 8"]


def place(span: Span | None) -> object:
    return None if span is None else span.location()


def facts(rule: Rule) -> object:
    """All that a rule says and every place of it."""
    tests = [
        [(name, repr(value).partition("span")[0], place(each.name_spans[name])) for name, value in each.values.items()]
        + [each.matches, place(each.span)]
        for each in rule.tests
    ]
    spans = [place(each.span) for each in (*rule.flow, *rule.offices)]
    end = len(rule.when.source.text)
    whole = place(Span(rule.when.source, 0, end)), place(Span(rule.when.source, end, end))
    said = (rule.lane, rule.relief, rule.rate, rule.weight, rule.title, rule.why, rule.owner, rule.status, rule.tags)
    values = [(each.text, each.is_null) for each in (*rule.flow, *rule.offices)]
    trees = to_text(rule.when.tree), to_text(rule.when.with_places())
    return rule.id, trees, said, values, repr(tests), spans, whole, place(rule.span)


def all_of(ruleset: RuleSet) -> object:
    lists = [(name, each.values.to_pylist(), place(each.span)) for name, each in ruleset.lists.items()]
    let = [(name, to_text(each.tree), place(Span(each.source, 0, 1))) for name, each in ruleset.let.items()]
    return ruleset.name, [facts(each) for each in ruleset.rules], lists, let, ruleset.sha256, ruleset.contents


def outcome(read: object) -> object:
    try:
        return all_of(read())  # type: ignore[operator]
    except GpuTargetError as error:
        return str(error)


edits = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, 60), st.sampled_from(LINES)),
        st.tuples(st.just("delete"), st.integers(0, 60), st.integers(1, 4)),
        st.tuples(st.just("type"), st.integers(0, 600), st.sampled_from(TYPED)),
        st.tuples(st.just("cut"), st.integers(0, 600), st.integers(1, 30)),
        st.tuples(st.just("swap"), st.integers(0, 4), st.integers(0, 4)),
        st.tuples(st.just("undo"), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


def edited(text: str, before: str, edit: tuple[str, int, object]) -> str:
    kind, at, what = edit
    lines = text.splitlines(keepends=True)
    if kind == "insert":
        return "".join([*lines[:at], str(what), *lines[at:]])
    if kind == "delete":
        return "".join([*lines[:at], *lines[at + int(what) :]])  # type: ignore[call-overload]
    if kind == "type":
        return text[:at] + str(what) + text[at:]
    if kind == "cut":
        return text[:at] + text[at + int(what) :]  # type: ignore[call-overload]
    if kind == "swap" and text.startswith(HEAD):
        rules = text[len(HEAD) :].split("\n  - ")
        if max(at, int(what)) < len(rules):  # type: ignore[call-overload]
            rules[at], rules[what] = rules[what], rules[at]  # type: ignore[index]
        return HEAD + "\n  - ".join(rules)
    return before


@given(start=st.permutations(RULES), edits=edits)
def test_a_file_read_again_is_as_one_read_afresh(
    tmp_path_factory: pytest.TempPathFactory, start: list[str], edits: list[tuple[str, int, object]]
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.yaml"
    text = before = HEAD + "".join(start)
    path.write_text(text, newline="")
    reader = Rereader(path)
    assert outcome(reader.read) == outcome(lambda: load_rules(path))
    for edit in edits:
        text, before = edited(text, before, edit), text
        path.write_text(text, newline="")
        assert outcome(reader.read) == outcome(lambda: load_rules(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"a.yaml": HEAD.replace("[a, b]", "l.csv") + "".join(RULES[:3]), "l.csv": "code\na\nb\n"})
    write(tmp_path, {"b.yaml": "ruleset: s\nrules:\n" + "".join(RULES[3:])})
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_rules_that_an_edit_leaves_alone_are_the_same_objects(folder: Path) -> None:
    reader = Rereader(folder)
    first = reader.read()
    assert reader.read() is first
    change(folder / "a.yaml", "y < 2", "y < 3\n      AND x < 7")
    second = reader.read()
    assert [a is b for a, b in zip(first.rules, second.rules, strict=True)] == [True, False, True, True, True]
    assert second.lists is first.lists
    assert all_of(second) == all_of(load_rules(folder))
    change(folder / "b.yaml", "  - id: E", "  - id: F\n    when: x = 1\n    lane: red\n  - id: E")
    third = reader.read()
    assert [each.id for each in third.rules] == ["A", "B", "C", "D", "F", "E"]
    assert third.rules[0] is first.rules[0]
    assert all_of(third) == all_of(load_rules(folder))
    change(folder / "a.yaml", "    lane: red\n", "    lane: red\n    weight: 3\n")
    assert all_of(reader.read()) == all_of(load_rules(folder))


def test_places_of_rules_that_stay_move_with_the_text(folder: Path) -> None:
    reader = Rereader(folder)
    last = reader.read().rules[2]
    before = last.span.location() if last.span else None
    change(folder / "a.yaml", "      x > 1\n", "      x > 1\n      AND x < 99\n")
    reader.read()
    assert before is not None
    assert last.span is not None
    assert last.span.location() == (before[0], before[1] + 1, before[2])


def test_another_list_another_file_or_a_file_less_is_read_as_a_whole(folder: Path) -> None:
    reader = Rereader(folder)
    first = reader.read()
    (folder / "l.csv").write_text("code\na\nc\n")
    assert all_of(reader.read()) == all_of(load_rules(folder)) != all_of(first)
    write(folder, {"c.yaml": "ruleset: s\nrules:\n  - id: Z\n    when: x = 1\n    lane: red\n"})
    assert [each.id for each in reader.read().rules] == ["A", "B", "C", "D", "E", "Z"]
    (folder / "b.yaml").unlink()
    assert [each.id for each in reader.read().rules] == ["A", "B", "C", "Z"]
    (folder / "l.csv").unlink()
    with pytest.raises(GpuTargetError) as error:
        reader.read()
    assert "DT203" in str(error.value)
    (folder / "l.csv").write_text("code\na\n")
    assert all_of(reader.read()) == all_of(load_rules(folder))


def test_two_files_changed_at_once_are_read_as_a_whole(folder: Path) -> None:
    reader = Rereader(folder)
    first = reader.read()
    change(folder / "a.yaml", "y < 2", "y < 3")
    change(folder / "b.yaml", "x BETWEEN 1 AND 5", "x BETWEEN 1 AND 6")
    second = reader.read()
    assert second.rules[0] is not first.rules[0]
    assert all_of(second) == all_of(load_rules(folder))


@given(one=st.text("ab", max_size=12), other=st.text("ab", max_size=12))
def test_a_common_prefix_is_as_long_as_it_can_be(one: str, other: str) -> None:
    found = common_prefix(one, other)
    assert one[:found] == other[:found]
    assert one[found : found + 1] != other[found : found + 1] or found == len(one) == len(other)
    back = common_suffix(one, other)
    assert back == common_prefix(one[::-1], other[::-1])
