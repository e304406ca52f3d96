"""Compiling kernels ahead of time; Numba keeps them in its cache folder.

The cpu backend needs all of them, and each of the others some.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gpu_target.backends.cpu import classify as classifying
from gpu_target.backends.cpu import match as matching
from gpu_target.backends.cpu.program import Program, Rules
from gpu_target.backends.cpu.steps import Steps
from gpu_target.columns import kernels as encoding
from gpu_target.columns.arrow import frozen
from gpu_target.held import interruption_later, no_collection
from gpu_target.selection import joining

_U16, _I32 = np.zeros(1, np.uint16), np.zeros(2, np.int32)
_I64, _U64, _NONE = np.zeros(1, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64)
_FLOATS, _OUT, _WIDE = np.zeros(0, np.float64), np.zeros(0, np.uint16), np.zeros((0, 2), np.uint64)
_BYTES, _BITS = np.zeros(0, np.uint8), encoding.NO_BITMAP
_FEEDS, _FLAGS = np.zeros((0, 9), np.int64), np.zeros(0, np.bool_)
_KEYS, _CODES, _VALUES = frozen(_NONE), frozen(np.zeros(0, np.int32)), frozen(_FLOATS)  # raw values: never written to
_JOINED = (np.zeros((0, 1), np.uint32), np.zeros(0, np.uint16), _NONE)
_FOUND = tuple(frozen(each) for each in _JOINED)
_RANK = (_NONE, _U16, _I32, 1, 0, False, 0, 0, _OUT)


def _match() -> None:
    none, one, table, narrow = _NONE, np.zeros(1, np.int64), np.zeros((0, 4), np.int64), np.zeros((0, 4), np.int32)
    steps = Steps(table, none, table, table, none)
    rules = Rules(none, one, narrow, one, none, one, table, one, narrow, narrow, _U64, np.zeros((0, 2), np.int64))
    program = Program(0, none, one, table, steps, rules, none, table, _FLAGS)
    matching.match(
        _FEEDS, _U64, none, 0, np.zeros((0, 0), np.uint16), np.zeros((0, 0), np.uint64), _U64, _OUT,
        np.zeros((0, 0), np.uint16), program, 0, none, np.uint64(0), _U64,
        np.zeros(0, np.uint32), none, _U64, np.zeros((0, 1), np.uint64), np.zeros((0, 1), np.bool_), _OUT,
        np.zeros((0, 1), np.uint32), _OUT, none, np.zeros(0, np.int32),
    )  # fmt: skip


# every kernel that Python calls, by a call on no rows: its argument types are those of every other call
KERNELS: Mapping[str, Callable[[], object]] = {
    "rank_keys": lambda: encoding.rank_keys(_KEYS, _BITS, 0, 0, *_RANK),
    "rank_floats": lambda: encoding.rank_floats(_KEYS, _BITS, 0, *_RANK),
    "rank_words": lambda: encoding.rank_words(frozen(_WIDE), _BITS, 0, _WIDE, _U16, 0, _OUT),
    "divide": lambda: encoding.divide(_VALUES, _VALUES, _FLOATS),
    "read_floats": lambda: encoding.read_floats(_VALUES, _BITS, 0, _FLOATS),
    "compare_ranks": lambda: encoding.compare_ranks(_CODES, _CODES, _NONE, _NONE, 0, _OUT),
    "erase_nulls": lambda: encoding.erase_nulls(_BITS, 0, 0, _OUT),
    "gather": lambda: encoding.gather(_CODES, _BITS, 0, _U16, 0, _OUT),
    "split_ticks": lambda: encoding.split_ticks(_KEYS, 1, 1, _NONE, _NONE),
    "weekdays": lambda: encoding.weekdays(_NONE, _FLAGS, _FLOATS),
    "hours": lambda: encoding.hours(_NONE, _FLAGS, _FLOATS),
    "gather_elements": lambda: encoding.gather_elements(_OUT, frozen(_I64), _U64, _U64),
    "gather_short_elements": lambda: encoding.gather_short_elements(
        frozen(_I64), frozen(_I64), _BITS, np.zeros(1, np.uint64), _BYTES, _U64, np.uint64(0), _U64
    ),
    "take_bits": lambda: encoding.take_bits(_U64, np.uint64(0), np.uint64(0), _OUT),
    "hash_texts": lambda: encoding.hash_texts(frozen(_I64), _BITS, _U64),
    "build_slots": lambda: encoding.build_slots(_I64, _BYTES, _I32),
    "rank_texts": lambda: encoding.rank_texts(_I64, _BYTES, _I64, _BYTES, _NONE),
    "classify_texts": lambda: encoding.classify_texts(
        frozen(_I64), _BITS, _BITS, 0, _I32, _I64, _BYTES, _OUT, _I64, _BYTES, _U16, 0, _OUT
    ),
    "classify": lambda: classifying.classify(_FEEDS, 0, 0, np.zeros((0, 0), np.uint16)),
    "match": _match,
    "join_rows": lambda: joining.join_rows(_NONE, *_FOUND, *_JOINED),
    "read_decisions": lambda: joining.read_decisions(*_FOUND[:2], np.zeros(0, np.int8), np.zeros(0, np.int32)),
}


HOMES = (encoding, classifying, matching, joining)
MATCHING = {"classify", "match"}  # what a card does with kernels of its own
ANYWHERE = {"hash_texts", "join_rows", "read_decisions"}  # the engine's own, for lanes, whatever the backend


def kernels_of(backend: str) -> Mapping[str, Callable[[], object]]:
    """The kernels that evaluating on a backend can call."""
    if backend == "interpreter":
        return {name: KERNELS[name] for name in KERNELS if name in ANYWHERE}
    return {name: KERNELS[name] for name in KERNELS if backend == "cpu" or name not in MATCHING}


def warm(backend: str = "cpu", progress: Callable[[int], None] | None = None) -> list[str]:
    """Compile what a backend needs, or load it from the cache; returns the names.

    ``progress`` gets how many are done.
    """
    needed = kernels_of(backend)
    for done, call in enumerate(needed.values(), start=1):
        with interruption_later(), no_collection():  # compilers make millions of small objects, and keep most of them
            call()
        if progress:
            progress(done)
    return list(needed)


def cache_folder() -> Path | None:
    """Where Numba keeps the compiled kernels; None where it found no folder that it can write."""
    stats = getattr(matching.match, "stats", None)  # none where NUMBA_DISABLE_JIT leaves functions as they are
    folder = Path(stats.cache_path) if stats and stats.cache_path else None
    nearest = next((each for each in (folder, *folder.parents) if each.exists()), None) if folder else None
    return folder if nearest is not None and os.access(nearest, os.W_OK) else None


def is_cached(backend: str = "cpu") -> bool:
    """Whether every kernel that a backend needs is compiled or lies in Numba's cache for this machine.

    True, too, where compilation is switched off: nothing is left to compile.
    """
    return all(
        _is_ready(next(vars(home)[name] for home in HOMES if name in vars(home))) for name in kernels_of(backend)
    )


def _is_ready(kernel: Any) -> bool:
    if not hasattr(kernel, "signatures") or kernel.signatures:
        return True
    if not kernel.stats.cache_path:
        return False
    return bool(kernel._cache._cache_file._load_index())  # empty where any source has changed since
