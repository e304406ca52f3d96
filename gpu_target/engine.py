"""Evaluation: batches of records through a backend, in threads, with memory bounded by the batch.

The only door to the backends. Rows go in as record batches and are cut into chunks; each chunk is encoded and matched
by one thread; results are put together in the order of the rows.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target import backends
from gpu_target.backends.base import Runner
from gpu_target.columns import kernels
from gpu_target.columns.arrow import numbers_of, text_of
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.columns.values import Batch, TableJoin
from gpu_target.digest import Sheet, result_hash
from gpu_target.gathering import Chunk, Gathered, MatchPiece, match_key_table, match_table
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError
from gpu_target.language.wording import counted
from gpu_target.options import Options
from gpu_target.plan.plan import Plan
from gpu_target.rows import batches_of, chunks_of
from gpu_target.selection.lanes import decide, join_runs

if TYPE_CHECKING:
    import pandas as pd

Asked = TypeVar("Asked")


@dataclass(frozen=True, repr=False)
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
    pieces: tuple[MatchPiece, ...] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """What it is; the counts, lanes and matches in it are tables of their own."""
        found = counted(int(self.count_array.sum()), "match", "matches")
        rules, rows = counted(len(self.plan.heads), "rule"), counted(self.rows, "row")
        return f"<Result of {self.plan.name}: {found} of {rules} on {rows}, backend {self.backend}>"

    @property
    def counts(self) -> pd.Series:
        """Matches of every rule, int64, indexed by rule id in rule-set order; zeros included."""
        import pandas as pd

        index = pd.Index([rule.id for rule in self.plan.heads], name="rule_id")
        return pd.Series(self.count_array, index=index, name="matches", dtype="int64")

    @cached_property
    def sha256(self) -> str:
        """Hash of the outputs that were asked for: equal where they are equal, whatever the order of the rows, the
        cut into parts, the backend and the machine. Raises DataError with DT154 where a key column holds lists.
        """
        counts = pa.table({"rule_id": [rule.id for rule in self.plan.heads], "matches": self.count_array})
        sheets = {"counts": Sheet(counts, 0)}
        if self.lane_table is not None:
            sheets["lanes"] = Sheet(self.lane_table, 1)
        if self.pieces is not None:
            matches = self.match_keys()
            sheets["matches"] = Sheet(matches, matches.num_columns)
        return result_hash(sheets)

    def lanes(self) -> pa.Table:
        """One row per declaration: its key, ``lane``, ``score`` int64, ``rule_id`` that decided, ``selected_by``."""
        return self._asked("lanes", self.lane_table)

    def matches(self) -> pa.Table:
        """``row`` int64 and ``rule`` int32 (its position), sorted by row then rule."""
        return match_table(self._asked("matches", self.pieces))

    def match_keys(self) -> pa.Table:
        """The key columns of the row of every match, in the order of ``matches``, and ``rule_id``."""
        return match_key_table(self.plan, self._asked("matches", self.pieces))

    def sparse_matches(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """The matches as they were found: where those of each row begin, int64[rows + 1], and their rules, int32.

        Rules are given by their position, ascending within a row.
        """
        pieces = self._asked("matches", self.pieces)
        starts = np.zeros(self.rows + 1, np.int64)
        np.cumsum(np.concatenate([np.zeros(0, np.int32), *(each.row_matches for each in pieces)]), out=starts[1:])
        return starts, np.concatenate([np.zeros(0, np.int32), *(each.rule for each in pieces)])

    @staticmethod
    def _asked(name: str, table: Asked | None) -> Asked:
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

    data      pyarrow Table, RecordBatch, RecordBatchReader or Dataset, an iterator of RecordBatches, or anything with
              an Arrow C stream: pandas and polars frames, DuckDB relations
    backend   ``cpu``, ``cuda``, ``interpreter``, or ``auto`` for the fastest that this machine has
    outputs   any of ``counts``, ``lanes``, ``matches``; counts are always computed
    seed      0 .. 2^64 - 1, of the draws behind rates
    as_of     the day that AS_OF stands for; a date or its ISO text
    threads   by default one per processor that this process may use
    progress  called with the number of rows done, after each batch

    Memory grows with the rows only for lanes and matches. Raises DataError (DT110, DT15x) where the data lacks a column
    or a row its declaration, UsageError (US01x) for wrong options, UnfitError (EN4xx) where the backend cannot run.
    """
    options = Options.check(plan, backend, outputs, seed, as_of, threads)
    chosen = backends.resolve(backend)
    runner = chosen.prepare(plan, options.wanted)
    started = time.perf_counter()
    gathered = gather(plan, runner, data, options, progress=progress)
    made = Made(chosen.name, chosen.device, options.threads, options.seed)
    return result_of(plan, gathered, made, time.perf_counter() - started)


def gather(
    plan: Plan,
    runner: Runner,
    data: Any,
    options: Options,
    first_row: int = 0,
    progress: Callable[[int], None] | None = None,
    into: Gathered | None = None,
) -> Gathered:
    """What the rows of ``data`` find, where the first of them is row ``first_row`` of the whole.

    ``into`` takes the chunks in, one after the other, in place of one that keeps them.
    """
    gathered = into or Gathered.empty(len(plan.heads), options.lanes, options.matches, first_row)
    joins = joins_of(plan)
    with ThreadPoolExecutor(options.threads, thread_name_prefix="gpu-target") as pool:
        waiting: deque[Future[Chunk]] = deque()
        taken = first_row
        try:
            for batch in timed(batches_of(data, plan), gathered):
                for chunk in chunks_of(batch, options.threads, runner.chunk_rows):
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
    return gathered


def timed(batches: Iterator[pa.RecordBatch], gathered: Gathered) -> Iterator[pa.RecordBatch]:
    """The batches, with the time spent waiting for them put down as reading."""
    while True:
        started = time.perf_counter()
        batch = next(batches, None)
        gathered.spent["read"] += time.perf_counter() - started
        if batch is None:
            return
        yield batch


# -- one chunk ----------------------------------------------------------------------------------------------------


def _run(
    runner: Runner, plan: Plan, chunk: pa.RecordBatch, first_row: int, joins: dict[str, TableJoin], options: Options
) -> Chunk:
    columns = dict(zip(chunk.schema.names, chunk.columns, strict=True))
    batch = Batch(columns, chunk.num_rows, joins, options.as_of)
    started = time.perf_counter()
    words = declaration_words(columns[options.key], options.key, first_row) if options.lanes and options.key else None
    hashed = time.perf_counter() - started
    outcome = runner.run(batch, words)
    started = time.perf_counter()
    lanes = matches = None
    if options.lanes and options.key:
        assert outcome.rows is not None
        lanes = join_runs(columns[options.key], outcome.rows)
    if options.matches:
        assert outcome.row_matches is not None
        assert outcome.match_rule is not None
        picked = pa.array(np.flatnonzero(outcome.row_matches))
        keys = tuple(decoded(columns[name]).take(picked) for name in plan.key)
        matches = MatchPiece(first_row, outcome.row_matches, outcome.match_rule, keys)
    output = hashed + time.perf_counter() - started
    spent = {"encode": outcome.encode, "match": outcome.match, "output": output}
    shares = {stage: seconds / options.threads for stage, seconds in spent.items()}
    return Chunk(chunk.num_rows, outcome.counts, lanes, matches, shares)


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
                place=f"row {row + 1}",
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


@dataclass(frozen=True)
class Made:
    """What made a result."""

    backend: str
    device: str
    threads: int
    seed: int


def result_of(plan: Plan, gathered: Gathered, made: Made, elapsed: float) -> Result:
    """The result of all rows, ``elapsed`` seconds after their evaluation began."""
    before = time.perf_counter()
    lanes = None
    if gathered.lanes is not None:
        key = plan.key[0]
        lanes = decide(key, plan.schema[key], gathered.lanes, plan.heads)
    scale = elapsed / max(sum(gathered.spent.values()), 1e-9)  # reading overlaps with work: share the elapsed time
    seconds = {name: spent * scale for name, spent in gathered.spent.items()}
    seconds["output"] += time.perf_counter() - before
    return Result(
        plan, gathered.rows, made.backend, made.device, made.threads, made.seed, seconds, gathered.counts,
        lanes, None if gathered.matches is None else tuple(gathered.matches),
    )  # fmt: skip
