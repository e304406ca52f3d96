"""What rows found, put together: of chunks into adjacent rows, and of adjacent rows that were evaluated apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """The matches of some adjacent rows, of which the first is row ``first_row`` of the whole data.

    row_matches  int32[rows]  matches of every row
    rule         int32[hits]  the rules of every match, ascending within a row
    keys         for every key column its values on the rows that have a match
    """

    first_row: int
    row_matches: npt.NDArray[np.int32]
    rule: npt.NDArray[np.int32]
    keys: tuple[pa.Array, ...]

    @property
    def row(self) -> npt.NDArray[np.int64]:
        """int64[hits]: the row of every match, in the whole data."""
        return np.repeat(np.arange(self.first_row, self.first_row + len(self.row_matches)), self.row_matches)

    def keys_of_matches(self) -> tuple[pa.Array, ...]:
        """For every key column its value on the row of every match."""
        each = self.row_matches[self.row_matches > 0]
        place = pa.array(np.repeat(np.arange(len(each)), each))
        return tuple(values.take(place) for values in self.keys)


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
            replace(each, first_row=each.first_row + first_row - self.first_row) for each in self.matches
        ]
        return Gathered(first_row, self.rows, self.counts, self.spent, self.lanes, matches)


def match_table(pieces: Sequence[MatchPiece]) -> pa.Table:
    """``row`` int64 and ``rule`` int32 of every match."""
    rows = pa.chunked_array([pa.array(each.row) for each in pieces], pa.int64())
    return pa.table({"row": rows, "rule": pa.chunked_array([pa.array(each.rule) for each in pieces], pa.int32())})


def match_key_table(plan: Plan, pieces: Sequence[MatchPiece]) -> pa.Table:
    """The key columns on the row of every match, and ``rule_id``."""
    keys = [each.keys_of_matches() for each in pieces]
    columns: dict[str, pa.ChunkedArray] = {}
    for position, name in enumerate(plan.key):
        type_ = plain(plan.schema[name])
        columns[name] = pa.chunked_array([each[position].cast(type_) for each in keys], type_)
    names = pa.array([rule.id for rule in plan.heads], pa.string())
    coded = [pa.DictionaryArray.from_arrays(pa.array(each.rule), names) for each in pieces]
    columns["rule_id"] = pa.chunked_array(coded, pa.dictionary(pa.int32(), pa.string()))
    return pa.table(columns)
