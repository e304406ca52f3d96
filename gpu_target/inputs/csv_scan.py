"""A second, slow look at a CSV file: its header, and where and why it cannot be read."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gpu_target.inputs.parts import reason, unreadable, wrong
from gpu_target.language.diagnostics import DataError

LONGEST_CELL = 8 << 20  # characters
END = "\0end\0"  # a last line of our own; a quote that is never closed swallows it
UTF8 = ("utf-8", "utf-8-sig")
COPY_AGAIN = "the file is damaged or was cut off: write or copy it again"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a CSV file is written. ``encoding`` is any codec that Python knows."""

    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def is_utf8(self) -> bool:
        return codecs.lookup(self.encoding).name in UTF8

    @property
    def text_encoding(self) -> str:
        """The codec that also drops a byte-order mark."""
        return "utf-8-sig" if self.is_utf8 else self.encoding


def header(path: Path, form: CsvForm) -> list[str]:
    """The column names. Raises DataError with DT104, DT105, DT107, DT110, DT111, DT118 or DT119."""
    try:
        names = next((cells for _, cells in _records(path, form) if cells), None)
    except (csv.Error, UnicodeError, pa.ArrowException, OSError) as error:
        raise explain(path, form, None, error) from error
    if names is None:
        raise wrong("DT104", "the file is empty", path, "give it a first line with the column names, also without rows")
    if len(names) == 1 and (other := next((each for each in ";\t|," if each in names[0]), None)):
        what = f"the first line names one column, `{names[0][:60]}`"
        shown = "\\t" if other == "\t" else other
        remedy = f'name its delimiter in a map: csv: {{delimiter: "{shown}"}}'
        raise wrong("DT119", what, f"{path}:1", remedy)
    for position, name in enumerate(names):
        if not name.strip():
            what = f"column {position + 1} of {len(names)} has no name in the first line"
            raise wrong(
                "DT111", what, f"{path}:1", "name it; a delimiter at the end of the line makes one column too many"
            )
        if name in names[:position]:
            what = f"two columns are called `{name}`: numbers {names.index(name) + 1} and {position + 1}"
            raise wrong("DT110", what, f"{path}:1", "rename one of them in the first line")
    return names


def line_of(path: Path, form: CsvForm, row: int) -> int | None:
    """The line where data row ``row`` (from 0) begins."""
    width = 0
    position = -1  # the header
    for line, cells in _records(path, form):
        if not cells and width != 1:
            continue
        width = width or len(cells)
        if position == row:
            return line
        position += 1
    return None


def explain(path: Path, form: CsvForm, width: int | None, error: Exception) -> DataError:
    """Why the file cannot be read, with its line: found by going through it again."""
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable(path, error)
    try:
        with _lines(path, form) as lines:
            for _ in lines:
                pass
    except UnicodeError:
        return _not_text(path, form)
    except (pa.ArrowException, OSError) as damage:
        return wrong("DT105", "the file cannot be unpacked", path, COPY_AGAIN, reason(damage))
    return _misshapen(path, form, width) or wrong(
        "DT114",
        f"the file cannot be read as CSV: {reason(error)}",
        path,
        "check its delimiter and its quotes; a row has at most 8 MB",
    )


def _misshapen(path: Path, form: CsvForm, width: int | None) -> DataError | None:
    row, start = -1, 1
    try:
        for line, cells in _records(path, form, END):
            start = line
            if any(END in cell for cell in cells):
                if cells != [END]:
                    return _unclosed(path, line)
                return None
            if not cells and width != 1:
                continue
            row += 1
            if width is not None and len(cells or [""]) != width:
                return _ragged(path, form, line, row, len(cells), width)
    except csv.Error:
        what = "a cell behind this row is longer than 8 MB"
        return wrong("DT114", what, f"{path}:{start}", "close a quote that is never closed, or shorten the cell")
    return None


def _ragged(path: Path, form: CsvForm, line: int, row: int, found: int, width: int) -> DataError:
    cells = f"{found} cell{'' if found == 1 else 's'}"
    remedy = f"give every row {width} cells; a cell that holds `{form.delimiter}` stands in double quotes"
    if found == 1:
        remedy += "; if another delimiter is used, name it under csv: {delimiter: ...} in a map"
    what = f"row {row:,} has {cells}, and the first line names {width} columns"
    return wrong("DT108", what, f"{path}:{line}", remedy)


def _unclosed(path: Path, line: int) -> DataError:
    remedy = 'close it with `"`, and write a quote inside a quoted cell twice'
    return wrong("DT109", "a quoted cell begins in this row and is never closed", f"{path}:{line}", remedy)


def _not_text(path: Path, form: CsvForm) -> DataError:
    """The first byte that is no text in the file's encoding."""
    decoder = codecs.getincrementaldecoder(form.encoding)()
    fed, line = 0, 1
    with pa.input_stream(str(path), compression="detect") as source:
        while True:
            raw = source.read(1 << 20)
            try:
                line += decoder.decode(raw, final=not raw).count("\n")
            except UnicodeDecodeError as error:
                offset = fed - (len(error.object) - len(raw)) + error.start
                line += error.object[: error.start].decode(form.encoding, errors="ignore").count("\n")
                what = f"byte {offset:,} (0x{error.object[error.start]:02X}) is no text in {form.encoding}"
                break
            except UnicodeError as error:  # such as UTF-16 without its mark
                what = f"the file is no text in {form.encoding}: {reason(error)}"
                break
            fed += len(raw)
    remedy = "save the file as UTF-8, or name its encoding under csv: in a map, such as encoding: latin-1"
    return wrong("DT107", what, f"{path}:{line}", remedy)


@contextmanager
def _lines(path: Path, form: CsvForm) -> Iterator[io.TextIOWrapper]:
    with (
        pa.input_stream(str(path), compression="detect") as source,
        io.TextIOWrapper(source, encoding=form.text_encoding, newline="") as lines,
    ):
        yield lines


def _records(path: Path, form: CsvForm, end: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line it begins on; an empty line has no cells. ``end`` stands behind the last."""
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        with _lines(path, form) as lines:
            reader = csv.reader(_with_end(lines, end), delimiter=form.delimiter)
            line = 1
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
    finally:
        csv.field_size_limit(limit)


def _with_end(lines: Iterator[str], end: str | None) -> Iterator[str]:
    last = "\n"
    for line in lines:
        last = line
        yield line
    if end is not None:
        if not last.endswith(("\r", "\n")):
            yield "\n"
        yield end
