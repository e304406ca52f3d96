"""Against which columns a rule set is checked: those of data, of a map, or of its record type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from gpu_target.language.model import RuleSet
    from gpu_target.plan.bind import Binder

NOT_CHECKED = "Names and types were not checked: name a record type in the rules, or give --map or --data."
NO_FOLDER = "DT253"  # a table of a generated folder is needed; without data there is none to check against


@dataclass(frozen=True)
class Columns:
    """Names and types that rules must fit, and where they come from."""

    source: str
    types: Mapping[str, pa.DataType]
    key: tuple[str, ...] | None = None
    roles: Mapping[str, str] | None = None
    tables: Mapping[str, pa.Table] | None = None
    against: str = "in the data"  # said of a name that is none of them


def columns_of(ruleset: RuleSet, data: Path | None, map_: Path | None) -> Columns | None:
    """The columns of ``data`` through the map, else of the map and the record type; None where nothing names them.

    Raises as ``open_data`` and ``load_map`` do.
    """
    import pyarrow as pa

    from gpu_target.cli.reading import data_tables
    from gpu_target.inputs import load_map, open_data
    from gpu_target.language.record import RECORD_TYPES

    if data is not None:
        opened = open_data(data, map=map_, record=ruleset.record)
        types = {field.name: field.type for field in opened.schema}
        tables = data_tables(ruleset, opened) if opened.manifest is not None else None
        return Columns(f"the data {data}", types, opened.key, opened.roles or None, tables)
    record = RECORD_TYPES[ruleset.record] if ruleset.record else None
    types = {name: field.to_arrow() for name, field in record.fields.items()} if record else {}
    if map_ is not None:
        read = load_map(map_)
        for name, column in read.columns.items():
            types[name] = column.type.to_arrow() if column.type else types.get(name, pa.large_string())
        against = "in the map or the record type" if record else "in the map"
        return Columns(f"the map {map_}", types, read.key, read.roles or None, against=against)
    against = "a field of the record type"
    return Columns(f"the record type {ruleset.record}", types, against=against) if record else None


@dataclass(frozen=True)
class Checked:
    """Rules that fit their columns: ``binder`` knows them. ``missing`` are tables that there was no data for."""

    source: str
    binder: Binder
    missing: tuple[str, ...]


def checked_rules(ruleset: RuleSet, columns: Columns) -> Checked:
    """Bind every rule, drafts and retired ones included; those that read a missing table are left unbound.

    Raises RuleError or DataError with every problem.
    """
    from gpu_target.language.diagnostics import DataError, GpuTargetError, RuleError
    from gpu_target.plan.bind import Binder, bind_rules, roles_of
    from gpu_target.plan.compilation import check_record, resolve_key
    from gpu_target.plan.process import compiling
    from gpu_target.rule_tests import problems_of_tests

    problems = []
    binder = Binder(ruleset, columns.types, roles_of(ruleset, columns.roles), columns.tables)
    binder.against = columns.against
    try:
        check_record(ruleset, columns.types)
        with compiling():
            bind_rules(binder, ruleset.rules)
    except GpuTargetError as error:
        problems = list(error.diagnostics)
    problems += problems_of_tests(ruleset, columns.types)
    missing = []
    if columns.tables is None:
        problems = [each for each in problems if each.code != NO_FOLDER]
        missing = sorted(name for name, table in ruleset.tables.items() if table.data is not None)
    if problems:
        wrong_data = all(each.code.startswith("DT") for each in problems)
        raise (DataError if wrong_data else RuleError)(*problems)
    resolve_key(ruleset, columns.key, columns.types)
    return Checked(columns.source, binder, tuple(missing))


def check_names_and_types(ruleset: RuleSet, columns: Columns) -> list[str]:
    """Check every rule, drafts and retired ones included; the names of the tables that there was no data for.

    Raises RuleError or DataError with every problem.
    """
    return list(checked_rules(ruleset, columns).missing)
