"""The engines that are compared: the same rows in each one's memory, the same rules in each one's language.

What stands in ``__init__`` is not timed: loading rows, writing expressions. ``run`` is timed. Where an engine has
several ways to do it, ``tune`` tries them and keeps the fastest: it is met at its best. Forms of the columns are told
apart by a sample of the rules; how many rules a query has best, only by all of them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

import gpu_target as gt
from benchmarks.duckdb_rules import DuckDBRules
from benchmarks.pandas_rules import PandasRules
from benchmarks.polars_rules import PolarsRules
from benchmarks.translate import CannotTranslate
from benchmarks.tuning import fastest_size
from benchmarks.workload import Workload

THREADS = 2
Counts = npt.NDArray[np.int64]
Trials = list[tuple[str, float]]  # a form in words, and the seconds it took
SAMPLE_SIZE = 64  # rules a query where forms are tried on the sample
CLOSE = 1.15  # times as long as the fastest form: one run each does not tell which is the faster


class Engine(Protocol):
    """``rules`` holds the positions of the rules that it evaluates; ``form`` says in words how it does.

    ``untried`` says what ``tune`` has left out that could be faster; it is empty where that is nothing.
    """

    name: str
    threads: int
    form: str
    rules: Sequence[int]
    untried: str

    def tune(self, sample: Sequence[int]) -> Trials:
        """Find the fastest form. ``sample`` has the positions of some rules."""

    def use(self, round_: int) -> None:
        """Take the form for a round; an engine with two forms that are close takes turns with them."""

    def run(self, rules: Sequence[int]) -> Counts:
        """int64[rules]: the rows that match each of ``rules``, which are positions."""


def batches(rules: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(rules), size):
        yield rules[start : start + size]


class GpuTarget:
    """Ours, once for each kind of output: beside counts, lanes or matches take time of their own."""

    name, threads, untried = "gpu-target", THREADS, ""

    def __init__(self, workload: Workload, outputs: str = "counts") -> None:
        self.name = GpuTarget.name if outputs == "counts" else f"{GpuTarget.name} ({outputs})"
        self.plan, self.table = workload.plan, workload.table
        self.rules: Sequence[int] = range(len(workload.conditions))
        self.outputs = ("counts", outputs)
        self.form = f"cpu backend, {outputs}"
        self.result: gt.Result | None = None  # of the last run

    def tune(self, sample: Sequence[int]) -> Trials:
        self._evaluate(self.table.slice(0, 100_000))  # loads the compiled kernels
        return []

    def use(self, round_: int) -> None:
        """There is one form."""

    def run(self, rules: Sequence[int]) -> Counts:
        """All rules at once: ``rules`` picks from the answer."""
        self.result = self._evaluate(self.table)
        return self.result.count_array[np.asarray(rules)]

    def _evaluate(self, table: pa.Table) -> gt.Result:
        return self.plan.evaluate(table, outputs=self.outputs, threads=self.threads)


class Polars:
    name, threads = "polars", THREADS
    FORMS = tuple(itertools.product(("categorical", "string"), ("in-memory", "streaming")))
    SIZES = (64, 128, 256, 512, 1024, 4096)
    TUNING_SECONDS = 150.0  # after which no further size is tried

    def __init__(self, workload: Workload) -> None:
        if pl.thread_pool_size() != self.threads:
            raise SystemExit(f"Polars has {pl.thread_pool_size()} threads: set POLARS_MAX_THREADS={self.threads}")
        self.workload = workload
        self.rules: Sequence[int] = range(len(workload.conditions))
        self.size = SAMPLE_SIZE
        self.finalists: list[tuple[str, str, int]] = []
        self.untried = ""
        self._take(*self.FORMS[0])

    def _take(self, text: str, engine: str) -> None:
        self.engine = engine
        frame = pl.from_arrow(self.workload.table)
        assert isinstance(frame, pl.DataFrame)
        if text == "string":
            frame = frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
        self.frame, self.text = frame, text
        rules = PolarsRules(frame.schema, self.workload.lists, list(self.workload.let))
        self.let = {name: rules.value(tree).alias(name) for name, tree in self.workload.let.items()}
        self.counts = [rules.predicate(each).sum().alias(str(k)) for k, each in enumerate(self.workload.conditions)]

    @property
    def form(self) -> str:
        return f"{self.text} columns, {self.engine} engine, {self.size} rules a select"

    def tune(self, sample: Sequence[int]) -> Trials:
        end = time.perf_counter() + self.TUNING_SECONDS
        sampled: dict[tuple[str, str], float] = {}
        for text, engine in self.FORMS:
            if text != self.text:
                self._take(text, engine)
            self.engine = engine
            sampled[text, engine] = _timed(self, sample)
        whole: dict[tuple[str, str, int], float] = {}
        seen = set()
        for text, engine in sorted(sampled, key=sampled.__getitem__):
            if engine in seen:  # with the other kind of columns, which was faster
                continue
            seen.add(engine)
            self._take(text, engine)
            sizes = fastest_size(
                self.SIZES, len(self.rules), self._seconds, lambda: end - time.perf_counter(),
                min(whole.values(), default=float("inf")),
            )  # fmt: skip
            whole |= {(text, engine, size): seconds for size, seconds in sizes.trials.items()}
            if min(whole, key=whole.__getitem__)[1] == engine:
                self.untried = sizes.untried
        fastest = sorted(whole, key=whole.__getitem__)[:2]
        self.finalists = [each for each in fastest if whole[each] <= CLOSE * whole[fastest[0]]]
        return _trials(sampled, len(sample), whole)

    def _seconds(self, size: int) -> float:
        self.size = size
        return _timed(self, self.rules)

    def use(self, round_: int) -> None:
        text, engine, self.size = self.finalists[round_ % len(self.finalists)]
        self._take(text, engine)

    def run(self, rules: Sequence[int]) -> Counts:
        frame = self.frame.with_columns(**self.let) if self.let else self.frame
        found = []
        for part in batches(rules, self.size):
            query = frame.lazy().select([self.counts[rule] for rule in part])
            found.append(query.collect(engine=self.engine).row(0))  # type: ignore[call-overload]
        return np.array(list(itertools.chain(*found)), np.int64)


class DuckDB:
    name, threads = "duckdb", THREADS
    FORMS = tuple(itertools.product(("varchar", "enum", "compressed"), ("count_if", "filter")))
    SIZES = Polars.SIZES
    TUNING_SECONDS = 240.0  # its runs are longer than those of Polars

    def __init__(self, workload: Workload) -> None:
        self.rules: Sequence[int] = range(len(workload.conditions))
        schema = workload.table.schema
        numbers = [field.name for field in schema if _is_number(field.type)]
        writer = DuckDBRules(workload.lists, list(workload.let), numbers)
        self.let = ", ".join(f'{writer.sql(tree)} AS "{name}"' for name, tree in workload.let.items())
        self.conditions = [writer.sql(each) for each in workload.conditions]
        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {self.threads}")
        self.connection.execute("ATTACH ':memory:' AS packed (COMPRESS true)")
        self.connection.register("incoming", workload.table)
        self.coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self.kept = self.untried = ""
        self.size = SAMPLE_SIZE
        self._take(*self.FORMS[0])

    def _take(self, text: str, aggregate: str) -> None:
        self.aggregate = aggregate
        if text == self.kept:
            return
        if self.kept:
            self.connection.execute(f"DROP TABLE {self.table}")
        self.kept, self.table = text, "packed.items" if text == "compressed" else "items"
        columns = "*"
        if text == "enum" and self.coded:
            for name in self.coded:
                self.connection.execute(f'DROP TYPE IF EXISTS "code_{name}"')
                values = f'SELECT DISTINCT "{name}"::VARCHAR AS v FROM incoming WHERE "{name}" IS NOT NULL ORDER BY v'
                self.connection.execute(f'CREATE TYPE "code_{name}" AS ENUM ({values})')
            changed = ", ".join(f'"{name}"::VARCHAR::"code_{name}" AS "{name}"' for name in self.coded)
            columns = f"* REPLACE ({changed})"
        self.connection.execute(f"CREATE TABLE {self.table} AS SELECT {columns} FROM incoming")

    @property
    def form(self) -> str:
        return f"{self.kept} table, {self.aggregate}, {self.size} rules a query"

    def tune(self, sample: Sequence[int]) -> Trials:
        end = time.perf_counter() + self.TUNING_SECONDS
        sampled: dict[tuple[str, str], float] = {}
        for text, aggregate in self.FORMS:
            self._take(text, aggregate)
            sampled[text, aggregate] = _timed(self, sample)
        text, aggregate = min(sampled, key=sampled.__getitem__)
        self._take(text, aggregate)
        sizes = fastest_size(self.SIZES, len(self.rules), self._seconds, lambda: end - time.perf_counter())
        self.size, self.untried = sizes.best, sizes.untried
        return _trials(sampled, len(sample), {(text, aggregate, size): each for size, each in sizes.trials.items()})

    def _seconds(self, size: int) -> float:
        self.size = size
        return _timed(self, self.rules)

    def use(self, round_: int) -> None:
        """The fastest form stays."""

    def run(self, rules: Sequence[int]) -> Counts:
        source = f"(SELECT *, {self.let} FROM {self.table})" if self.let else self.table
        found = []
        for part in batches(rules, self.size):
            if self.aggregate == "filter":
                selected = [f"count(*) FILTER (WHERE {self.conditions[rule]})" for rule in part]
            else:
                selected = [f"count_if({self.conditions[rule]})" for rule in part]
            row = self.connection.execute(f"SELECT {', '.join(selected)} FROM {source}").fetchone()
            assert row is not None
            found.append(row)
        return np.array(list(itertools.chain(*found)), np.int64)


class Pandas:
    name, threads, untried = "pandas", 1, ""  # DataFrame.eval works in one thread

    def __init__(self, workload: Workload, n_rules: int) -> None:
        frame = workload.table.to_pandas(date_as_object=False)
        rules = PandasRules(frame, workload.lists, list(workload.let))
        self.let = {name: rules.value(tree) for name, tree in workload.let.items()}
        self.frame, self.names = frame, rules.names
        self.conditions: dict[int, str] = {}
        for position in _spread(len(workload.conditions)):
            if len(self.conditions) == n_rules:
                break
            try:
                self.conditions[position] = rules.true(workload.conditions[position])
            except CannotTranslate:
                continue
        self.rules: Sequence[int] = sorted(self.conditions)
        self.form = f"DataFrame.eval, {len(self.rules)} rules that it can express"

    def tune(self, sample: Sequence[int]) -> Trials:
        return []

    def use(self, round_: int) -> None:
        """There is one form."""

    def run(self, rules: Sequence[int]) -> Counts:
        frame = self.frame.assign(**{name: self.frame.eval(text) for name, text in self.let.items()})
        return np.array([self._count(frame, self.conditions[rule]) for rule in rules], np.int64)

    def _count(self, frame: pd.DataFrame, text: str) -> int:
        return int(frame.eval(text, engine="python", local_dict=self.names).sum())


ENGINES: dict[str, Callable[..., Engine]] = {each.name: each for each in (GpuTarget, Polars, DuckDB, Pandas)}


def _timed(engine: Polars | DuckDB, sample: Sequence[int]) -> float:
    started = time.perf_counter()
    engine.run(sample)
    return time.perf_counter() - started


def _trials(
    sampled: Mapping[tuple[str, str], float], n_sampled: int, whole: Mapping[tuple[str, str, int], float]
) -> Trials:  # fmt: skip
    some = [(f"{first}, {second}, {n_sampled} of the rules", seconds) for (first, second), seconds in sampled.items()]
    return some + [
        (f"{first}, {second}, all by {size}", seconds) for (first, second, size), seconds in whole.items()
    ]  # fmt: skip


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _spread(count: int) -> Iterator[int]:
    """All positions below ``count``, a few spread over the whole range first."""
    step = 64
    for first in range(step):
        yield from range(first, count, step)
