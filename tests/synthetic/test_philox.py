"""Philox4x32-10: the published answers, and draws that look like chance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from synthetic.philox import block
from synthetic.traders import words_of

# Random123, tests/kat_vectors: counter, key, answer of philox4x32 with 10 rounds
KNOWN_ANSWERS = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
GROUP = 77 << 16  # of no table
SAMPLE = 1 << 17


def seed_of(key: list[int]) -> np.uint64:
    return np.uint64(key[0] | key[1] << 32)


@pytest.fixture(scope="module")
def words() -> NDArray[np.int64]:
    found: NDArray[np.int64] = words_of(np.uint64(1), GROUP, 0, SAMPLE)
    return found


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS, ids=["zeros", "ones", "pi"])
def test_the_published_answers_are_met(counter: list[int], key: list[int], answer: list[int]) -> None:
    """The counter is row (48 bits), line (16 bits), group and attempt; the key is the seed."""
    row = counter[0] | (counter[1] & 0xFFFF) << 32
    line = counter[1] >> 16
    assert list(block(seed_of(key), row, line, counter[2], counter[3])) == answer


def test_every_part_of_the_address_changes_every_word() -> None:
    first = block(np.uint64(1), 1, 1, 1, 1)
    others = [
        block(np.uint64(2), 1, 1, 1, 1),
        block(np.uint64(1 + (1 << 32)), 1, 1, 1, 1),
        block(np.uint64(1), 2, 1, 1, 1),
        block(np.uint64(1), 1 + (1 << 32), 1, 1, 1),
        block(np.uint64(1), 1, 2, 1, 1),
        block(np.uint64(1), 1, 1, 2, 1),
        block(np.uint64(1), 1, 1, 1, 2),
    ]
    assert all(a != b for other in others for a, b in zip(first, other, strict=True))
    assert len(set(others)) == len(others)


def test_words_are_32_bits_and_not_negative(words: NDArray[np.int64]) -> None:
    assert words.dtype == np.int64
    assert words.min() >= 0
    assert words.max() < 1 << 32
    assert words.max() > (1 << 32) - (1 << 20)  # the highest bit is used


@pytest.mark.parametrize("word", range(4))
def test_each_word_is_uniform(words: NDArray[np.int64], word: int) -> None:
    """p above 1e-4: the seed is fixed, so the test passes always or never."""
    assert stats.kstest(words[:, word] / 2**32, "uniform").pvalue > 1e-4
    low_bits = np.bincount(words[:, word] & 0xFF, minlength=256)
    assert stats.chisquare(low_bits).pvalue > 1e-4


def test_words_of_one_row_and_of_rows_in_sequence_are_unrelated(words: NDArray[np.int64]) -> None:
    between = np.corrcoef(words.T) - np.eye(4)
    assert np.abs(between).max() < 4 / np.sqrt(SAMPLE)
    for word in range(4):
        assert abs(np.corrcoef(words[:-1, word], words[1:, word])[0, 1]) < 4 / np.sqrt(SAMPLE)
