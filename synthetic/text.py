"""Identifiers of fixed width, written as bytes and handed to Arrow without a Python string in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.compiled import compiled

Bytes = NDArray[np.uint8]
LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ", np.uint8)
MONTHS = np.frombuffer(b"JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", np.uint8)


def as_text(cells: Bytes, valid: NDArray[np.bool_] | None = None) -> pa.Array:
    """uint8[n, width] of ASCII as an Arrow text array; where ``valid`` is false the cell is missing."""
    count, width = cells.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    data = pa.py_buffer(np.ascontiguousarray(cells))
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), data, bitmap)


@compiled
def put_digits(cells: Bytes, at: int, width: int, numbers: NDArray[np.int64]) -> None:
    """Write int64[n] as decimal digits into the columns at..at + width - 1 of uint8[n, *]; the lowest digits win."""
    for i in range(len(numbers)):
        left = numbers[i]
        for place in range(at + width - 1, at - 1, -1):
            cells[i, place] = 48 + left % 10
            left //= 10


@compiled
def put_choice(cells: Bytes, at: int, width: int, table: Bytes, choice: NDArray[np.int64]) -> None:
    """Write entries of a table of fixed-width codes, uint8[k, width], chosen by int64[n]."""
    for i in range(len(choice)):
        for place in range(width):
            cells[i, at + place] = table[choice[i], place]


def codes(values: list[str] | tuple[str, ...]) -> Bytes:
    """Codes of one width as uint8[n, width]."""
    width = len(values[0])
    return np.frombuffer("".join(values).encode("ascii"), np.uint8).reshape(len(values), width)


@compiled
def put_means(cells: Bytes, headers: Any, countries: Bytes, days: NDArray[np.int64], months: NDArray[np.int64]) -> None:
    """Write the means of transport: IMO and a ship's number, a plate with its country, or a flight with its day.

    cells uint8[n, 10], written; headers ``Header`` records; countries uint8[c, 2]; days int64[n] of the month, from 1;
    months int64[n], from 0.
    """
    for i in range(len(headers)):
        header = headers[i]
        word = header.means
        if header.mode == 0:
            _put(cells, i, 0, 73, 77, 79)
            number = 9_000_000 + ((word * 6_000) >> 32) * 137  # 6,000 ships
            for place in range(9, 2, -1):
                cells[i, place] = 48 + number % 10
                number //= 10
            continue
        cells[i, 0], cells[i, 1] = countries[header.means_country, 0], countries[header.means_country, 1]
        if header.mode == 1:
            number = word & 0xFFFF
            for place in range(5, 1, -1):
                cells[i, place] = 48 + number % 10
                number //= 10
            rest = word >> 16
            for place in range(6, 9):
                cells[i, place] = LETTERS[rest % 23]
                rest //= 23
            cells[i, 9] = 48 + rest % 10
        else:
            number = 100 + ((word * 800) >> 32)
            for place in range(4, 1, -1):
                cells[i, place] = 48 + number % 10
                number //= 10
            day, month = days[i], months[i]
            cells[i, 5], cells[i, 6] = 48 + day // 10, 48 + day % 10
            _put(cells, i, 7, MONTHS[month * 3], MONTHS[month * 3 + 1], MONTHS[month * 3 + 2])


@compiled(inline=True)
def _put(cells: Bytes, i: int, at: int, a: int, b: int, c: int) -> None:
    """Three bytes side by side."""
    cells[i, at], cells[i, at + 1], cells[i, at + 2] = a, b, c
