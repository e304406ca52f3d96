"""Tests of one class column that imply tests of another column of the same value: patterns, and sets of elements.

Many patterns, or many sets of elements, are spread over several columns; what one says about another within a column is
in its possible classes already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gpu_target.columns.coded import ClassColumn, PatternColumn
from gpu_target.columns.elements import ElementsColumn, ElementSets
from gpu_target.findings import texts
from gpu_target.findings.texts import Token


class Test(NamedTuple):
    """Bit ``bit`` of the classes of ``column``."""

    column: int
    bit: int


def implied_tests(columns: Mapping[int, ClassColumn], numbers: Sequence[int]) -> Iterator[tuple[Test, Test]]:
    """Pairs of tests in different columns, all of one value, such that what meets the first meets the second."""
    patterns = {number: column for number in numbers if isinstance(column := columns[number], PatternColumn)}
    if len(patterns) > 1:
        yield from _of_patterns(patterns)
    elements = {number: column for number in numbers if isinstance(column := columns[number], ElementsColumn)}
    if len(elements) > 1:
        yield from _of_elements(elements)


class _Pattern(NamedTuple):
    test: Test
    tokens: tuple[Token, ...]
    words: str  # what stands between its wildcards
    longest: str  # of these


def _of_patterns(columns: Mapping[int, PatternColumn]) -> Iterator[tuple[Test, Test]]:
    found: list[_Pattern] = []
    for number, column in columns.items():
        for bit, pattern in enumerate(column.patterns):
            tokens = texts.tokens_of(*pattern)
            words = texts.words_of(tokens)
            found.append(_Pattern(Test(number, bit), tokens, "\n".join(words), max(words, key=len, default="")))
    longest = [each.longest for each in found]
    for narrow in found:
        own = narrow.words  # of thousands of patterns few have a word in common: look for that first
        for place in [place for place, word in enumerate(longest) if word in own]:
            wide = found[place]
            if wide.test.column != narrow.test.column and texts.implies(narrow.tokens, wide.tokens):
                yield narrow.test, wide.test


def _of_elements(columns: Mapping[int, ElementsColumn]) -> Iterator[tuple[Test, Test]]:
    """Columns that share their sets of elements; the others are of other tests."""
    shared: dict[int, tuple[ElementSets, list[Test]]] = {}
    for number, column in columns.items():
        _, tests = shared.setdefault(id(column.sets), (column.sets, []))
        tests += [Test(number, bit) for bit in range(column.count)]
    for sets, tests in shared.values():
        bits = sets.bits[:-1]
        place = {test: columns[test.column].first + test.bit for test in tests}
        for one in tests:
            inside = bits[bits >> np.uint64(place[one]) & np.uint64(1) == 1]
            common = int(np.bitwise_and.reduce(inside)) if len(inside) else 0
            yield from ((one, other) for other in tests if common >> place[other] & 1 and other.column != one.column)
