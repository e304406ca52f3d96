"""The columns of a batch in one block of host memory, so that one copy brings them to the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.columns.travel import Codes, Ids, Keys, Travelling

ALIGNMENT = 256  # bytes, as the device's own allocations have it
KINDS = {
    np.dtype(kind): np.int32(k)
    for k, kind in enumerate(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f8"))  # Kind in kernels.cu
}


class Placed(NamedTuple):
    """A column that the device classifies: where its parts lie, in bytes from the start of the block.

    ``kind`` says how the kernels read values or codes; ``validity`` and ``table`` are -1 where there are none, and
    ``bit`` is that of the first row.
    """

    column: int
    kind: np.int32
    values: int
    validity: int
    bit: int
    table: int
    n_entries: int


class Packing:
    """The place of every column: first what the device classifies, up to ``n_raw`` bytes, then class ids.

    ``ids`` has the columns of these with where they lie.
    """

    def __init__(self, columns: Sequence[Travelling]) -> None:
        self.pieces: list[tuple[int, npt.NDArray[Any]]] = []
        self.n_bytes = 0
        self.raw = [self._place(k, each) for k, each in enumerate(columns) if not isinstance(each, Ids)]
        self.n_raw = self.n_bytes
        self.ids = [(k, self._add(each.classes)) for k, each in enumerate(columns) if isinstance(each, Ids)]

    def _place(self, column: int, each: Keys | Codes) -> Placed:
        validity = self._add(each.validity) if len(each.validity) else -1
        if isinstance(each, Keys):
            return Placed(column, KINDS[each.values.dtype], self._add(each.values), validity, each.bit, -1, 0)
        table = self._add(each.table)
        kind = KINDS[each.codes.dtype]
        return Placed(column, kind, self._add(each.codes), validity, each.bit, table, len(each.table))

    def _add(self, values: npt.NDArray[Any]) -> int:
        at = self.n_bytes
        self.pieces.append((at, values))
        self.n_bytes = at + -(-values.nbytes // ALIGNMENT) * ALIGNMENT
        return at

    def copy_to(self, block: npt.NDArray[np.uint8]) -> None:
        """Write every column into ``block`` uint8[n_bytes]."""
        for at, values in self.pieces:
            block[at : at + values.nbytes] = values.view(np.uint8)
