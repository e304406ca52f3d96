"""Dask: splits of files go out to workers, partial results come back and are merged as they arrive."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_target.engine import Result
from gpu_target.inputs import Data, Split, open_data, split
from gpu_target.language.diagnostics import Diagnostic, UnfitError, UsageError
from gpu_target.options import Options, is_whole
from gpu_target.plan.plan import Plan
from gpu_target.rows import check_schema
from gpu_target.scale.partials import Partial, partial

if TYPE_CHECKING:
    from distributed import Client

SPLIT_ROWS = 1_000_000  # a split takes about a second: little is lost with a worker, and starting it costs nothing


def evaluate_dask(
    plan: Plan,
    data: str | Path | Data,
    client: Client | None = None,
    *,
    splits: int | None = None,
    backend: str = "cpu",
    outputs: Sequence[str] = ("counts",),
    seed: int = 0,
    as_of: date | str | None = None,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Evaluate ``plan`` on Parquet or Arrow files, on the workers of a Dask cluster.

    data      a file, a folder of part files or a generated folder, by a path that every worker can read; or what
              ``open_data`` gives, where a map is needed
    client    of the cluster; by default Dask's current one
    splits    at most so many, by default one per million rows and at least one for each of the workers' threads
    threads   that a split is evaluated with: one, since Dask gives each of a worker's threads a split of its own
    progress  called with the number of rows done, after each split

    The other options are those of ``Plan.evaluate``. Workers read their own rows; only the plan and what was found
    travel. The splits of a worker that is lost are evaluated again by others.

    Raises as ``Plan.evaluate`` and ``open_data`` do, also for what workers meet; DataError with DT120 for files that
    cannot be split; UsageError with US043 without a cluster and US044 for a wrong number of splits; UnfitError with
    EN420 where Dask is not installed and EN421 where the cluster gives up.
    """
    given = {"backend": backend, "outputs": outputs, "seed": seed, "as_of": as_of, "threads": threads}
    Options.check(plan, backend, outputs, seed, as_of, threads)
    opened = data if isinstance(data, Data) else open_data(data)
    check_schema(opened.schema, plan)
    client = client or _current_client()
    started = time.perf_counter()
    found: Partial | None = None
    for each in _evaluated(client, plan, split(opened, _number(splits, opened, client)), given):
        found = each if found is None else found.merge(each)
        if progress:
            progress(found.rows)
    assert found is not None  # there is at least one split
    return found.finish(plan, rows=opened.rows, elapsed=time.perf_counter() - started)


def _current_client() -> Client:
    try:
        from distributed import default_client
    except ImportError:
        message = "Dask is not installed, and evaluate_dask needs it"
        raise UnfitError(Diagnostic("EN420", message, remedy="pip install 'gpu-target[scale]'")) from None
    try:
        return default_client()
    except ValueError:
        remedy = "from distributed import Client; client = Client(...)"
        raise UsageError(Diagnostic("US043", "there is no Dask cluster to evaluate on", remedy=remedy)) from None


def _number(splits: int | None, data: Data, client: Client) -> int:
    if splits is None:
        threads: int = sum(client.nthreads().values())
        return max(-(-(data.rows or 0) // SPLIT_ROWS), threads, 1)
    if not is_whole(splits) or splits < 1:
        message = f"data cannot be cut into {splits!r} splits"
        raise UsageError(Diagnostic("US044", message, remedy="give a whole number from 1"))
    return int(splits)


def _evaluated(client: Client, plan: Plan, splits: list[Split], options: dict[str, Any]) -> Iterator[Partial]:
    """The partial result of every split, as they become ready; workers let go of each that has arrived."""
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    # not `scatter`: what was scattered is lost with the last worker that has it, the result of a task is made again
    sent = client.submit(_unpacked, _packed(plan), pure=False)
    futures = client.map(_partial_of, splits, plan=sent, options=options, pure=False)
    try:
        for future in as_completed(futures, loop=client.loop):
            each: Partial = future.result()
            future.release()
            yield each
    except (KilledWorker, CancelledError) as error:
        worked = {future.key: each for future, each in zip(futures, splits, strict=True)}
        lost = worked.get(getattr(error, "task", None))
        place = "" if lost is None else f"rows {lost.first_row + 1:,} to {lost.first_row + (lost.data.rows or 0):,}"
        remedy = "give the workers more memory, or cut the data into more splits; their logs say how they ended"
        raise UnfitError(Diagnostic("EN421", f"the cluster gave up: {error}", place=place, remedy=remedy)) from error
    finally:
        for future in (sent, *futures):  # what nobody waits for any more is not begun
            future.release()


def _packed(plan: Plan) -> bytes:
    """Bytes, which the scheduler passes on unread; of the plan itself it would first build every object."""
    from distributed.protocol.pickle import dumps

    return zlib.compress(dumps(plan), level=1)


def _unpacked(packed: bytes) -> Plan:
    from distributed.protocol.pickle import loads

    plan: Plan = loads(zlib.decompress(packed))
    return plan


def _partial_of(split: Split, plan: Plan, options: dict[str, Any]) -> Partial:
    return partial(plan, split.data.reader(plan.columns), first_row=split.first_row, **options)
