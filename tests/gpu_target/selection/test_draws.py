"""Draws are addressed by seed, declaration and rule; their values are pinned, for a change would move every lane."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.engine import declaration_words
from gpu_target.selection.draws import draw, draw_slowly, rule_word

WORDS = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(
    ("seed", "declaration", "rule", "value"),
    [  # the known answers of Random123 for philox4x32-10; the first two of its four words
        (0, 0, 0, 0xE169C58D_6627E8D5),
        (2**64 - 1, 2**64 - 1, 2**64 - 1, 0x41C83B0E_408F276D),
        (0x299F31D0_A4093822, 0x85A308D3_243F6A88, 0x03707344_13198A2E, 0x94FDCCEB_D16CFE09),
    ],
)
def test_a_draw_is_philox(seed: int, declaration: int, rule: int, value: int) -> None:
    assert draw_slowly(seed, declaration, rule) == value
    assert int(draw(np.uint64(seed), np.uint64(declaration), np.uint64(rule))) == value


@given(seed=WORDS, declaration=WORDS, rule=WORDS)
def test_both_ways_of_drawing_agree(seed: int, declaration: int, rule: int) -> None:
    assert int(draw(np.uint64(seed), np.uint64(declaration), np.uint64(rule))) == draw_slowly(seed, declaration, rule)


@pytest.mark.parametrize(
    ("rule_id", "word"), [("UV-0001", 0x17FC7F33786B5F36), ("", 0xB4B2797457A0A6E4), ("règle é", 0x87009DCF003F127E)]
)
def test_the_word_of_a_rule_comes_from_its_id_alone(rule_id: str, word: int) -> None:
    assert rule_word(rule_id) == word


def words(values: pa.Array) -> list[int]:
    return declaration_words(values, "id", 0).tolist()


def test_the_word_of_a_numbered_declaration_is_its_number() -> None:
    numbers = [0, 1, 240300012345, 2**63 - 1]
    assert words(pa.array(numbers)) == numbers
    assert words(pa.array([-1])) == words(pa.array([2**64 - 1], pa.uint64())) == [2**64 - 1]


def test_the_word_of_a_named_declaration_is_pinned() -> None:
    assert words(pa.array(["", "D1", "MA-2024-é"])) == [0xF52A15E9A9B5E89B, 0xBB0DEC6BAC525E59, 0xF5C19A5EE9A5493D]


@pytest.mark.parametrize(
    "type_",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int64(), pa.large_string()),
    ],
    ids=str,
)  # fmt: skip
def test_the_word_does_not_depend_on_the_form_of_the_column(type_: pa.DataType) -> None:
    texts = pa.array(["D1", "D2", "", "D1"])
    assert words(texts.cast(type_)) == words(texts)
    assert words(pa.concat_arrays([pa.array(["x"]), texts]).slice(1).cast(type_)) == words(texts)


@pytest.mark.parametrize("type_", [pa.int8(), pa.int16(), pa.int64(), pa.uint8(), pa.uint64()], ids=str)
def test_the_word_does_not_depend_on_the_width_of_a_number(type_: pa.DataType) -> None:
    assert words(pa.array([5, 77], type_)) == [5, 77]
    assert words(pa.array([5, 77], type_).dictionary_encode()) == [5, 77]


def test_draws_are_uniform_and_those_of_two_rules_independent() -> None:
    n = 20_000
    first, second = (
        np.array([draw_slowly(1, declaration, rule_word(name)) / 2**64 for declaration in range(n)]) for name in "AB"
    )
    for each in (first, second):
        assert abs(each.mean() - 0.5) < 5 * (1 / 12 / n) ** 0.5  # five standard errors
        tenths = np.histogram(each, 10, (0, 1))[0]
        assert abs(tenths - n / 10).max() < 5 * (n * 0.09) ** 0.5
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / n**0.5
