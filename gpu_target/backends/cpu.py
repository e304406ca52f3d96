"""The ``cpu`` backend: compiled kernels, called by the engine's threads on row ranges."""

from __future__ import annotations

import platform
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_target.backends import kernels
from gpu_target.backends.base import Outcome, Wanted
from gpu_target.backends.leaves import Keyed
from gpu_target.backends.masks import BLOCK, WORDS
from gpu_target.backends.program import Program, make_program
from gpu_target.columns.coded import Memo, OrderedColumn
from gpu_target.columns.values import Batch
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found

@dataclass(frozen=True)
class Encoded:
    """The rows of a batch as rules look at them.

    classes  uint16[columns, rows rounded up to whole blocks]: classes, or buckets of keyed columns
    keys     int64[rows] of each keyed column
    """

    n_rows: int
    classes: npt.NDArray[np.uint16]
    keys: list[npt.NDArray[np.int64]]


SAMPLE_STEP = 31  # every 31st row tells well enough how common a class is


class CpuBackend:
    """The processor, by compiled kernels."""

    name = "cpu"

    @property
    def device(self) -> str:
        try:
            lines = Path("/proc/cpuinfo").read_text().splitlines()
        except OSError:
            return platform.processor() or platform.machine()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else platform.machine()

    def prepare(self, plan: Plan, wanted: Wanted) -> CpuRunner:
        return CpuRunner(plan, wanted)


class CpuRunner:
    """Encodes a batch column by column, then matches it block by block. Each thread has masks of its own."""

    def __init__(self, plan: Plan, wanted: Wanted) -> None:
        self.plan, self.wanted = plan, wanted
        columns = plan.layout.columns
        self.memos = [Memo() for _ in columns]
        self.keyed = Keyed(plan.layout)
        self.lock = threading.Lock()
        self.program: Program | None = None
        self.local = threading.local()

    def run(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        started = time.perf_counter()
        program = self._program(batch)
        encoded = self._encode(batch)
        middle = time.perf_counter()
        counts = np.zeros(self.plan.layout.n_rules, np.int64)
        rows = self._match(program, encoded, counts, declarations)
        match_row = match_rule = None
        if self.wanted.matches:
            match_row, match_rule = self._matches(program, encoded)
        return Outcome(counts, rows, match_row, match_rule, middle - started, time.perf_counter() - middle)

    def _program(self, batch: Batch) -> Program:
        """Made once, from the first rows that any thread gets."""
        with self.lock:
            if self.program is None:
                encoded = self._encode(batch)
                sample = encoded.classes[:, : batch.n_rows : SAMPLE_STEP]
                shares = [
                    np.bincount(row, minlength=width) / max(1, len(row))
                    for row, width in zip(sample, self.keyed.widths.tolist(), strict=True)
                ]
                self.program = make_program(self.plan.layout, self.keyed, shares)
            return self.program

    def _encode(self, batch: Batch) -> Encoded:
        columns = self.plan.layout.columns
        padded = max(1, -(-batch.n_rows // BLOCK)) * BLOCK
        classes = self._room("classes", (len(columns), padded), np.uint16)
        keys = []
        for column, memo, row, is_keyed in zip(columns, self.memos, classes, self.keyed.columns, strict=True):
            if is_keyed and isinstance(column, OrderedColumn):
                keys.append(column.encode_buckets(batch, row[: batch.n_rows]))
            else:
                column.encode(batch, memo, row[: batch.n_rows])
        return Encoded(batch.n_rows, classes, keys)

    def _room(self, name: str, shape: tuple[int, ...], dtype: type) -> npt.NDArray[Any]:
        """A thread's own array of at least this shape, kept from call to call."""
        kept = getattr(self.local, name, None)
        if kept is None or kept.shape != shape:
            kept = np.zeros(shape, dtype)
            setattr(self.local, name, kept)
        return kept

    def _match(
        self, program: Program, encoded: Encoded, counts: npt.NDArray[np.int64],
        declarations: npt.NDArray[np.uint64] | None,
    ) -> Found | None:  # fmt: skip
        mode = kernels.DECISIONS if self.wanted.lanes else kernels.COUNTS
        n_levels, n_rows = len(self.plan.policy.levels), encoded.n_rows if mode else 0
        rows = Found(np.zeros((n_rows, n_levels), np.uint32), np.zeros(n_rows, np.uint16), np.zeros(n_rows, np.int64))
        none = np.zeros(0, np.int64)
        self._call(program, encoded, mode, counts, declarations, rows, none, none.astype(np.int32))
        return rows if self.wanted.lanes else None

    def _matches(
        self, program: Program, encoded: Encoded
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Count per row, then fill: room is exact, and each row's rules come out in order."""
        empty = Found(np.zeros((0, 1), np.uint32), np.zeros(0, np.uint16), np.zeros(0, np.int64))
        counts = np.zeros(self.plan.layout.n_rules, np.int64)
        n_rows = encoded.n_rows
        per_row = np.zeros(n_rows, np.int64)
        none = np.zeros(0, np.int32)
        self._call(program, encoded, kernels.ROW_COUNTS, counts, None, empty, per_row, none)
        ends = np.cumsum(per_row)
        match_rule = np.empty(int(ends[-1]) if n_rows else 0, np.int32)
        self._call(program, encoded, kernels.FILL, counts, None, empty, ends - per_row, match_rule)
        return np.repeat(np.arange(n_rows), per_row), match_rule

    def _call(
        self, program: Program, encoded: Encoded, mode: int, counts: npt.NDArray[np.int64],
        declarations: npt.NDArray[np.uint64] | None, rows: Found, row_end: npt.NDArray[np.int64],
        match_rule: npt.NDArray[np.int32],
    ) -> None:  # fmt: skip
        policy, classes = self.plan.policy, encoded.classes
        keys_at = np.array([each.ctypes.data for each in encoded.keys], np.uint64)
        addresses = classes.ctypes.data + classes.strides[0] * np.arange(len(classes), dtype=np.uint64)
        kernels.match(
            classes, addresses.astype(np.uint64), keys_at, self.keyed.sign_off, encoded.n_rows, self._room("masks", (program.n_masks, WORDS), np.uint64),
            self._room("live", (program.n_masks,), np.uint64),
            self._room("begins", (int(program.sort_first[-1]),), np.uint16),
            self._room("order", (len(program.sort_column), BLOCK), np.uint16),
            program, mode, counts, np.uint64(self.wanted.seed),
            np.zeros(0, np.uint64) if declarations is None else declarations,
            kernels.Effects(
                policy.severity, policy.weight, policy.word, policy.threshold, policy.certain, policy.relief
            ),
            kernels.Found(rows.decision, rows.relief, rows.score), row_end, match_rule,
        )  # fmt: skip
