"""Arrow buffers as NumPy arrays, without copying, whatever the slice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import kernels

DAY_MILLISECONDS = 86_400_000


def bitmap_of(values: pa.Array) -> tuple[npt.NDArray[np.uint8], int]:
    """The validity bits of an array and the number of its first; empty where nothing is NULL."""
    buffer = values.buffers()[0] if values.null_count else None
    if buffer is None:
        return kernels.NO_BITMAP, 0
    return frozen(np.frombuffer(buffer, np.uint8)), values.offset


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array, read-only, as every array of raw values is that a kernel gets.

    Some of Arrow's buffers may be written and others not, and Numba compiles a kernel for each of the two anew.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def numbers_of(values: pa.Array) -> npt.NDArray[Any]:
    """The stored numbers of a primitive array; those of NULLs are arbitrary. Booleans come as uint8, dates as days."""
    if pa.types.is_boolean(values.type):
        return np.asarray(values.cast(pa.uint8()).fill_null(0))
    if pa.types.is_date64(values.type):
        days: npt.NDArray[Any] = numbers_of(values.view(pa.int64())) // DAY_MILLISECONDS
        return days
    if pa.types.is_date(values.type):
        dtype: Any = np.int32
    elif pa.types.is_timestamp(values.type):
        dtype = np.int64
    else:
        dtype = values.type.to_pandas_dtype()
    buffer = values.buffers()[1]
    if buffer is None or not len(values):
        return np.zeros(len(values), dtype)
    size = np.dtype(dtype).itemsize
    return frozen(np.frombuffer(buffer, dtype, len(values), values.offset * size))


def is_plain_text(type_: pa.DataType) -> bool:
    """Whether ``text_of`` reads arrays of this type as text."""
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def text_of(values: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Offsets int64[n + 1] and bytes of a string or large_string array."""
    wide = pa.types.is_large_string(values.type) or pa.types.is_large_binary(values.type)
    _, offsets, data = values.buffers()
    if not len(values):
        return frozen(np.zeros(1, np.int64)), kernels.NO_BITMAP
    dtype = np.dtype(np.int64 if wide else np.int32)
    found = np.frombuffer(offsets, dtype, len(values) + 1, values.offset * dtype.itemsize)
    texts = np.frombuffer(data, np.uint8) if data else kernels.NO_BITMAP
    return frozen(found.astype(np.int64, copy=False)), frozen(texts)
