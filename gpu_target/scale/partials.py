"""What a part of the rows found, and how parts become one result, whoever evaluated them and in whatever order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from gpu_target import backends
from gpu_target.engine import Made, Result, gather, result_of
from gpu_target.gathering import Gathered
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError
from gpu_target.options import Options, is_whole
from gpu_target.plan.plan import Plan
from gpu_target.plan.process import deep_recursion
from gpu_target.scale.records import read_records, write_record


@dataclass(frozen=True)
class About:
    """The evaluation that a partial result belongs to. ``plan`` is its hash, ``as_of`` in days since 1970-01-01."""

    plan: str
    rules: int
    outputs: tuple[str, ...]
    seed: int
    as_of: int | None

    @classmethod
    def of(cls, plan: Plan, options: Options) -> About:
        outputs = ("counts", *(["lanes"] if options.lanes else []), *(["matches"] if options.matches else []))
        return cls(plan.sha256, len(plan.heads), outputs, options.seed, options.as_of)


@dataclass(frozen=True)
class Workers:
    """Who evaluated the rows. ``threads`` are the most that a single worker had."""

    backends: frozenset[str]
    devices: frozenset[str]
    threads: int

    def with_(self, other: Workers) -> Workers:
        threads = max(self.threads, other.threads)
        return Workers(self.backends | other.backends, self.devices | other.devices, threads)


@dataclass(frozen=True)
class Partial:
    """What some rows found. Counts add up; the items of a declaration may be in several partial results.

    ``stretches`` of rows are ascending and none is adjacent to another: rows that are still missing lie between them.
    Merging is associative and commutative. Partial results can be pickled, and written as record batches.
    """

    about: About
    stretches: tuple[Gathered, ...]
    workers: Workers

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.stretches)

    def merge(self, other: Partial) -> Partial:
        """Both together, as one partial result.

        Raises UsageError with US040 where they belong to different evaluations, DataError with DT170 where a row is in
        both.
        """
        if self.about != other.about:
            names = [name for name, value in vars(self.about).items() if value != getattr(other.about, name)]
            message = f"these partial results belong to different evaluations: another {', another '.join(names)}"
            raise UsageError(Diagnostic("US040", message, remedy="merge what one plan found with the same options"))
        joined = tuple(_joined([*self.stretches, *other.stretches]))
        return Partial(self.about, joined, self.workers.with_(other.workers))

    def finish(self, plan: Plan, *, rows: int | None = None, elapsed: float | None = None) -> Result:
        """The result of the whole data, once every row is there.

        ``rows`` is how many there are, where that is known. ``elapsed`` is how many seconds the evaluation took;
        without it ``Result.seconds`` adds up what the workers spent. Raises DataError with DT171 where rows are
        missing or too many, UsageError with US040 for another plan.
        """
        if plan.sha256 != self.about.plan:
            message = "the plan is not the one that these partial results were made with"
            raise UsageError(Diagnostic("US040", message, remedy="finish with the plan that the workers were given"))
        _check_whole(self.stretches, rows)
        (gathered,) = self.stretches or (self._nothing(),)
        spent = sum(gathered.spent.values())
        return result_of(plan, gathered, self._made(), spent if elapsed is None else elapsed)

    def to_batches(self, *, placed: bool = True) -> Iterator[pa.RecordBatch]:
        """The partial result as record batches of one row each and the schema ``PARTIALS``.

        ``placed`` False leaves ``first_row`` empty: whoever reads the record puts its rows behind those before it.
        Raises UsageError with US041 where the lanes or the matches of a stretch take more than 2 GiB, and DataError
        with DT171 where ``placed`` is False and rows are missing between two stretches, which would then be lost.
        """
        if not placed and len(self.stretches) > 1:
            _check_whole(self.stretches[1:], None, begin=self.stretches[0].end)
        workers = {name: sorted(value) if name != "threads" else value for name, value in vars(self.workers).items()}
        about = {**asdict(self.about), **workers}
        for each in self.stretches or (self._nothing(),):
            yield write_record(about, each, placed)

    def _nothing(self) -> Gathered:
        return Gathered.empty(self.about.rules, "lanes" in self.about.outputs, "matches" in self.about.outputs)

    def _made(self) -> Made:
        names, devices = (", ".join(sorted(each)) for each in (self.workers.backends, self.workers.devices))
        return Made(names, devices, self.workers.threads, self.about.seed)


def partial(
    plan: Plan,
    data: Any,
    *,
    first_row: int = 0,
    backend: str = "cpu",
    outputs: Sequence[str] = ("counts",),
    seed: int = 0,
    as_of: date | str | None = None,
    threads: int | None = None,
) -> Partial:
    """Evaluate ``plan`` on the rows that one worker has; the first of them is row ``first_row`` of the whole, from 0.

    ``data`` is what ``Plan.evaluate`` reads, an iterator of record batches among it, also one without any. The other
    options and errors are those of ``Plan.evaluate``, and UsageError with US044 for a wrong ``first_row``. The same
    rows give the same partial result, so that a part can be evaluated again where its worker was lost.
    """
    options = Options.check(plan, backend, outputs, seed, as_of, threads)
    if not is_whole(first_row) or first_row < 0:
        message = f"first_row is {first_row!r}, and rows are counted from 0"
        raise UsageError(Diagnostic("US044", message, remedy="give the number of rows that stand before these"))
    chosen = backends.resolve(backend)
    with deep_recursion():
        gathered = gather(plan, chosen.prepare(plan, options.wanted), data, options, int(first_row))
    workers = Workers(frozenset([chosen.name]), frozenset([chosen.device]), options.threads)
    return Partial(About.of(plan, options), tuple(_joined([gathered])), workers)


def collect(data: Any) -> Partial:
    """The partial results in record batches of the schema ``PARTIALS``, merged.

    ``data`` is an iterable of record batches, an Arrow table or reader, or a frame. A record that does not know its
    ``first_row`` follows the rows of the record before it. Raises as ``Partial.merge`` does, DataError with DT172 for
    what holds no partial results, and UsageError with US042 where there is not even one.
    """
    found: Partial | None = None
    place = 0
    for record in read_records(data):
        stretch = record.gathered if record.placed else record.gathered.moved(place)
        place = stretch.end
        each = _partial_from(record.about, stretch)
        found = each if found is None else found.merge(each)
    if found is None:
        remedy = "for data without rows, evaluate scale.partial(plan, iter([]), outputs=...)"
        raise UsageError(Diagnostic("US042", "there are no partial results to collect", remedy=remedy))
    return found


def _partial_from(about: Mapping[str, Any], stretch: Gathered) -> Partial:
    evaluation = About(about["plan"], about["rules"], tuple(about["outputs"]), about["seed"], about["as_of"])
    workers = Workers(frozenset(about["backends"]), frozenset(about["devices"]), about["threads"])
    return Partial(evaluation, tuple(_joined([stretch])), workers)


def _joined(stretches: Iterable[Gathered]) -> Iterator[Gathered]:
    """Ascending, the adjacent ones as one, those without rows left out. Raises DataError with DT170."""
    last: Gathered | None = None
    for each in sorted((each for each in stretches if each.rows), key=lambda each: each.first_row):
        if last is None:
            last = each
        elif each.first_row < last.end:
            end = min(last.end, each.end)
            message = f"rows {each.first_row + 1:,} to {end:,} are in two partial results"
            raise DataError(Diagnostic("DT170", message, remedy="give each part the number of its first row"))
        elif each.first_row == last.end:
            last = last.followed_by(each)
        else:
            yield last
            last = each
    if last is not None:
        yield last


def _check_whole(stretches: Sequence[Gathered], rows: int | None, begin: int = 0) -> None:
    """Raises DataError with DT171 where rows from ``begin`` on are in no stretch, or rows are too many."""
    ends = [begin, *(each.end for each in stretches)]
    starts = [*(each.first_row for each in stretches), ends[-1] if rows is None else rows]
    missing = [f"{end + 1:,} to {start:,}" for end, start in zip(ends, starts, strict=True) if end < start]
    if missing:
        message = f"rows {', '.join(missing)} are in no partial result"
        raise DataError(Diagnostic("DT171", message, remedy="evaluate them too, and merge what they find"))
    if rows is not None and ends[-1] > rows:
        message = f"the partial results are of {ends[-1]:,} rows, and the data has {rows:,}"
        raise DataError(Diagnostic("DT171", message, remedy="merge each part once"))
