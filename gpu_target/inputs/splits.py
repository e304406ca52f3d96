"""Data cut into parts that different workers read: at the row groups of Parquet files, and between Arrow files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from gpu_target.inputs.arrow_file import ArrowPart
from gpu_target.inputs.data import Data
from gpu_target.inputs.parquet_file import ParquetPart
from gpu_target.inputs.parts import Part, wrong
from gpu_target.language.diagnostics import Diagnostic, UsageError

File = ParquetPart | ArrowPart


@dataclass(frozen=True)
class Split:
    """Adjacent rows. ``data`` reads them and no others; the first is row ``first_row`` of the whole, from 0."""

    data: Data
    first_row: int


@dataclass(frozen=True)
class _Unit:
    """Rows that are not cut any further; ``group`` is None for a whole file."""

    part: int
    group: int | None
    rows: int


def split(data: Data, n: int) -> list[Split]:
    """``data`` as at most ``n`` splits, and at least one, with as even numbers of rows as row groups and files allow.

    Each can be sent to another process, which opens the files by their absolute paths. Raises DataError with DT120
    where a file does not say how many rows it holds: CSV, and streams of Arrow; UsageError (US044) for no split.
    """
    if n < 1:
        message, remedy = f"{n} splits hold no rows", "give a whole number from 1"
        raise UsageError(Diagnostic("US044", message, place="n", remedy=remedy))
    files = [(_placed(part), columns) for part, columns in data._files]
    units = list(_units([part for part, _ in files]))
    whole = sum(unit.rows for unit in units)
    if not whole:
        return [Split(replace(data, _files=tuple(files), seconds=0.0, failure=None), 0)]
    splits, done = [], 0
    for _, chosen in groupby(_numbered(units, n, whole), key=lambda each: each[0]):
        mine = [unit for _, unit in chosen]
        rows = sum(unit.rows for unit in mine)
        parts = [
            (_only(files[position][0], list(some)), files[position][1])
            for position, some in groupby(mine, key=lambda unit: unit.part)
        ]
        splits.append(Split(replace(data, _files=tuple(parts), rows=rows, seconds=0.0, failure=None), done))
        done += rows
    return splits


def _placed(part: Part) -> File:
    """The file by its absolute path: another process may stand in another folder."""
    if not isinstance(part, (ParquetPart, ArrowPart)) or part.rows is None:
        what = "the file does not say how many rows it holds, so it cannot be split for several workers"
        raise wrong("DT120", what, part.path, "write the data as Parquet, or evaluate it in one process")
    return replace(part, path=part.path.absolute())


def _units(files: list[File]) -> Iterator[_Unit]:
    for position, file in enumerate(files):
        if isinstance(file, ParquetPart):
            for group in file.chosen:
                yield _Unit(position, group, file.groups[group])
        else:
            yield _Unit(position, None, file.rows or 0)


def _numbered(units: list[_Unit], n: int, whole: int) -> Iterator[tuple[int, _Unit]]:
    """Each unit with the number of its split: the one of ``n`` equal stretches that holds its middle."""
    done = 0
    for unit in units:
        if unit.rows:
            yield (2 * done + unit.rows) * n // (2 * whole), unit
        done += unit.rows


def _only(file: File, units: list[_Unit]) -> File:
    first, last = units[0].group, units[-1].group
    if not isinstance(file, ParquetPart) or first is None or last is None:
        return file
    return replace(file, chosen=range(first, last + 1))
