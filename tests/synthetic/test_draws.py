"""Weighted choices: alias tables, thresholds, Zipf weights, and shares that a population keeps to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synthetic.compiled import compiled
from synthetic.draws import SCALE, Alias, alias, share_out, threshold, to_scale, zipf
from synthetic.kernel_tables import pack, pick
from synthetic.traders import words_of

weight_lists = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=60).filter(any)


def mass(table: Alias, which: int = 0) -> list[int]:
    """Number of pairs of words, of 2^32 times the slots, that each choice gets."""
    low, high = table.start[which], table.start[which + 1]
    found = [0] * int(high - low)
    for slot in range(high - low):
        accepted = int(table.threshold[low + slot])
        found[slot] += accepted
        found[int(table.other[low + slot])] += SCALE - accepted
    return found


@compiled
def picks(table: np.ndarray, at: int, which: int, words: np.ndarray) -> np.ndarray:
    found = np.empty(len(words), np.int64)
    for i in range(len(words)):
        found[i] = pick(table, at, which, words[i, 0], words[i, 1])
    return found


@given(weight_lists)
def test_weights_become_integers_that_sum_to_all_words(weights: list[int]) -> None:
    scaled = to_scale(weights)
    assert sum(scaled) == SCALE
    assert all((s == 0) == (w == 0) for s, w in zip(scaled, weights, strict=True))
    assert np.array(scaled) / SCALE == pytest.approx(np.array(weights) / sum(weights), abs=60 / SCALE)


@given(weight_lists)
def test_an_alias_table_gives_each_choice_its_exact_weight(weights: list[int]) -> None:
    assert mass(alias(weights)) == [each * len(weights) for each in to_scale(weights)]


@given(st.lists(weight_lists, min_size=2, max_size=4))
def test_several_distributions_stand_one_behind_the_other(lists: list[list[int]]) -> None:
    together = alias(*lists)
    assert [mass(together, i) for i in range(len(lists))] == [mass(alias(each)) for each in lists]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1.0, 2.0]])
def test_weights_that_say_nothing_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights are 0 or more, and one is above 0"):
        to_scale(weights)


def test_drawn_choices_have_the_frequencies_of_their_weights() -> None:
    weights = [55, 18, 9, 5, 3, 0, 10]
    table, begins = pack({"first": alias([1, 1]), "second": alias([1], weights)})
    words = words_of(np.uint64(5), 77 << 16, 0, 100_000)
    drawn = np.bincount(picks(table, begins["second"], 1, words), minlength=len(weights))
    assert drawn[5] == 0
    here = np.array(weights) > 0
    expected = np.array(weights)[here] / sum(weights) * len(words)
    assert stats.chisquare(drawn[here], expected).pvalue > 1e-4


def test_the_extreme_words_stay_inside_the_distribution() -> None:
    table, begins = pack({"only": alias([3, 1, 2])})
    top = SCALE - 1
    corners = np.array([[0, 0], [0, top], [top, 0], [top, top]])
    assert set(picks(table, begins["only"], 0, corners)) <= {0, 1, 2}


@pytest.mark.parametrize(("probability", "words"), [(0.0, 0), (1.0, SCALE), (0.5, SCALE // 2), (2.0, SCALE), (-1, 0)])
def test_a_threshold_is_the_number_of_words_below_it(probability: float, words: int) -> None:
    assert threshold(probability) == words


@pytest.mark.parametrize(("exponent", "shift"), [(0.9, 0.0), (1.0, 8.0), (1.3, 0.5), (0.0, 0.0)])
def test_zipf_weights_fall_with_the_power_of_the_rank(exponent: float, shift: float) -> None:
    rank = np.arange(1, 20_001)
    exact = (rank + shift) ** -exponent
    assert zipf(20_000, exponent, shift) / 2.0**40 == pytest.approx(exact / exact[0], rel=5e-4)


def test_zipf_draws_keep_the_exponent() -> None:
    """Maximum likelihood; a regression on ranks is biased by the rare ones."""
    weights = zipf(2_000, 1.05)
    table, begins = pack({"zipf": alias(weights)})
    drawn = picks(table, begins["zipf"], 0, words_of(np.uint64(9), 77 << 16, 0, 100_000)) + 1
    logs, rank = np.log(drawn).mean(), np.arange(1, 2_001)
    candidates = np.arange(0.9, 1.2, 0.005)
    likelihood = [-s * logs - np.log((rank**-s).sum()) for s in candidates]
    assert candidates[int(np.argmax(likelihood))] == pytest.approx(1.05, abs=0.02)


def test_groups_keep_to_their_shares_of_the_weight() -> None:
    weights = np.array(to_scale(zipf(2_000, 1.0, 8.0)), np.int64)
    targets = np.array(to_scale([0.5, 0.3, 0.0, 0.2]), np.int64)
    given_to = share_out(weights, targets, words_of(np.uint64(2), 77 << 16, 0, 2_000)[:, 0])
    held = np.bincount(given_to, weights, minlength=4) / weights.sum()
    assert held == pytest.approx([0.5, 0.3, 0.0, 0.2], abs=0.005)
