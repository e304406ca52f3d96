"""The interface of a backend: a plan and options in, a runner out; rows of a batch in, what was found out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gpu_target.columns.values import Batch
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found


@dataclass(frozen=True)
class Wanted:
    """What an evaluation is to find. Counts are always found."""

    lanes: bool
    matches: bool
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What the rows of one batch found.

    counts         int64[rules]
    rows           Found per row, or None where lanes are not wanted
    row_matches    int32[rows] matches of every row; match_rule int32[hits] the rules of every match, ascending within a
                   row; None where not wanted
    encode, match  seconds
    """

    counts: npt.NDArray[np.int64]
    rows: Found | None
    row_matches: npt.NDArray[np.int32] | None
    match_rule: npt.NDArray[np.int32] | None
    encode: float
    match: float


class Runner(Protocol):
    """Evaluates batches; may be called from several threads at once.

    ``chunk_rows`` is how many rows at most it wants at a time.
    """

    chunk_rows: int

    def run(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        """What the rows of a batch, at least one, have found.

        ``declarations`` uint64[n] names each row's declaration in its draws; given where lanes are wanted.
        """


class Backend(Protocol):
    """Something that evaluates plans."""

    name: str

    @property
    def device(self) -> str:
        """The processor or card, as it names itself."""

    def prepare(self, plan: Plan, wanted: Wanted) -> Runner: ...
