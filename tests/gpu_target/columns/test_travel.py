"""Columns on their way to a device: what arrives there gives the classes that the column itself gives."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.columns.coded import ClassColumn, Memo
from gpu_target.columns.travel import Codes, Ids, Keys, Travelling, ranks_of, travelling
from gpu_target.columns.values import Batch
from gpu_target.engine import joins_of
from gpu_target.plan.plan import Plan
from tests.gpu_target.building import ruleset
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import case

EPOCH_DAYS = (AS_OF - AS_OF.replace(1970, 1, 1)).days


def batch_of(plan: Plan, table: pa.Table) -> Batch:
    (batch,) = table.combine_chunks().to_batches()
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    return Batch(columns, batch.num_rows, joins_of(plan), EPOCH_DAYS)


def valid(validity: npt.NDArray[np.uint8], bit: int, n: int) -> npt.NDArray[np.bool_]:
    if not len(validity):
        return np.ones(n, bool)
    assert len(validity) <= n // 8 + 2, "bits of other rows travel too"
    return np.unpackbits(validity, bitorder="little")[bit : bit + n].astype(bool)


def key_of(values: npt.NDArray) -> npt.NDArray[np.int64]:
    """int64 keys in the order of the values; -0 has that of 0."""
    if values.dtype == np.float64:
        bits = np.where(values == 0, 0.0, values).view(np.int64)
        return np.where(bits < 0, bits ^ np.int64(2**63 - 1), bits)
    if values.dtype == np.uint64:
        return (values ^ np.uint64(2**63)).view(np.int64)
    return values.astype(np.int64)


def arrived(column: ClassColumn, each: Travelling) -> npt.NDArray:
    """uint16[n]: the classes that a device makes of it."""
    if isinstance(each, Ids):
        return each.classes
    if isinstance(each, Codes):
        known = valid(each.validity, each.bit, len(each.codes))
        found = np.full(len(known), column.null)
        found[known] = each.table[each.codes[known].astype(np.int64)]
        return found
    classes = ranks_of(column)
    assert classes is not None
    known = valid(each.validity, each.bit, len(each.values)) & ~np.isnan(each.values)
    ranked = classes.class_of[np.searchsorted(classes.cuts, key_of(each.values), "right")]
    return np.where(known, ranked, column.null)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("offset", [0, 3])
def test_what_arrives_gives_the_classes_of_the_column(seed: int, offset: int) -> None:
    drawn = case(f"travel {seed}", 150, n_columns=20)
    table = drawn.source.random_table(seed, 200).slice(offset, 170)
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    batch = batch_of(plan, table)
    for column in plan.layout.columns:
        expected = np.empty(table.num_rows, np.uint16)
        column.encode(batch, Memo(), expected)
        assert (arrived(column, travelling(column, batch, Memo())) == expected).all(), column.values


def test_each_kind_of_column_travels_in_its_own_form() -> None:
    table = pa.table(
        {
            "small": pa.array([1, None, 3], pa.int8()),
            "ratio": pa.array([0.5, None, 2.0], pa.float32()),
            "code": pa.array(["a", None, "b"]).dictionary_encode(),
            "text": pa.array(["a", None, "b"]),
            "wide": pa.array([1, None, 2], pa.decimal128(38, 2)),
        }
    )
    rules = ruleset(
        "small > 1", "ratio > 1", "code = 'a'", "text = 'a'", "wide > 1.5", "small * 2 > 3", "small < ratio"
    )
    plan = gpu_target.compile(rules, table.schema)
    batch = batch_of(plan, table)
    found = {column.values: travelling(column, batch, Memo()) for column in plan.layout.columns}
    forms = Counter(type(each).__name__ for each in found.values())
    assert forms == {"Keys": 3, "Codes": 1, "Ids": 3}  # ids: plain text, wide numbers and the pair
    keys = {each.values.dtype.str for each in found.values() if isinstance(each, Keys)}
    assert keys == {"|i1", "<f8"}  # as stored, and both of the others as float64


def test_a_dictionary_is_classified_once_for_all_batches() -> None:
    codes = pa.array(["a", "b", None, "a"]).dictionary_encode()
    table = pa.table({"code": codes})
    plan = gpu_target.compile(ruleset("code = 'a'"), table.schema)
    (column,) = plan.layout.columns
    memo = Memo()
    first, second = (travelling(column, batch_of(plan, part), memo) for part in (table, table.slice(1)))
    assert isinstance(first, Codes)
    assert isinstance(second, Codes)
    assert first.table is second.table
