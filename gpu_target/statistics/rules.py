"""The statistics of a rule set over data: one pass, in memory that does not grow with the matches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target import backends
from gpu_target.engine import Made, Result, gather, joins_of, result_of
from gpu_target.options import Options
from gpu_target.plan.plan import Plan
from gpu_target.rows import batches_of
from gpu_target.statistics.cost import Sample
from gpu_target.statistics.overlaps import Folded

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overlap:
    """Another rule, by its position, and the rows that both match."""

    other: int
    rows: int


@dataclass(frozen=True)
class RuleStatistics:
    """What every rule finds, by its position in the plan.

    result        counts, and lanes where the plan has a key
    matched_rows  rows that a rule matches, alone_rows those that one rule matches alone; relief rules left out
    unique        int64[rules]  rows that no other rule matches
    decides       int64[rules]  declarations whose lane the rule decides, or None without lanes
    row_tests     int64[rules]  rows of the sample on which its terms are tried; see ``cost``
    sample_rows   rows of the sample
    pair_start    int64[rules + 1]  where the overlaps of a rule begin in ``pair_other`` and ``pair_rows``, most first
    """

    result: Result
    matched_rows: int
    alone_rows: int
    unique: Ints
    decides: Ints | None
    row_tests: Ints
    sample_rows: int
    pair_start: Ints
    pair_other: Ints
    pair_rows: Ints

    @property
    def counts(self) -> Ints:
        """int64[rules]: the rows that each matches."""
        return self.result.count_array

    @property
    def cost_share(self) -> npt.NDArray[np.float64]:
        """float64[rules]: of the row tests of all rules, those of each; zeros where there are none."""
        return self.row_tests / max(1, int(self.row_tests.sum()))

    def overlaps(self, rule: int, most: int | None = None) -> list[Overlap]:
        """The rules that match rows which this one matches, those with the most such rows first."""
        begin, end = int(self.pair_start[rule]), int(self.pair_start[rule + 1])
        end = end if most is None else min(end, begin + most)
        pairs = zip(self.pair_other[begin:end].tolist(), self.pair_rows[begin:end].tolist(), strict=True)
        return [Overlap(*each) for each in pairs]


def rule_statistics(
    plan: Plan,
    data: Any,
    *,
    backend: str = "cpu",
    seed: int = 0,
    as_of: date | str | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> RuleStatistics:
    """Evaluate ``plan`` on every row of ``data`` and say what each rule finds; options as ``engine.evaluate`` has them.

    Without a key in the plan there are no lanes. Memory grows with the declarations, and with the pairs of rules that
    share a row; not with the matches. Raises as ``evaluate`` does.
    """
    options = Options.check(plan, backend, ("counts",), seed, as_of, threads)
    options = replace(options, lanes=bool(plan.key), matches=True)
    chosen = backends.resolve(backend)
    runner = chosen.prepare(plan, options.wanted)
    sample = Sample(plan.layout, joins_of(plan), options.as_of)
    folded = Folded(plan.heads, options.lanes)
    started = time.perf_counter()
    gather(plan, runner, sample.passing(batches_of(data, plan)), options, progress=progress, into=folded)
    made = Made(chosen.name, chosen.device, options.threads, options.seed)
    result = result_of(plan, folded, made, time.perf_counter() - started)
    evaluated = time.perf_counter()
    rule, other, rows = folded.overlaps.pairs()
    row_tests, sample_rows = sample.row_tests()
    result.seconds["output"] += time.perf_counter() - evaluated
    return RuleStatistics(
        result=result,
        matched_rows=folded.overlaps.matched_rows,
        alone_rows=folded.overlaps.alone_rows,
        unique=folded.overlaps.unique,
        decides=_decides(plan, result.lane_table),
        row_tests=row_tests,
        sample_rows=sample_rows,
        pair_start=np.searchsorted(rule, np.arange(len(plan.heads) + 1)),
        pair_other=other,
        pair_rows=rows,
    )


def _decides(plan: Plan, lanes: pa.Table | None) -> Ints | None:
    if lanes is None:
        return None
    found = np.zeros(len(plan.heads), np.int64)
    for chunk in lanes["rule_id"].chunks if plan.heads else ():
        found += np.bincount(np.asarray(chunk.indices.drop_null()), minlength=len(found))
    return found
