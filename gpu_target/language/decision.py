"""Decision tables: one rule per row of a CSV file, from a template in which ``{column}`` stands for the row's cell.

The id of an expanded rule is the template's id where it has one, the file's name and the row, as in
``UV-thresholds.csv-12`` or ``thresholds.csv-12``; rows are counted as a spreadsheet does, the header being row 1, so
the first rule is row 2. In ``when``, a cell inside quotes is
text, with its quotes doubled; outside quotes it can only be a number, TRUE, FALSE or a day: a cell never adds to the
structure of a condition. An empty cell is an error in ``when``; elsewhere a value that is nothing but that placeholder
is left out, and so is its key.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from gpu_target.language.attached import Attached, attach
from gpu_target.language.csv_text import CsvFile
from gpu_target.language.diagnostics import Diagnostic, EmbeddedSource, Source, Span
from gpu_target.language.model import Rule
from gpu_target.language.reading import Reading, check_keys, mapping, scalar, shown
from gpu_target.language.rules import read_rule
from gpu_target.language.schema import DecisionTable, Template
from gpu_target.language.suggest import nearest, one_of
from gpu_target.language.yaml_nodes import MOST_PROBLEMS, YamlList, YamlMap, YamlNode, YamlScalar, embedded

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:([, '\u00a0\u202f_])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?")
_GROUPED_BY_POINTS = re.compile(r"-?[0-9]{1,3}(?:([. '\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*,[0-9]+")
_FRACTION = re.compile(r"-?[0-9]+,[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LITERAL_DAY = re.compile(r"DATE\s*'([0-9]{4}-[0-9]{2}-[0-9]{2})'", re.IGNORECASE)
_EXAMPLE = "write {table: tables/thresholds.csv, template: {id: UV, when: ..., lane: red}}"


class Piece(NamedTuple):
    """Literal text, or a placeholder: ``column`` of the row, inside which quotes, and where it stands in the scalar."""

    text: str
    column: int  # -1 for literal text
    quote: str
    start: int
    end: int


class Cell(NamedTuple):
    """What a piece became in one row."""

    text: str
    piece: Piece


class RowSource(EmbeddedSource):
    """The condition of one row: places lead to the template, ``note`` names the row, ``row`` is what stands in it."""

    __slots__ = ("header", "note", "row")

    def __init__(
        self, template: EmbeddedSource, cells: Sequence[Cell], note: str, header: Sequence[str], row: Sequence[str]
    ) -> None:
        self.note, self.header, self.row = note, header, row
        text = "".join(cell.text for cell in cells)
        super().__init__(template.parent, text, partial(_places, template, cells))


def _places(template: EmbeddedSource, cells: Sequence[Cell]) -> list[int]:
    """Where each character comes from. A cell comes from ``{``, its last character from ``}``: carets span both."""
    found: list[int] = []
    for text, piece in cells:
        if piece.column < 0 and len(text) == piece.end - piece.start:
            found.extend(range(piece.start, piece.end))
        elif text:
            found.extend([piece.start] * (len(text) - 1) + [piece.end - 1])
    found.append(found[-1] + 1 if found else 0)
    return [template.resolve(place, place)[1] for place in found]


@dataclass(frozen=True, slots=True)
class _Expansion:
    reading: Reading
    rows: CsvFile
    pieces: dict[int, list[Piece]]  # by the identity of the template's scalar, where it has placeholders
    template: YamlMap
    when: EmbeddedSource


class Told(NamedTuple):
    """What was told of the rows of a template: the first time with its row, then counted.

    ``places`` are those of the first in the list of errors, ``more`` how many rows have the same by that place.
    """

    places: dict[object, int]
    more: dict[int, int]

    def is_new(self, problem: Diagnostic, place: int) -> bool:
        """Whether no row before had it; if not, it is counted."""
        where = problem.location()
        key = (problem.code, problem.message, where, problem.label, problem.remedy)
        first = self.places.setdefault(key, place)
        if first != place:
            self.more[first] = self.more.get(first, 0) + 1
        return first == place

    def count_in(self, errors: list[Diagnostic]) -> None:
        """Say at each first one how many rows have it too."""
        for place, count in self.more.items():
            note = f"and so in {count:,} more {'row' if count == 1 else 'rows'} of the decision table"
            errors[place] = replace(errors[place], notes=(*errors[place].notes, note))


def read_decision_table(reading: Reading, node: YamlMap) -> list[Rule]:
    """The rules of ``rules: {table:, template:}`` in the order of their rows.

    Notes RT051 and RT052 (placeholders), DT203 to DT211 (the file), DT215 and DT216 (cells), and the problems of each
    rule, with its row.
    """
    if not check_keys(reading, node, DecisionTable, "`rules`"):
        return []
    template = mapping(reading, node.entries["template"][1], "template", _EXAMPLE)
    file = attach(reading, node.entries["table"][1], "table", (".csv",))
    if template is None or file is None or not check_keys(reading, template, Template, "the template"):
        return []
    rows = CsvFile(file, reading.errors)
    if not rows.open():
        return []
    before = len(reading.errors)
    when = scalar(reading, template.entries["when"][1], "when")
    pieces: dict[int, list[Piece]] = {}
    _find_pieces(reading, rows, template, when, pieces)
    if when is None or len(reading.errors) > before:
        return []
    expansion = _Expansion(reading, rows, pieces, template, embedded(reading.source, when))
    found: list[Rule] = []
    told = Told({}, {})
    for number, row in rows.rows():
        rule = _read_row(expansion, file, number, row, told)
        if rule is not None:
            found.append(rule)
        if len(reading.errors) - before > MOST_PROBLEMS:
            break
    told.count_in(reading.errors)
    return found


def _read_row(expansion: _Expansion, file: Attached, number: int, row: list[str], told: Told) -> Rule | None:
    reading = expansion.reading
    note = f"row {number} of {file.name}"
    before = len(reading.errors)
    cells = _condition(expansion, number, row)
    if cells is None:
        return None
    source = RowSource(expansion.when, cells, note, expansion.rows.header, row)
    node = _expand(expansion, expansion.template, row)
    assert type(node) is YamlMap  # it has `when`
    _name(node, f"{file.path.name}-{number}")
    rule = read_rule(reading, node, lambda _: source)
    problems = reading.errors[before:]
    del reading.errors[before:]
    for problem in problems:
        if told.is_new(problem, len(reading.errors)):
            reading.errors.append(replace(problem, notes=(*problem.notes, f"with the cells of {note}")))
    return rule


def _name(node: YamlMap, suffix: str) -> None:
    """Give the rule of a row its id; a template without one still has a place to show."""
    if "id" not in node.entries:
        key = next(iter(node.entries.values()))[0]
        node.entries["id"] = (key, YamlScalar(suffix, "'", key.start, key.end))
        return
    key, written = node.entries["id"]
    if type(written) is YamlScalar and not written.is_null:
        node.entries["id"] = (key, YamlScalar(f"{written.value}-{suffix}", "'", written.start, written.end))


def _find_pieces(
    reading: Reading, rows: CsvFile, node: YamlNode, when: YamlScalar | None, pieces: dict[int, list[Piece]]
) -> None:
    if type(node) is YamlMap:
        for _, value in node.entries.values():
            _find_pieces(reading, rows, value, when, pieces)
    elif type(node) is YamlList:
        for item in node.items:
            _find_pieces(reading, rows, item, when, pieces)
    elif type(node) is YamlScalar and (node is when or "{" in node.value or "}" in node.value):
        pieces[id(node)] = _cut(reading, rows, node, is_condition=node is when)


def _cut(reading: Reading, rows: CsvFile, node: YamlScalar, *, is_condition: bool) -> list[Piece]:
    """The pieces of one scalar; RT051 a brace that is alone, RT052 a column that the table does not have."""
    found: list[Piece] = []
    quote = ""
    place = 0

    def literal(text: str, start: int, end: int) -> None:
        nonlocal quote
        if is_condition:
            for character in text:
                if quote and character == quote:
                    quote = ""  # a doubled quote closes and opens again
                elif not quote and character in "'\"":
                    quote = character
        if text:
            found.append(Piece(text, -1, "", start, end))

    for brace in _BRACES.finditer(node.value):
        literal(node.value[place : brace.start()], place, brace.start())
        place = brace.end()
        if brace[0] in ("{{", "}}"):
            literal(brace[0][0], brace.start(), brace.end())
        elif brace[1] is None:
            sign = brace[0]
            span = _inside(reading, node, brace.start(), brace.end())
            reading.errors.append(Diagnostic("RT051", f"a `{sign}` stands alone in the template", span, "found here",
                                             f"write {{column}} for a cell, {sign}{sign} for a brace"))  # fmt: skip
        else:
            column = rows.column(brace[1])
            if column is None:
                _unknown(reading, rows, node, brace)
            else:
                found.append(Piece("", column, quote, brace.start(), brace.end()))
    literal(node.value[place:], place, len(node.value))
    return found


def _unknown(reading: Reading, rows: CsvFile, node: YamlScalar, brace: re.Match[str]) -> None:
    guess = nearest(brace[1], rows.header)
    remedy = f"did you mean {{{guess}}}?" if guess else f"its columns are {one_of(rows.header)}"
    message = f"{rows.file.name} has no column `{shown(brace[1])}`"
    span = _inside(reading, node, brace.start(), brace.end())
    reading.errors.append(Diagnostic("RT052", message, span, "not a column", remedy))


def _inside(reading: Reading, node: YamlScalar, start: int, end: int) -> Span:
    return Span(embedded(reading.source, node), start, end)


def _expand(expansion: _Expansion, node: YamlNode, row: list[str]) -> YamlNode | None:
    """The template with the cells of a row; None for a value that an empty cell leaves out."""
    if type(node) is YamlScalar:
        pieces = expansion.pieces.get(id(node))
        if pieces is None:
            return node
        text = "".join(piece.text if piece.column < 0 else row[piece.column] for piece in pieces)
        if not text and len(pieces) == 1:
            return None
        return YamlScalar(text, "'", node.start, node.end)
    if type(node) is YamlList:
        items = YamlList(node.start, node.flow)
        items.end = node.end
        items.items = [each for item in node.items if (each := _expand(expansion, item, row)) is not None]
        return items
    assert type(node) is YamlMap
    found = YamlMap(node.start, node.flow)
    found.end = node.end
    for name, (key, value) in node.entries.items():
        expanded = _expand(expansion, value, row)
        if expanded is not None:
            found.entries[name] = (key, expanded)
    # `valid: {from: '{first}', until: '{last}'}` without either day is no condition at all
    return found if found.entries or not node.entries else None


def _condition(expansion: _Expansion, number: int, row: list[str]) -> list[Cell] | None:
    when = expansion.template.entries["when"][1]
    found: list[Cell] = []
    for piece in expansion.pieces[id(when)]:
        if piece.column < 0:
            found.append(Cell(piece.text, piece))
            continue
        cell = row[piece.column]
        if piece.quote:
            written = cell.replace(piece.quote, piece.quote * 2)
        else:
            literal = _literal(cell.strip())
            written = literal or ""
        if not cell.strip() or not written:
            _bad_cell(expansion, number, piece, cell)
            return None
        found.append(Cell(written, piece))
    return found


def _literal(cell: str) -> str | None:
    """A cell as a literal of the rule language, or None where it is none that may stand outside quotes."""
    if _NUMBER.fullmatch(cell):
        return f" {cell}" if cell.startswith("-") else cell  # two minus signs side by side would not be read
    if cell.upper() in ("TRUE", "FALSE"):
        return cell.upper()
    day = _LITERAL_DAY.fullmatch(cell)
    text = day[1] if day else cell
    if not _DAY.fullmatch(text):
        return None
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return f"DATE '{text}'"


def without_separators(cell: str) -> str:
    """A number as it is written in rules, of one with separators such as 400,000 or 12,5; "" of anything else."""
    if _GROUPED.fullmatch(cell):
        return re.sub("[^0-9.-]", "", cell)
    if _GROUPED_BY_POINTS.fullmatch(cell) or _FRACTION.fullmatch(cell):
        return re.sub("[^0-9,-]", "", cell).replace(",", ".")
    return ""


def _bad_cell(expansion: _Expansion, number: int, piece: Piece, cell: str) -> None:
    rows = expansion.rows
    column = rows.header[piece.column]
    span = rows.span(number, piece.column)
    source: Source = expansion.reading.source
    place = source.line_column(expansion.when.resolve(piece.start, piece.end)[1])
    used = f"`when` uses {{{column}}} at {source.name}, line {place[0]}, column {place[1]}"
    if not cell.strip():
        code, message, label = "DT216", f"row {number} has no `{column}`", "empty"
        remedy = "fill it in or delete the row; a rule without its condition would match too much"
    else:
        code, message = "DT215", f"row {number}, column `{column}`: `{shown(cell)}` cannot stand outside quotes"
        label = "expected a number, TRUE, FALSE or a day such as 2024-01-31"
        remedy = f"for text write '{{{column}}}' in the template, with its quotes"
        plain = without_separators(cell.strip())
        if plain:
            remedy = f"write {plain} in the table: a number has a decimal point and no separators; {remedy}"
    rows.note(code, f"{message} ({used})", span, label, remedy)
