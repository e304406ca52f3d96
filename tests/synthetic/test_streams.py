"""The registry of random words: numbers that are given once."""

from __future__ import annotations

from synthetic import streams
from synthetic.streams import GROUPS


def test_every_group_has_a_number_of_its_own() -> None:
    numbers = [group.number for group in GROUPS.values()]
    assert len(numbers) > 25
    assert len(set(numbers)) == len(numbers)


def test_numbers_fit_the_counter_and_name_a_table() -> None:
    assert all(0 < group.number < 1 << 32 and group.number >> 16 for group in GROUPS.values())


def test_a_word_has_one_name_within_its_group() -> None:
    for name, group in GROUPS.items():
        named = [word for word in group.words if word]
        assert named, name
        assert len(set(named)) == len(named), name


def test_kernels_know_every_group_by_its_name() -> None:
    assert {name: getattr(streams, name.upper()) for name in GROUPS} == {n: g.number for n, g in GROUPS.items()}
