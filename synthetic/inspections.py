"""A simple history of inspections, and what they found: some declarations at random, some by two plain criteria.

Imports alone are inspected. A declaration meets the criteria where an item comes from a country of high risk and is
liable to a high duty; a part of those is selected. What is false is found with a probability below 1, by its kind, so
a CONFORM may hide a fraud; where nothing is false nothing is found.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synthetic.arrays import allocate
from synthetic.columns import Source, coded, decimal, numbers
from synthetic.inspecting import Inspection, fine_for, inspect


def inspections_table(source: Source) -> pa.Table:
    """One row per inspected declaration."""
    chunk, world = source.chunk, source.world
    records = allocate(Inspection, len(chunk.headers))
    inspect(world.seed, chunk.headers, chunk.items, chunk.first, world.tables, records)
    chosen = np.flatnonzero(records["reason"] >= 0)
    done, headers = records[chosen], chunk.headers[chosen]
    return pa.table({
        "declaration_id": numbers(headers["row"] + world.tables.params["id_base"][0], pa.int64()),
        "selected_ts": numbers(headers["time"], pa.timestamp("s")),
        "reason_code": coded(done["reason"], source.words["reasons"]),
        "result_ts": numbers(done["done"], pa.timestamp("s")),
        "result_code": coded((done["found"] > 0).astype(np.int32), source.words["results"]),
        "items_found": numbers(done["found"], pa.int16()),
        "additional_duty": decimal(done["evaded"], 100),
        "fine": decimal(done["fine"], 100),
    })  # fmt: skip


def truth_table(source: Source) -> pa.Table:
    """One row per item whose declaration is false; an item that is not here was declared as it is."""
    chunk, world = source.chunk, source.world
    items = chunk.items[chunk.items["typology"] > 0]
    rows = chunk.headers["row"][items["parent"]]
    fines = fine_for(items["evaded"], world.tables.params["fine"][0])
    return pa.table({
        "declaration_id": numbers(rows + world.tables.params["id_base"][0], pa.int64()),
        "item_number": numbers(items["line"], pa.int16()),
        "typology": coded(items["typology"].astype(np.int32) - 1, source.words["typologies"]),
        "true_value": decimal(items["true_value"], 100),
        "true_mass_kg": decimal(items["true_mass"], 1_000),
        "true_commodity_code": coded(items["true_code"], source.words["codes"]),
        "true_origin": coded(items["true_origin"], source.words["countries"]),
        "evaded_duty": decimal(items["evaded"], 100),
        "fine": decimal(fines, 100),
    })  # fmt: skip
