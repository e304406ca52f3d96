"""Which rows a rule finds alone and which together with others, counted while the matches pass by.

Matches are folded chunk by chunk, so that no more of them are held than fit in a few tens of megabytes. Rules that
grant relief do not target anything: they are compared with each other, and the others with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gpu_target.gathering import STAGES, Chunk, Gathered, MatchPiece
from gpu_target.language.model import RuleHead

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
MOST_HELD = 4_000_000  # matches of rows with several that wait to be counted in pairs


class Overlaps:
    """What the rows seen so far have in common.

    matched_rows, alone_rows  rows that a rule matches, and those that one rule matches alone; relief left out
    unique                    int64[rules]: of the rows that a rule matches those that no other one matches
    """

    def __init__(self, heads: Sequence[RuleHead]) -> None:
        self.is_relief = np.array([each.relief is not None for each in heads], np.bool_)
        self.unique = np.zeros(len(heads), np.int64)
        self.matched_rows = self.alone_rows = 0
        self._sizes: list[npt.NDArray[np.int32]] = []  # matches of each row that has several
        self._rules: list[npt.NDArray[np.int32]] = []  # their rules, row by row
        self._held = 0
        self._pairs: csr_array | None = None

    def add(self, piece: MatchPiece) -> None:
        """Take in the matches of some rows."""
        matches, rule = piece.row_matches, piece.rule
        if not self.is_relief.any():
            self._fold(matches, rule, is_relief=False)
            return
        row = np.repeat(np.arange(len(matches)), matches)
        of_relief = self.is_relief[rule]
        for is_relief in (False, True):
            some = of_relief == is_relief
            self._fold(np.bincount(row[some], minlength=len(matches)), rule[some], is_relief)

    def _fold(self, matches: npt.NDArray[np.integer], rule: npt.NDArray[np.int32], is_relief: bool) -> None:
        matches = matches[matches > 0]
        is_alone = np.repeat(matches == 1, matches)
        self.unique += np.bincount(rule[is_alone], minlength=len(self.unique))
        if not is_relief:
            self.matched_rows += len(matches)
            self.alone_rows += int(is_alone.sum())
        self._sizes.append(matches[matches > 1].astype(np.int32))
        self._rules.append(rule[~is_alone])
        self._held += len(self._rules[-1])
        if self._held > MOST_HELD:
            self._count_pairs()

    def _count_pairs(self) -> None:
        """Rows by rules as a sparse matrix: its product with itself counts the rows that two rules share."""
        from scipy.sparse import csr_array

        sizes, rule, n = np.concatenate(self._sizes), np.concatenate(self._rules), len(self.unique)
        self._sizes, self._rules, self._held = [], [], 0
        start = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        ones = np.ones(len(rule), np.int64)
        matches = csr_array((ones, rule, start.astype(np.int32)), shape=(len(sizes), n))
        pairs = (matches.T @ matches).tocsr()
        self._pairs = pairs if self._pairs is None else self._pairs + pairs

    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """Rule, other rule and the rows that both match, for every two that share a row, either way round.

        Ordered by the first and, within it, by falling rows and then by the other.
        """
        if self._held:
            self._count_pairs()
        if self._pairs is None:
            return (np.zeros(0, np.int64),) * 3
        found = self._pairs.tocoo()
        rule, other, rows = (each.astype(np.int64) for each in (*found.coords, found.data))
        wanted = (rule != other) & (rows > 0)
        rule, other, rows = rule[wanted], other[wanted], rows[wanted]
        order = np.lexsort((other, -rows, rule))
        return rule[order], other[order], rows[order]


class Folded(Gathered):
    """What rows found, of whose matches only the overlaps are kept."""

    def __init__(self, heads: Sequence[RuleHead], lanes: bool) -> None:
        super().__init__(0, 0, np.zeros(len(heads), np.int64), dict.fromkeys(STAGES, 0.0), [] if lanes else None, None)
        self.overlaps = Overlaps(heads)

    def add(self, chunk: Chunk) -> None:
        """Take in the chunk that follows, and let its matches go."""
        super().add(chunk)
        assert chunk.matches is not None
        self.overlaps.add(chunk.matches)
