"""Which column of a file becomes which column of the data, and how its cells are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from gpu_target.inputs.cast import can_become, result_type
from gpu_target.inputs.maps import Map
from gpu_target.inputs.parts import Part
from gpu_target.inputs.yaml_tree import Path as TreePath
from gpu_target.language.diagnostics import DataError, Diagnostic
from gpu_target.language.suggest import did_you_mean, one_of
from gpu_target.language.types import TEXT, FieldType


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` None leaves the stored column as it is."""

    name: str
    source: str
    type: FieldType | None
    format: str | None
    arrow: pa.DataType


def layout(part: Part, map_: Map | None, types: Mapping[str, FieldType], text_only: bool) -> tuple[Column, ...]:
    """The columns of the data in the file's order.

    ``types`` are those of the record type. They apply to the columns that the map leaves untyped, and only where
    ``text_only`` says that the file has no types of its own. Raises DataError with DT110, DT113, DT133 or DT134.
    """
    _refuse_duplicates(part)
    map_ = map_ or Map()
    errors = list(_missing_sources(part, map_))
    used = {column.source for column in map_.columns.values()}
    for name, column in map_.columns.items():
        if name in part.schema.names and name not in used:
            message = f"the map calls `{column.source}` by the name `{name}`, and the data has another `{name}`"
            remedy = f"name that one too, such as {name}_stored: {{from: {name}}}"
            errors.append(Diagnostic("DT134", message, column.name_span, "", remedy, str(part.path)))
    if errors:
        raise DataError(*errors)
    columns: list[Column] = []
    for field in part.schema:
        named = [name for name, column in map_.columns.items() if column.source == field.name]
        for name in named or [field.name]:
            columns.append(_column(name, field, map_, types, text_only, errors))
    if errors:
        raise DataError(*errors)
    return tuple(columns)


def _column(
    name: str, field: pa.Field, map_: Map, types: Mapping[str, FieldType], text_only: bool, errors: list[Diagnostic]
) -> Column:
    entry = map_.columns.get(name)
    kind = entry.type if entry else None
    if kind is None and text_only:
        kind = types.get(name, TEXT)
    elif kind is None and pa.types.is_null(field.type):  # not one value says what it is
        kind = types.get(name)
    pattern = entry.format if entry else None
    if kind is None:
        return Column(name, field.name, None, None, field.type)
    if not can_become(field.type, kind, pattern):
        message = f"column `{field.name}` is stored as {field.type}, which cannot become {kind} without loss"
        remedy = "leave the type out: Parquet and Arrow files have types of their own"
        errors.append(Diagnostic("DT113", message, map_.spans.get(("columns", name, "type")), "", remedy))
    return Column(name, field.name, kind, pattern, result_type(field.type, kind))


def _refuse_duplicates(part: Part) -> None:
    names = part.schema.names
    for position, name in enumerate(names):
        if name in names[:position]:
            message = f"two columns are called `{name}`: numbers {names.index(name) + 1} and {position + 1}"
            raise DataError(Diagnostic("DT110", message, place=str(part.path), remedy="rename one of them"))


def _missing_sources(part: Part, map_: Map) -> list[Diagnostic]:
    errors = []
    for column in map_.columns.values():
        if column.source not in part.schema.names:
            remedy = did_you_mean(column.source, part.schema.names)
            message = f"the data has no column `{column.source}`"
            errors.append(Diagnostic("DT133", message, column.span, f"not in {part.path}", remedy, str(part.path)))
    return errors


def check_names(map_: Map | None, schema: pa.Schema) -> None:
    """The columns of ``key`` and ``roles`` are in the data. Raises DataError with DT136."""
    if map_ is None:
        return
    wanted: list[tuple[TreePath, str]] = [(("key", position), name) for position, name in enumerate(map_.key or ())]
    wanted += [(("roles", role), name) for role, name in map_.roles.items()]
    errors = []
    for path, name in wanted:
        if name not in schema.names:
            remedy = did_you_mean(name, schema.names, f"after the map the columns are {one_of(schema.names, 8)}")
            message = f"`{path[0]}` names `{name}`, and the data has no such column"
            errors.append(Diagnostic("DT136", message, map_.spans.get(path), "", remedy))
    if errors:
        raise DataError(*errors)
