"""Rules and one record of the data for ``explain``, read without looking at more rows than needed."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gpu_target.cli.reading import data_tables
from gpu_target.cli.screen import Screen

if TYPE_CHECKING:
    from gpu_target.explaining.explanation import Explanation
    from gpu_target.inputs import Data


def explained(
    rules: Path,
    data: Path,
    key: str,
    screen: Screen,
    *,
    rule: str | None,
    top: int,
    map_: Path | None,
    as_of: datetime.date | None,
    seed: int,
) -> tuple[Explanation, Data]:
    """The explanation of the record of a key, and the data that it is from. Raises as each part of it does."""
    import gpu_target
    from gpu_target.explaining.explainer import Explainer
    from gpu_target.explaining.keys import no_declaration, parse_key
    from gpu_target.inputs import open_data
    from gpu_target.inputs.finding import batches, find_rows

    ruleset = gpu_target.load_rules(rules)
    opened = open_data(data, map=map_, record=ruleset.record)
    tables = data_tables(ruleset, opened) if opened.manifest is not None else None
    schema = {field.name: field.type for field in opened.schema}
    explainer = Explainer(
        ruleset, schema, rule=rule, key=opened.key, roles=opened.roles or None, tables=tables, seed=seed, as_of=as_of
    )
    asked = parse_key(parts_of(key), explainer.key, schema, lambda: first_key(opened, explainer.key))
    column = asked.columns[0]
    with screen.progress("Looking for the record", opened.rows) as advance:
        rows = find_rows(opened, column, asked.has_declaration, explainer.columns, asked.whole_number, advance)
    if not rows.numbers:
        no_declaration(asked, (batch.column(0) for batch in batches(opened, [column])))
    return explainer.explain(rows.table, rows.numbers, asked, top), opened


def parts_of(key: str) -> list[str]:
    """The values of ``--key``; one that holds a comma, or blanks at its ends, stands in double quotes, as in CSV."""
    parts = next(csv.reader([key], skipinitialspace=True), [])
    return parts if '"' in key else [each.strip() for each in parts]


def first_key(data: Data, key: Sequence[str]) -> list[str]:
    """The key of the first row, as ``--key`` takes it; nothing where there is no row or a part is missing."""
    from gpu_target.explaining.keys import written
    from gpu_target.inputs.finding import batches

    batch = next((each for each in batches(data, key) if each.num_rows), None)
    return [] if batch is None else written(batch)
