"""One chunk of declarations: headers, items and sums as records, for any range of declarations, alone."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.arrays import allocate
from synthetic.choices import factor
from synthetic.draws import SCALE, threshold
from synthetic.fraud import HIGHEST
from synthetic.headers import Header, papers, trade_and_transport, who_and_when
from synthetic.items import Item, Total, fill_items
from synthetic.kernel_tables import Records
from synthetic.particulars import Particular, fill_particulars
from synthetic.profile_model import Profile
from synthetic.world import World, build

PILOT = 1 << 16  # declarations that the rate of fraud is scaled on


class Chunk(NamedTuple):
    headers: Records
    items: Records
    particulars: Records
    totals: Records
    first: NDArray[np.int64]  # [declarations + 1] first item of each


def make(world: World, start: int, stop: int, fraud_scale: int) -> Chunk:
    """Declarations ``start`` to ``stop - 1`` of a world; the interpreter's lock is released while it works."""
    headers = allocate(Header, stop - start)
    seed, tables = world.seed, world.tables
    who_and_when(seed, start, tables, headers)
    trade_and_transport(seed, tables, headers)
    papers(seed, tables, headers)
    first = np.zeros(stop - start + 1, np.int64)
    np.cumsum(headers["items"], out=first[1:])
    items, totals = allocate(Item, int(first[-1])), allocate(Total, stop - start)
    fill_items(seed, headers, first, tables, np.int64(fraud_scale), items, totals)
    particulars = allocate(Particular, len(items))
    fill_particulars(seed, headers, items, tables, particulars)
    return Chunk(headers, items, particulars, totals, first)


def fraud_scale(profile: Profile, seed: int) -> int:
    """What brings the mean temptation over imports to 1, so that the base rate is kept; 32 bits behind the point."""
    return _scale(profile.model_dump_json(), seed)


@lru_cache(maxsize=16)
def _scale(profile: str, seed: int) -> int:
    """From a pilot year with the same traders, by halving: the mean rises with the scale, up to a cap."""
    world = build(Profile.model_validate_json(profile), PILOT, seed)
    pilot = make(world, 0, PILOT, 0)
    imported = pilot.headers["flow"][pilot.items["parent"]] == 0
    risks = pilot.items["risk"][imported]
    fraud = world.profile.fraud
    rate, learnable = max(threshold(fraud.base_rate.value), 1), max(factor(fraud.learnable_share.value), 1)
    # beyond the second, the chance of fraud is 1 and tempts no further
    highest = min(HIGHEST, (((SCALE << 16) // rate - 65_536 + learnable) << 16) // learnable)
    low, high = 0, 1 << 28
    while low < high:
        middle = (low + high) // 2
        if int(np.minimum((risks * middle) >> 16, highest).sum()) < len(risks) << 16:
            low = middle + 1
        else:
            high = middle
    return low << 16
