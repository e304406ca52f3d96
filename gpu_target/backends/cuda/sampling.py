"""How common the classes of a plan are, from the first rows of the data: it orders the steps of the matching."""

from __future__ import annotations

import numpy as np

from gpu_target.backends.cuda.tables import Shares
from gpu_target.columns.coded import Memo
from gpu_target.columns.expressions import family
from gpu_target.columns.values import Batch
from gpu_target.plan.layout import Layout

SAMPLE = 4096  # rows
UNSEEN = 0.01  # of the rows are taken to be of any class alike


def class_shares(layout: Layout, batch: Batch) -> list[Shares]:
    """float64[classes] per column of classes.

    Records come in the order of time, so the first ones know nothing of later days: times are taken as even.
    """
    n = min(batch.n_rows, SAMPLE)
    first = Batch({name: values.slice(0, n) for name, values in batch.columns.items()}, n, batch.joins, batch.as_of)
    shares = []
    for column in layout.columns:
        width = column.null + 1
        even = np.full(width, 1 / width)
        if all(family(each.type) == "time" for each in column.values):
            shares.append(even)
            continue
        classes = np.empty(n, np.uint16)
        column.encode(first, Memo(), classes)
        seen = np.bincount(classes, minlength=width) / max(n, 1)
        shares.append(UNSEEN * even + (1 - UNSEEN) * seen)
    return shares
