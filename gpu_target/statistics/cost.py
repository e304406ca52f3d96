"""What it costs to look for each rule, counted on a sample of the rows.

A rule's terms are tried one after the other, the rarest first. The rows where the rarest is TRUE are looked up; each
further term is tested on the rows where all before it were TRUE. The sum of these rows is what a rule costs: the
``cpu`` backend finds rules in this way, and spends about as long on each of these rows. What rules share is no part of
it: reading columns, computing derived ones, and cutting their values into classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns.coded import Memo, decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.columns.values import Batch, TableJoin
from gpu_target.plan.layout import AND, Layout

SLICE, MOST_SLICES = 512, 32  # rows that are taken together, and how many times

Bits = npt.NDArray[np.uint8]


class Sample:
    """Rows from all over the data: the middle of every batch, then of every second, every fourth, ..."""

    def __init__(self, layout: Layout, joins: Mapping[str, TableJoin], as_of: int | None) -> None:
        self.layout, self.joins, self.as_of = layout, dict(joins), as_of
        self.slices: list[tuple[int, dict[str, pa.Array]]] = []  # rows, which may have no columns
        self.every, self.seen = 1, 0

    def passing(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they are, looked at in passing."""
        for batch in batches:
            if batch.num_rows:
                if self.seen % self.every == 0:
                    rows = batch.slice(max(0, batch.num_rows - SLICE) // 2, SLICE)
                    self.slices.append((rows.num_rows, _copied(rows)))
                self.seen += 1
                if len(self.slices) > MOST_SLICES:
                    self.slices = self.slices[::2]
                    self.every *= 2
            yield batch

    def row_tests(self) -> tuple[npt.NDArray[np.int64], int]:
        """int64[rules]: the rows of the sample that the terms of each rule are tried on; and how many rows it has."""
        n_rows = sum(n for n, _ in self.slices)
        if not n_rows:
            return np.zeros(self.layout.n_rules, np.int64), 0
        columns = {name: pa.concat_arrays([each[name] for _, each in self.slices]) for name in self.slices[0][1]}
        batch = Batch(columns, n_rows, self.joins, self.as_of)
        classes = np.empty((len(self.layout.columns), n_rows), np.uint16)
        for column, out in zip(self.layout.columns, classes, strict=True):
            column.encode(batch, Memo(), out)
        return row_tests(self.layout, classes), n_rows


def _copied(rows: pa.RecordBatch) -> dict[str, pa.Array]:
    """The columns of a few rows, of one form whatever that of the batch, which is not kept alive by them."""
    every = pa.array(np.arange(rows.num_rows))
    plain = {name: decoded(each).take(every) for name, each in zip(rows.schema.names, rows.columns, strict=True)}
    texts = {name: each.cast(TEXT) for name, each in plain.items() if family(each.type) == "text"}
    return {**plain, **texts}


def row_tests(layout: Layout, classes: npt.NDArray[np.uint16]) -> npt.NDArray[np.int64]:
    """int64[rules] of ``classes`` uint16[columns, rows]; a rule without terms matches every row and costs each once."""
    n_rows = classes.shape[1]
    terms = _terms(layout, classes)
    counts = np.bitwise_count(terms).sum(axis=1, dtype=np.int64)
    found = np.zeros(layout.n_rules, np.int64)
    for rule in np.flatnonzero(~layout.never).tolist():
        mine = layout.rule_terms[layout.rule_start[rule] : layout.rule_start[rule + 1]]
        if not len(mine):
            found[rule] = n_rows
            continue
        mine = mine[np.argsort(counts[mine], kind="stable")]
        left, tried = terms[mine[0]], int(counts[mine[0]])
        found[rule] = tried
        for term in mine[1:].tolist():
            if not tried:
                break
            found[rule] += tried
            left = left & terms[term]
            tried = int(np.bitwise_count(left).sum())
    return found


def _terms(layout: Layout, classes: npt.NDArray[np.uint16]) -> Bits:
    """uint8[leaves and nodes, bytes]: a bit for each row where it is TRUE."""
    n_leaves, n_nodes = layout.n_leaves, len(layout.node_kind)
    found = np.zeros((n_leaves + n_nodes, -(-classes.shape[1] // 8)), np.uint8)
    for leaf in range(n_leaves):
        column = layout.leaf_column[leaf]
        holds = np.zeros(layout.columns[column].null + 1, np.bool_)
        holds[layout.leaf_classes[layout.leaf_start[leaf] : layout.leaf_start[leaf + 1]]] = True
        found[leaf] = np.packbits(holds[classes[column]])
    for node in range(n_nodes):  # the operands of a node come before it
        inside = found[layout.node_terms[layout.node_start[node] : layout.node_start[node + 1]]]
        join = np.bitwise_and if layout.node_kind[node] == AND else np.bitwise_or
        found[n_leaves + node] = join.reduce(inside, axis=0)
    return found
