"""Text to classes: names, ranges and prefixes by UTF-8 bytes, patterns, and every form that Arrow keeps text in."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_target.columns.coded import Memo, PatternColumn, TextColumn
from gpu_target.columns.expressions import TEXT, Column
from gpu_target.columns.text import Named, Range, TextClasses, cut_text, prefix_range
from gpu_target.columns.values import Batch
from gpu_target.plan.atoms import split_pattern, text_test
from tests.gpu_target.building import matching_rows

LETTERS = "ab\x00é€\U0010ffff"
TEXTS = ["", "\x00", "a", "a\x00", "aa", "ab", "abc", "b", "é", "éa", "€", "\U0001f600", "\U0010ffff", "\U0010ffffa"]


def classes_of(classes: TextClasses, texts: list[str | None], type_: pa.DataType = TEXT) -> list[int]:
    out = np.zeros(len(texts), np.uint16)
    classes.classify(pa.array(texts, type_), out)
    return out.tolist()


def holds(test: Range | Named, text: str, lists: dict[str, tuple[str, ...]]) -> bool:
    if isinstance(test, Named):
        return text == test.text if test.key is None else text in lists[test.key]
    data = text.encode()
    return (test.low is None or data >= test.low) and (test.high is None or data < test.high)


def texts() -> st.SearchStrategy[str]:
    return st.sampled_from(TEXTS) | st.text(LETTERS, max_size=4)


def ranges_or_names() -> st.SearchStrategy[Range | Named]:
    return st.one_of(
        st.builds(Named, texts(), st.none()),
        st.sampled_from([Named(None, "few"), Named(None, "none")]),
        st.builds(prefix_range, texts()),
        st.builds(text_test, st.sampled_from(["<", "<=", ">", ">="]), texts()),
    )


@given(
    asked=st.lists(ranges_or_names(), max_size=8),
    few=st.lists(texts(), unique=True, max_size=5),
    others=st.lists(texts()),
)
@settings(max_examples=200)
def test_a_test_holds_on_the_classes_of_exactly_the_texts_that_it_asks_for(
    asked: list[Range | Named], few: list[str], others: list[str]
) -> None:
    lists = {"few": tuple(few), "none": ()}
    asked = list(dict.fromkeys(asked))
    found = cut_text(asked, {name: pa.array(values, TEXT) for name, values in lists.items()})
    values = [*TEXTS, *few, *others]
    signatures = set()
    classes = classes_of(found.classes, values)
    for text, class_ in zip(values, classes, strict=True):
        expected = tuple(holds(test, text, lists) for test in asked)
        assert tuple(bool(bits >> class_ & 1) for bits in found.sets) == expected, repr(text)
        signatures.add(expected)
    assert len(set(classes)) == len(signatures), "texts that no test tells apart have two classes"


@pytest.mark.parametrize("prefix", ["", "a", "é", "€", "\U0001f600", "\U0010ffff", "\U0010ffff\U0010ffff", "a\x00"])
def test_a_prefix_range_holds_the_texts_that_begin_with_it(prefix: str) -> None:
    found = prefix_range(prefix)
    for text in [*TEXTS, prefix, prefix + "\U0010ffff" * 3, prefix[:-1], prefix[:-1] + "\U0010fffe"]:
        assert holds(found, text, {}) == text.startswith(prefix), repr(text)


def test_a_list_of_a_hundred_thousand_texts_is_two_classes() -> None:
    names = [f"importer {k}" for k in range(100_000)]
    found = cut_text([Named(None, "all")], {"all": pa.array(names, TEXT)})
    classes = np.array(classes_of(found.classes, [*names, "importer", "importer 100000", "", None]))
    assert found.n_classes == 2
    assert (classes[:100_000] == found.sets[0].bit_length() - 1).all()
    assert classes[100_000:].tolist() == [1 - classes[0]] * 3 + [2]


FORMS = {
    "string": lambda values: pa.array(values, pa.string()),
    "large_string": lambda values: pa.array(values, pa.large_string()),
    "string_view": lambda values: pa.array(values, pa.string_view()),
    **{
        f"dictionary {type_}": lambda values, type_=type_: pa.array(values, pa.dictionary(type_, pa.string()))
        for type_ in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
    },
    "dictionary of views": lambda values: pa.DictionaryArray.from_arrays(
        pa.array([None if each is None else k for k, each in enumerate(values)], pa.int32()),
        pa.array([each or "" for each in values], pa.string_view()),
    ),
    "dictionary with NULL among its entries": lambda values: pa.DictionaryArray.from_arrays(
        pa.array(list(range(len(values))), pa.int16()), pa.array(values)
    ),
    "dictionary with entries that no row has": lambda values: pa.DictionaryArray.from_arrays(
        pa.array([None if each is None else k + 2 for k, each in enumerate(values)], pa.int8()),
        pa.array(["x", None, *(each or "" for each in values)]),
    ),
}
VALUES = ["", "a", None, "ab", "é", "a", "\U0010ffff", "b", None, "a%"]
QUESTIONS = {
    "c = 'a'": [1, 5],
    "c <> 'a'": [0, 3, 4, 6, 7, 9],
    "c >= 'ab'": [3, 4, 6, 7],
    "c LIKE 'a%'": [1, 3, 5, 9],
    "c LIKE '_'": [1, 4, 5, 6, 7],
    "c LIKE '%!%' ESCAPE '!'": [9],
    "c IN @few": [0, 7],
    "c NOT IN @few": [1, 3, 4, 5, 6, 9],
    "c IS NULL": [2, 8],
    "LENGTH(c) = 0": [0],
    "UPPER(c) = 'É'": [4],
    "c = other": [0, 7],
    "COALESCE(c, 'z') = 'z'": [2, 8],
}


@pytest.mark.parametrize("offset", [0, 3])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_text_gives_the_same_answers(form: str, offset: int) -> None:
    column = FORMS[form]([*["a"] * offset, *VALUES]).slice(offset)
    other = pa.array(["", "b", "a", "", None, "", "é", "b", None, "a"]).dictionary_encode()
    table = pa.table({"k": list(range(len(VALUES))), "c": column, "other": other})
    found = matching_rows(table, *QUESTIONS, lists={"few": ["b", "", "zz"]})
    assert dict(zip(QUESTIONS, found, strict=True)) == QUESTIONS


def test_a_dictionary_column_without_entries_is_null() -> None:
    empty = pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int32()), pa.array([], pa.string()))
    table = pa.table({"k": [1, 2], "c": empty})
    assert matching_rows(table, "c IS NULL", "c = 'a'", "c NOT LIKE 'a%'") == [[0, 1], [], []]


def like(pattern: str, text: str, escape: str | None) -> bool:
    """LIKE by Python's regular expressions, on one token after the other."""
    parts, characters = [], iter(pattern)
    for each in characters:
        if each == escape:
            parts.append(re.escape(next(characters)))
        else:
            parts.append({"%": "(?s:.)*", "_": "(?s:.)"}.get(each, re.escape(each)))
    return re.fullmatch("".join(parts), text) is not None


ODD = "a.*+?()[]{}|^$\\\n\r/é \U0001f600"


@st.composite
def patterns(draw: st.DrawFn) -> tuple[str, str | None]:
    escape = draw(st.sampled_from([None, "!", "\\", "%", "_", "é"]))
    plain = [each for each in ODD if each != escape]
    wild = [each for each in "%_" if each != escape]
    escaped = [escape + each for each in {"%", "_", escape}] if escape else []
    return "".join(draw(st.lists(st.sampled_from([*plain, *wild * 4, *escaped]), max_size=6))), escape


@given(
    asked=st.lists(patterns(), min_size=1, max_size=5), values=st.lists(st.text(ODD + "%_!", max_size=6), min_size=1)
)
@settings(max_examples=300)
def test_a_pattern_fits_what_it_says_character_by_character(
    asked: list[tuple[str, str | None]], values: list[str]
) -> None:
    values = [
        *values,
        *(each for pattern, _ in asked for each in (pattern, pattern.replace("%", "").replace("_", "a"))),
    ]
    column = PatternColumn(Column("c", TEXT), tuple(asked))
    out = np.zeros(len(values) + 1, np.uint16)
    column.encode(Batch({"c": pa.array([*values, None])}, len(values) + 1, {}, None), Memo(), out)
    expected = [sum(like(pattern, each, escape) << k for k, (pattern, escape) in enumerate(asked)) for each in values]
    assert out.tolist() == [*expected, column.null]


def test_patterns_too_long_to_be_looked_for_at_once_fit_all_the_same() -> None:
    long = [f"%{letter * 3_000}%" for letter in "abc"]
    column = PatternColumn(Column("c", TEXT), tuple((each, None) for each in long))
    assert not column.any_of
    out = np.zeros(4, np.uint16)
    texts = [each.strip("%") for each in long] + ["a"]
    column.encode(Batch({"c": pa.array(texts)}, 4, {}, None), Memo(), out)
    assert out.tolist() == [1, 2, 4, 0]


@given(asked=patterns())
def test_a_pattern_splits_into_a_literal_and_what_follows_its_first_wildcard(asked: tuple[str, str | None]) -> None:
    pattern, escape = asked
    literal, rest = split_pattern(pattern, escape)
    if rest in ("", "%"):
        for text in (literal, literal + "a", literal[:-1], literal + "\n", ""):
            assert like(pattern, text, escape) == (text == literal if rest == "" else text.startswith(literal))
    else:
        assert rest[0] in "%_"
        assert like(pattern, literal, escape) == like(rest, "", escape)


def test_patterns_of_one_column_have_a_bit_of_the_class_each() -> None:
    asked = tuple((f"%{k}%", None) for k in range(10))
    column = PatternColumn(Column("c", TEXT), asked)
    out = np.zeros(3, np.uint16)
    column.encode(Batch({"c": pa.array(["a0c9", "", None])}, 3, {}, None), Memo(), out)
    assert out.tolist() == [1 | 1 << 9, 0, 1 << 10]


def test_more_patterns_than_one_class_can_hold_are_spread_over_columns() -> None:
    rules = [f"c LIKE '%{k:02}%'" for k in range(40)]
    table = pa.table({"k": list(range(41)), "c": [*(f"x{k:02}y" for k in range(40)), None]})
    assert matching_rows(table, *rules) == [[k] for k in range(40)]


def test_a_new_dictionary_at_the_place_of_an_old_one_is_classified_anew() -> None:
    classes = cut_text([Named("a", None)], {}).classes
    column, memo = TextColumn(Column("c", TEXT), classes), Memo()
    for entries, expected in ((["a", "b"], [1, 0]), (["b", "a"], [0, 1]), (["a", "a"], [1, 1])):
        data = pa.py_buffer("".join(entries).encode())
        offsets = pa.py_buffer(np.array([0, 1, 2], np.int32).tobytes())
        dictionary = pa.StringArray.from_buffers(2, offsets, data)
        rows = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), dictionary)
        out = np.zeros(2, np.uint16)
        column.encode(Batch({"c": rows}, 2, {}, None), memo, out)
        of_a = classes_of(classes, ["a"])[0]
        assert [int(each == of_a) for each in out.tolist()] == expected


def test_names_of_every_length_are_found_and_their_neighbours_are_not() -> None:
    """Eight bytes are compared at once: around the multiples, at the end of the buffer, and with zero bytes."""
    texts = ["x" * n for n in range(35)] + ["x" * n + "\0" for n in range(0, 35, 4)]
    found = cut_text([Named(each, None) for each in texts], {})
    others = [each + "\0" for each in texts[:35] if each + "\0" not in texts] + [
        each[:-1] + "y" for each in texts[1:35]
    ]
    out = np.empty(len(texts) + len(others), np.uint16)
    found.classes.classify(pa.array(texts + others, pa.large_string()), out)
    assert len(set(out[: len(texts)].tolist())) == len(texts)
    assert len(set(out[len(texts) :].tolist())) == 1
    assert not set(out[: len(texts)].tolist()) & set(out[len(texts) :].tolist())
