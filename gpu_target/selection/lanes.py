"""One decision per declaration out of what its rows found. Rows of a declaration need not be adjacent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.arrow import frozen
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.language.model import LANES, RuleHead
from gpu_target.selection.joining import join_rows, read_decisions


@dataclass(frozen=True)
class Found:
    """What some rows, or some declarations, found.

    decision  uint32[n, levels]  the most severe selection at every level of relief, 0 where none
    relief    uint16[n]          level granted, 0 where none
    score     int64[n]
    """

    decision: npt.NDArray[np.uint32]
    relief: npt.NDArray[np.uint16]
    score: npt.NDArray[np.int64]

    @property
    def arrays(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
        """As kernels read them: all of one form, whatever they were made from."""
        decision, relief, score = (np.ascontiguousarray(each) for each in (self.decision, self.relief, self.score))
        return frozen(decision), frozen(relief), frozen(score)


def join_runs(keys: pa.Array, rows: Found) -> tuple[pa.Array, Found]:
    """Adjacent rows of one declaration as one; most files have all of them adjacent, so little is left to group."""
    keys = decoded(keys)
    if len(keys) == 0:
        return keys, rows
    fresh = np.ones(len(keys), np.bool_)
    fresh[1:] = np.asarray(pc.not_equal(keys[1:], keys[:-1]))
    first = np.flatnonzero(fresh)
    n, levels = len(first), rows.decision.shape[1]
    joined = Found(np.empty((n, levels), np.uint32), np.empty(n, np.uint16), np.empty(n, np.int64))
    join_rows(np.append(first, len(keys)), *rows.arrays, joined.decision, joined.relief, joined.score)
    return keys.take(pa.array(first)), joined


def decide(
    key: str, type_: pa.DataType, parts: Sequence[tuple[pa.Array, Found]], rules: Sequence[RuleHead]
) -> pa.Table:
    """The lanes table: one row per declaration, in order of first appearance.

    Columns: the key, ``lane``, ``score`` int64, ``rule_id``, ``selected_by``; the last two NULL on the green lane.
    """
    keys, found = _group(type_, parts)
    severity, position = np.empty(len(keys), np.int8), np.empty(len(keys), np.int32)
    read_decisions(*found.arrays[:2], severity, position)
    green = severity == 0
    indices = pa.array(position, mask=green)
    ids = pa.array([rule.id for rule in rules], pa.string())
    reasons = pa.array(["RULE", "MANDATORY"])
    mandatory = np.array([*(rule.mandatory for rule in rules), False]).astype(np.int8)
    reason = pa.array(mandatory[position], mask=green)
    return pa.table(
        {
            key: keys,
            "lane": pa.DictionaryArray.from_arrays(pa.array(severity), pa.array(LANES)),
            "score": pa.array(found.score),
            "rule_id": pa.DictionaryArray.from_arrays(indices, ids) if len(rules) else pa.nulls(len(keys), pa.string()),
            "selected_by": pa.DictionaryArray.from_arrays(reason, reasons),
        }
    )


def _group(type_: pa.DataType, parts: Sequence[tuple[pa.Array, Found]]) -> tuple[pa.Array, Found]:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    type_ = TEXT if family(type_) == "text" else type_
    keys = pa.chunked_array([each.cast(type_) for each, _ in parts], type_).combine_chunks()
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.chunk(0) if keys.num_chunks else pa.array([], type_)
    n_levels = parts[0][1].decision.shape[1] if parts else 1
    found = Found(
        np.concatenate([each.decision for _, each in parts] or [np.zeros((0, n_levels), np.uint32)]),
        np.concatenate([each.relief for _, each in parts] or [np.zeros(0, np.uint16)]),
        np.concatenate([each.score for _, each in parts] or [np.zeros(0, np.int64)]),
    )
    if len(keys) < 2 or pc.all(pc.less(keys[:-1], keys[1:])).as_py():
        return keys, found
    if pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py():  # a declaration goes on from one part to the next
        return join_runs(keys, found)
    columns = {"key": keys, "relief": found.relief, "score": found.score}
    columns |= {f"level {k}": found.decision[:, k] for k in range(n_levels)}
    wanted = [("relief", "max"), ("score", "sum"), *((f"level {k}", "max") for k in range(n_levels))]
    grouped = pa.table(columns).group_by("key", use_threads=False).aggregate(wanted).combine_chunks()
    levels = [np.asarray(grouped[f"level {k}_max"]) for k in range(n_levels)]
    merged = Found(
        np.stack(levels, axis=1).astype(np.uint32),
        np.asarray(grouped["relief_max"]).astype(np.uint16),
        np.asarray(grouped["score_sum"]).astype(np.int64),
    )
    return grouped["key"].chunk(0) if grouped["key"].num_chunks else keys, merged
