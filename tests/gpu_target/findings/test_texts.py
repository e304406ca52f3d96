"""Ranges of texts and LIKE patterns, held against the plain reading of both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.backends.interpreter import like
from gpu_target.findings import texts

LETTERS = "ab%_"
PATTERNS = st.text(LETTERS, max_size=6)
TEXTS = st.text("ab", max_size=6)
ANY = st.text(max_size=4)
BYTES = st.binary(max_size=4)


@given(narrow=PATTERNS, wide=PATTERNS, text=TEXTS)
def test_a_text_that_fits_fits_what_is_implied(narrow: str, wide: str, text: str) -> None:
    one, other = texts.tokens_of(narrow, None), texts.tokens_of(wide, None)
    if texts.implies(one, other) and like(text, narrow, None):
        assert like(text, wide, None)
    if texts.exclude(one, other):
        assert not (like(text, narrow, None) and like(text, wide, None))


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("ab%", "a%"), ("%abc%", "%b%"), ("ab", "a_"), ("a%b", "a%"), ("%%a", "%a"), ("%_", "_%"), ("a_c", "a%c"),
        ("", "%"), ("__%", "_%"), ("ab%cd", "%b%d"), ("a", "a"),
    ],
)  # fmt: skip
def test_what_implies_another_pattern_is_known(narrow: str, wide: str) -> None:
    assert texts.implies(texts.tokens_of(narrow, None), texts.tokens_of(wide, None))


@pytest.mark.parametrize(("one", "other"), [("a%", "b%"), ("%a", "%b"), ("a", "ab"), ("a_", "abc"), ("_", "")])
def test_patterns_whose_ends_differ_exclude_each_other(one: str, other: str) -> None:
    assert texts.exclude(texts.tokens_of(one, None), texts.tokens_of(other, None))


@pytest.mark.parametrize(("one", "other"), [("a%", "%b"), ("%a%", "%b%"), ("", "%"), ("_%", "a"), ("a%", "ab")])
def test_patterns_that_one_text_fits_do_not(one: str, other: str) -> None:
    assert not texts.exclude(texts.tokens_of(one, None), texts.tokens_of(other, None))


def test_an_escaped_sign_is_a_character() -> None:
    assert texts.tokens_of("a!%_", "!") == (*texts.begins_with("a%")[:-1], texts.ONE_CHARACTER)
    assert texts.words_of(texts.tokens_of("%ab_c%", None)) == ["ab", "c"]
    assert texts.head_of(texts.tokens_of("ab%c", None)) == "ab"


@given(low=BYTES, longest=st.none() | st.integers(0, 3), other=ANY)
def test_nothing_lies_between_a_bound_and_the_first_text_from_it(low: bytes, longest: int | None, other: str) -> None:
    first = texts.first_from(low, longest)
    fits = longest is None or len(other) <= longest
    if first is None:
        assert not (fits and other.encode() >= low)
        return
    assert first.encode() >= low
    assert longest is None or len(first) <= longest
    assert not (fits and low <= other.encode() < first.encode())


@given(text=ANY, longest=st.none() | st.integers(0, 4), other=ANY)
def test_nothing_lies_between_a_text_and_the_following_one(text: str, longest: int | None, other: str) -> None:
    text = text if longest is None else text[:longest]
    after = texts.following(text, longest)
    fits = longest is None or len(other) <= longest
    if after is None:
        assert not (fits and other > text)
    else:
        assert after > text
        assert not (fits and text < other < after)


@given(low=BYTES, high=st.none() | BYTES, other=ANY)
def test_texts_of_a_range_have_its_common_prefix(low: bytes, high: bytes | None, other: str) -> None:
    if low <= other.encode() and (high is None or other.encode() < high):
        assert other.startswith(texts.common_prefix(low, high))


@pytest.mark.parametrize(("low", "high"), [("87", "88"), ("8703", "8704"), ("é", "ê"), ("a", "a\0")])
def test_the_common_prefix_of_a_prefix_range_is_the_prefix(low: str, high: str) -> None:
    assert texts.common_prefix(low.encode(), high.encode()) == low


@given(low=BYTES, high=st.none() | BYTES)
def test_an_endless_range_has_more_than_any_few_texts(low: bytes, high: bytes | None) -> None:
    if texts.is_endless(low, high, None):
        text = texts.first_from(low, None)
        for _ in range(5):
            assert text is not None
            assert high is None or text.encode() < high
            text = texts.following(text, None)


def test_surrogates_are_no_texts() -> None:
    assert texts.increased("\ud7ff") == "\ue000"
    assert texts.first_from(b"\xed\xa0\x80", None) == "\ue000"
    assert texts.increased("\U0010ffff") is None
    assert texts.first_from(b"\xf5", None) is None


@pytest.mark.parametrize(("pattern", "possible"), [("%Phone%", False), ("%PHONE%", True), ("PHONE", True)])
def test_capitals_fit_no_pattern_with_small_letters(pattern: str, possible: bool) -> None:
    assert texts.Limits(capitals=True).allow_pattern(texts.tokens_of(pattern, None)) is possible


def test_short_texts_fit_no_longer_pattern() -> None:
    limits = texts.Limits(longest=2)
    assert not limits.allow_pattern(texts.tokens_of("%abc%", None))
    assert limits.allow_pattern(texts.tokens_of("%ab%", None))
    assert (limits.allow("ab"), limits.allow("abc")) == (True, False)
