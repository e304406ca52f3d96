"""Rule sets built without files, and what they find in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.diagnostics import Source
from gpu_target.language.model import LookupTable, Predicate, Rule, RuleSet, ValueList
from gpu_target.language.parser import parse_predicate_text

CUDA = pytest.param("cuda", marks=pytest.mark.gpu)
BACKENDS = ("cpu", "interpreter", CUDA)
FAST_BACKENDS = ("cpu", CUDA)


def predicate(text: str) -> Predicate:
    return Predicate(parse_predicate_text(text), Source("when", text))


def rule(id_: str, when: str, **fields: Any) -> Rule:
    """A rule for the red lane, unless ``lane`` or ``relief`` says otherwise."""
    if "relief" not in fields:
        fields.setdefault("lane", "red")
    return Rule(id_, predicate(when), **fields)


def ruleset(
    *rules: str | Rule,
    lists: Mapping[str, pa.Array | Sequence[Any]] | None = None,
    tables: Mapping[str, LookupTable] | None = None,
    let: Mapping[str, str] | None = None,
    **fields: Any,
) -> RuleSet:
    """Texts become rules R0, R1, ...; a list of plain texts is one as from CSV."""
    arrays = {
        name: values if isinstance(values, pa.Array) else pa.array(values, pa.large_string())
        for name, values in (lists or {}).items()
    }
    return RuleSet(
        "test",
        tuple(each if isinstance(each, Rule) else rule(f"R{n}", each) for n, each in enumerate(rules)),
        lists={name: ValueList(name, values) for name, values in arrays.items()},
        tables=tables or {},
        let={name: predicate(text) for name, text in (let or {}).items()},
        **fields,
    )


def lookup(columns: Mapping[str, Any], key: Mapping[str, str], **fields: Any) -> LookupTable:
    return LookupTable("t", pa.table(dict(columns)), key, **fields)


def counts(table: pa.Table, *rules: str | Rule, backend: str = "cpu", as_of: Any = None, **fields: Any) -> list[int]:
    """Matches of every rule."""
    plan = gpu_target.compile(ruleset(*rules, **fields), table.schema)
    return plan.evaluate(table, backend=backend, as_of=as_of).counts.tolist()


def matching_rows(table: pa.Table, *rules: str | Rule, backend: str = "cpu", **fields: Any) -> list[list[int]]:
    """The rows that every rule matches, from 0; the first column serves as the key."""
    plan = gpu_target.compile(ruleset(*rules, **fields), table.schema, key=(table.column_names[0],))
    found = plan.evaluate(table, backend=backend, outputs=("matches",)).matches()
    rows: list[list[int]] = [[] for _ in rules]
    for row, position in zip(found["row"].to_pylist(), found["rule"].to_pylist(), strict=True):
        rows[position].append(row)
    return rows
