"""One batch on one stream: what is launched, in which order, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.base import Wanted
from gpu_target.backends.cuda.device import THREADS, Bytes, Device, Memory
from gpu_target.backends.cuda.packing import Packing, Placed
from gpu_target.backends.cuda.resident import Resident
from gpu_target.backends.cuda.tables import Tables
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found

STEP_ROWS = 128  # that a block of threads matches at once
MOST_ROWS = 31 * STEP_ROWS  # of a block: its counters are then emptied once
FEWEST_ROWS = 4 * STEP_ROWS  # else it would not pay for the tables it stages
ENOUGH_BLOCKS = 1024  # to keep every card busy
SCAN = 1024  # rows whose counts one block adds up, as in kernels.cu
ROWS_PER_BLOCK = THREADS // 32  # where a warp has a row
HIT_BYTES = 8  # a match as it is found, and as it is sorted
ALIGNMENT = 16  # rows by which columns of class ids are apart

NO_ADDRESS = np.uint64(0)


class Slot:
    """A stream and the device memory of one batch; memory grows with the batches and is kept."""

    def __init__(self, device: Device) -> None:
        self.device, self.stream = device, device.stream()
        self.memory: dict[str, Memory] = {}

    def fit(self, sizes: Mapping[str, int], limit: int) -> dict[str, np.uint64]:
        """Addresses of at least so many bytes under each name; together they are at most ``limit``.

        What earlier batches needed is given up where it would exceed the limit beside what this one needs.
        """
        held = {name: each.n_bytes for name, each in self.memory.items()}
        if sum(max(size, held.get(name, 0)) for name, size in sizes.items()) > limit:
            self.memory.clear()
        return {name: self.room(name, size) for name, size in sizes.items()}

    def room(self, name: str, n_bytes: int) -> np.uint64:
        """The address of at least so many bytes."""
        if name not in self.memory or self.memory[name].n_bytes < n_bytes:
            self.memory.pop(name, None)  # given back before the larger one is asked for
            self.memory[name] = self.device.allocate(max(1, n_bytes))
        return np.uint64(self.memory[name].address)


class Window(NamedTuple):
    """Rows first .. last - 1, and how many matches lie before them and up to their end."""

    first: int
    last: int
    base: int
    end: int


class Findings(NamedTuple):
    """As in ``backends.base.Outcome``."""

    counts: npt.NDArray[np.int64]
    rows: Found | None
    row_matches: npt.NDArray[np.int32] | None
    match_rule: npt.NDArray[np.int32] | None


def sizes_of(plan: Plan, wanted: Wanted, tables: Tables, packing: Packing, n: int) -> dict[str, int]:
    """Bytes of device memory that a batch of ``n`` rows needs, by name; its matches come on top."""
    n_columns = len(plan.layout.columns) + tables.nodes.n_columns
    sizes = {
        "inputs": packing.n_raw, "classes": 2 * n_columns * stride_of(n), "rule_count": 8 * plan.layout.n_rules,
    }  # fmt: skip
    if wanted.lanes or wanted.matches:
        sizes |= {"row_count": 4 * n, "within": 8 * (n + 1), "totals": 8 * (n // SCAN + 2)}
    if wanted.lanes:
        n_levels = len(plan.policy.levels)
        sizes |= {"declarations": 8 * n, "decision": 4 * n * n_levels, "granted": 2 * n, "score": 8 * n}
    return sizes


def stride_of(n: int) -> int:
    """Rows by which columns of class ids are apart."""
    return -(-n // ALIGNMENT) * ALIGNMENT


class Evaluation:
    """The kernels of a batch of ``n`` rows, at least one, in a slot that nobody else holds meanwhile.

    ``room`` has the addresses of what ``sizes_of`` names; ``most_hits`` matches fit beside that.
    """

    def __init__(
        self, plan: Plan, wanted: Wanted, resident: Resident, slot: Slot, room: dict[str, np.uint64], n: int,
        most_hits: int,
    ) -> None:  # fmt: skip
        self.plan, self.wanted, self.resident, self.slot, self.n = plan, wanted, resident, slot, n
        self.room, self.most_hits = room, most_hits
        self.stream = slot.stream
        self.stride = stride_of(n)
        self.classes, self.rule_count = room["classes"], room["rule_count"]
        self.row_count, self.within, self.totals = (
            room.get(name, NO_ADDRESS) for name in ("row_count", "within", "totals")
        )

    def run(self, packing: Packing, block: Bytes, declarations: npt.NDArray[np.uint64] | None) -> Findings:
        """``block`` holds the packed columns, and does not change until this returns."""
        self._classify(packing, block)
        self._evaluate_nodes()
        counts = np.empty(self.plan.layout.n_rules, np.int64)
        self.stream.clear(int(self.rule_count), counts.nbytes)
        if not (self.wanted.lanes or self.wanted.matches):
            self._match("count_rules", Window(0, self.n, 0, 0))
            self.stream.download(int(self.rule_count), counts)
            self.stream.synchronize()
            return Findings(counts, None, None, None)
        self.stream.clear(int(self.row_count), 4 * self.n)
        self._match("count_rows", Window(0, self.n, 0, 0))
        self._scan()
        per_row = np.empty(self.n, np.uint32)
        self.stream.download(int(self.rule_count), counts)
        self.stream.download(int(self.row_count), per_row)
        self.stream.synchronize()
        lanes = _Lanes(self, declarations) if self.wanted.lanes and declarations is not None else None
        rules = np.empty(int(per_row.sum(dtype=np.int64)) if self.wanted.matches else 0, np.int32)
        self._emit(windows(per_row, self.most_hits), lanes, rules)
        found = lanes.fetch() if lanes else None
        self.stream.synchronize()
        if not self.wanted.matches:
            return Findings(counts, found, None, None)
        return Findings(counts, found, per_row.astype(np.int32), rules)

    def _rows_grid(self, rows_of_a_block: int) -> tuple[int, int]:
        return -(-self.n // rows_of_a_block), 1

    # -- classes ------------------------------------------------------------------------------------------------------

    def _classify(self, packing: Packing, block: Bytes) -> None:
        inputs = int(self.room["inputs"])
        self.stream.upload(block[: packing.n_raw], inputs)
        for column, at in packing.ids:
            self.stream.upload(block[at : at + 2 * self.n], int(self._column(column)))
        for placed in packing.raw:
            self._classify_column(placed, inputs)

    def _column(self, column: int) -> np.uint64:
        return np.uint64(int(self.classes) + 2 * column * self.stride)

    def _classify_column(self, placed: Placed, inputs: int) -> None:
        validity = NO_ADDRESS if placed.validity < 0 else np.uint64(inputs + placed.validity)
        null = np.uint32(self.plan.layout.columns[placed.column].null)
        values = (np.uint64(inputs + placed.values), placed.kind, validity, np.int64(placed.bit), np.int64(self.n))
        table: tuple[np.generic, ...]
        if placed.table < 0:
            column = self.resident.ranked[placed.column]
            kernel, table = "rank_keys", (column.cuts, np.int32(column.n_cuts), column.class_of)
        else:
            kernel, table = "gather_codes", (np.uint64(inputs + placed.table), np.int64(placed.n_entries))
        self.stream.launch(kernel, self._rows_grid(THREADS), (*values, *table, null, self._column(placed.column)))

    def _evaluate_nodes(self) -> None:
        nodes, at = self.resident.tables.nodes, self.resident.at
        if not len(nodes.is_and):
            return
        first = np.uint32(len(self.plan.layout.columns))
        self.stream.launch(
            "evaluate_nodes", self._rows_grid(THREADS),
            (
                self.classes, np.int64(self.stride), np.int64(self.n), first, np.uint32(len(nodes.is_and)),
                at["is_and"], at["node_start"], at["operands"], np.uint32(len(nodes.leaf_column)),
                at["leaf_column"], at["leaf_bits"], at["bits"],
            ),
        )  # fmt: skip

    # -- matches ------------------------------------------------------------------------------------------------------

    def _match(self, kernel: str, window: Window, hits: np.uint64 = NO_ADDRESS) -> None:
        tables, at = self.resident.tables, self.resident.at
        if not len(tables.tile):
            return
        rows = window.last - window.first
        block_rows = rows_of_a_block(rows, len(tables.tile))
        self.stream.launch(
            kernel, (-(-rows // block_rows), len(tables.tile)),
            (
                self.classes, np.int64(self.stride), np.int64(window.first), np.int64(window.last),
                np.int64(block_rows), at["tile"], at["data"], at["rules"], self.rule_count, self.row_count,
                self.within, self.totals, np.uint64(window.base), hits,
            ),
            tables.shared_bytes,
        )  # fmt: skip

    def _scan(self) -> None:
        n_runs = self.n // SCAN + 1  # the row after the last one has a place too
        self.stream.launch("scan_rows", (n_runs, 1), (self.row_count, np.int64(self.n), self.within, self.totals))
        self.stream.launch("scan_totals", (1, 1), (self.totals, np.int64(n_runs)))

    def _emit(self, parts: Sequence[Window], lanes: _Lanes | None, rules: npt.NDArray[np.int32]) -> None:
        """Find the matches again, with a place for each, and pass them on: to the lanes, and sorted to ``rules``."""
        largest = max(part.end - part.base for part in parts)
        hits = self.slot.room("hits", 4 * largest)
        ordered = self.slot.room("sorted", 4 * largest) if self.wanted.matches else NO_ADDRESS
        for part in parts:  # one after the other in the same room, since the stream keeps the order
            self._match("write_rows", part, hits)
            grid = (-(-(part.last - part.first) // ROWS_PER_BLOCK), 1)
            rows = (np.int64(part.first), np.int64(part.last), self.within, self.totals, np.uint64(part.base), hits)
            if lanes:
                self.stream.launch("decide_rows", grid, (*rows, *lanes.arguments()))
            if self.wanted.matches:
                self.stream.launch("sort_rows", grid, (*rows, ordered, np.uint32(self.plan.layout.n_rules)))
                self.stream.download(int(ordered), rules[part.base : part.end])


class _Lanes:
    """What the rows of a batch decide, on the device until it is fetched."""

    def __init__(self, evaluation: Evaluation, declarations: npt.NDArray[np.uint64]) -> None:
        self.evaluation = evaluation
        self.n_levels = len(evaluation.plan.policy.levels)
        self.words = np.ascontiguousarray(declarations)  # held here until the stream has read them
        room = evaluation.room
        self.declarations, self.decision = room["declarations"], room["decision"]
        self.granted, self.score = room["granted"], room["score"]
        evaluation.stream.upload(self.words, int(self.declarations))

    def arguments(self) -> tuple[np.generic, ...]:
        """The parameters of ``decide_rows`` from the seed on."""
        at = self.evaluation.resident.at
        return (
            np.uint64(self.evaluation.wanted.seed), self.declarations, at["severity"], at["weight"], at["word"],
            at["threshold"], at["certain"], at["relief"], np.int32(self.n_levels),
            self.decision, self.granted, self.score,
        )  # fmt: skip

    def fetch(self) -> Found:
        """Complete once the stream is synchronised."""
        n, stream = self.evaluation.n, self.evaluation.stream
        found = Found(np.empty((n, self.n_levels), np.uint32), np.empty(n, np.uint16), np.empty(n, np.int64))
        stream.download(int(self.decision), found.decision)
        stream.download(int(self.granted), found.relief)
        stream.download(int(self.score), found.score)
        return found


def rows_of_a_block(rows: int, n_tiles: int) -> int:
    """Rows that a block matches: as many as possible that still leave enough blocks."""
    wanted = -(-rows * n_tiles // ENOUGH_BLOCKS // STEP_ROWS) * STEP_ROWS
    return min(max(wanted, FEWEST_ROWS), MOST_ROWS)


def windows(per_row: npt.NDArray[np.uint32], most_hits: int) -> list[Window]:
    """Consecutive rows, all of them, in as few windows of at most ``most_hits`` matches as that allows.

    ``per_row`` uint32[n]; no row has more than ``most_hits``.
    """
    ends = np.cumsum(per_row, dtype=np.int64)
    found: list[Window] = []
    first = base = 0
    while first < len(ends):
        last = int(np.searchsorted(ends, base + most_hits, "right"))
        found.append(Window(first, last, base, int(ends[last - 1])))
        first, base = last, int(ends[last - 1])
    return found
