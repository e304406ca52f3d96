"""Maps: how the columns of foreign data are called here, which types they have, and which cells mean missing."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gpu_target.inputs.csv_scan import CsvForm
from gpu_target.inputs.parts import unreadable
from gpu_target.inputs.yaml_tree import Path as TreePath
from gpu_target.inputs.yaml_tree import YamlTree, read_yaml
from gpu_target.language.diagnostics import DataError, Diagnostic, Source, Span
from gpu_target.language.paths import meant
from gpu_target.language.suggest import nearest, one_of
from gpu_target.language.types import SPELLINGS, FieldType, parse_type

Name = Annotated[str, Field(min_length=1)]
PLAIN_CSV = CsvForm()


class ColumnModel(BaseModel):
    """One column: where it comes from and how its cells are read."""

    model_config = ConfigDict(extra="forbid", title="column")
    from_: Name | None = Field(
        default=None, alias="from", description="The column's name in the data; the same by default."
    )
    type: Name | None = Field(default=None, description="One of " + ", ".join(SPELLINGS) + ".")
    format: Name | None = Field(
        None, description="Dates and timestamps that are not ISO 8601, as for strptime: %d/%m/%Y."
    )


class RolesModel(BaseModel):
    """Which columns a rule's own conditions read."""

    model_config = ConfigDict(extra="forbid", title="roles")
    date: Name | None = Field(default=None, description="Read by `valid`.")
    flow: Name | None = Field(default=None, description="Read by `flow`.")
    office: Name | None = Field(default=None, description="Read by `offices`.")


class CsvModel(BaseModel):
    """How a CSV file is written."""

    model_config = ConfigDict(extra="forbid", title="csv")
    delimiter: str = Field(default=",", description="One ASCII character.")
    encoding: str = Field(default="utf-8", description="A text encoding, such as utf-8, latin-1 or cp1252.")


class MapModel(BaseModel):
    """A map for foreign data. Every scalar is text: NO and 0309 stay as they are written."""

    model_config = ConfigDict(extra="forbid", title="gpu-target map")
    columns: dict[Name, ColumnModel] = Field(default_factory=dict, description="Columns by their name in the rules.")
    key: list[Name] | None = Field(
        default=None, min_length=1, description="The columns that identify a row, after the map."
    )
    roles: RolesModel = Field(default=RolesModel(), description="The columns behind valid, flow and offices.")
    null_values: list[str] | None = Field(
        None, description="Cells that mean missing; in CSV the empty cell by default."
    )
    csv: CsvModel = Field(default=CsvModel(), description="How CSV files are written.")


@dataclass(frozen=True, slots=True)
class MapColumn:
    """``source`` is the name in the data; ``type`` None keeps what is stored, or the record type's in CSV."""

    source: str
    type: FieldType | None = None
    format: str | None = None
    span: Span | None = None  # of the source, or of the name where there is none
    name_span: Span | None = None


@dataclass(frozen=True)
class Map:
    """A map that was read and checked by itself; whether its columns exist is known once it meets data."""

    columns: Mapping[str, MapColumn] = dataclass_field(default_factory=dict)
    key: tuple[str, ...] | None = None
    roles: Mapping[str, str] = dataclass_field(default_factory=dict)
    null_values: tuple[str, ...] | None = None
    csv: CsvForm = PLAIN_CSV
    path: Path | None = None
    spans: Mapping[TreePath, Span] = dataclass_field(default_factory=dict)


def map_schema() -> dict[str, Any]:
    """The JSON Schema of maps."""
    return MapModel.model_json_schema(by_alias=True)


def load_map(path: str | Path) -> Map:
    """Read a map. Raises DataError with every problem: DT101, DT118, DT130 to DT132, DT135, DT137, DT201, DT202,
    and RT024 to RT036 for its YAML."""
    path = Path(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(Diagnostic("DT101", "there is no such map", place=str(path), remedy=meant(path))) from None
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte {error.start:,} (0x{raw[error.start]:02X}) is no text in utf-8"
        raise DataError(Diagnostic("DT130", what, place=str(path), remedy="save the map as UTF-8")) from error
    return parse_map(Source(str(path), text), path)


def parse_map(source: Source, path: Path | None = None) -> Map:
    """Read the text of a map; see ``load_map``."""
    if not source.text.strip():
        remedy = "write columns: and what they are"
        raise DataError(Diagnostic("DT132", "the map is empty", place=source.name, remedy=remedy))
    file = read_yaml(source)
    try:
        model = MapModel.model_validate(file.tree)
    except ValidationError as error:
        raise DataError(*file.errors, *_explained(error, file)) from error
    columns = {name: _column(name, entry, file) for name, entry in model.columns.items()}
    form = _csv_form(model.csv, file)
    if file.errors:
        raise DataError(*file.errors)
    return Map(
        columns=columns,
        key=tuple(model.key) if model.key else None,
        roles={role: column for role, column in model.roles.model_dump().items() if column is not None},
        null_values=tuple(model.null_values) if model.null_values is not None else None,
        csv=form,
        path=path,
        spans=file.spans,
    )


def _column(name: str, entry: ColumnModel, file: YamlTree) -> MapColumn:
    path: TreePath = ("columns", name)
    kind = None
    if entry.type is not None:
        try:
            kind = parse_type(entry.type, span=file.spans.get((*path, "type")))
        except DataError as error:
            file.errors.extend(error.diagnostics)
            return MapColumn(entry.from_ or name)
    if entry.format is not None:
        problem = _format_problem(kind, entry.format)
        if problem:
            span, remedy = file.spans.get((*path, "format")), "write for example format: '%d/%m/%Y'"
            file.errors.append(Diagnostic("DT135", problem, span, "", remedy))
    span = file.spans.get((*path, "from")) or file.keys[path]
    return MapColumn(entry.from_ or name, kind, entry.format, span, file.keys[path])


def _format_problem(kind: FieldType | None, pattern: str) -> str | None:
    if kind is None or kind.kind not in ("date", "timestamp"):
        declared = f"this column is {kind}" if kind else "this column has no type"
        return f"a format is for the types date and timestamp, and {declared}"
    sample = datetime.datetime(2023, 11, 25, 13, 45, 58, tzinfo=datetime.UTC)
    try:
        back = datetime.datetime.strptime(sample.strftime(pattern), pattern)
    except ValueError as error:
        return f"`{pattern}` cannot be read back: {error}"
    if (back.year, back.month, back.day) != (sample.year, sample.month, sample.day):
        return f"`{pattern}` does not say year, month and day"
    return None


def _csv_form(model: CsvModel, file: YamlTree) -> CsvForm:
    if len(model.delimiter) != 1 or not model.delimiter.isascii() or model.delimiter in '"\r\n\0':
        message = f"`{model.delimiter}` cannot separate cells"
        remedy = 'write one ASCII character in double quotes, such as ";" or "\\t" for a tab'
        file.errors.append(Diagnostic("DT137", message, file.spans.get(("csv", "delimiter")), "", remedy))
    try:
        b"ab".decode(model.encoding, errors="ignore")  # an empty text would not be looked at
    except (LookupError, ValueError):
        message = f"`{model.encoding}` is no text encoding that is known here"
        remedy = "write for example utf-8, latin-1, cp1252 or utf-16"
        file.errors.append(Diagnostic("DT137", message, file.spans.get(("csv", "encoding")), "", remedy))
    return CsvForm(model.delimiter, model.encoding)


_COLUMNS = "a mapping of names to columns, such as {price: {from: Item Price, type: number}}"
_EXPECTED = {
    "dict_type": "a mapping such as {from: HS6 Code, type: text}",
    "model_type": "a mapping such as {from: HS6 Code, type: text}",
    "list_type": "a list such as [a, b]",
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "too_short": "a list with at least one entry",
}
_KEYS: dict[str | int, type[BaseModel]] = {0: MapModel, "columns": ColumnModel, "roles": RolesModel, "csv": CsvModel}


def _explained(error: ValidationError, file: YamlTree) -> Iterable[Diagnostic]:
    found = error.errors(include_url=False, include_input=False)
    if file.keys.get(("rules",)) and not file.keys.get(("columns",)):
        remedy = "give the map behind --map; the rules are named first, without an option"
        yield Diagnostic("DT131", "this is a rule file, not a map", file.keys[("rules",)], "rules stand here", remedy)
        return
    for each in found:
        path = tuple(part for part in each["loc"] if part != "[key]")
        if each["type"] == "extra_forbidden":
            yield _unknown_key(path, file)
        else:
            where = ".".join(str(part) for part in path) or "the map"
            expected = _EXPECTED.get(each["type"], each["msg"]) if path != ("columns",) else _COLUMNS
            span = file.spans.get(path) or file.keys.get(path[:-1])
            yield Diagnostic(
                "DT132", f"`{where}` has a value that cannot be read", span, f"expected {expected}", f"write {expected}"
            )


def _unknown_key(path: TreePath, file: YamlTree) -> Diagnostic:
    if str(path[-1]).endswith(")"):
        remedy = "a type with a comma in it stands in quotes: 'decimal(12, 2)'"
        return Diagnostic("DT131", f"unknown key `{path[-1]}`", file.keys.get(path), "the comma ends the type", remedy)
    model = _KEYS[0 if len(path) == 1 else path[0]]
    known = [entry.alias or name for name, entry in model.model_fields.items()]
    guess = nearest(
        str(path[-1]), known, {"sep": "delimiter", "nulls": "null_values", "source": "from", "name": "from"}
    )
    remedy = f"did you mean `{guess}`?" if guess in known else "leave it out"
    return Diagnostic(
        "DT131", f"unknown key `{path[-1]}`", file.keys.get(path), f"expected one of {one_of(known)}", remedy
    )
