"""Random choices for rules: each rule has a stream of its own, so that rules do not depend on each other.

Only ``random()`` of Python's Mersenne Twister, seeded with text, is used: its numbers are promised to stay the same in
every version of Python, which is not so of its other methods.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Luck:
    """A stream of random choices, fixed by the words that name it."""

    def __init__(self, *name: object) -> None:
        self._random = random.Random("/".join(map(str, name))).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def whole(self, low: int, high: int) -> int:
        """Uniform on low..high, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._random() * len(choices))]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """One of pairs of a value and its weight."""
        reached = list(accumulate(weight for _, weight in choices))
        return choices[min(bisect_right(reached, self._random() * reached[-1]), len(choices) - 1)][0]

    def log_uniform(self, low: float, high: float) -> float:
        return math.exp(math.log(low) + self._random() * (math.log(high) - math.log(low)))

    def poisson(self, mean: float) -> int:
        """By multiplication (Knuth, The Art of Computer Programming, volume 2, 3.4.1); for small means."""
        count, product = 0, self._random()
        while product > math.exp(-mean):
            count, product = count + 1, product * self._random()
        return count

    def in_turn(self, choices: Sequence[tuple[T, float]]) -> list[T]:
        """All values of pairs of a value and its weight, in a random order, those of great weight rather early."""
        left, order = list(choices), []
        while left:
            place = self.weighted([(k, weight) for k, (_, weight) in enumerate(left)])
            order.append(left.pop(place)[0])
        return order

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All of them in a random order (Durstenfeld, Communications of the ACM 7(7), 1964)."""
        order = list(choices)
        for k in range(len(order) - 1):
            other = self.whole(k, len(order) - 1)
            order[k], order[other] = order[other], order[k]
        return order
