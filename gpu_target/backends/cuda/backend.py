"""The ``cuda`` backend: batches to a card and what they found back, over a few streams that the threads share."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from gpu_target.backends.base import Outcome, Wanted
from gpu_target.backends.cuda.device import Bytes, CupyDevice, Device, TooLittleMemory, too_little
from gpu_target.backends.cuda.evaluation import HIT_BYTES, Evaluation, Slot, sizes_of
from gpu_target.backends.cuda.packing import Packing
from gpu_target.backends.cuda.resident import Resident
from gpu_target.columns.coded import Memo
from gpu_target.columns.travel import travelling
from gpu_target.columns.values import Batch
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found

STREAMS = 3  # one batch comes, one is matched, one goes
LONGEST = 2**30  # rows of a batch: the class ids of two columns are then apart by what fits four bytes
USED = 0.9  # of the memory that is free; the rest is left to the driver and to others


class CudaBackend:
    """A CUDA card, or a device that stands for one."""

    name = "cuda"

    def __init__(self, device: Device | None = None) -> None:
        self._device: Device = CupyDevice() if device is None else device

    @property
    def device(self) -> str:
        return self._device.name

    def prepare(self, plan: Plan, wanted: Wanted) -> CudaRunner:
        """Raises UnfitError (EN402) where the card has not enough memory for the plan."""
        return CudaRunner(plan, wanted, self._device)


class CudaRunner:
    """Encodes a batch, has the card classify and match it, and fetches what it found.

    Any number of threads may encode; STREAMS of them at a time hold a stream and its memory. A batch that needs more
    than a stream's share of the memory is halved, and so is one that does not get its share, since others have taken it
    meanwhile; where a single row does not fit, UnfitError (EN402, EN404) says so.
    """

    chunk_rows = 262_144  # few launches for the rows, and parts enough that copies and kernels overlap

    def __init__(self, plan: Plan, wanted: Wanted, device: Device) -> None:
        self.plan, self.wanted, self.device = plan, wanted, device
        self.memos = [Memo() for _ in plan.layout.columns]
        self.resident = Resident(plan, wanted.lanes, device)
        emits = wanted.lanes or wanted.matches
        self.shared_by = 2 * STREAMS if emits else STREAMS  # half of a stream's memory is for matches
        self.batch_bytes = int(device.free_bytes() * USED) // self.shared_by
        self.most_hits = self.batch_bytes // HIT_BYTES
        if emits and self.most_hits < plan.layout.n_rules:  # of one row
            raise too_little(HIT_BYTES * plan.layout.n_rules * self.shared_by, device.free_bytes())
        self.local = threading.local()
        self.giving_up = threading.Lock()
        self.slots: queue.LifoQueue[Slot] = queue.LifoQueue()
        for _ in range(STREAMS):
            self.slots.put(Slot(device))

    def run(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        started = time.perf_counter()
        columns = self.plan.layout.columns
        packing = Packing([travelling(each, batch, memo) for each, memo in zip(columns, self.memos, strict=True)])
        sizes = sizes_of(self.plan, self.wanted, self.resident.tables, packing, batch.n_rows)
        if sum(sizes.values()) > self.batch_bytes or batch.n_rows > LONGEST:
            if batch.n_rows == 1:
                raise too_little(sum(sizes.values()) * self.shared_by, self.device.free_bytes())
            return self._in_halves(batch, declarations)
        try:
            block = self._block(packing.n_bytes)
            packing.copy_to(block)
            encoded = time.perf_counter()
            with self._slot() as slot:
                room = slot.fit(sizes, self.batch_bytes)
                evaluation = Evaluation(self.plan, self.wanted, self.resident, slot, room, batch.n_rows, self.most_hits)
                findings = evaluation.run(packing, block, declarations)
        except TooLittleMemory:
            self._give_up_memory()
            if batch.n_rows == 1:
                raise
            return self._in_halves(batch, declarations)
        return Outcome(*findings, encoded - started, time.perf_counter() - encoded)

    @contextmanager
    def _slot(self) -> Iterator[Slot]:
        slot = self.slots.get()
        try:
            yield slot
        except BaseException:
            slot.stream.synchronize()  # nothing is copied any more into arrays that are given up
            raise
        finally:
            self.slots.put(slot)

    def _give_up_memory(self) -> None:
        """Give back what earlier batches of any thread needed, once those under way are done."""
        with self.giving_up:  # two that collect streams at once would wait for each other
            slots = [self.slots.get() for _ in range(STREAMS)]
            for slot in slots:
                slot.memory.clear()
                self.slots.put(slot)

    def _block(self, n_bytes: int) -> Bytes:
        """A thread's own host memory of at least that size, kept from call to call."""
        kept: Bytes | None = getattr(self.local, "block", None)
        if kept is None or len(kept) < n_bytes:
            kept = self.local.block = self.device.staging(max(1, n_bytes))
        return kept

    def _in_halves(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        middle = batch.n_rows // 2
        halves: list[Outcome] = []
        for first, last in ((0, middle), (middle, batch.n_rows)):
            columns = {name: values.slice(first, last - first) for name, values in batch.columns.items()}
            part = Batch(columns, last - first, batch.joins, batch.as_of)
            halves.append(self.run(part, None if declarations is None else declarations[first:last]))
        return joined(halves[0], halves[1])


def joined(left: Outcome, right: Outcome) -> Outcome:
    """The outcome of a batch of which ``left`` had the first rows and ``right`` the others."""
    rows = row_matches = match_rule = None
    if left.rows is not None and right.rows is not None:
        rows = Found(
            np.concatenate([left.rows.decision, right.rows.decision]),
            np.concatenate([left.rows.relief, right.rows.relief]),
            np.concatenate([left.rows.score, right.rows.score]),
        )
    if left.row_matches is not None and right.row_matches is not None:
        row_matches = np.concatenate([left.row_matches, right.row_matches])
    if left.match_rule is not None and right.match_rule is not None:
        match_rule = np.concatenate([left.match_rule, right.match_rule])
    encode, match = left.encode + right.encode, left.match + right.match
    return Outcome(left.counts + right.counts, rows, row_matches, match_rule, encode, match)
