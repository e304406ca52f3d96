"""Pairs of rules of which one may cover the other, out of all pairs: one question, put to all at once.

A box that lies in another lies there with each of its points. So one point is taken out of every box, and of every
column the boxes are told, as bits, that hold the point's class; what is left after all columns is put to the exact
question. A column that a box leaves open has the point NULL, which most conditions exclude.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.columns.ordered import from_bits
from gpu_target.findings.classes import first_class
from gpu_target.findings.conditions import Condition, Conditions
from gpu_target.findings.facts import Box

Positions = npt.NDArray[np.int64]
CHUNK = 8_192  # boxes whose points are looked at together
MOST_BOXES = 100_000  # of all rules; of more, the rules with the most of them are left out


def candidates(conditions: Conditions, rules: Sequence[Condition]) -> tuple[Positions, Positions]:
    """Positions in ``rules`` of pairs, outer and inner, where the first may cover the second; all that do are there.

    Sorted by the inner rule, then by the outer one. Rules that never match, or have too many boxes, are in no pair.
    """
    some = _some(rules)
    boxes = [box for position in some for box in rules[position].boxes or ()]
    owner = np.array([position for position in some for _ in rules[position].boxes or ()], np.int64)
    if not boxes:
        return owner, owner
    n = len(rules)
    left = _pairs(_columns(conditions, boxes), owner, n)
    # every box of the inner rule must lie in the outer one
    found, times = np.unique(owner[left // n] * n + left % n, return_counts=True)
    inner, outer = found // n, found % n
    sure = (times == np.bincount(owner, minlength=n)[inner]) & (outer != inner)
    return outer[sure], inner[sure]


def _some(rules: Sequence[Condition]) -> list[int]:
    """The positions of rules that are looked at, ascending."""
    some = [position for position, rule in enumerate(rules) if rule.boxes]
    sizes = np.array([len(rules[position].boxes or ()) for position in some], np.int64)
    fewest = np.argsort(sizes, kind="stable")
    kept = fewest[np.cumsum(sizes[fewest]) <= MOST_BOXES]
    return [some[each] for each in np.sort(kept).tolist()]


class _Column(NamedTuple):
    """The sets that boxes have of one column: ``number`` int64[boxes] is 0 where they leave it open."""

    null: int
    sets: list[int]
    number: npt.NDArray[np.int64]

    def points(self) -> npt.NDArray[np.int64]:
        """A class of every box, the first: NULL where the column is open."""
        return np.array([self.null, *(first_class(each) for each in self.sets)], np.int64)[self.number]

    def holding(self, classes: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """uint8[classes, boxes / 8]: for each class the boxes that hold it, one bit for each."""
        holds = np.ones((len(self.sets) + 1, len(classes)), np.bool_)
        for k, bits in enumerate(self.sets, 1):
            holds[k] = from_bits(bits, self.null + 1)[classes]
        return np.packbits(np.ascontiguousarray(holds.T)[:, self.number], axis=1)


def _columns(conditions: Conditions, boxes: Sequence[Box]) -> list[_Column]:
    numbers: dict[int, dict[int, int]] = {}
    of_box: dict[int, list[tuple[int, int]]] = {}
    for position, box in enumerate(boxes):
        for column, bits in box.items():
            known = numbers.setdefault(column, {})
            of_box.setdefault(column, []).append((position, known.setdefault(bits, len(known) + 1)))
    found = []
    for column, known in numbers.items():
        number = np.zeros(len(boxes), np.int64)
        places = np.array(of_box[column], np.int64)
        number[places[:, 0]] = places[:, 1]
        found.append(_Column(conditions.facts.columns[column].null, list(known), number))
    return found


def _pairs(columns: Sequence[_Column], owner: Positions, n: int) -> Positions:
    """Sorted ``inner box * n + outer rule`` of all where the rule holds the point of the box."""
    n_boxes = len(owner)
    found: list[Positions] = []
    points = [column.points() for column in columns]
    for start in range(0, n_boxes, CHUNK):
        holds = np.full((min(CHUNK, n_boxes - start), -(-n_boxes // 8)), 255, np.uint8)
        for column, own in zip(columns, points, strict=True):
            needed, place = np.unique(own[start : start + CHUNK], return_inverse=True)
            holds &= column.holding(needed)[place]
        inner, byte = np.nonzero(holds)
        which, bit = np.nonzero(np.unpackbits(holds[inner, byte][:, np.newaxis], axis=1))
        outer = byte[which] * 8 + bit
        inside = outer < n_boxes  # the last byte may have more bits than there are boxes
        found.append(np.unique((inner[which[inside]] + start) * n + owner[outer[inside]]))
    return np.concatenate(found)
