"""CSV files: every column is text until its declared type reads it.

Arrow's reader splits the cells. What it would let pass is caught here: a quote that is never closed swallows the rest
of a file, so a last row of our own is put behind it and must come back as it was.
"""

from __future__ import annotations

import atexit
import codecs
import io
import secrets
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.csv

from gpu_target.inputs.csv_scan import CsvForm, explain, header, line_of
from gpu_target.inputs.parts import BATCH_ROWS

BLOCK_BYTES = 8 << 20  # a row must fit into one block
LONGEST_WAIT = 0.5  # seconds for a thread to end; one that is ahead by all that it may be does not ask any more


@dataclass(frozen=True)
class CsvPart:
    """``null_cells`` are the cells that mean a missing value, quoted or not."""

    path: Path
    schema: pa.Schema
    form: CsvForm
    null_cells: tuple[str, ...]
    rows: int | None = None
    label: str | None = None
    first: ClassVar[int] = 0

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = list(columns) or self.schema.names[:1]
        mark = f"end-{secrets.token_hex(16)}"
        try:
            for batch in self._rows(wanted, mark):
                yield batch.select(list(columns))
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise explain(self.path, self.form, len(self.schema), error) from error

    def _rows(self, wanted: list[str], mark: str) -> Iterator[pa.RecordBatch]:
        """The rows without the marked last one. Raises ArrowInvalid where that did not come back."""
        with (
            _Utf8(self.path, self.form, len(self.schema), mark) as stream,
            pyarrow.csv.open_csv(
                _kept(stream),
                pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES),
                # in a file of one column an empty line is a row whose only cell is empty
                pyarrow.csv.ParseOptions(
                    delimiter=self.form.delimiter, newlines_in_values=True, ignore_empty_lines=len(self.schema) > 1
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(wanted, pa.large_string()),
                    include_columns=wanted,
                    strings_can_be_null=True,
                    null_values=list(self.null_cells),
                ),
            ) as reader,
        ):
            held: pa.RecordBatch | None = None
            for block in reader:
                for start in range(0, block.num_rows, BATCH_ROWS):
                    if held is not None:
                        yield held
                    held = block.slice(start, BATCH_ROWS)
            last = held.num_rows - 1 if held is not None else -1
            if held is None or any(cell.as_py() != mark for cell in (column[last] for column in held.columns)):
                raise pa.ArrowInvalid("the last row did not come back")
            if last:
                yield held.slice(0, last)

    def line(self, row: int) -> int | None:
        return line_of(self.path, self.form, row)


def open_csv(path: Path, form: CsvForm, null_cells: tuple[str, ...]) -> CsvPart:
    """Read the header. Raises DataError with DT104, DT107, DT110, DT111 or DT118."""
    names = header(path, form)
    return CsvPart(path, pa.schema([(name, pa.large_string()) for name in names]), form, null_cells)


# A thread of Arrow's reads ahead. Where it calls Python, or drops the last reference to a Python object, while the
# interpreter is finishing, the process dies with "terminate called without an active exception". So a stream that is
# left is told to end, which the thread has to see before the process goes on; and Arrow's wrapper of the last stream
# is held here, so that no thread but the main one can be the last to hold it.
_last: list[tuple[_Utf8, pa.PythonFile]] = []


def _kept(stream: _Utf8) -> pa.PythonFile:
    """Arrow's wrapper of a stream, held until the next file is read or the process ends."""
    wrapper = pa.PythonFile(stream, "r")
    _last[:] = [(stream, wrapper)]
    return wrapper


@atexit.register
def _end_last() -> None:
    """A reader that nobody closed: its thread stops before the interpreter does."""
    for stream, _ in _last:
        stream.end()


class _Utf8(io.RawIOBase):
    """The file as UTF-8, with a last row behind it whose every cell is ``mark``."""

    def __init__(self, path: Path, form: CsvForm, width: int, mark: str) -> None:
        super().__init__()
        self._source = pa.input_stream(str(path), compression="detect")
        self._decoder = None if form.is_utf8 else codecs.getincrementaldecoder(form.encoding)()
        self._end = form.delimiter.join([mark] * width).encode() + b"\n"
        self._pending = b""
        self._last = b"\n"
        self._at_end = False
        self._asked = False
        self._ended = threading.Event()  # whoever reads was told that nothing follows, and will not ask again

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # always as much as was asked for: Arrow takes a short answer for a block of its own
        self._asked = True
        size = sys.maxsize if size < 0 else size
        pieces = [self._pending]
        length = len(self._pending)
        while length < size and not self._at_end:
            pieces.append(self._next(min(size - length, BLOCK_BYTES)))
            length += len(pieces[-1])
        found = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._pending = found[size:]
        if not found:
            self._ended.set()
        return found[:size]

    def _next(self, size: int) -> bytes:
        raw = self._source.read(size)
        text = raw if self._decoder is None else self._decoder.decode(raw, final=not raw).encode()
        if text:
            self._last = text[-1:]
        if raw:
            return bytes(text)
        self._at_end = True
        return bytes(text) + (b"" if self._last in b"\r\n" else b"\n") + self._end

    def end(self) -> None:
        """Nothing follows from now on. Waits for the thread that reads, unless that waits for somebody to read on."""
        if (self._at_end and self._ended.is_set()) or not self._asked or self.closed:
            return
        self._at_end = True
        self._ended.wait(LONGEST_WAIT)

    def close(self) -> None:
        if not self.closed:
            self.end()
            self._source.close()
        super().close()
