"""The form in which rows arrive changes no answer: batches, chunks, slices, text forms, threads, frames."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import gpu_target
from gpu_target.language import ast
from gpu_target.language.parser import parse_predicate_text
from tests.gpu_target.building import BACKENDS, FAST_BACKENDS
from tests.oracle.bulk import AS_OF, engine_mask, mask_of, oracle_mask
from tests.oracle.cases import KEY, case, ruleset_of
from tests.oracle.choices import Seeded
from tests.oracle.values import ALL_TYPES, pool

ROW_COUNTS = (1, 63, 64, 65, 127, 128, 4095, 4096, 4097)
DRAWN = case("shapes", 80, n_columns=20)
TEXT_RULES = ruleset_of(
    [
        parse_predicate_text(text)
        for text in (
            "s = 'ab'", "s IN ('a', '', 'é')", "s LIKE 'a%'", "s LIKE '%b'", "s LIKE '_'", "s < 'b'", "s IS NULL",
            "LENGTH(s) > 12", "UPPER(s) = 'AB'", "LEFT(s, 1) = 'a'", "s <> t", "s IN @text", "s NOT LIKE '%a%'",
        )
    ],
    lists={"text": pa.array(["87", "8703", "abc"], pa.large_string())},
)  # fmt: skip


def evaluated(
    ruleset: gpu_target.RuleSet, data: object, schema: pa.Schema, n_rows: int, **options: object
) -> np.ndarray:
    plan = gpu_target.compile(ruleset, schema)
    result = plan.evaluate(data, outputs=("counts", "matches"), as_of=AS_OF, **options)
    return mask_of(result, len(plan.rules), n_rows)


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("n_rows", [0, *ROW_COUNTS])
def test_any_number_of_rows_agrees_with_duckdb(n_rows: int, backend: str) -> None:
    table = DRAWN.source.random_table(n_rows, n_rows)
    assert (engine_mask(DRAWN.ruleset, table, backend) == oracle_mask(DRAWN.ruleset, table)).all()


@pytest.mark.parametrize("backend", FAST_BACKENDS)
@pytest.mark.parametrize("batch_rows", [1, *ROW_COUNTS[1:]])
def test_the_size_of_batches_does_not_matter(batch_rows: int, backend: str) -> None:
    n_rows = 150 if batch_rows == 1 else 9_000
    table = DRAWN.source.random_table(3, n_rows)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=batch_rows))
    found = evaluated(DRAWN.ruleset, reader, table.schema, n_rows, backend=backend)
    assert (found == engine_mask(DRAWN.ruleset, table, backend)).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("offset", [1, 7, 8, 63, 64, 65])
def test_slices_answer_as_the_rows_that_they_show(offset: int, backend: str) -> None:
    table = DRAWN.source.random_table(4, 300)
    whole = engine_mask(DRAWN.ruleset, table, backend)
    part = engine_mask(DRAWN.ruleset, table.slice(offset, 130), backend)
    assert (part == whole[:, offset : offset + 130]).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_chunks_of_any_length_answer_as_one(backend: str) -> None:
    table = DRAWN.source.random_table(6, 400)
    cuts = [0, 1, 1, 64, 65, 190, 320, 400]
    pieces = [table.slice(first, last - first) for first, last in pairwise(cuts)]
    chunked = pa.concat_tables(pieces)
    assert (engine_mask(DRAWN.ruleset, chunked, backend) == engine_mask(DRAWN.ruleset, table, backend)).all()


def test_columns_chunked_differently_stay_in_step() -> None:
    table = DRAWN.source.random_table(7, 500)
    columns = []
    for position, column in enumerate(table.columns):
        cut = 37 * (position + 1) % 499
        columns.append(pa.chunked_array([*column.slice(0, cut).chunks, *column.slice(cut).chunks], column.type))
    ragged = pa.table(columns, names=table.column_names)
    assert (engine_mask(DRAWN.ruleset, ragged) == engine_mask(DRAWN.ruleset, table)).all()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_number_of_threads_does_not_matter(threads: int) -> None:
    table = DRAWN.source.random_table(8, 200_000)
    small = engine_mask(DRAWN.ruleset, table.slice(0, 1_000))
    found = engine_mask(DRAWN.ruleset, table, threads=threads)
    assert (found[:, :1_000] == small).all()
    assert (found == engine_mask(DRAWN.ruleset, table)).all()


def text_table(form: Callable[[pa.Array], pa.Array]) -> pa.Table:
    values = pool(pa.string(), Seeded(3))
    generator = np.random.default_rng(1)
    columns = {name: values.take(pa.array(generator.integers(0, len(values), 700))) for name in "st"}
    return pa.table({KEY: pa.array(np.arange(700)), **{name: form(each) for name, each in columns.items()}})


def spare_entries(values: pa.Array) -> pa.Array:
    """A dictionary with entries that no row has, one of them twice, and a NULL entry."""
    encoded = values.dictionary_encode()
    entries = pa.concat_arrays([pa.array(["zz", "ab", "ab", None]), encoded.dictionary])
    indices = np.where(encoded.indices.is_null(), 3, encoded.indices.fill_null(0).to_numpy() + 4)
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int16()), entries)


def changing_dictionaries(values: pa.Array) -> pa.ChunkedArray:
    """Every chunk with a dictionary of its own."""
    return pa.chunked_array([values.slice(first, 100).dictionary_encode() for first in range(0, len(values), 100)])


TEXT_FORMS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "large": lambda values: values.cast(pa.large_string()),
    "view": lambda values: values.cast(pa.string_view()),
    "dictionary": lambda values: values.dictionary_encode(),
    "large dictionary": lambda values: values.cast(pa.large_string()).dictionary_encode(),
    "small dictionary": lambda values: values.dictionary_encode().cast(pa.dictionary(pa.uint8(), pa.string())),
    "spare entries": spare_entries,
    "changing dictionaries": changing_dictionaries,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("form", TEXT_FORMS)
def test_text_answers_alike_in_every_form(form: str, backend: str) -> None:
    expected = engine_mask(TEXT_RULES, text_table(lambda values: values), backend)
    assert (engine_mask(TEXT_RULES, text_table(TEXT_FORMS[form]), backend) == expected).all()


def test_plain_text_agrees_with_duckdb() -> None:
    table = text_table(lambda values: values)
    assert (engine_mask(TEXT_RULES, table) == oracle_mask(TEXT_RULES, table)).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_rules_find_nothing(backend: str) -> None:
    table = DRAWN.source.random_table(1, 65)
    plan = gpu_target.compile(ruleset_of([]), table.schema)
    result = plan.evaluate(table, backend=backend, outputs=("counts", "matches", "lanes"))
    assert len(result.counts) == 0
    assert result.matches().num_rows == 0
    assert result.rows == 65
    assert set(result.lanes().column("lane").to_pylist()) == {"green"}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n_rows", [0, *ROW_COUNTS])
def test_a_rule_that_always_holds_matches_every_row_and_no_more(n_rows: int, backend: str) -> None:
    table = DRAWN.source.random_table(1, n_rows)
    never, always = ast.Boolean(False), ast.Boolean(True)
    missing = ast.Or((ast.IsNull(ast.Name(KEY)), ast.IsNull(ast.Name(KEY), True)))
    mask = engine_mask(ruleset_of([always, never, missing]), table, backend)
    assert mask.sum(axis=1).tolist() == [n_rows, 0, n_rows]


@pytest.mark.parametrize("backend", BACKENDS)
def test_columns_of_nothing_but_nulls_agree_with_duckdb(backend: str) -> None:
    table = DRAWN.source.random_table(1, 65)
    columns = [
        column if name == KEY else pa.chunked_array([pa.nulls(65, column.type)])
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    empty = pa.table(columns, names=table.column_names)
    assert (engine_mask(DRAWN.ruleset, empty, backend) == oracle_mask(DRAWN.ruleset, empty)).all()


@pytest.mark.parametrize("type_", ALL_TYPES, ids=str)
def test_every_column_type_tells_null_from_its_values(type_: pa.DataType) -> None:
    values = pool(type_, Seeded(1))
    column = values.dictionary_encode() if pa.types.is_dictionary(type_) else values
    table = pa.table({"x": column, KEY: pa.array(np.arange(len(column)))})
    mask = engine_mask(ruleset_of([ast.IsNull(ast.Name("x")), ast.IsNull(ast.Name("x"), True)]), table)
    missing = np.array([value is None or value != value for value in values.to_pylist()])
    assert (mask[0] == missing).all()
    assert (mask[1] == ~missing).all()


def test_every_kind_of_input_gives_the_same_matches(tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl
    import pyarrow.parquet as pq

    table = pa.table(
        {
            KEY: pa.array(np.arange(1_000)),
            "x": pa.array(np.arange(1_000) % 17, pa.int32()),
            "s": pa.array([f"v{k % 13}" for k in range(1_000)]),
        }
    )
    rules = ruleset_of([parse_predicate_text(text) for text in ("x > 8", "s = 'v7'", "x * 2 < 5 AND s <> 'v1'")])
    expected = engine_mask(rules, table)
    pq.write_table(table, tmp_path / "part.parquet", row_group_size=300)
    inputs = {
        "batch": table.combine_chunks().to_batches()[0],
        "reader": table.to_reader(max_chunksize=77),
        "dataset": ds.dataset(tmp_path / "part.parquet"),
        "pandas": pd.DataFrame(table.to_pydict()),
        "polars": pl.from_arrow(table),
    }
    for name, data in inputs.items():
        schema = {"pandas": pa.Schema.from_pandas, "polars": lambda frame: pa.table(frame).schema}.get(
            name, lambda _: table.schema
        )(data)
        assert (evaluated(rules, data, schema, 1_000) == expected).all(), name
