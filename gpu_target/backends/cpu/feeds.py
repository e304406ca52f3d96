"""How the columns of a batch reach the kernels, which turn them into classes block by block, in the cache."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cpu.classify import CODES, FLOATS, INTEGERS, READY
from gpu_target.columns.coded import ClassColumn, Memo, OrderedColumn
from gpu_target.columns.travel import codes_of
from gpu_target.columns.values import Batch

Ints = npt.NDArray[np.int64]


class Feeds:
    """The columns of a batch as addresses; the arrays behind them are kept alive with it.

    table    int64[columns, 9]  kind; address of the data; address, first bit and bytes of the validity, no bytes where
                                nothing is NULL; the class of NULL; then of CODES the address of the entries' classes
                                and how many there are, of FLOATS and INTEGERS their shift, and the
                                shifted keys of the first and the last bucket
    keys_at  uint64[keyed columns]
    """

    def __init__(
        self, columns: Sequence[ClassColumn], keyed: Sequence[bool], batch: Batch, memos: Sequence[Memo]
    ) -> None:
        self.n_rows = batch.n_rows
        self.held: list[npt.NDArray[np.generic]] = []
        self.table = np.zeros((len(columns), 9), np.int64)
        keys_at = []
        for column, is_keyed, memo, row in zip(columns, keyed, memos, self.table, strict=True):
            if is_keyed and isinstance(column, OrderedColumn):
                row[:] = self._keys(column, batch)
                keys_at.append(int(row[1]))
            else:
                row[:] = self._classes(column, batch, memo)
        self.keys_at = np.array(keys_at, np.uint64)

    def _address(self, array: npt.NDArray[np.generic]) -> int:
        self.held.append(array)
        return array.ctypes.data

    def _keys(self, column: OrderedColumn, batch: Batch) -> tuple[int, ...]:
        buckets = column.buckets
        assert buckets is not None
        keys, validity, bit = column.keys(batch)
        return (
            FLOATS if column.is_float else INTEGERS, self._address(keys), self._address(validity), bit, len(validity),
            buckets.last + 1, buckets.shift, *buckets.limits,
        )  # fmt: skip

    def _classes(self, column: ClassColumn, batch: Batch, memo: Memo) -> tuple[int, ...]:
        coded = codes_of(column, batch, memo)
        if coded is not None and len(coded.table):
            codes = coded.codes.astype(np.int32, copy=False)
            return (
                CODES, self._address(codes), self._address(coded.validity), coded.bit, len(coded.validity),
                column.null, self._address(coded.table), len(coded.table), 0,
            )  # fmt: skip
        classes = np.empty(batch.n_rows, np.uint16)
        column.encode(batch, memo, classes)
        return (READY, self._address(classes), 0, 0, 0, column.null, 0, 0, 0)
