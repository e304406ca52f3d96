"""The hash of a result: what it depends on, and its bytes by a second way of writing them."""

from __future__ import annotations

import hashlib
import struct
import tracemalloc
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gpu_target
from gpu_target import digest
from gpu_target.digest import Sheet, result_hash
from gpu_target.engine import Result
from gpu_target.language.diagnostics import DataError
from tests.gpu_target.building import BACKENDS, rule, ruleset

POOLS: list[pa.MemoryPool] = []  # kept: whatever was allocated from one has to find it when it is given back
ALL = ("counts", "lanes", "matches")
TABLE = pa.table(
    {
        "id": ["D1", "D2", "D1", "D10", "Ω"],
        "line": pa.array([1, 1, 2, None, 10], pa.int32()),
        "value": [5.0, 60.0, 70.0, 80.0, 2.0],
    }
)
RULES = ruleset("value > 50", rule("Y", "value < 10", lane="yellow", weight=7), "FALSE", key=("id", "line"))


def result(table: pa.Table = TABLE, outputs: tuple[str, ...] = ALL, rules: Any = RULES, **options: Any) -> Result:
    return gpu_target.compile(rules, table.schema).evaluate(table, outputs=outputs, **options)


def run_of(texts: list[str | None]) -> bytes:
    """Texts as the reference page writes them down."""
    coded = [None if text is None else text.encode() for text in texts]
    lengths = b"".join(struct.pack("<q", -1 if each is None else len(each)) for each in coded)
    return lengths + b"".join(each or b"" for each in coded)


def by_the_page(tables: dict[str, tuple[list[str], list[tuple[str | None, ...]]]], block: int) -> str:
    written = run_of(["gpu-target result 1"])
    for name, (columns, rows) in tables.items():
        written += run_of([name, str(len(rows)), str(len(columns)), *columns])
        for start in range(0, len(rows), block):
            for column in zip(*rows[start : start + block], strict=True):
                written += run_of(list(column))
    return hashlib.sha256(written).hexdigest()


WORKED = {
    "counts": (["rule_id", "matches"], [("R0", "3"), ("Y", "2"), ("R2", "0")]),
    "lanes": (
        ["id", "lane", "score", "rule_id", "selected_by"],
        [
            ("D1", "red", "8", "R0", "RULE"),
            ("D10", "red", "1", "R0", "RULE"),
            ("D2", "red", "1", "R0", "RULE"),
            ("Ω", "yellow", "7", "Y", "RULE"),
        ],
    ),
    "matches": (
        ["id", "line", "rule_id"],
        [("D1", "1", "Y"), ("D1", "2", "R0"), ("D10", None, "R0"), ("D2", "1", "R0"), ("Ω", "10", "Y")],
    ),
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_bytes_are_those_of_the_reference_page(backend: str) -> None:
    assert result(backend=backend).sha256 == by_the_page(WORKED, 1 << 20)
    counts = result(backend=backend, outputs=("counts",))
    assert counts.sha256 == by_the_page({"counts": WORKED["counts"]}, 1 << 20)


@pytest.mark.parametrize("block", [1, 2, 3])
def test_the_rows_are_written_in_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "BLOCK", block)
    assert result().sha256 == by_the_page(WORKED, block)


@pytest.mark.parametrize("n_keys", [1, 2, 3])
@pytest.mark.parametrize("largest", [digest.LARGEST_NUMBER, 50])
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_sorted_by_the_texts_of_their_keys(
    n_keys: int, largest: int, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever way they are sorted; rows of equal keys stay in their order."""
    monkeypatch.setattr(digest, "LARGEST_NUMBER", largest)
    monkeypatch.setattr(digest, "BLOCK", 7)
    texts, numbers = st.sampled_from([None, "", "a", "B", "é", "\U0001f600", "10", "9"]), st.integers(-12, 12)
    rows = data.draw(st.lists(st.tuples(texts, st.none() | numbers, texts), max_size=40))
    table = pa.table(
        {
            name: pa.array([row[k] for row in rows], type_)
            for k, (name, type_) in enumerate({"a": pa.string(), "n": pa.int64(), "b": pa.string()}.items())
        }
    )
    if data.draw(st.booleans()):
        table = table.set_column(2, "b", table["b"].dictionary_encode())
    if rows and data.draw(st.booleans()):  # each piece with a dictionary of its own
        cut = data.draw(st.integers(0, len(rows)))
        parts = [table.slice(0, cut), table.slice(cut)]
        pieces = [each["a"].combine_chunks().cast(pa.string()).dictionary_encode() for each in parts]
        table = table.set_column(0, "a", pa.chunked_array([each for each in pieces if len(each)]))
    written = [tuple(None if each is None else str(each) for each in row) for row in rows]
    ordered = sorted(written, key=lambda row: [(each is None, (each or "").encode()) for each in row[:n_keys]])
    assert result_hash({"x": Sheet(table, n_keys)}) == by_the_page({"x": (["a", "n", "b"], ordered)}, 7)


@pytest.mark.parametrize("n_keys", [0, 1, 3])
def test_a_long_table_is_not_text_as_a_whole(n_keys: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "BLOCK", 10_000)
    n, names = 400_000, pa.array([f"a rule with a long name {k}" for k in range(100)])
    table = pa.table({
        "declaration": pa.array([f"a declaration {k * 7919 % n // 100:020d}" for k in range(n)]),
        "item": np.arange(n) % 100,
        "rule": pa.DictionaryArray.from_arrays(pa.array(np.arange(n, dtype=np.int32) * 31 % 100), names),
    })  # fmt: skip
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    POOLS.append(pool)
    tracemalloc.start()
    pa.set_memory_pool(pool)
    try:
        result_hash({"x": Sheet(table, n_keys)})
        taken = pool.max_memory() + tracemalloc.get_traced_memory()[1]
    finally:
        pa.set_memory_pool(usual)
        tracemalloc.stop()
    assert taken < (40 if n_keys else 15) * n  # bytes; the texts of a row are 70 and their lengths 24


def test_the_hash_is_pinned() -> None:
    """A change of it makes every hash that was noted down worthless: it must not come unnoticed."""
    assert result().sha256 == "2b07ef86ccaff04c20cc7dd888d1e3f8c6bf4c3a0b272f86c58785b3a014a346"


@pytest.mark.parametrize(
    "table",
    [
        TABLE.take(pa.array([4, 2, 0, 3, 1])),
        pa.Table.from_batches(TABLE.to_batches(max_chunksize=2)),
        TABLE.set_column(0, "id", TABLE["id"].dictionary_encode()),
        TABLE.set_column(0, "id", TABLE["id"].cast(pa.large_string())),
        TABLE.set_column(0, "id", TABLE["id"].cast(pa.string_view())),
    ],
    ids=["other order", "batches", "dictionary", "large_string", "string_view"],
)
def test_order_batches_and_encodings_do_not_show(table: pa.Table) -> None:
    assert result(table).sha256 == result().sha256


def test_every_output_shows() -> None:
    different_score = ruleset(
        "value > 50", rule("Y", "value < 10", lane="yellow", weight=8), "FALSE", key=("id", "line")
    )
    moved = TABLE.set_column(1, "line", pa.array([1, 1, 3, None, 10], pa.int32()))
    hashes = [
        result().sha256,
        result(outputs=("counts",)).sha256,
        result(outputs=("lanes",)).sha256,
        result(outputs=("matches",)).sha256,
        result(rules=different_score).sha256,
        result(moved).sha256,
        result(TABLE.slice(1)).sha256,
    ]
    assert len(set(hashes)) == len(hashes)
    assert result(moved, outputs=("lanes",)).sha256 == hashes[2]  # the line is no part of the lanes


def test_a_missing_value_is_not_an_empty_text() -> None:
    missing, empty = (Sheet(pa.table({"id": pa.array([each], pa.string())}), 1) for each in (None, ""))
    assert result_hash({"lanes": missing}) != result_hash({"lanes": empty})


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([3, -10, 2**63 - 1]), ["-10", "3", "9223372036854775807"]),
        (pa.array([2**64 - 1, 0], pa.uint64()), ["0", "18446744073709551615"]),
        (pa.array([19_753, -1], pa.int32()).cast(pa.date32()), ["1969-12-31", "2024-01-31"]),
        (pa.array([5, -5], pa.timestamp("us", "Africa/Casablanca")), ["-5", "5"]),
        (pa.array([True, False]), ["false", "true"]),
    ],
)
def test_keys_of_every_kind_are_text(values: pa.Array, texts: list[str]) -> None:
    found = result_hash({"lanes": Sheet(pa.table({"id": values}), 1)})
    assert found == by_the_page({"lanes": (["id"], [(text,) for text in texts])}, 1 << 20)


def test_no_rows_and_no_rules_have_a_hash_too() -> None:
    nothing = result(TABLE.slice(0, 0), rules=ruleset(key=("id",)))
    columns = {name: (columns, []) for name, (columns, _) in WORKED.items()}
    columns["matches"] = (["id", "rule_id"], [])
    assert nothing.sha256 == by_the_page(columns, 1 << 20)


def test_a_key_of_lists_has_no_hash() -> None:
    table = TABLE.append_column("codes", pa.array([["a"]] * 5))
    found = result(table, outputs=("matches",), rules=ruleset("value > 50", key=("id", "codes")))
    with pytest.raises(DataError, match="the key column `codes` is large_list") as error:
        _ = found.sha256
    assert error.value.diagnostics[0].code == "DT154"


def test_slices_of_a_table_hash_as_their_rows_alone() -> None:
    texts = pa.array(["x" * n for n in range(50)])
    whole = pa.table({"id": texts, "n": np.arange(50)})
    rows = [("x" * n, str(n)) for n in range(20, 30)]
    assert result_hash({"counts": Sheet(whole.slice(20, 10), 0)}) == by_the_page(
        {"counts": (["id", "n"], rows)}, 1 << 20
    )
