"""The Python function: one record of a table or frame explained."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from gpu_target.explaining.explainer import Explainer
from gpu_target.explaining.explanation import Explanation
from gpu_target.explaining.keys import no_declaration, parse_key
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.model import RuleSet
from gpu_target.options import day_of, is_whole

TOP = 5  # rules that did not match, shown unless a number is given


def explain(
    ruleset: RuleSet,
    data: Any,
    key: Sequence[Any],
    *,
    rule: str | None = None,
    top: int = TOP,
    seed: int = 0,
    as_of: datetime.date | str | None = None,
    key_columns: tuple[str, ...] | None = None,
    roles: Mapping[str, str] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> Explanation:
    """Why a record took its lane: which rules matched it, and how near the others were.

    data     a pyarrow Table or RecordBatch, a dataset, a frame, or whatever speaks Arrow's C stream interface
    key      the values of the key columns in order; the declaration's alone stands for all its items
    rule     the id of the one rule to look at, drafts and retired ones included
    top      how many of the rules that did not match
    seed, as_of  as for ``Plan.evaluate``; ``key_columns``, ``roles`` and ``tables`` as for ``compile``

    The answer's ``items`` hold each record, its ``cause`` the lane of the declaration. Raises as ``compile`` does, and
    UsageError: US050 where no row has the key, US051 for a wrong key, US052 for an unknown rule, US012, US014 to US017.
    """
    if not is_whole(seed) or not 0 <= seed < 2**64:
        remedy = f"choose a whole number from 0 to {2**64 - 1}"
        raise UsageError(Diagnostic("US012", f"{seed!r} is outside the range of seeds", remedy=remedy))
    schema, batches = opened(data)
    day = None if as_of is None else day_of(as_of)
    explainer = Explainer(
        ruleset, {field.name: field.type for field in schema}, rule=rule, key=key_columns, roles=roles, tables=tables,
        seed=seed, as_of=day,
    )  # fmt: skip
    asked = parse_key((key,) if isinstance(key, str) else tuple(key), explainer.key, explainer.schema)
    found, numbers, first = [], [], 0
    declarations = []
    for batch in batches:
        column = batch.column(schema.get_field_index(explainer.key[0]))
        hits = [place for place, hit in enumerate(asked.has_declaration(column).to_pylist()) if hit]
        own = batch.select(list(explainer.columns)) if hits else batch
        found += [own.slice(place, 1) for place in hits]  # no kernel takes rows out of every type
        numbers += [first + place for place in hits]
        declarations.append(column)
        first += batch.num_rows
    if not found:
        no_declaration(asked, declarations)
    return explainer.explain(pa.Table.from_batches(found), numbers, asked, top)


def opened(data: Any) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema and the batches of a table in any form. Raises UsageError with US017."""
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if hasattr(data, "scanner"):  # a dataset
        return data.schema, data.scanner().to_batches()
    if isinstance(data, pa.Table):
        return data.schema, iter(data.to_batches())
    if not hasattr(data, "__arrow_c_stream__"):
        message = f"a {type(data).__name__} cannot be read as a table"
        raise UsageError(Diagnostic("US017", message, remedy="give an Arrow table, or a frame"))
    reader = data if isinstance(data, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(data)
    return reader.schema, iter(reader)
