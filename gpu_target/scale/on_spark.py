"""Spark: the function for ``DataFrame.mapInArrow``. Needs no pyspark: it takes and gives record batches."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from gpu_target.options import Options
from gpu_target.plan.plan import Plan
from gpu_target.scale.partials import partial

Batches = Iterator[pa.RecordBatch]
# the schema PARTIALS as Spark writes it
SPARK_SCHEMA = (
    "about string, first_row bigint, rows bigint, counts array<bigint>, seconds array<double>, lanes binary, "
    "matches binary"
)


def map_in_arrow(
    plan: Plan,
    *,
    backend: str = "cpu",
    outputs: Sequence[str] = ("counts",),
    seed: int = 0,
    as_of: date | str | None = None,
    threads: int = 1,
) -> Callable[[Batches], Batches]:
    """A function from the record batches of one partition to its partial result, as a record batch of ``PARTIALS``.

    ``df.mapInArrow(map_in_arrow(plan), SPARK_SCHEMA)`` runs it; ``collect`` merges what comes back. Spark does not say
    where a partition's rows stand in the whole, so the records leave ``first_row`` empty. Spark has one core for a
    task, hence one thread. Options and errors are those of ``Plan.evaluate``; wrong ones are told at once.
    """
    options = {"backend": backend, "outputs": outputs, "seed": seed, "as_of": as_of, "threads": threads}
    Options.check(plan, backend, outputs, seed, as_of, threads)
    return functools.partial(_of_partition, plan, options)


def _of_partition(plan: Plan, options: dict[str, Any], batches: Batches) -> Batches:
    yield from partial(plan, iter(batches), **options).to_batches(placed=False)
