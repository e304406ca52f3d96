"""Where each character of a YAML scalar stands in its file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language.diagnostics import Diagnostic, Source, Span, render
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar, compose, embedded
from gpu_target.language.yaml_places import places


def scalars(node: YamlNode | None) -> list[YamlScalar]:
    if node is None or isinstance(node, YamlScalar):
        return [node] if node else []
    if isinstance(node, YamlList):
        return [each for item in node.items for each in scalars(item)]
    return [each for key, value in node.entries.values() for each in (key, *scalars(value))]


def value_of(text: str, key: str = "k") -> YamlScalar:
    errors: list[Diagnostic] = []
    node = compose(Source("f.yaml", text), errors)
    assert isinstance(node, YamlMap), [render(each) for each in errors]
    value = node.entries[key][1]
    assert isinstance(value, YamlScalar)
    return value


STYLES = {
    "plain": ("k: a < X AND b\n", "a < X AND b"),
    "plain over lines": ("k: a <\n   X AND\n   b\n", "a < X AND b"),
    "plain with an empty line": ("k: a <\n\n   X\n", "a <\nX"),
    "plain, not ASCII": ("k: é☃𝄞 < X\n", "é☃𝄞 < X"),
    "plain in a flow mapping": ("z: 1\nk: [1]\nm: {q: a <\n  X}\n", ""),
    "single quotes": ("k: 'a < X'\n", "a < X"),
    "single quotes, doubled": ("k: 'a = ''é'' AND X'\n", "a = 'é' AND X"),
    "single quotes over lines": ("k: 'a''s\n   b\n\n   X'\n", "a's b\nX"),
    "double quotes": ('k: "a < X"\n', "a < X"),
    "double quotes, escapes": ('k: "\\u00e9\\x41\\U0001d11e\\t\\" X"\n', 'éA𝄞\t" X'),
    "double quotes, line goes on": ('k: "a \\\n   b \\\n\n   X"\n', "a b \nX"),
    "folded": ("k: >\n  a <\n  X AND\n  b\n", "a < X AND b\n"),
    "folded, stripped": ("k: >-\n  a <\n  X\n", "a < X"),
    "folded, kept": ("k: >+\n  a <\n  X\n\n\n", "a < X\n\n\n"),
    "folded, indented lines stay": ("k: >\n  a <\n    X\n  b\n", "a <\n  X\nb\n"),
    "folded, empty line": ("k: >\n  a\n\n  X\n", "a\nX\n"),
    "folded, leading empty lines": ("k: >\n\n\n  a\n  X\n", "\n\na X\n"),
    "folded, comment in the header": ("k: > # why\n  a\n  X\n", "a X\n"),
    "folded, indentation given": ("k: >2\n    a\n  X\n", "  a\nX\n"),
    "literal": ("k: |\n  a <\n   X\n", "a <\n X\n"),
    "literal, stripped": ("k: |-\n  a\n  X\n", "a\nX"),
    "literal, indentation given": ("k: |1-\n   a\n  X\n", "  a\n X"),
    "literal, not ASCII": ("k: |\n  é ☃\n  𝄞 X\n", "é ☃\n𝄞 X\n"),
}


@pytest.mark.parametrize("name", [name for name in STYLES if "flow" not in name])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_the_marked_character_is_found_in_every_style(name: str, ends: str) -> None:
    text, value = STYLES[name]
    text = text.replace("\n", ends)
    node = value_of(text)
    assert node.value == value
    source = embedded(Source("f.yaml", text), node)
    place = value.rindex("X")
    span = Span(source, place, place + 1)
    found, start, end = source.resolve(span.start, span.end)
    assert (found.text[start:end], start) == ("X", text.rindex("X"))
    before = text[: text.rindex("X")]
    assert span.location() == ("f.yaml", before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_a_scalar_inside_a_flow_mapping_is_mapped_too() -> None:
    text = STYLES["plain in a flow mapping"][0]
    errors: list[Diagnostic] = []
    node = next(each for each in scalars(compose(Source("f", text), errors)) if each.value == "a < X")
    assert places(text, node.start, node.end, node.style, node.value)[4] == text.index("X")


@pytest.mark.parametrize("text", ["k: a\nz: 1\n", "k: >\n  a\n\n\nz: 1\n", "k: |+\n  a\n\nz: 1\n", "k: 'a'\n", "k: a"])
def test_the_end_of_a_text_is_behind_its_last_visible_character(text: str) -> None:
    node = value_of(text)
    found = places(text, node.start, node.end, node.style, node.value)
    assert found[-1] == text.index("a") + 1
    assert len(found) == len(node.value) + 1


def test_a_caret_spans_a_doubled_quote() -> None:
    text = "k: 'x = ''FR'' AND y'\n"
    node = value_of(text)
    source = embedded(Source("f", text), node)
    start = node.value.index("'FR'")
    _, first, last = source.resolve(start, start + 4)
    assert text[first:last] == "''FR'"  # up to the first quote of the closing pair


PIECES = [
    "a",
    "é",
    "𝄞",
    "b c",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    "\n   ",
    "\n    ",
    "''",
    "\\n",
    "\\\n",
    "\\u00e9",
    "\t",
    " #",
    ":",
    "-",
    "+",
    "2",
    "\r\n",
    "  \n",
    "\\\n   ",
]
HEADS = [
    "k: ",
    "k:\n  ",
    "- ",
    "k: '",
    'k: "',
    "k: >\n  ",
    "k: |\n  ",
    "k: >-\n   ",
    "k: |+\n  ",
    "k: >2\n  ",
    "k: |1-\n ",
    "a:\n  k: >1\n   ",
    "k: > # c\n\n   \n  ",
    "k: [",
    "k: {x: '",
    "k: >\r\n  ",
]
TAILS = ["\n", "'\n", '"\n', "", "\nz: 1\n", "'}\n", "]\n", "\n\n\n"]


@given(st.sampled_from(HEADS), st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from(TAILS))
def test_whatever_yaml_reads_is_read_alike(head: str, pieces: list[str], tail: str) -> None:
    text = head + "".join(pieces) + tail
    for node in scalars(compose(Source("f", text), [])):
        found = places(text, node.start, node.end, node.style, node.value)
        assert len(found) == len(node.value) + 1
        assert found == sorted(found)
        for character, place in zip(node.value, found, strict=False):
            if character.isalpha() and "\\" not in text:
                assert text[place] == character
