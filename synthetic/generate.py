"""Any declarations of a synthetic world as Arrow tables."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from synthetic import vocabularies
from synthetic.chunk import fraud_scale, make
from synthetic.columns import HEADER, ITEM, Source
from synthetic.errors import Problem, ProfileError
from synthetic.inspections import inspections_table, truth_table
from synthetic.items import fill_items
from synthetic.parties import parties_table
from synthetic.profile import Profile, load_profile, profile_sha256
from synthetic.world import World, build

LABEL = "synthetic, calibrated to public aggregates"
CHUNK = 100_000  # declarations, some 260,000 items: also a row group of the files
MOST = 1 << 40
VERSION = 2  # of the values: raised whenever the same profile and seed give other ones
TABLES = ("items", "declarations", "parties", "inspections", "truth")


class Generator:
    """A world and the lists behind its columns: makes the tables of any range of its declarations."""

    def __init__(self, profile: str | Path | Profile, declarations: int, seed: int) -> None:
        whole("declarations", declarations, 0, MOST)
        whole("seed", seed, 0, (1 << 64) - 1)
        self.profile = load_profile(profile)
        self.declarations, self.seed = declarations, seed
        self.world: World = build(self.profile, declarations, seed)
        self.words: Mapping[str, pa.Array] = vocabularies.build(self.world)
        self.metadata = {
            "label": LABEL,
            "profile": self.profile.profile,
            "profile_sha256": profile_sha256(self.profile),
            "seed": str(seed),
            "declarations": str(declarations),
        }
        self._scale = fraud_scale(self.profile, seed)

    def slice(self, start: int, stop: int) -> dict[str, pa.Table]:
        """The tables of declarations start..stop - 1, without ``parties``."""
        chunk = make(self.world, start, stop, self._scale)
        source = Source(self.world, self.words, chunk)
        header = {name: column(source) for name, column in HEADER.items()}
        parent = pa.array(np.ascontiguousarray(chunk.items["parent"]))
        items = {name: column.take(parent) for name, column in header.items()}
        items |= {name: column(source) for name, column in ITEM.items()}
        return {
            "items": self._labelled(pa.table(items)),
            "declarations": self._labelled(pa.table(header)),
            "inspections": self._labelled(inspections_table(source)),
            "truth": self._labelled(truth_table(source)),
        }

    def parties(self) -> pa.Table:
        """All parties of the world."""
        return self._labelled(parties_table(self.world, self.words))

    def _labelled(self, table: pa.Table) -> pa.Table:
        return table.replace_schema_metadata(self.metadata)


def generate(
    profile: str | Path | Profile,
    declarations: int,
    seed: int = 0,
    start: int = 0,
    stop: int | None = None,
    threads: int | None = None,
) -> dict[str, pa.Table]:
    """Declarations start..stop - 1 of a world: ``items``, ``declarations``, ``parties``, ``inspections``, ``truth``.

    A world is fixed by profile, ``declarations`` and ``seed``; any slice equals the same slice of the whole, whatever
    the number of threads. ``start`` and ``stop`` count declarations, 0 first; ``parties`` is whole; dictionary columns
    carry their full list of codes. Money is in the profile's currency, mass in kilograms, times are UTC.

    Errors: PR001 to PR006 for the profile, PR011 for a number out of range.
    """
    whole("declarations", declarations, 0, MOST)
    last = declarations if stop is None else stop
    whole("stop", last, 0, declarations)
    whole("start", start, 0, last)
    workers = thread_count(threads)
    generator = Generator(profile, declarations, seed)
    ranges = list(chunks(start, last))
    if workers == 1 or len(ranges) == 1:
        parts = [generator.slice(*each) for each in ranges]
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(lambda each: generator.slice(*each), ranges))
    tables = {name: pa.concat_tables([each[name] for each in parts]) for name in parts[0]}
    tables["parties"] = generator.parties()
    return {name: tables[name] for name in TABLES}


def is_compiled() -> bool:
    """Whether the generator's largest kernel is compiled or lies in Numba's cache for this machine."""
    stats = fill_items.stats
    folder = Path(stats.cache_path) if stats.cache_path else None
    return bool(fill_items.signatures) or (folder is not None and any(folder.glob("items.fill_items-*.nbi")))


def chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Ranges of at most CHUNK declarations that begin at its multiples; one empty range where there is nothing."""
    if start == stop:
        yield start, stop
    while start < stop:
        end = min(stop, (start // CHUNK + 1) * CHUNK)
        yield start, end
        start = end


def thread_count(threads: int | None) -> int:
    """The number of threads asked for, or one for each core that this process may use."""
    if threads is not None:
        whole("threads", threads, 1, 4_096)
        return threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def whole(name: str, value: object, low: int, high: int) -> None:
    """Errors: PR011 where ``value`` is no whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ProfileError(
            Problem(
                "PR011",
                f"{name} is {value!r}, expected a whole number from {low} to {high}",
                name,
                f"give {name} a number in that range",
            )
        )
