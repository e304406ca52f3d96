"""Single kernels on arrays: what is put on the device, launched and fetched."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cuda.tables import Tables
from gpu_target.plan.layout import AND, OR, Layout, starts
from tests.cuda_on_cpu.host import HostDevice

Mask = npt.NDArray[np.bool_]


class Board:
    """Device memory by address, kept while the board lives."""

    def __init__(self, device: HostDevice) -> None:
        self.device, self.stream, self.kept = device, device.stream(), []

    def put(self, values: npt.NDArray[Any]) -> np.uint64:
        at = self.room(values.nbytes)
        self.stream.upload(np.ascontiguousarray(values), int(at))
        self.stream.synchronize()
        return at

    def room(self, n_bytes: int) -> np.uint64:
        memory = self.device.allocate(n_bytes)
        self.kept.append(memory)
        return np.uint64(memory.address)

    def zeros(self, n_bytes: int) -> np.uint64:
        return self.put(np.zeros(n_bytes, np.uint8))

    def launch(self, kernel: str, grid: tuple[int, int], *arguments: np.generic, shared: int = 0) -> None:
        self.stream.launch(kernel, grid, arguments, shared)
        self.stream.synchronize()

    def fetch(self, at: np.uint64, n: int, dtype: type) -> npt.NDArray[Any]:
        found = np.empty(n, dtype)
        self.stream.download(int(at), found)
        self.stream.synchronize()
        return found


def random_layout(
    seed: int, n_rules: int, widths: Sequence[int], *, nodes: int = 0, fewest: int = 0, per_rule: int = 4,
    share: float = 0.5,
) -> Layout:  # fmt: skip
    """Rules over columns of so many classes: some terms that are leaves, some that are nodes of any nesting.

    A leaf holds for about ``share`` of its classes. Without ``fewest`` some rules match always; some never do.
    """
    random = np.random.default_rng(seed)
    n_leaves = max(1, 2 * n_rules)
    column = random.integers(0, len(widths), n_leaves)
    classes = [np.flatnonzero(random.random(widths[c]) < random.choice([share, 0.9, 1 / widths[c]])) for c in column]
    classes = [each if len(each) else np.zeros(1, int) for each in classes]
    kinds, operands = [], []
    for node in range(nodes):
        kind = random.choice([OR, AND])
        own: dict[int, int] = {}
        for term in random.choice(n_leaves, random.integers(2, 5)).tolist():
            own[int(column[term])] = term  # a node has a column once
        own |= {-k: n_leaves + int(random.integers(node)) for k in range(1, random.integers(1, 4)) if node}
        kinds.append(kind)
        operands.append(sorted(set(own.values())))
    terms = []
    for rule in range(n_rules):
        own = {
            int(column[term]): term
            for term in random.integers(0, n_leaves, random.integers(fewest, per_rule + 1)).tolist()
        }
        chosen = list(own.values())
        if nodes and random.random() < 0.5:
            chosen += np.unique(n_leaves + random.integers(0, nodes, 2)).tolist()
        terms.append(chosen if fewest or rule % 50 != 7 else [])
    return Layout(
        columns=tuple(SimpleNamespace(null=width - 1) for width in widths),  # type: ignore[arg-type]
        leaf_column=column.astype(np.int64),
        leaf_start=starts([len(each) for each in classes]),
        leaf_classes=np.concatenate(classes).astype(np.uint16),
        node_kind=np.array(kinds, np.int64),
        node_start=starts([len(each) for each in operands]),
        node_terms=np.array([each for own in operands for each in own], np.int64),
        rule_start=starts([len(each) for each in terms]),
        rule_terms=np.array([each for own in terms for each in own], np.int64),
        never=random.random(n_rules) < 0.02,
    )


def layout_mask(layout: Layout, classes: npt.NDArray[np.uint16]) -> Mask:
    """bool[rows, rules]: what a layout says of rows given by their classes uint16[columns, rows]."""
    terms: list[Mask] = []
    for leaf, column in enumerate(layout.leaf_column):
        own = layout.leaf_classes[layout.leaf_start[leaf] : layout.leaf_start[leaf + 1]]
        holds = np.zeros(layout.columns[column].null + 1, bool)
        holds[own] = True
        terms.append(holds[classes[column]])
    for node, kind in enumerate(layout.node_kind):
        own_terms = [terms[t] for t in layout.node_terms[layout.node_start[node] : layout.node_start[node + 1]]]
        terms.append(np.logical_and.reduce(own_terms) if kind == AND else np.logical_or.reduce(own_terms))
    mask = np.ones((classes.shape[1], layout.n_rules), bool)
    for rule in range(layout.n_rules):
        for term in layout.rule_terms[layout.rule_start[rule] : layout.rule_start[rule + 1]]:
            mask[:, rule] &= terms[term]
    return mask & ~layout.never


class Matching:
    """The kernels of matching on class ids uint16[columns, rows], one after the other as the runner calls them."""

    def __init__(self, device: HostDevice, tables: Tables, n_rules: int, classes: npt.NDArray[np.uint16]) -> None:
        self.board, self.tables, self.n_rules, self.n = Board(device), tables, n_rules, classes.shape[1]
        self.stride = self.n + 3
        nodes = tables.nodes
        rows = np.full((len(classes) + nodes.n_columns, self.stride), 0xA5A5, np.uint16)
        rows[: len(classes), : self.n] = classes
        put = self.board.put
        self.classes = put(rows)
        self.tile, self.data, self.rules = put(tables.tile), put(tables.data), put(tables.rules)
        if len(nodes.is_and):
            self.board.launch(
                "evaluate_nodes", (-(-self.n // 256), 1), self.classes, np.int64(self.stride), np.int64(self.n),
                np.uint32(len(classes)), np.uint32(len(nodes.is_and)), put(nodes.is_and), put(nodes.start),
                put(nodes.operands), np.uint32(len(nodes.leaf_column)), put(nodes.leaf_column), put(nodes.leaf_bits),
                put(nodes.bits),
            )  # fmt: skip
        self.rule_count = self.row_count = self.within = self.totals = np.uint64(0)

    def _match(self, kernel: str, first: int, last: int, block_rows: int, base: int, hits: np.uint64) -> None:
        self.board.launch(
            kernel, (-(-(last - first) // block_rows), len(self.tables.tile)), self.classes, np.int64(self.stride),
            np.int64(first), np.int64(last), np.int64(block_rows), self.tile, self.data, self.rules, self.rule_count,
            self.row_count, self.within, self.totals, np.uint64(base), hits, shared=self.tables.shared_bytes,
        )  # fmt: skip

    def count(self, block_rows: int) -> npt.NDArray[np.int64]:
        """int64[rules] by ``count_rules``."""
        self.rule_count = self.board.zeros(8 * self.n_rules)
        self._match("count_rules", 0, self.n, block_rows, 0, np.uint64(0))
        return self.board.fetch(self.rule_count, self.n_rules, np.int64)

    def count_rows(self, block_rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        """int64[rules] and uint32[rows] by ``count_rows``."""
        self.rule_count = self.board.zeros(8 * self.n_rules)
        self.row_count = self.board.zeros(4 * self.n)
        self._match("count_rows", 0, self.n, block_rows, 0, np.uint64(0))
        fetch = self.board.fetch
        return fetch(self.rule_count, self.n_rules, np.int64), fetch(self.row_count, self.n, np.uint32)

    def write(self, starts_of_rows: npt.NDArray[np.uint64], first: int, last: int, block_rows: int) -> list[list[int]]:
        """The matches of rows first .. last - 1, each row's ascending; after ``count_rows``.

        ``starts_of_rows`` uint64[n + 1] may begin anywhere, so that offsets beyond 32 bits are met.
        """
        runs = -(-(self.n + 1) // 1024)
        self.within = self.board.put(starts_of_rows)
        self.totals = self.board.zeros(8 * (runs + 1))
        base, end = int(starts_of_rows[first]), int(starts_of_rows[last])
        hits, ordered = (self.board.room(4 * max(1, end - base)) for _ in range(2))
        self._match("write_rows", first, last, block_rows, base, hits)
        self.board.launch(
            "sort_rows", (-(-(last - first) // 8), 1), np.int64(first), np.int64(last), self.within, self.totals,
            np.uint64(base), hits, ordered, np.uint32(self.n_rules),
        )  # fmt: skip
        found = self.board.fetch(ordered, end - base, np.uint32)
        edges = (starts_of_rows[first : last + 1] - np.uint64(base)).astype(np.int64)
        return [found[a:b].tolist() for a, b in pairwise(edges)]
