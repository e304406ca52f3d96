"""Columns of lists: containers and documents of each item."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.kernel_tables import Records, Tables
from synthetic.list_kernels import choose_documents, count_containers, put_containers, share_containers
from synthetic.text import Bytes, as_text


def container_lists(
    seed: np.uint64, headers: Records, items: Records, totals: Records, first: NDArray[np.int64]
) -> pa.Array:
    """The containers of each item; missing where the declaration has none."""
    containers = count_containers(headers, totals)
    offsets = np.empty(len(items) + 1, np.int32)
    share_containers(containers, first, items, offsets)
    cells = np.empty((offsets[-1], 11), np.uint8)
    put_containers(seed, headers, containers, first, items, offsets, cells)
    return _lists(offsets, cells, containers[items["parent"]] == 0)


def document_lists(
    headers: Records, items: Records, particulars: Records, tables: Tables, names: Bytes, needs: int
) -> pa.Array:
    """The documents of each item; an empty list where none was presented."""
    found = np.empty(len(items) * 6, np.int8)
    offsets = np.empty(len(items) + 1, np.int32)
    choose_documents(headers, items, particulars, tables, needs, found, offsets)
    return _lists(offsets, names[found[: offsets[-1]]], None)


def _lists(offsets: NDArray[np.int32], cells: Bytes, missing: NDArray[np.bool_] | None) -> pa.Array:
    mask = None if missing is None else pa.array(missing)
    return pa.ListArray.from_arrays(pa.array(offsets), as_text(cells), mask=mask)
