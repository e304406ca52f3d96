"""CSV files that people keep beside their rules: text in, text out, and the place of every cell.

The first line names the columns. Cells are separated by commas and are text as written: no type is guessed, leading
zeros stay. A cell in double quotes may hold commas and line breaks; a quote inside is doubled. Lines without any
character are skipped. Every row has as many cells as the header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.csv as arrow_csv

from gpu_target.language.attached import Attached
from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.language.suggest import nearest, one_of

BEGINNING = 1_024  # bytes that tell text from anything else
MOST_PROBLEMS = 20  # of one file are listed one by one
_CELL = re.compile(r'("(?:[^"]|"")*+"[^,\r\n]*|[^,\r\n]*)(,|\r\n|\n|\r|\Z)')
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class CsvFile:
    """A CSV file of which the header was read. ``errors`` takes what is wrong with it, up to a limit."""

    def __init__(self, file: Attached, errors: list[Diagnostic]) -> None:
        self.file = file
        self.errors = errors
        self.source = Source(file.name, "")
        self.header: list[str] = []
        self._problems = 0
        self._starts: list[int] | None = None
        self._has_quotes = b'"' in file.data

    def open(self) -> bool:
        """Read the header. DT204 not UTF-8, DT205 not CSV, DT209 no usable header."""
        before = len(self.errors)
        text = self._decode()
        if text is None:
            return False
        self.source = Source(self.file.name, text)
        try:
            self.header = next((row for row in self._reader() if row), [])
        except csv.Error as error:
            self._broken(error, 1)
            return False
        self._check_header()
        return len(self.errors) == before

    def column(self, name: str) -> int | None:
        return self.header.index(name) if name in self.header else None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows and their numbers, the header being row 1. Ragged rows are noted (DT206), not given."""
        reader = self._reader()
        width = len(self.header)
        number = 0
        try:
            for row in reader:
                if not row:
                    continue
                number += 1
                if number == 1:
                    continue
                if len(row) == width:
                    yield number, row
                elif not self._ragged(number, len(row)):
                    return
        except csv.Error as error:
            self._broken(error, reader.line_num)

    def table(self, columns: Sequence[str]) -> pa.Table | None:
        """The named columns as large_string, empty cells as empty text. None after problems (DT205, DT206)."""
        if not self._has_quotes:
            try:
                return self._by_arrow(columns)
            except pa.ArrowInvalid:
                pass  # read again below, row by row, to say what is wrong and where
        before = len(self.errors)
        places = [self.header.index(name) for name in columns]
        cells: list[list[str]] = [[] for _ in columns]
        appends = [(place, column.append) for place, column in zip(places, cells, strict=True)]
        for _, row in self.rows():
            for place, append in appends:
                append(row[place])
        if len(self.errors) > before:
            return None
        return pa.table([pa.array(column, pa.large_string()) for column in cells], names=list(columns))

    def span(self, row: int, column: int | None = None) -> Span:
        """Where a row (the header is row 1) or one of its cells stands."""
        start = self._row_start(row)
        cells = self._cells(start)
        if column is None:
            return Span(self.source, cells[0][0], cells[-1][1])
        first, end = cells[min(column, len(cells) - 1)]
        return Span(self.source, first, end)

    def note(self, code: str, message: str, span: Span | None, label: str = "", remedy: str = "") -> bool:
        """Note a problem; False once there are so many that the rest of the file is not worth reading."""
        self._problems += 1
        if self._problems <= MOST_PROBLEMS:
            self.errors.append(Diagnostic(code, message, span, label, remedy, "" if span else self.file.name))
            return True
        message = f"{self.file.name} has more than {MOST_PROBLEMS} problems; the rest of it was not read"
        self.errors.append(Diagnostic("RT050", message, span, "", "mend these first"))
        return False

    def unknown_column(self, name: str, what: str) -> tuple[str, str, str]:
        """Message, label and remedy where the header lacks a column."""
        return unknown_column(name, what, self.file.name, self.header)

    def _decode(self) -> str | None:
        data = self.file.data
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            remedy = "save it as UTF-8 (CSV UTF-8)"
            self.errors.append(not_utf8("DT204", self.file.name, data, error.start, remedy))
            return None
        nul = text.find("\0")
        if nul >= 0:
            span = Span(Source(self.file.name, text), nul, nul + 1)
            self.note(
                "DT205", "a NUL character stands in a CSV file", span, "here", "save the file again as CSV in UTF-8"
            )
            return None
        return text

    def _reader(self) -> csv._reader:  # type: ignore[name-defined]
        return csv.reader(io.StringIO(self.source.text, newline=""), strict=True)

    def _check_header(self) -> None:
        remedy = "write the names of the columns into the first line"
        if not self.header:
            span = Span(self.source, 0, 0)
            self.note("DT209", f"{self.file.name} is empty", span, "expected a line with the columns' names", remedy)
            return
        if len(self.header) == 1:
            for sign, name in _OTHER_SEPARATORS.items():
                if sign in self.header[0]:
                    self.note("DT209", f"the header is separated by {name}", self.span(1), "expected commas",
                              "save the file with commas between the cells")  # fmt: skip
                    return
        seen: set[str] = set()
        for place, name in enumerate(self.header):
            if not name.strip():
                self.note("DT209", f"column {place + 1} has no name", self.span(1, place), "empty", remedy)
            elif name in seen:
                self.note("DT209", f"two columns are named `{name}`", self.span(1, place), "again here", "rename one")
            seen.add(name)

    def _by_arrow(self, columns: Sequence[str]) -> pa.Table:
        data = pa.py_buffer(self.file.data)
        start = 3 if self.file.data.startswith(b"\xef\xbb\xbf") else 0
        text = pa.large_string()
        return arrow_csv.read_csv(
            pa.BufferReader(data.slice(start)),
            read_options=arrow_csv.ReadOptions(block_size=4 << 20),
            parse_options=arrow_csv.ParseOptions(quote_char=False, newlines_in_values=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: text for name in columns},
                include_columns=list(columns),
                strings_can_be_null=False,
                check_utf8=False,  # done when decoding
            ),
        )

    def _ragged(self, row: int, found: int) -> bool:
        message = f"row {row} has {found} cells, the header has {len(self.header)}"
        label = f"expected {len(self.header)} cells"
        return self.note("DT206", message, self.span(row), label, "put a cell that holds a comma in double quotes")

    def _broken(self, error: csv.Error, line: int) -> None:
        reason = str(error)
        if "unexpected end of data" in reason:
            start = self._open_quote()
            span = Span(self.source, start, start + 1)
            self.note("DT205", "a quoted cell does not end", span, "the quote opened here is never closed",
                      "close it; a quote inside a quoted cell is doubled")  # fmt: skip
            return
        line = min(max(line, 1), len(self.source.line_starts()))
        start = self.source.line_starts()[line - 1]
        span = Span(self.source, start, start + len(self.source.line_text(line)))
        if "expected after" in reason:
            self.note("DT205", "text stands behind a closing quote", span, "in this line",
                      "double a quote that belongs to the cell")  # fmt: skip
            return
        self.note("DT205", f"this is not CSV: {reason}", span, "in this line", "save the file again as CSV in UTF-8")

    def _open_quote(self) -> int:
        place = 0
        text = self.source.text
        while place < len(text):
            cell = _CELL.match(text, place)
            if cell is None or (text[place] == '"' and not cell[1].endswith('"')):
                return place
            if cell.end() == place:
                break
            place = cell.end()
        return max(text.rfind('"'), 0)

    def _row_start(self, row: int) -> int:
        if self._starts is None:
            self._starts = list(self._row_starts())
        return self._starts[min(row, len(self._starts)) - 1]

    def _row_starts(self) -> Iterator[int]:
        text, place = self.source.text, 0
        while place < len(text):
            start = place
            while place < len(text):
                cell = _CELL.match(text, place)
                if cell is None:
                    place = len(text)
                    break
                place = cell.end()
                if cell[2] != ",":
                    break
            if text[start:place].strip("\r\n"):
                yield start

    def _cells(self, start: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        while True:
            cell = _CELL.match(self.source.text, start)
            if cell is None:
                return found or [(start, start)]
            found.append(cell.span(1))
            if cell[2] != ",":
                return found
            start = cell.end()


def not_utf8(code: str, name: str, data: bytes, place: int, remedy: str) -> Diagnostic:
    """That a file is not UTF-8, with the line around the first byte that is not."""
    before = data[:place].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    message = f"{name} is not UTF-8 text: byte 0x{data[place]:02X} at line {line}, column {column}"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Diagnostic(code, f"{message}; it begins like UTF-16", place=name, remedy=remedy)
    if b"\0" in data[:BEGINNING]:  # what stands there is no text to show
        message = f"{name} is no text: it holds NUL bytes, as archives, spreadsheets and pictures do"
        return Diagnostic(code, message, place=name, remedy="give a text file")
    span = Span(Source(name, data.decode("utf-8", "replace")), len(before), len(before) + 1)
    return Diagnostic(code, message, span, "this byte", remedy)


def unknown_column(name: str, what: str, file: str, known: Sequence[str]) -> tuple[str, str, str]:
    """Message, label and remedy where a file lacks a column."""
    guess = nearest(name, known)
    remedy = f"did you mean `{guess}`?" if guess else f"it has {one_of(known)}"
    return f"{file} has no column `{name}`", f"{what} is not among its columns", remedy
