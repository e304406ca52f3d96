"""The ``cpu`` backend: compiled kernels, called by the engine's threads on row ranges."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.base import Outcome, Wanted
from gpu_target.backends.cpu import match as matching
from gpu_target.backends.cpu.classify import classify
from gpu_target.backends.cpu.feeds import Feeds
from gpu_target.backends.cpu.leaves import Keyed, Leaves, Shares, worth_classifying
from gpu_target.backends.cpu.masks import BLOCK, WORDS
from gpu_target.backends.cpu.program import Program, make_program
from gpu_target.columns.coded import Memo
from gpu_target.columns.values import Batch
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found

SAMPLE, PLACES = 16_384, 32  # rows that tell well enough how common a class is, and from how many places
ODD = 32  # a line of the cache
LIKENESS = 0.1  # of two samples whose rows one program serves well


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


class Way(NamedTuple):
    """How rows are looked at: which numbers are cut into buckets, and the program that goes with it."""

    keyed: Keyed
    program: Program


class Prepared:
    """What an evaluation leaves for the next one of the same plan."""

    def __init__(self, plan: Plan) -> None:
        self.layout = plan.layout
        self.lock = threading.Lock()
        self.shares: Shares | None = None
        self.way: Way | None = None
        self.keyed = Keyed(plan.layout)

    def way_for(self, feed: Callable[[Keyed], Feeds]) -> Way:
        """The way for rows like these: the last one, unless their classes are shared otherwise.

        ``feed`` gives the rows to a way of cutting numbers.
        """
        with self.lock:
            keyed = self.way.keyed if self.way else self.keyed
            shares = self._shares(feed(keyed), keyed)
            if self.way and self.shares is not None and alike(shares, self.shares):
                return self.way
            keyed = self.keyed
            if self.way and self.way.keyed is not keyed:
                shares = self._shares(feed(keyed), keyed)
            without = worth_classifying(Leaves(self.layout, keyed, shares))
            if without:
                keyed = Keyed(self.layout, without)
                shares = self._shares(feed(keyed), keyed)
            self.way, self.shares = Way(keyed, make_program(self.layout, keyed, shares)), shares
            return self.way

    @staticmethod
    def _shares(feeds: Feeds, keyed: Keyed) -> Shares:
        """How often each class occurs among rows from all over the batch."""
        size = min(feeds.n_rows, SAMPLE // PLACES)
        places = np.unique(np.linspace(0, feeds.n_rows - size, PLACES).astype(np.int64))
        classes = np.empty((len(feeds.table), len(places), max(size, 1)), np.uint16)
        room = np.empty((len(feeds.table), max(size, 1)), np.uint16)
        for k, place in enumerate(places.tolist()):
            classify(feeds.table, place, size, room)
            classes[:, k] = room
        sample = classes[:, :, :size].reshape(len(classes), len(places) * size)
        widths = keyed.widths.tolist()
        return [np.bincount(row, minlength=width) / max(1, len(row)) for row, width in zip(sample, widths, strict=True)]


def alike(one: Shares, other: Shares) -> bool:
    """Whether in no column more than LIKENESS of the rows would have to change their class."""
    return all(np.abs(a - b).sum() <= 2 * LIKENESS for a, b in zip(one, other, strict=True))


class CpuRunner:
    """Matches a batch block by block. Each thread has masks of its own."""

    # A chunk costs 1.3 ms before its first row (docs/explanation/performance.md), so it has many rows; a batch still
    # has chunks for each thread. Classes are held for a block of it at a time, so it may be long.
    chunk_rows = 131_072

    def __init__(self, plan: Plan, wanted: Wanted) -> None:
        self.plan, self.wanted = plan, wanted
        self.memos = [Memo() for _ in plan.layout.columns]
        self.prepared = plan.keep("cpu", lambda: Prepared(plan))
        self.lock = threading.Lock()
        self.way: Way | None = None
        self.local = threading.local()

    def run(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        started = time.perf_counter()
        tried: dict[Keyed, Feeds] = {}
        with self.lock:  # one way for all batches, from the first that any thread gets
            if self.way is None:
                self.way = self.prepared.way_for(lambda keyed: tried.setdefault(keyed, self._feeds(keyed, batch)))
        feeds = tried.get(self.way.keyed) or self._feeds(self.way.keyed, batch)
        fed = time.perf_counter()
        found = self._found(batch.n_rows)
        counts = np.zeros(self.plan.layout.n_rules, np.int64)
        row_matches = np.zeros(batch.n_rows if self.wanted.matches else 0, np.int32)
        mode = matching.DECISIONS * self.wanted.lanes | matching.MATCHES * self.wanted.matches
        share, match_rule = self._match(self.way, feeds, mode, counts, declarations, found, row_matches)
        matched = time.perf_counter()
        encoding = fed - started + share * (matched - fed)
        return Outcome(
            counts,
            found if self.wanted.lanes else None,
            row_matches if self.wanted.matches else None,
            match_rule if self.wanted.matches else None,
            encoding,
            time.perf_counter() - started - encoding,
        )

    def _feeds(self, keyed: Keyed, batch: Batch) -> Feeds:
        return Feeds(self.plan.layout.columns, keyed.columns.tolist(), batch, self.memos)

    def _found(self, n_rows: int) -> Found:
        n = n_rows if self.wanted.lanes else 0
        levels = len(self.plan.policy.levels)
        return Found(np.zeros((n, levels), np.uint32), np.zeros(n, np.uint16), np.zeros(n, np.int64))

    def _match(
        self, way: Way, feeds: Feeds, mode: int, counts: npt.NDArray[np.int64],
        declarations: npt.NDArray[np.uint64] | None, found: Found, row_matches: npt.NDArray[np.int32],
    ) -> tuple[float, npt.NDArray[np.int32]]:  # fmt: skip
        """The share of the time that classifying took, and the rules of every match."""
        program, policy = way.program, self.plan.policy
        share, match_rule, n_matches = matching.match(
            feeds.table, feeds.keys_at, way.keyed.sign_off, feeds.n_rows,
            # were columns a power of two apart, they would take the same few lines of the cache from each other
            self._room("classes", (len(feeds.table), BLOCK + ODD), np.uint16),
            self._room("masks", (program.n_masks, WORDS), np.uint64),
            self._room("live", (program.n_masks,), np.uint64),
            self._room("begins", (int(program.sort_first[-1]),), np.uint16),
            self._room("order", (len(program.sort_column), BLOCK), np.uint16),
            program, mode, counts, np.uint64(self.wanted.seed),
            np.zeros(0, np.uint64) if declarations is None else declarations,
            policy.severity, policy.weight, policy.word, policy.threshold, policy.certain, policy.relief,
            found.decision, found.relief, found.score, row_matches,
        )  # fmt: skip
        return float(share), match_rule[:n_matches].copy()

    def _room(self, name: str, shape: tuple[int, ...], dtype: type) -> npt.NDArray[Any]:
        """A thread's own array of this shape, kept from call to call."""
        kept = getattr(self.local, name, None)
        if kept is None or kept.shape != shape:
            kept = np.zeros(shape, dtype)
            setattr(self.local, name, kept)
        return kept
