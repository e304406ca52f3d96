"""The keys of a rule file, what each may hold and what it means: the one place that lists them.

The published JSON Schema is made from these models, and the loader takes its keys from them. A value may be written as
YAML text, number or word: the loader gives it the type of its field, so the schema admits each spelling.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from gpu_target.language.model import LANES, STATUSES
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.types import SPELLINGS

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
LONGEST_ID = 200  # characters
HEAVIEST = 65_535  # uint16
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_NAME = r"^[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_\u0080-\uFFFF]*$"

Text = str | int | float | bool
OptionalText = Text | None
Percent = Annotated[float, Field(ge=0, le=100)] | Annotated[str, Field(pattern=r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)$")]
Weight = Annotated[int, Field(ge=0, le=HEAVIEST)] | Annotated[str, Field(pattern=r"^\+?[0-9]+$")]
Words = Text | list[Text]
Day = Annotated[str, Field(pattern=_DAY)]
_NAMES: dict[str, Any] = {"propertyNames": {"pattern": _NAME}}
Lane = Literal["green", "blue", "yellow", "orange", "red"]
Status = Literal["active", "draft", "retired"]
RecordName = Literal["declaration-item", "traveller"]
assert get_args(Lane) == (*LANES[:3], "orange", LANES[3])
assert get_args(Status) == STATUSES
assert get_args(RecordName) == tuple(RECORD_TYPES)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Valid(_Keys):
    """The days on which a rule applies, against the record's date; both are included."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    from_: Annotated[Day | None, Field(alias="from", description="First day.", examples=["2024-03-01"])] = None
    until: Annotated[Day | None, Field(description="Last day, the whole of it.", examples=["2024-12-31"])] = None


class RuleTest(BaseModel):
    """A record and what the rule must say of it; columns that are not named are missing."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, OptionalText | list[OptionalText]]
    expect: Annotated[Literal["match", "no match"], Field(description="What `when` must give.")]


class Rule(_Keys):
    """One rule: a condition and the lane of what it is true of, or the relief that it grants."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["lane"]}, {"required": ["relief"]}]})
    id: Annotated[Text, Field(description="Unique in the rule set; at most 200 characters.", examples=["UV-0001"])]
    when: Annotated[Text, Field(description="The condition.", examples=["commodity_code LIKE '8703%'"])]
    title: Annotated[OptionalText, Field(description="What the rule looks for, in a few words.")] = None
    lane: Annotated[Lane | None, Field(description="Where matching declarations go; orange is yellow.")] = None
    relief: Annotated[
        Percent | None, Field(description="In place of lane: percent of every rate that matching declarations keep.")
    ] = None
    rate: Annotated[Percent | None, Field(description="Percent of matching declarations selected; default 100.")] = None
    mandatory: Annotated[
        bool | Literal["true", "false"] | None, Field(description="Rate 100, exempt from caps and relief.")
    ] = None
    weight: Annotated[Weight | None, Field(description="Added to the score of a declaration; default 1.")] = None
    valid: Annotated[Valid | None, Field(description="The days on which the rule applies.")] = None
    flow: Annotated[Words | None, Field(description="Flows that it applies to.", examples=["IM"])] = None
    offices: Annotated[Words | None, Field(description="Offices that it applies to.", examples=[["309", "300"]])] = None
    tags: Annotated[Words | None, Field(description="Free words to find and group rules by.")] = None
    status: Annotated[Status | None, Field(description="Draft and retired rules are checked but not run.")] = None
    owner: Annotated[OptionalText, Field(description="Who answers for the rule.")] = None
    source: Annotated[OptionalText, Field(description="Where it comes from: a notice, a study.")] = None
    why: Annotated[OptionalText, Field(description="Why it exists.")] = None
    tests: Annotated[list[RuleTest] | None, Field(description="Records that it must and must not match.")] = None


class TemplateValid(_Keys):
    """The days on which the rule of a row applies; where a cell is empty that end is open."""

    from_: Annotated[OptionalText, Field(alias="from", description="First day or a placeholder.")] = None
    until: Annotated[OptionalText, Field(description="Last day or a placeholder.")] = None


class Template(Rule):
    """A rule in which ``{column}`` stands for the cell of a row; ``{{`` and ``}}`` are braces."""

    # a placeholder is text wherever it stands, so the types of a rule's values are given up here
    id: Annotated[OptionalText, Field(description="Stands before file and row in the ids of the rules.")] = None  # type: ignore[assignment]
    lane: Annotated[OptionalText, Field(description="A lane or a placeholder.")] = None  # type: ignore[assignment]
    relief: Annotated[OptionalText, Field(description="Percent or a placeholder.")] = None
    rate: Annotated[OptionalText, Field(description="Percent or a placeholder.")] = None
    mandatory: Annotated[OptionalText, Field(description="A word or a placeholder.")] = None  # type: ignore[assignment]
    weight: Annotated[OptionalText, Field(description="A number or a placeholder.")] = None  # type: ignore[assignment]
    valid: Annotated[TemplateValid | None, Field(description="Days or placeholders.")] = None  # type: ignore[assignment]
    status: Annotated[OptionalText, Field(description="A status or a placeholder.")] = None  # type: ignore[assignment]
    tests: Annotated[list[Any] | None, Field(description="Tests, with placeholders.")] = None


class DecisionTable(_Keys):
    """One rule per row of a CSV file."""

    table: Annotated[str, Field(description="The CSV file, relative to this one.", examples=["tables/thresholds.csv"])]
    template: Annotated[Template, Field(description="The rule; {column} stands for the row's cell.")]


class ListFile(_Keys):
    """The values of one column of a file."""

    file: Annotated[str, Field(description="CSV or Parquet, relative to this file.")]
    column: Annotated[Text, Field(description="The column that holds the values.")]


class TableValid(_Keys):
    """The columns of a lookup table that hold the first and the last day of a row."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    from_: Annotated[Text | None, Field(alias="from", description="Column of the first day.")] = None
    until: Annotated[Text | None, Field(description="Column of the last day.")] = None


class Table(_Keys):
    """A lookup table: rules read its columns as `table.column`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["file"]}, {"required": ["data"]}]})
    file: Annotated[str | None, Field(description="CSV or Parquet, relative to this file.")] = None
    data: Annotated[str | None, Field(description="In place of file: a table of the generated folder.")] = None
    key: Annotated[
        Text | list[Text] | dict[str, Text],
        Field(description="Columns of the record, or a mapping from them to the table's own."),
    ]
    prefix: Annotated[Text | None, Field(description="The key column that is met by its longest prefix.")] = None
    valid: Annotated[TableValid | None, Field(description="Columns with the days a row holds for.")] = None
    types: Annotated[
        dict[str, str] | None, Field(description="Types of CSV columns: " + ", ".join(SPELLINGS) + ".")
    ] = None


class Roles(_Keys):
    """Which columns of foreign data play a part that rules ask for."""

    date: Annotated[Text | None, Field(description="The column that `valid` reads.")] = None
    flow: Annotated[Text | None, Field(description="The column that `flow` reads.")] = None
    office: Annotated[Text | None, Field(description="The column that `offices` reads.")] = None


class RuleFile(_Keys):
    """A rule set, or one file of a folder that is a rule set."""

    ruleset: Annotated[Text, Field(description="Name of the rule set, the same in each of its files.")]
    rules: Annotated[list[Rule] | DecisionTable, Field(description="Rules in order, or a decision table.")]
    record: Annotated[RecordName | None, Field(description="The record type that the rules read.")] = None
    key: Annotated[Words | None, Field(description="The columns that a record is known by.")] = None
    roles: Annotated[Roles | None, Field(description="Columns for date, flow and office.")] = None
    lists: Annotated[
        dict[str, list[Text] | str | ListFile] | None,
        Field(description="Values by name, for `IN @name`: written here, or in a file.", json_schema_extra=_NAMES),
    ] = None
    tables: Annotated[
        dict[str, Table] | None, Field(description="Lookup tables by name.", json_schema_extra=_NAMES)
    ] = None
    let: Annotated[
        dict[str, Text] | None, Field(description="Expressions by name, for use in rules.", json_schema_extra=_NAMES)
    ] = None


@cache
def keys_of(model: type[BaseModel]) -> dict[str, bool]:
    """The keys that a mapping of this kind may have, in order, and whether each must be there."""
    return {field.alias or name: field.is_required() for name, field in model.model_fields.items()}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for editors and for validation elsewhere."""
    schema = RuleFile.model_json_schema(by_alias=True)
    return {"$schema": SCHEMA_ID, **schema, "title": "gpu-target rule file"}
