"""Columns of lists: containers with ISO 6346 check digits, and the documents presented."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from synthetic.choices import COMMON_DOCUMENTS
from synthetic.draws import SCALE
from synthetic.headers import swap
from synthetic.kernel_tables import Records, Tables
from synthetic.philox import block
from synthetic.streams import CONTAINER
from synthetic.text import Bytes, as_text, codes

OWNERS = codes(["MSCU", "MAEU", "CMAU", "HLCU", "ONEU", "TCLU", "MRKU", "SUDU", "EGHU", "GESU", "TRHU", "BMOU"])
LOAD = 22_000_000  # grams in a container
MOST = 24


@njit(nogil=True, cache=True)
def count_containers(headers, totals):
    """Containers of each declaration: one for each 22 t begun, at most 24; 0 where it has none. Returns int64[n]."""
    found = np.zeros(len(headers), np.int64)
    for i in range(len(headers)):
        if headers[i].containerised:
            found[i] = min(1 + totals[i].true_gross // LOAD, MOST)
    return found


@njit(nogil=True, cache=True)
def share_containers(containers, first, items, offsets):
    """Number of containers of each item, summed: offsets int32[items + 1], written.

    Items and containers of a declaration are dealt out in turn, so that every container has an item and every item
    has a container.
    """
    offsets[0] = 0
    for k in range(len(items)):
        i, line = items[k].parent, items[k].line - 1
        count = first[i + 1] - first[i]
        held = 0
        if containers[i]:
            held = 1 if line >= containers[i] else (containers[i] - line + count - 1) // count
        offsets[k + 1] = offsets[k] + held


@njit(nogil=True, cache=True)
def put_containers(seed, headers, containers, first, items, offsets, cells):
    """Write the identifiers: owner, serial number and check digit. cells uint8[offsets[-1], 11], written."""
    for k in range(len(items)):
        i, line = items[k].parent, items[k].line - 1
        count = first[i + 1] - first[i]
        number = line % containers[i] if containers[i] else 0
        for at in range(offsets[k], offsets[k + 1]):
            owner, serial, _, _ = block(seed, headers[i].row, number, CONTAINER, 0)
            put_container(cells[at], OWNERS[(owner * 12) >> 32], (serial * 1_000_000) >> 32)
            number += count


@njit(nogil=True, cache=True)
def put_container(cell, owner, serial):
    """Write one container number, ISO 6346: letters count 10, 12, 13, ... without multiples of 11; weights are 2^n."""
    total = np.int64(0)
    for place in range(4):
        cell[place] = owner[place]
        letter = np.int64(owner[place]) - 65
        total += (10 + letter + (letter + 9) // 10) << place
    for place in range(9, 3, -1):
        digit = serial % 10
        cell[place] = 48 + digit
        total += digit << place
        serial //= 10
    cell[10] = 48 + total % 11 % 10


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


@njit(nogil=True, cache=True)
def choose_documents(headers, items, particulars, tables, needs, found, offsets):
    """Documents of each item as places in the list of documents: found int8[items * 6], offsets int32[items + 1].

    Each is missing once in 50 to 100 items, which is what rules about missing papers look for. needs int64: number
    of documents that sectors ask for; the proofs of origin stand behind them.
    """
    chapters, codes_, sectors = tables.chapters, tables.codes, tables.sectors
    at = 0
    offsets[0] = 0
    for k in range(len(items)):
        item, header, word = items[k], headers[items[k].parent], particulars[k].documents
        other = swap(word)
        if word & 63:
            found[at] = 0  # invoice
            at += 1
        if (word >> 6) & 127:
            found[at] = 1 + header.mode  # bill of lading, CMR or air waybill
            at += 1
        if (word >> 13) & 7 < 5:
            found[at] = 4  # packing list
            at += 1
        sector = sectors[chapters[codes_[item.code].chapter].sector]
        if other < sector.share and (word >> 16) & 63:
            found[at] = sector.code
            at += 1
        if swap(other) < sector.share_2 and (word >> 22) & 63:
            found[at] = sector.code_2
            at += 1
        if item.preference >= 0 and ((word >> 27) & 31 or other < SCALE // 2):
            found[at] = COMMON_DOCUMENTS + needs + item.preference
            at += 1
        offsets[k + 1] = at


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
