"""What every kernel has to compute, stated in NumPy; held against the kernels that ship, sanitized ones and mutants.

    python -m tests.cuda_on_cpu.checks LIBRARY

runs all of it on a library of kernels and says ``all hold``.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import gpu_target
from gpu_target.backends.cuda.backend import CudaBackend
from gpu_target.backends.cuda.tables import Tables, make_tables
from gpu_target.selection.draws import draw_slowly
from tests.cuda_on_cpu.board import Board, Matching, layout_mask, random_layout
from tests.cuda_on_cpu.host import ORDERS, HostDevice, standing_in
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import case

NOTHING = np.uint64(0)


def blocks(n: int) -> tuple[int, int]:
    return -(-n // 256), 1


def bitmap(valid: npt.NDArray[np.bool_], bit: int) -> npt.NDArray[np.uint8]:
    """The validity bits of rows, of which the first is bit ``bit``; those before it are set."""
    return np.packbits(np.concatenate([np.ones(bit, bool), valid]), bitorder="little")


def keys_of(kind: str, n: int, random: np.random.Generator) -> npt.NDArray[Any]:
    if kind == "f8":
        special = [0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, -5e-324, 1.5, -1.5]
        return np.concatenate([random.choice(special, n // 2), random.normal(0, 3, n - n // 2)]).astype("f8")
    limits = np.iinfo(kind)
    near = [limits.min, limits.max, 0, 1, limits.max // 2, limits.min // 2]
    wide = random.integers(limits.min, limits.max, n, dtype=kind, endpoint=True)
    return np.where(random.random(n) < 0.5, np.array(near, kind)[random.integers(0, 6, n)], wide)


def real_key(value: float) -> int:
    """The place of a number among all, -0 and 0 being one."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -1 - (bits & 2**63 - 1) if value else 0


def check_rank_keys(device: HostDevice) -> None:
    random = np.random.default_rng(1)
    for number, kind in enumerate(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f8")):
        for n, n_cuts, bit in ((1, 0, 0), (255, 1, 1), (256, 2, 7), (257, 64, 3), (700, 3000, 5)):
            values, cut_values = keys_of(kind, n, random), np.unique(keys_of(kind, n_cuts, random))
            cut_values = cut_values[~np.isnan(cut_values)]  # in floats alone
            place = {"f8": real_key, "u8": lambda value: int(value) - 2**63}.get(kind, int)
            cuts = np.unique(np.array([place(each) for each in cut_values], np.int64))
            class_of = random.integers(0, 65_535, len(cuts) + 1).astype(np.uint16)
            valid = random.random(n) < 0.8
            places = np.array([0 if each != each else place(each) for each in values], np.int64)
            ranked = class_of[np.searchsorted(cuts, places, "right")]
            for masked in (True, False):
                expected = np.where((valid | (not masked)) & ~np.isnan(values), ranked, 65_535)
                board = Board(device)
                out = board.room(2 * n)
                bits = board.put(bitmap(valid, bit)) if masked else NOTHING
                board.launch(
                    "rank_keys", blocks(n), board.put(values), np.int32(number), bits, np.int64(bit), np.int64(n),
                    board.put(cuts), np.int32(len(cuts)), board.put(class_of), np.uint32(65_535), out,
                )  # fmt: skip
                assert (board.fetch(out, n, np.uint16) == expected).all(), kind


def check_gather_codes(device: HostDevice) -> None:
    random = np.random.default_rng(2)
    for number, kind in enumerate(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")):
        for n, n_entries, bit in ((1, 1, 0), (300, 100, 6), (513, 0, 0)):
            valid = random.random(n) < (0.7 if n_entries else 0)
            rubbish = keys_of(kind, n, random)
            codes = np.where(valid, random.integers(0, max(1, n_entries), n).astype(kind), rubbish)
            table = random.integers(0, 60_000, n_entries).astype(np.uint16)
            expected = np.full(n, 65_535)
            expected[valid] = table[codes[valid].astype(int)]
            board = Board(device)
            out = board.room(2 * n)
            board.launch(
                "gather_codes", blocks(n), board.put(codes), np.int32(number), board.put(bitmap(valid, bit)),
                np.int64(bit), np.int64(n), board.put(table), np.int64(n_entries), np.uint32(65_535), out,
            )  # fmt: skip
            assert (board.fetch(out, n, np.uint16) == expected).all(), kind


SHAPES: dict[str, dict[str, Any]] = {
    # rules, rows, classes of the columns, nodes, shared bytes, rows of a block
    "one rule, one row": {"rules": 1, "rows": 1, "widths": (2,)},
    "a tile that is full": {"rules": 256, "rows": 257, "widths": (5, 3, 70)},
    "a slot more": {"rules": 257, "rows": 130, "widths": (5, 3, 70)},
    "hits everywhere": {"rules": 300, "rows": 150, "widths": (9, 4), "share": 1.0},
    "hardly any hits": {"rules": 600, "rows": 400, "widths": (300, 200, 90), "share": 0.01},
    "counters that overflow": {"rules": 40, "rows": 8_400, "widths": (3,), "share": 0.9, "block_rows": 8_400},
    "few rules left, far from done": {"rules": 700, "rows": 900, "widths": (20,) * 12, "fewest": 6, "per_rule": 9},
    "blocks that end anywhere": {"rules": 30, "rows": 1_025, "widths": (8, 8), "block_rows": 77},
    "nodes in nodes": {"rules": 400, "rows": 300, "widths": (6, 50, 2, 9, 4), "nodes": 61},
    "more steps than a word has bits": {"rules": 300, "rows": 90, "widths": (4,) * 90, "nodes": 150, "share": 0.95},
    "thousands of classes": {"rules": 500, "rows": 200, "widths": (5_000, 3_000, 70), "per_rule": 3},
    "no shared memory": {"rules": 290, "rows": 140, "widths": (5, 90), "nodes": 9, "shared": 0},
    "steps alone in shared memory": {"rules": 290, "rows": 140, "widths": (5, 90), "nodes": 9, "shared": 2_150},
    "more tiles than a warp has lanes": {"rules": 66 * 256 - 9, "rows": 33, "widths": (40, 9), "per_rule": 2},
}


class Prepared(NamedTuple):
    """A shape of rules and rows, with what matches: bool[rows, rules]."""

    n_rules: int
    block_rows: int
    tables: Tables
    classes: npt.NDArray[np.uint16]
    mask: npt.NDArray[np.bool_]


@cache
def prepared(shape: str) -> Prepared:
    asked = {"nodes": 0, "share": 0.5, "fewest": 0, "per_rule": 4, "shared": 32_768, "block_rows": 4_096}
    asked |= SHAPES[shape]
    widths = asked["widths"]
    random = np.random.default_rng(3)
    layout = random_layout(
        len(shape), asked["rules"], widths, nodes=asked["nodes"], fewest=asked["fewest"],
        per_rule=asked["per_rule"], share=asked["share"],
    )  # fmt: skip
    classes = np.stack([random.integers(0, width, asked["rows"]) for width in widths]).astype(np.uint16)
    tables = make_tables(layout, asked["shared"])
    return Prepared(asked["rules"], asked["block_rows"], tables, classes, layout_mask(layout, classes))


def check_matching(device: HostDevice, shape: str) -> None:
    """Counts per rule, counts per row and the matches themselves of a layout, in two windows, far into a batch."""
    n_rules, block_rows, tables, classes, mask = prepared(shape)
    matching = Matching(device, tables, n_rules, classes)
    assert (matching.count(block_rows) == mask.sum(axis=0)).all(), f"{shape}: counts per rule"
    by_rule, by_row = matching.count_rows(block_rows)
    assert (by_rule == mask.sum(axis=0)).all(), f"{shape}: counts per rule, with those per row"
    assert (by_row == mask.sum(axis=1)).all(), f"{shape}: counts per row"
    starts_of_rows = (2**33 + np.concatenate([[0], np.cumsum(by_row.astype(np.int64))])).astype(np.uint64)
    n, middle = len(mask), len(mask) // 3
    for first, last in ((0, middle), (middle, n)):
        if first < last:
            found = matching.write(starts_of_rows, first, last, block_rows)
            assert found == [np.flatnonzero(row).tolist() for row in mask[first:last]], f"{shape}: matches"


def check_scan(device: HostDevice) -> None:
    random = np.random.default_rng(4)
    for n in (1, 1_023, 1_024, 1_025, 2_047, 2_048, 300_000):
        counts = random.integers(0, 2**32, n, dtype=np.uint32)
        runs = n // 1024 + 1
        board = Board(device)
        within, totals = board.room(8 * (n + 1)), board.room(8 * (runs + 1))
        board.launch("scan_rows", (runs, 1), board.put(counts), np.int64(n), within, totals)
        board.launch("scan_totals", (1, 1), totals, np.int64(runs))
        found = board.fetch(within, n + 1, np.uint64) + board.fetch(totals, runs, np.uint64)[np.arange(n + 1) // 1024]
        expected = np.concatenate([[0], np.cumsum(counts, dtype=np.uint64)])
        assert (found == expected).all(), n
        assert board.fetch(totals, runs + 1, np.uint64)[-1] == expected[-1], n


def check_sort(device: HostDevice) -> None:
    """Rows of no match up to ten thousand, among more rules than a bit set holds."""
    random = np.random.default_rng(5)
    n_rules = 70_003
    sizes = [0, 1, 2, 31, 32, 33, 0, 500, 10_000, 64, 0]
    rows = [random.permutation(n_rules)[:size].astype(np.uint32) for size in sizes]
    rows[1], rows[2] = np.array([n_rules - 1], np.uint32), np.array([16_384, 16_383], np.uint32)
    board = Board(device)
    within = board.put(np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint64))
    totals, ordered = board.zeros(16), board.room(4 * sum(sizes))
    board.launch(
        "sort_rows", (2, 1), np.int64(0), np.int64(len(rows)), within, totals, NOTHING,
        board.put(np.concatenate(rows)), ordered, np.uint32(n_rules),
    )  # fmt: skip
    expected = np.concatenate([np.sort(row) for row in rows])
    assert (board.fetch(ordered, sum(sizes), np.uint32) == expected).all()


def check_decide(device: HostDevice) -> None:
    """Rows of up to a hundred matches, with draws that meet their thresholds exactly."""
    random = np.random.default_rng(6)
    n_rules, n_levels, seed = 90, 3, 2**63 + 5
    sizes = [0, 1, 5, 32, 33, 90, 64, 0, 3]
    n = len(sizes)
    rows = [random.permutation(n_rules)[:size] for size in sizes]
    declarations = random.integers(0, 2**64, n, dtype=np.uint64)
    word = random.integers(0, 2**64, n_rules, dtype=np.uint64)
    severity = random.integers(0, 4, n_rules).astype(np.uint32)
    weight = random.integers(0, 65_536, n_rules)
    relief = np.where(random.random(n_rules) < 0.1, random.integers(0, n_levels, n_rules), 0).astype(np.uint16)
    certain = random.random((n_rules, n_levels)) < 0.2
    threshold = random.integers(0, 2**64, (n_rules, n_levels), dtype=np.uint64)
    drawn = {(r, k): draw_slowly(seed, int(declarations[r]), int(word[k])) for r, row in enumerate(rows) for k in row}
    for k in rows[1]:  # a draw at its threshold does not select, one below it does
        threshold[k], certain[k], severity[k] = [drawn[1, k], drawn[1, k] + 1, drawn[1, k] - 1], False, 3
    decision = np.zeros((n, n_levels), np.uint32)
    for r, row in enumerate(rows):
        for k in row:
            for level in range(n_levels):
                if severity[k] and (certain[k, level] or drawn[r, k] < threshold[k, level]):
                    decision[r, level] = max(decision[r, level], int(severity[k]) << 24 | 0xFFFFFF - int(k))
    board = Board(device)
    within = board.put(np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint64))
    found, granted, score = board.room(4 * n * n_levels), board.room(2 * n), board.room(8 * n)
    board.launch(
        "decide_rows", (2, 1), np.int64(0), np.int64(n), within, board.zeros(16), NOTHING,
        board.put(np.concatenate(rows).astype(np.uint32)), np.uint64(seed), board.put(declarations),
        board.put(severity), board.put(weight), board.put(word), board.put(threshold),
        board.put(certain.view(np.uint8)), board.put(relief), np.int32(n_levels), found, granted, score,
    )  # fmt: skip
    assert (board.fetch(found, n * n_levels, np.uint32).reshape(n, n_levels) == decision).all(), "decisions"
    assert board.fetch(granted, n, np.uint16).tolist() == [max(relief[row], default=0) for row in rows], "relief"
    assert board.fetch(score, n, np.int64).tolist() == [weight[row].sum() for row in rows], "scores"


SINGLE = (check_rank_keys, check_gather_codes, check_scan, check_sort, check_decide)


def check_all(library: Path) -> None:
    for order in ORDERS:
        device = HostDevice(library, order)
        for check in SINGLE:
            check(device)
        for shape in SHAPES:
            check_matching(device, shape)


def check_runner(library: Path) -> None:
    """A whole evaluation with every output, as the ``cpu`` backend has it."""
    drawn = case("checks", 120, n_columns=20)
    table = drawn.source.random_table(1, 700)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    asked: dict[str, Any] = {"outputs": ("counts", "lanes", "matches"), "as_of": AS_OF, "seed": 3}
    expected = plan.evaluate(table, backend="cpu", **asked)
    for order in ORDERS:
        with standing_in(CudaBackend(HostDevice(library, order))):
            found = plan.evaluate(table, backend="cuda", **asked)
        assert (found.count_array == expected.count_array).all(), "counts of a run"
        assert found.matches().equals(expected.matches()), "matches of a run"
        assert found.lanes().equals(expected.lanes()), "lanes of a run"


if __name__ == "__main__":
    check_all(Path(sys.argv[1]))
    check_runner(Path(sys.argv[1]))
    sys.stdout.write("all hold\n")
