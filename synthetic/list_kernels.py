"""Loops behind the columns of lists: containers with ISO 6346 check digits, and the documents presented."""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.choices import COMMON_DOCUMENTS
from synthetic.compiled import compiled
from synthetic.draws import SCALE
from synthetic.headers import swap
from synthetic.philox import block
from synthetic.streams import CONTAINER
from synthetic.text import codes

OWNERS = codes(["MSCU", "MAEU", "CMAU", "HLCU", "ONEU", "TCLU", "MRKU", "SUDU", "EGHU", "GESU", "TRHU", "BMOU"])
LOAD = 22_000_000  # grams in a container
MOST = 24


@compiled
def count_containers(headers, totals):
    """Containers of each declaration: one for each 22 t begun, at most 24; 0 where it has none. Returns int64[n]."""
    found = np.zeros(len(headers), np.int64)
    for i in range(len(headers)):
        if headers[i].containerised:
            found[i] = min(1 + totals[i].true_gross // LOAD, MOST)
    return found


@compiled
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


@compiled
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


@compiled
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


@compiled
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
