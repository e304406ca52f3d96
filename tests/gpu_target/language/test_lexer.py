"""Tokens cover the text, and what is no token is reported where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language.lexer import is_bare_name, read_tokens
from tests.gpu_target.language.strategies import soups

Found = tuple[str, str, int, int, str, str]


def read(text: str) -> tuple[list[tuple[str, str, int]], list[Found]]:
    found: list[Found] = []
    tokens = read_tokens(text, lambda *problem: found.append(problem))
    return list(zip(tokens.kinds, tokens.texts, tokens.starts, strict=True)), found


def kinds(text: str) -> list[str]:
    tokens, found = read(text)
    assert not found
    return [kind for kind, _, _ in tokens]


def test_each_token_keeps_its_text_and_its_place() -> None:
    assert read("a >=\n 'x''y'")[0] == [("name", "a", 0), (">=", ">=", 2), ("string", "'x''y'", 6), ("end", "", 12)]


@pytest.mark.parametrize("number", ["7", "7.0", ".5", "1e-05", "1E+3", "007", "12345678901234567890", "1.5e300"])
def test_numbers_are_read_as_one_token(number: str) -> None:
    assert kinds(f"{number} {number}") == ["number", "number", "end"]


@pytest.mark.parametrize("spelling", ["and", "AND", "And", "aNd"])
def test_keywords_are_read_in_any_case(spelling: str) -> None:
    assert kinds(spelling) == ["AND", "end"]


@pytest.mark.parametrize(
    "name", ["a", "_x1", "valeur_déclarée", "قيمة", "नाम", "\u0131N", "date", "left", "TIMESTAMP", "ANDES"]
)
def test_names_are_letters_digits_and_underscores_of_any_script(name: str) -> None:
    assert kinds(name) == ["name", "end"]


def test_quoted_texts_and_names_hold_anything() -> None:
    assert kinds("'a\n\"b\" -- \U0001f6a2' \"a 'b' ;\"") == ["string", "quoted", "end"]


def test_not_equal_is_read_in_both_spellings() -> None:
    assert kinds("!= <>") == ["<>", "<>", "end"]


def test_a_quote_that_closes_nothing_is_not_read_as_a_shorter_text() -> None:
    tokens, found = read("a = 'b''")
    assert [kind for kind, _, _ in tokens] == ["name", "=", "bad", "end"]
    assert [(code, start, end) for code, _, start, end, _, _ in found] == [("RT002", 4, 8)]


def test_the_end_stands_after_the_last_character_used() -> None:
    assert read("a = \n")[0][-1] == ("end", "", 3)


def test_an_odd_character_inside_a_word_is_reported_alone() -> None:
    tokens, found = read("gross\u00a0mass")
    assert tokens == [("name", "gross", 0), ("name", "mass", 6), ("end", "", 10)]
    assert [(code, start, end) for code, _, start, end, _, _ in found] == [("RT001", 5, 6)]


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        *[(name, True) for name in ("a", "née", "date", "left")],
        *[(name, False) for name in ("in", "As_Of", "2nd", "a b", "")],
    ],
)
def test_only_names_that_the_language_could_mistake_need_quotes(name: str, bare: bool) -> None:
    assert is_bare_name(name) is bare


@given(st.one_of(st.text(), soups))
def test_tokens_leave_no_gap_but_blanks_and_what_was_reported(text: str) -> None:
    tokens, found = read(text)
    covered = [False] * len(text)
    for start, end in [(at, at + len(word)) for _, word, at in tokens] + [(each[2], each[3]) for each in found]:
        covered[start:end] = [True] * (end - start)
    assert all(done or text[at] in " \t\r\n" for at, done in enumerate(covered))


@given(st.one_of(st.text(), soups))
def test_tokens_are_cut_from_the_text_in_order(text: str) -> None:
    last = 0
    for _, word, start in read(text)[0]:
        assert start >= last
        assert text[start : start + len(word)] == word
        last = start + len(word)
