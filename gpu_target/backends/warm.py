"""Compiling every kernel of the cpu backend ahead of time; Numba keeps them in its cache folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gpu_target.backends import kernels as matching
from gpu_target.columns import kernels as encoding


def warm(progress: Callable[[str], None] | None = None) -> list[str]:
    """Compile or load from the cache every kernel, by a call on no rows; returns their names."""
    u8, u16, i32 = np.zeros(0, np.uint8), np.zeros(1, np.uint16), np.zeros(2, np.int32)
    i64, u64, none = np.zeros(1, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64)
    out = np.zeros(0, np.uint16)
    wide = np.zeros((0, 2), np.uint64)
    rank = (none, u16, i32, 1, 0, 0, 0, out)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("rank_keys", lambda: encoding.rank_keys(none, u8, 0, 0, *rank)),
        ("rank_floats", lambda: encoding.rank_floats(none, u8, 0, *rank)),
        ("rank_words", lambda: encoding.rank_words(wide, u8, 0, wide, u16, 0, out)),
        ("gather", lambda: encoding.gather(np.zeros(0, np.int32), u8, 0, u16, 0, out)),
        ("gather_elements", lambda: encoding.gather_elements(u16[:0], i64[:0], i64[:0], u16, u8, 0, 0, out)),
        ("hash_texts", lambda: encoding.hash_texts(i64, u8, u64)),
        ("build_slots", lambda: encoding.build_slots(i64, u8, i32)),
        ("rank_texts", lambda: encoding.rank_texts(i64, u8, i64, u8, none)),
        ("classify_texts", lambda: encoding.classify_texts(i64, u8, u8, 0, i32, i64, u8, out, i64, u8, u16, 0, out)),
        ("match", _warm_match),
    ]  # fmt: skip
    for name, call in calls:
        if progress:
            progress(name)
        call()
    return [name for name, _ in calls]


def _warm_match() -> None:
    none, i32 = np.zeros(0, np.int64), np.zeros(0, np.int32)
    u64, flags, out = np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.uint16)
    table = np.zeros((0, 4), np.int64)
    one = np.zeros(1, np.int64)
    matching.match(
        np.zeros((0, 0), np.uint16), u64, 0, np.zeros((0, 64), np.uint64), u64, none, none, one, none, table, table,
        none, one, none, one, np.zeros((0, 3), np.int64), flags, 0, none, np.uint64(0), u64, np.zeros(0, np.uint32),
        none, u64, np.zeros((0, 1), np.uint64), np.zeros((0, 1), np.bool_), out,
        np.zeros((0, 1), np.uint32), out, none, none, i32,
    )  # fmt: skip


def is_cached() -> bool:
    """Whether the matching kernel, the slowest to compile, is compiled or lies in Numba's cache for this machine."""
    if matching.match.signatures:
        return True
    stats = matching.match.stats
    folder = Path(stats.cache_path) if stats.cache_path else None
    return folder is not None and any(folder.glob("kernels.match-*.nbi"))
