"""What rows found, put together: of chunks into adjacent rows, and of adjacent rows that were evaluated apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns.expressions import plain
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found

STAGES = ("read", "encode", "match", "output")
LanePiece = tuple[pa.Array, Found]  # declarations, adjacent rows of one joined, and what they found


@dataclass(frozen=True)
class MatchPiece:
    """The matches of some adjacent rows.

    row   int64[hits] ascending, counted over the whole data; rule int32[hits] ascending within a row
    keys  for every key column its values on those rows
    """

    row: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int32]
    keys: tuple[pa.Array, ...]


@dataclass(frozen=True)
class Chunk:
    """What one chunk found; rows of ``matches`` are counted over the whole data, ``spent`` is in seconds."""

    n_rows: int
    counts: npt.NDArray[np.int64]
    lanes: LanePiece | None
    matches: MatchPiece | None
    spent: dict[str, float]


@dataclass
class Gathered:
    """What adjacent rows found.

    first_row  where they begin in the whole data, from 0
    counts     int64[rules]
    spent      seconds by stage
    lanes, matches  pieces in the order of the rows, or None where they are not wanted
    """

    first_row: int
    rows: int
    counts: npt.NDArray[np.int64]
    spent: dict[str, float]
    lanes: list[LanePiece] | None
    matches: list[MatchPiece] | None

    @classmethod
    def empty(cls, n_rules: int, lanes: bool, matches: bool, first_row: int = 0) -> Gathered:
        """Of no rows, where those to come begin."""
        counts, spent = np.zeros(n_rules, np.int64), dict.fromkeys(STAGES, 0.0)
        return cls(first_row, 0, counts, spent, [] if lanes else None, [] if matches else None)

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.first_row + self.rows

    def add(self, chunk: Chunk) -> None:
        """Take in the chunk that follows the rows so far."""
        self.rows += chunk.n_rows
        self.counts += chunk.counts
        for stage, seconds in chunk.spent.items():
            self.spent[stage] += seconds
        if self.lanes is not None and chunk.lanes is not None:
            self.lanes.append(chunk.lanes)
        if self.matches is not None and chunk.matches is not None:
            self.matches.append(chunk.matches)

    def followed_by(self, other: Gathered) -> Gathered:
        """Both, where ``other`` begins at the row after the last."""
        return Gathered(
            self.first_row,
            self.rows + other.rows,
            self.counts + other.counts,
            {stage: self.spent[stage] + other.spent[stage] for stage in STAGES},
            None if self.lanes is None or other.lanes is None else [*self.lanes, *other.lanes],
            None if self.matches is None or other.matches is None else [*self.matches, *other.matches],
        )

    def moved(self, first_row: int) -> Gathered:
        """The same rows where they begin at ``first_row``."""
        matches = self.matches and [
            MatchPiece(each.row + (first_row - self.first_row), each.rule, each.keys) for each in self.matches
        ]
        return Gathered(first_row, self.rows, self.counts, self.spent, self.lanes, matches)


def match_tables(plan: Plan, pieces: Sequence[MatchPiece]) -> tuple[pa.Table, pa.Table]:
    """``row`` int64 and ``rule`` int32 of every match, and its key columns with ``rule_id``."""
    rows = pa.chunked_array([pa.array(each.row) for each in pieces], pa.int64())
    rules = pa.chunked_array([pa.array(each.rule) for each in pieces], pa.int32())
    names = pa.array([rule.id for rule in plan.rules], pa.string())
    coded = [pa.DictionaryArray.from_arrays(pa.array(each.rule), names) for each in pieces]
    columns: dict[str, pa.ChunkedArray] = {}
    for position, name in enumerate(plan.key):
        type_ = plain(plan.schema[name])
        columns[name] = pa.chunked_array([each.keys[position].cast(type_) for each in pieces], type_)
    columns["rule_id"] = pa.chunked_array(coded, pa.dictionary(pa.int32(), pa.string()))
    return pa.table({"row": rows, "rule": rules}), pa.table(columns)
