"""YAML text to nodes that know their place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gpu_target.language.diagnostics import Diagnostic, Source, UnfitError
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlScalar, compose
from tests.gpu_target.language.loading import fault, problems, write


def test_scalars_keep_the_text_as_written() -> None:
    text = "- NO\n- 0309\n- 0x1F\n- 12:30:00\n- 1e3\n- 2024-01-31\n- yes\n"
    node = compose(Source("f", text), [])
    assert isinstance(node, YamlList)
    values = [item.value for item in node.items if isinstance(item, YamlScalar)]
    assert values == ["NO", "0309", "0x1F", "12:30:00", "1e3", "2024-01-31", "yes"]


@pytest.mark.parametrize(
    ("written", "is_null"),
    [("", True), ("~", True), ("null", True), ("NULL", True), ("''", False), ("'null'", False), ("none", False)],
)
def test_only_a_plain_scalar_can_say_that_there_is_no_value(written: str, is_null: bool) -> None:
    node = compose(Source("f", f"k: {written}\n"), [])
    assert isinstance(node, YamlMap)
    value = node.entries["k"][1]
    assert isinstance(value, YamlScalar)
    assert value.is_null is is_null


SYNTAX = {
    "RT024 NUL": ("ruleset: s\nrules: «\0»\n", "RT024", "a NUL character", "save the file again"),
    "RT024 control character": ("ruleset: s«\x07»\n", "RT024", "U+0007"),
    "RT024 old Mac line ends": ("ruleset: s«\r»rules: []\r", "RT024", "carriage return", "LF or CRLF"),
    "RT024 invisible line break": ("ruleset: s«\u2028»rules: []\n", "RT024", "U+2028"),
    "RT024 byte order mark inside": ("ruleset: «\ufeff»s\n", "RT024", "U+FEFF"),
    "RT025 colon in a value": ("ruleset: s\nrules:\n  - title: a«:» b\n", "RT025", "a second `:`", "single quotes"),
    "RT025 quote not closed": ("ruleset: «'»s\nrules: []\n", "RT025", "does not end", "close the quotes"),
    "RT025 quoted word first": ("rules:\n - when: 'a' «=» b\n", "RT025", "must end with it", "below `>`"),
    "RT025 unknown escape": ('ruleset: «"»a\\qb"\n', "RT025", "unknown escape", "single quotes"),
    "RT025 text behind >": ("rules:\n - when: > «a» = 1\n", "RT025", "behind `>`", "next line"),
    "RT025 bracket open": ("ruleset: s\nkey: «[»a\nrules: []\n", "RT025", "brackets does not end", "close with ]"),
    "RT025 brace open": ("ruleset: s\nroles: «{»date: a\nrules: []\n", "RT025", "braces does not end", "close with }"),
    "RT025 list out of line": ("- id: a\n  lane: red\n «w»hen: b\n", "RT025", "do not stand in one column"),
    "RT025 no colon": ("ruleset: s\n«rules»\nkey: [a]\n", "RT025", "a key has no `:`"),
    "RT025 no colon, a value": ("- lane: red\n  «rate 25»\n  weight: 2\n", "RT025", "write `rate: 25`"),
    "RT025 no space": ("- lane: red\n  «rate:25»\n  weight: 2\n", "RT025", "a space is missing", "write `rate: 25`"),
    "RT025 too far right": ("- lane: red\n    «rate»: 25\n", "RT025", "indented further", "indent `rate` like `lane`"),
    "RT025 @ first": ("rules:\n - when: «@»list\n", "RT025", "cannot begin with `@`", "single quotes"),
    "RT025 % first": ("rules:\n - when: «%»a\n", "RT025", "cannot begin with `%`"),
    "RT025 star alone": ("rules:\n - when: *« »b\n", "RT025", "a meaning of its own", "single quotes"),
    "RT025 comma first": ("rules:\n - when: «,» b\n", "RT025", "cannot begin with this character"),
    "RT025 behind the end": ("ruleset: s\n...\n«r»ules: []\n", "RT025", "behind the end"),
    "RT026 tab": ("rules:\n«\t»- id: a\n", "RT026", "found a tab", "indent with spaces"),
    "RT026 tab in a block": ("rules:\n - when: >\n«\t»a = 1\n", "RT026", "indent with spaces"),
    "RT027 second document": ("ruleset: s\nrules: []\n«---»\nruleset: t\n", "RT027", "file of its own"),
    "RT028 alias": ("ruleset: s\nrules: []\nkey: «*a»\n", "RT028", "an alias", "in quotes"),
    "RT028 anchor": ("ruleset: «&a» s\nrules: []\n", "RT028", "an anchor", "under `let`"),
    "RT028 tag": ("ruleset: «!!str» s\nrules: []\n", "RT028", "a tag", "leave the tag out"),
    "RT030 duplicate key": (
        "ruleset: s\nrules: []\n«ruleset»: t\n",
        "RT030",
        "`ruleset` stands twice",
        "line 1, column 1",
    ),
    "RT034 empty file": ("«»", "RT034", "the file is empty"),
    "RT034 comments only": ("# nothing\n«»", "RT034", "the file is empty"),
    "RT034 null": ("«~»\n", "RT034", "the file is empty"),
    "RT036 list as key": ("ruleset: s\nrules: []\nroles: {«[»a]: b}\n", "RT036", "cannot be a key"),
}


@pytest.mark.parametrize("name", SYNTAX)
def test_what_is_not_yaml_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    marked, code, *said = SYNTAX[name]
    text = marked.replace("«", "").replace("»", "")
    write(tmp_path, {"r.yaml": text})
    found = [each for each in problems(tmp_path / "r.yaml") if each.code == code]
    assert len(found) == 1
    span = found[0].span
    assert span is not None
    start = marked.index("«")
    if name == "RT034 comments only":
        start = 0
    assert (span.start, text[span.start : span.end]) == (start, marked[marked.index("«") + 1 : marked.index("»")])
    shown = str(found[0].message) + found[0].label + found[0].remedy + "".join(found[0].notes)
    assert not [part for part in said if part not in shown], shown


def test_a_file_stops_where_it_is_nested_too_deep(tmp_path: Path) -> None:
    text = "ruleset: s\nrules: " + "[" * 39 + "«[»" + "[" * 100 + "\n"
    fault(tmp_path, text, "RT029", "more than 40 deep", "more than seven levels")


@pytest.mark.parametrize("sign", ["[", "- ", "{a: ", "? "])
def test_no_depth_of_nesting_is_too_much_for_the_reader(sign: str, tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": "ruleset: s\nrules:\n  " + sign * 100_000})
    assert "RT029" in [each.code for each in problems(tmp_path / "r.yaml")]


def test_aliases_cannot_make_a_small_file_large(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    write(tmp_path, {"r.yaml": "\n".join(lines) + "\n"})
    found = problems(tmp_path / "r.yaml")
    anchors, aliases = (each for each in found if each.code == "RT028")
    assert (anchors.notes, aliases.notes) == (
        ("there are 8 more of them in this file",), ("there are 71 more of them in this file",),
    )  # fmt: skip


def test_a_byte_order_mark_at_the_beginning_is_no_fault() -> None:
    errors: list[Diagnostic] = []
    assert isinstance(compose(Source("f", "a: b\n"), errors), YamlMap)
    assert not errors


def test_without_the_c_parser_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    with pytest.raises(UnfitError) as error:
        compose(Source("f", "a: b\n"), [])
    assert error.value.diagnostics[0].code == "EN499"
    assert "pip install" in str(error.value)
