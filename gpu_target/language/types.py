"""The types of columns as people write them: in record types, maps and lookup tables.

``text``, ``integer``, ``number``, ``decimal(p, s)``, ``boolean``, ``date``, ``timestamp`` and ``list(text)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gpu_target.language.diagnostics import DataError, Diagnostic, Span
from gpu_target.language.suggest import nearest

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "integer", "number", "decimal", "boolean", "date", "timestamp", "list"]
SIMPLE: dict[str, Kind] = {
    "text": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
SPELLINGS = (*SIMPLE, "decimal(p, s)", "list(text)")
MOST_DIGITS = 76  # Arrow's decimal256
DECIMAL128_DIGITS = 38

_SYNONYMS = {
    "string": "text", "str": "text", "varchar": "text", "char": "text", "object": "text", "category": "text",
    "dict": "text", "int": "integer", "int8": "integer", "int16": "integer", "int32": "integer", "int64": "integer",
    "bigint": "integer", "smallint": "integer", "whole": "integer", "float": "number", "float32": "number",
    "float64": "number", "double": "number", "real": "number", "numeric": "decimal(18, 2)",
    "decimal": "decimal(18, 2)", "money": "decimal(18, 2)", "bool": "boolean", "logical": "boolean",
    "date32": "date", "day": "date", "datetime": "timestamp", "time": "timestamp", "list": "list(text)",
    "array": "list(text)", "list(string)": "list(text)", "text[]": "list(text)", "list<text>": "list(text)",
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\s*\(\s*([0-9]{1,4})\s*,\s*(-?[0-9]{1,4})\s*\)")
_LIST = re.compile(r"list\s*\(\s*text\s*\)")


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of a column. ``precision`` and ``scale`` are those of a decimal, and 0 otherwise."""

    kind: Kind
    precision: int = 0  # digits in all
    scale: int = 0  # digits after the point

    def __str__(self) -> str:
        if self.kind == "decimal":
            return f"decimal({self.precision}, {self.scale})"
        return "list(text)" if self.kind == "list" else self.kind

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("integer", "number", "decimal")

    def to_arrow(self) -> pa.DataType:
        """The Arrow type that values of this type are read into."""
        import pyarrow as pa  # not at the top: declaring types must not cost the start of a command

        if self.kind == "decimal":
            maker = pa.decimal128 if self.precision <= DECIMAL128_DIGITS else pa.decimal256
            return maker(self.precision, self.scale)
        if self.kind == "list":
            return pa.large_list(pa.large_string())
        return {
            "text": pa.large_string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
            "timestamp": pa.timestamp("us"),
        }[self.kind]


TEXT = FieldType("text")
INTEGER = FieldType("integer")
NUMBER = FieldType("number")
BOOLEAN = FieldType("boolean")
DATE = FieldType("date")
TIMESTAMP = FieldType("timestamp")
TEXT_LIST = FieldType("list")


def parse_type(text: str, *, span: Span | None = None, place: str = "") -> FieldType:
    """Read a type as written, such as ``decimal(12, 2)``; letter case and spaces inside do not matter.

    ``span`` or ``place`` say where it stands, for the message. Raises DataError with DT201 where it is no type, and
    DT202 where a decimal's digits are out of range.
    """
    found = " ".join(text.lower().split())
    if found in SIMPLE:
        return FieldType(SIMPLE[found])
    if _LIST.fullmatch(found):
        return TEXT_LIST
    decimal = _DECIMAL.fullmatch(found)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        if 1 <= precision <= MOST_DIGITS and 0 <= scale <= precision:
            return FieldType("decimal", precision, scale)
        message = f"`{text}` has digits out of range"
        label = f"expected decimal(p, s) with p from 1 to {MOST_DIGITS} and s from 0 to p"
        raise DataError(Diagnostic("DT202", message, span, label, "write for example decimal(18, 2)", place))
    guess = nearest(found, SPELLINGS, _SYNONYMS)
    if guess == "decimal(p, s)":
        guess = "decimal(18, 2)"
    remedy = f"did you mean {guess}?" if guess else "write for example text"
    shown = text if len(text) <= 60 else text[:60] + "…"
    label = "expected one of " + ", ".join(SPELLINGS)
    raise DataError(Diagnostic("DT201", f"`{shown}` is not a type", span, label, remedy, place))
