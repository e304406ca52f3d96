"""Which size of a query an engine is fastest with, found on all rules and in bounded time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

SLOWER = 1.03  # times as long as the fastest: more than one run of seconds differs from the next by itself
HOPELESS = 2.0  # times as long as what is known already: no size makes up for that


class Sizes(NamedTuple):
    """``trials`` has the seconds of all rules for each size tried; ``untried`` says what could be faster still."""

    trials: dict[int, float]
    untried: str

    @property
    def best(self) -> int:
        return min(self.trials, key=self.trials.__getitem__)


def fastest_size(
    sizes: Sequence[int], rules: int, time_of: Callable[[int], float], left: Callable[[], float],
    known: float = float("inf"),
) -> Sizes:  # fmt: skip
    """Tries ``sizes``, the largest first, once each, until one is slower than the fastest before it.

    ``rules`` is the number of all rules, in one query of which no size beyond it differs; ``time_of`` gives the seconds
    of a run, ``left`` those in which a further run may begin; ``known`` is the best time of another form.
    """
    trials: dict[int, float] = {}
    distinct = sorted({min(each, rules) for each in sizes}, reverse=True)
    for size in distinct:
        if trials and left() < min(trials.values()):
            return Sizes(trials, f"{size} rules a query or fewer, as time was up")
        trials[size] = time_of(size)
        if trials[size] > SLOWER * min(trials.values()) or trials[size] > HOPELESS * known:
            break
    found = Sizes(trials, "")
    if found.best == distinct[0] < rules:
        return Sizes(trials, f"more than {distinct[0]} rules a query")
    if found.best == distinct[-1] and len(distinct) > 1:
        return Sizes(trials, f"fewer than {distinct[-1]} rules a query")
    return found
