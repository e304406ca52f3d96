"""Who is inspected, and what is found."""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled
from synthetic.headers import IMPORT
from synthetic.philox import block
from synthetic.streams import INSPECTION_CHOICE, INSPECTION_FINDING

RANDOM, CRITERIA = 0, 1


class Inspection:
    """One record per declaration; ``reason`` -1: not inspected."""

    evaded: np.int64  # centimes found
    fine: np.int64
    done: np.int64  # seconds since 1970
    reason: np.int32
    found: np.int16  # items


@compiled
def inspect(seed, headers, items, first, tables, out):
    """Select and examine a chunk's declarations. headers, items: records; tables ``Tables``; out is written."""
    p, codes, countries = tables.params[0], tables.codes, tables.countries
    for i in range(len(headers)):
        header, each = headers[i], out[i]
        by_chance, by_criteria, delay, _ = block(seed, header.row, 0, INSPECTION_CHOICE, 0)
        each.evaded = each.fine = each.found = 0
        each.reason = -1
        each.done = header.time + 3_600 + ((delay * 255_600) >> 32)  # 1 to 72 hours
        if header.flow != IMPORT:
            continue
        if by_chance < p.inspect_random:
            each.reason = RANDOM
        elif by_criteria < p.inspect_criteria:
            for k in range(first[i], first[i + 1]):
                item = items[k]
                if countries[item.origin].risk >= p.inspect_risk and codes[item.code].duty >= p.inspect_duty:
                    each.reason = CRITERIA
        if each.reason < 0:
            continue
        for k in range(first[i], first[i + 1]):
            item = items[k]
            found, _, _, _ = block(seed, header.row, np.int64(item.line), INSPECTION_FINDING, 0)
            if item.typology and found < p.detection[item.typology]:
                each.found += 1
                each.evaded += item.evaded
                each.fine += fine_for(item.evaded, p.fine)


@compiled
def fine_for(evaded, factor):
    """Fine for evaded duties in centimes; the factor has 16 bits behind the point, half is rounded up."""
    return ((evaded >> 16) * factor) + (((evaded & 0xFFFF) * factor + 32_768) >> 16)
