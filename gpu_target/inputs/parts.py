"""One data file, whatever its kind: its columns as stored, and its rows in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from gpu_target.language.diagnostics import DataError, Diagnostic

BATCH_ROWS = 131_072  # rows of a batch: a few MB a column, and enough to keep every core busy


class Part(Protocol):
    """A file of the data.

    ``schema`` has the names and types as stored; every column of a CSV file is text. ``rows`` is None where only
    reading the file would tell. ``label`` is what the file says of its data: that it is synthetic.
    """

    @property
    def path(self) -> Path: ...

    @property
    def schema(self) -> pa.Schema: ...

    @property
    def rows(self) -> int | None: ...

    @property
    def first(self) -> int:
        """The row of the file that is read first: 0, but where a part is a stretch of a file."""

    @property
    def label(self) -> str | None: ...

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The named columns, in that order. Raises DataError where the file breaks off or is damaged."""

    def line(self, row: int) -> int | None:
        """The line of the file where data row ``row`` (from 0) begins; None for a file without lines."""


def label_of(schema: pa.Schema) -> str | None:
    """The label in the metadata of a file's schema."""
    found = (schema.metadata or {}).get(b"label")
    return found.decode("utf-8", errors="replace") if found else None


def wrong(code: str, message: str, place: object, remedy: str = "", *notes: str) -> DataError:
    """A problem with a file of data, which has no text to point a caret at."""
    return DataError(Diagnostic(code, message, place=str(place), remedy=remedy, notes=notes))


def reason(error: BaseException) -> str:
    """The first line of a library's message, short enough for one of ours."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0].strip()
    return text if len(text) <= 200 else text[:199] + "…"


def unreadable(path: Path, error: OSError) -> DataError:
    """The operating system refuses the file."""
    why = error.strerror or reason(error)
    return wrong("DT118", f"the file cannot be read: {why}", path, "check its permissions and that the disk answers")
