"""The options of an evaluation, from a call or a command: checked before anything is read or sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Never

import numpy as np

from gpu_target import backends
from gpu_target.backends.base import Wanted
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.literals import parse_day
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.plan import Plan

OUTPUTS = ("counts", "lanes", "matches")


@dataclass(frozen=True)
class Options:
    """What an evaluation is asked, checked."""

    lanes: bool
    matches: bool
    seed: int
    as_of: int | None
    threads: int
    key: str | None

    @staticmethod
    def check(
        plan: Plan, backend: str, outputs: Sequence[str], seed: int, as_of: date | str | None, threads: int | None
    ) -> Options:
        """Raises UsageError (US011 to US016, US018) for what makes no sense."""
        backends.check_name(backend)
        if not isinstance(outputs, Iterable):
            _misuse("US011", f"outputs is {outputs!r}", f"give names of {', '.join(OUTPUTS)}")
        outputs = (outputs,) if isinstance(outputs, str) else tuple(outputs)  # an iterator can be read once
        for name in outputs:
            if name not in OUTPUTS:
                _misuse("US011", f"there is no output {name!r}", f"choose from {', '.join(OUTPUTS)}")
        if not is_whole(seed) or not 0 <= seed < 2**64:
            _misuse("US012", f"{seed!r} is outside the range of seeds", f"choose a whole number from 0 to {2**64 - 1}")
        if threads is not None and (not is_whole(threads) or threads < 1):
            _misuse("US013", f"{threads!r} threads cannot work", "give 1 or more", "--threads")
        day = None if as_of is None else day_of(as_of)
        if day is None and plan.reads_as_of:
            _misuse(
                "US015",
                "a rule reads AS_OF and no day was given",
                "give --as-of DATE, or as_of= from Python",
                "--as-of",
            )
        if not plan.key and ("lanes" in outputs or "matches" in outputs):
            _misuse(
                "US016", "lanes and matches need to know which column holds the declaration", "name it: key: [COLUMN]"
            )
        days = None if day is None else (day - EPOCH).days
        if threads is None:
            threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if backend == "interpreter":
            threads = 1  # plain Python: threads would only wait for each other
        return Options(
            "lanes" in outputs, "matches" in outputs, int(seed), days, int(threads), plan.key[0] if plan.key else None
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.lanes, self.matches, self.seed)


def is_whole(value: object) -> bool:
    """Whether an option is a whole number: NumPy's integers are, which sums of lengths give, and truths are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def day_of(given: date | str) -> date:
    """A day as ``as_of`` gives it; of a timestamp its date. Raises UsageError (US014)."""
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return parse_day(given)
    except (TypeError, ValueError):
        _misuse("US014", f"{given!r} is no date", "write it as 2024-01-31")


def _misuse(code: str, message: str, remedy: str, place: str = "") -> Never:
    raise UsageError(Diagnostic(code, message, place=place, remedy=remedy))
