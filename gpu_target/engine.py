"""Evaluation: batches of records through a backend, in threads, with memory bounded by the batch.

The only door to the backends. Rows go in as record batches and are cut into chunks; each chunk is encoded and matched
by one thread while its classes are in the cache; results are put together in the order of the rows.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Never

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target import backends
from gpu_target.backends.base import Outcome, Runner, Wanted
from gpu_target.columns import kernels
from gpu_target.columns.arrow import numbers_of, text_of
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family, plain
from gpu_target.columns.values import Batch, TableJoin
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError
from gpu_target.language.literals import parse_day
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.plan import Plan
from gpu_target.selection.lanes import Found, decide, join_runs

if TYPE_CHECKING:
    import pandas as pd

# Rows, where the runner has no ``chunk_rows`` of its own; 26 columns of two-byte classes are then 3.4 MB, which the
# second-level cache nearly holds.
CHUNK = 65_536
OUTPUTS = ("counts", "lanes", "matches")


@dataclass(frozen=True)
class Result:
    """What an evaluation found. ``lanes`` and ``matches`` are there only where they were asked for."""

    plan: Plan
    rows: int
    backend: str
    device: str
    threads: int
    seed: int
    seconds: dict[str, float]  # read, encode, match, output: shares of the elapsed time that do not overlap
    count_array: npt.NDArray[np.int64]
    lane_table: pa.Table | None = None
    match_table: pa.Table | None = None
    match_key_table: pa.Table | None = field(default=None, repr=False)

    @property
    def counts(self) -> pd.Series:
        """Matches of every rule, int64, indexed by rule id in rule-set order; zeros included."""
        import pandas as pd

        index = pd.Index([rule.id for rule in self.plan.rules], name="rule_id")
        return pd.Series(self.count_array, index=index, name="matches", dtype="int64")

    def lanes(self) -> pa.Table:
        """One row per declaration: its key, ``lane``, ``score`` int64, ``rule_id`` that decided, ``selected_by``."""
        return self._asked("lanes", self.lane_table)

    def matches(self) -> pa.Table:
        """``row`` int64 and ``rule`` int32 (its position), sorted by row then rule."""
        return self._asked("matches", self.match_table)

    def match_keys(self) -> pa.Table:
        """The key columns of the row of every match, in the order of ``matches``, and ``rule_id``."""
        return self._asked("matches", self.match_key_table)

    @staticmethod
    def _asked(name: str, table: pa.Table | None) -> pa.Table:
        if table is None:
            raise UsageError(
                Diagnostic(
                    "US010", f"the {name} were not asked for", remedy=f'evaluate with outputs=("counts", "{name}")'
                )
            )
        return table


def evaluate(
    plan: Plan,
    data: Any,
    backend: str = "cpu",
    outputs: Sequence[str] = ("counts",),
    seed: int = 0,
    as_of: date | str | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Evaluate ``plan`` on every row of ``data``.

    data      pyarrow Table, RecordBatch, RecordBatchReader or Dataset, or anything with an Arrow C stream: pandas and
              polars frames, DuckDB relations
    backend   ``cpu``, ``cuda``, ``interpreter``, or ``auto`` for the fastest that this machine has
    outputs   any of ``counts``, ``lanes``, ``matches``; counts are always computed
    seed      0 .. 2^64 - 1, of the draws behind rates
    as_of     the day that AS_OF stands for; a date or its ISO text
    threads   by default one per processor that this process may use
    progress  called with the number of rows done, after each batch

    Memory grows with the rows only for lanes and matches. Raises DataError (DT110, DT15x) where the data lacks a column
    or a row its declaration, UsageError (US01x) for wrong options, UnfitError (EN4xx) where the backend cannot run.
    """
    options = _Options.check(plan, backend, outputs, seed, as_of, threads)
    chosen = backends.resolve(backend)
    runner = chosen.prepare(plan, Wanted(options.lanes, options.matches, options.seed))
    gathered = Gathered(plan, options)
    joins = joins_of(plan)
    started = time.perf_counter()
    with ThreadPoolExecutor(options.threads, thread_name_prefix="gpu-target") as pool:
        waiting: deque[Future[_Chunk]] = deque()
        taken = 0
        try:
            for batch in timed(batches_of(data, plan), gathered):
                for chunk in chunks_of(batch, options.threads, getattr(runner, "chunk_rows", CHUNK)):
                    waiting.append(pool.submit(_run, runner, plan, chunk, taken, joins, options))
                    taken += chunk.num_rows
                    while len(waiting) > 3 * options.threads:  # bounds what is held at once
                        gathered.add(waiting.popleft().result())
                if progress:
                    progress(gathered.rows)
            while waiting:
                gathered.add(waiting.popleft().result())
                if progress:
                    progress(gathered.rows)
        finally:
            for future in waiting:
                future.cancel()
    return gathered.finish(chosen.name, chosen.device, started)


@dataclass(frozen=True)
class _Options:
    lanes: bool
    matches: bool
    seed: int
    as_of: int | None
    threads: int
    key: str | None

    @staticmethod
    def check(
        plan: Plan, backend: str, outputs: Sequence[str], seed: int, as_of: date | str | None, threads: int | None
    ) -> _Options:
        for name in [outputs] if isinstance(outputs, str) else outputs:
            if name not in OUTPUTS:
                _misuse("US011", f"there is no output {name!r}", f"choose from {', '.join(OUTPUTS)}")
        if not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
            _misuse("US012", f"{seed!r} is outside the range of seeds", f"choose a whole number from 0 to {2**64 - 1}")
        if threads is not None and (not isinstance(threads, (int, np.integer)) or threads < 1):
            _misuse("US013", f"{threads!r} threads cannot work", "give 1 or more")
        day = None if as_of is None else day_of(as_of)
        if day is None and plan.reads_as_of:
            _misuse("US015", "a rule reads AS_OF and no day was given", "give --as-of DATE, or as_of= from Python")
        if not plan.key and ("lanes" in outputs or "matches" in outputs):
            _misuse(
                "US016", "lanes and matches need to know which column holds the declaration", "name it: key: [COLUMN]"
            )
        days = None if day is None else (day - EPOCH).days
        if threads is None:
            threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if backend == "interpreter":
            threads = 1  # plain Python: threads would only wait for each other
        return _Options(
            "lanes" in outputs, "matches" in outputs, int(seed), days, int(threads), plan.key[0] if plan.key else None
        )


def day_of(given: date | str) -> date:
    """A day as ``as_of`` gives it; of a timestamp its date. Raises UsageError (US014)."""
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return parse_day(given)
    except (TypeError, ValueError):
        _misuse("US014", f"{given!r} is no date", "write it as 2024-01-31")


def _misuse(code: str, message: str, remedy: str) -> Never:
    raise UsageError(Diagnostic(code, message, remedy=remedy))


# -- rows in ------------------------------------------------------------------------------------------------------


def batches_of(data: Any, plan: Plan) -> Iterator[pa.RecordBatch]:
    """Record batches with the plan's columns, whatever form the data has."""
    names = list(plan.columns)
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if hasattr(data, "scanner"):  # a dataset: read the needed columns only
        check_schema(data.schema, plan)
        yield from data.scanner(columns=names).to_batches()
        return
    if isinstance(data, pa.Table):
        check_schema(data.schema, plan)
        table = data.select(names)
        if not names:  # no column is read, and the rows still count
            yield pa.RecordBatch.from_struct_array(pa.nulls(data.num_rows, pa.struct([])))
            return
        yield from table.to_batches()
        return
    if not hasattr(data, "__arrow_c_stream__"):
        hint = "call .collect() first" if type(data).__name__ == "LazyFrame" else "give an Arrow table, or a frame"
        _misuse("US017", f"a {type(data).__name__} cannot be read as a table", hint)
    reader = data if isinstance(data, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(data)
    check_schema(reader.schema, plan)
    for batch in reader:
        yield batch.select(names) if names else batch


def check_schema(schema: pa.Schema, plan: Plan) -> None:
    """The data has the columns that the plan was compiled for, with those types; the form of text does not matter."""
    problems = []
    for name, type_ in plan.schema.items():
        position = schema.get_field_index(name)
        if len(schema.get_all_field_indices(name)) > 1:
            problems.append(
                Diagnostic("DT110", f"the data has more than one column `{name}`", remedy="rename all but one")
            )
        elif position < 0:
            problems.append(
                Diagnostic("DT151", f"the data has no column `{name}`", remedy="compile for this data's schema")
            )
        elif plain(schema.field(position).type) != plain(type_):
            found = schema.field(position).type
            problems.append(
                Diagnostic(
                    "DT152",
                    f"the column `{name}` is {found}, the plan was compiled for {type_}",
                    remedy="compile for this data's schema",
                )
            )
    if problems:
        raise DataError(*problems)


def timed(batches: Iterator[pa.RecordBatch], gathered: Gathered) -> Iterator[pa.RecordBatch]:
    """The batches, with the time spent waiting for them put down as reading."""
    while True:
        started = time.perf_counter()
        batch = next(batches, None)
        gathered.spent["read"] += time.perf_counter() - started
        if batch is None:
            return
        yield batch


def chunks_of(batch: pa.RecordBatch, threads: int, most: int) -> Iterator[pa.RecordBatch]:
    """Slices of at most ``most`` rows, and enough of them to occupy the threads."""
    size = min(most, max(4096, -(-batch.num_rows // threads // 4096) * 4096))
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)


# -- one chunk ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chunk:
    n_rows: int
    outcome: Outcome
    lanes: tuple[pa.Array, Found] | None
    match_keys: tuple[pa.Array, ...]
    output: float


def _run(
    runner: Runner, plan: Plan, chunk: pa.RecordBatch, first_row: int, joins: dict[str, TableJoin], options: _Options
) -> _Chunk:
    columns = dict(zip(chunk.schema.names, chunk.columns, strict=True))
    batch = Batch(columns, chunk.num_rows, joins, options.as_of)
    started = time.perf_counter()
    words = declaration_words(columns[options.key], options.key, first_row) if options.lanes and options.key else None
    hashed = time.perf_counter() - started
    outcome = runner.run(batch, words)
    started = time.perf_counter()
    lanes = None
    if options.lanes and options.key:
        assert outcome.rows is not None
        lanes = join_runs(columns[options.key], outcome.rows)
    keys: tuple[pa.Array, ...] = ()
    if options.matches:
        picked = pa.array(outcome.match_row)
        keys = tuple(decoded(columns[name]).take(picked) for name in plan.key)
    return _Chunk(chunk.num_rows, outcome, lanes, keys, hashed + time.perf_counter() - started)


def joins_of(plan: Plan) -> dict[str, TableJoin]:
    """The plan's lookup tables as batches join them; made once, since entries are classified once for each array."""
    return {
        name: TableJoin(
            {c: table.table.column(c).combine_chunks() for c in table.table.column_names},
            table.keys,
            table.date,
            table.index,
        )
        for name, table in plan.tables.items()
    }


def declaration_words(keys: pa.Array, name: str, first_row: int) -> npt.NDArray[np.uint64]:
    """uint64[n] that name each row's declaration in its draws: whole numbers as they are, text by hash.

    The same for every form that a column of the same values can have. Raises DataError: DT153 for a row without its
    declaration, DT154 for a type that is no key. ``first_row`` is where the batch stands in the data.
    """
    if keys.null_count:
        row = first_row + int(np.flatnonzero(np.asarray(keys.is_null()))[0])
        raise DataError(
            Diagnostic(
                "DT153",
                f"row {row + 1} has no value in the key column `{name}`",
                remedy="every row needs its declaration: fill the key, or choose another one",
            )
        )
    if pa.types.is_dictionary(keys.type):
        if keys.dictionary.null_count:
            return declaration_words(decoded(keys), name, first_row)
        words = declaration_words(keys.dictionary, name, first_row)
        return words[np.asarray(keys.indices).astype(np.int64)]
    kind = family(keys.type)
    if kind == "text":
        offsets, data = text_of(keys.cast(TEXT))
        hashes = np.empty(len(keys), np.uint64)
        kernels.hash_texts(offsets, data, hashes)
        return hashes
    if pa.types.is_integer(keys.type) or kind == "time":
        return numbers_of(keys).astype(np.uint64 if keys.type == pa.uint64() else np.int64).view(np.uint64)
    raise DataError(
        Diagnostic("DT154", f"the key column `{name}` is {keys.type}", remedy="a key is text, a whole number or a date")
    )


# -- results ------------------------------------------------------------------------------------------------------


class Gathered:
    """Puts the chunks' findings together in the order of the rows."""

    def __init__(self, plan: Plan, options: _Options) -> None:
        self.plan, self.options = plan, options
        self.rows = 0
        self.counts = np.zeros(len(plan.bound), np.int64)
        self.spent = {"read": 0.0, "encode": 0.0, "match": 0.0, "output": 0.0}
        self.lanes: list[tuple[pa.Array, Found]] = []
        self.match_rows: list[npt.NDArray[np.int64]] = []
        self.match_rules: list[npt.NDArray[np.int32]] = []
        self.match_keys: list[tuple[pa.Array, ...]] = []

    def add(self, chunk: _Chunk) -> None:
        outcome = chunk.outcome
        self.counts += outcome.counts
        self.spent["encode"] += outcome.encode / self.options.threads
        self.spent["match"] += outcome.match / self.options.threads
        self.spent["output"] += chunk.output / self.options.threads
        if chunk.lanes is not None:
            self.lanes.append(chunk.lanes)
        if outcome.match_row is not None and outcome.match_rule is not None:
            self.match_rows.append(outcome.match_row + self.rows)
            self.match_rules.append(outcome.match_rule)
            self.match_keys.append(chunk.match_keys)
        self.rows += chunk.n_rows

    def finish(self, backend: str, device: str, started: float) -> Result:
        before = time.perf_counter()
        rules = self.plan.rules
        lanes = match_table = match_keys = None
        if self.options.lanes and self.options.key:
            lanes = decide(self.options.key, self.plan.schema[self.options.key], self.lanes, rules)
        if self.options.matches:
            match_table, match_keys = self._match_tables([rule.id for rule in rules])
        elapsed = before - started
        scale = elapsed / max(sum(self.spent.values()), 1e-9)  # reading overlaps with work: share the elapsed time
        seconds = {name: spent * scale for name, spent in self.spent.items()}
        seconds["output"] += time.perf_counter() - before
        return Result(
            self.plan, self.rows, backend, device, self.options.threads, self.options.seed, seconds, self.counts,
            lanes, match_table, match_keys,
        )  # fmt: skip

    def _match_tables(self, ids: Sequence[str]) -> tuple[pa.Table, pa.Table]:
        rows = pa.chunked_array([pa.array(each) for each in self.match_rows], pa.int64())
        rules = pa.chunked_array([pa.array(each) for each in self.match_rules], pa.int32())
        names = pa.array(ids, pa.string())
        coded = [pa.DictionaryArray.from_arrays(pa.array(each), names) for each in self.match_rules]
        columns: dict[str, pa.ChunkedArray] = {}
        for position, name in enumerate(self.plan.key):
            type_ = plain(self.plan.schema[name])
            columns[name] = pa.chunked_array([each[position].cast(type_) for each in self.match_keys], type_)
        columns["rule_id"] = pa.chunked_array(coded, pa.dictionary(pa.int32(), pa.string()))
        return pa.table({"row": rows, "rule": rules}), pa.table(columns)
