"""The engine against DuckDB over as many (rule, row) cases as are asked for.

    python -m tests.oracle.long_run --cases 1e9
    python -m tests.oracle.long_run --cases 1e9 --plain --columns 40

Ends with 1 at the first mismatch, showing one rule, one row and both answers. The backend ``cuda-on-cpu`` is that of
the card with its kernels built by g++ for the processor: about 2 M cases a second.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

import gpu_target
from gpu_target import backends
from tests.cuda_on_cpu.host import backend as on_the_processor
from tests.cuda_on_cpu.host import build, standing_in
from tests.oracle.bulk import first_mismatch
from tests.oracle.cases import Case, case
from tests.oracle.conjunctions import plain_case

ON_CPU = "cuda-on-cpu"
PLAIN = (
    "conjunctions of terms over single numbers instead of nested predicates: these are what the cpu backend finds by "
    "buckets and keys, in more columns the more of them there are for the rules (40 for 400)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    if options.backend != ON_CPU:
        return run(options)
    with tempfile.TemporaryDirectory() as folder, standing_in(on_the_processor(build(Path(folder))), ON_CPU):
        return run(options)


def run(options: argparse.Namespace) -> int:
    """0 where nothing differs."""
    wanted = int(options.cases)
    started = time.perf_counter()
    done = rounds = 0
    while done < wanted:
        seed = options.seed + rounds
        drawn = _case(seed, options)
        table = drawn.source.random_table(seed, options.rows)
        mismatch = first_mismatch(drawn.ruleset, table, options.backend)
        if mismatch:
            _say(f"seed {seed}, {options.rules} rules, {options.rows} rows: {mismatch}")
            return 1
        done += options.rules * options.rows
        rounds += 1
        elapsed = time.perf_counter() - started
        _say(f"round {rounds}: {done:,} of {wanted:,} cases, {elapsed:.0f} s, {done / elapsed / 1e6:.1f} M cases/s")
    elapsed = time.perf_counter() - started
    _say(f"mismatches = 0; rules {options.rules} x rows {options.rows:,} x rounds {rounds} = {done:,} cases")
    kind = "plain conjunctions" if options.plain else f"nested to depth {options.depth}"
    _say(f"seeds {options.seed} to {options.seed + rounds - 1}, {kind}, backend {options.backend}, {elapsed:.0f} s")
    _say(_versions())
    return 0


def _case(seed: int, options: argparse.Namespace) -> Case:
    if options.plain:
        return plain_case(seed, options.rules, n_columns=options.columns)
    return case(seed, options.rules, n_columns=options.columns, depth=options.depth, n_random=40)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.long_run", description=__doc__)
    parser.add_argument("--cases", type=float, default=1e9, help="(rule, row) pairs to compare, at least")
    parser.add_argument("--rules", type=int, default=400, help="rules per round")
    parser.add_argument("--rows", type=int, default=250_000, help="rows per round")
    parser.add_argument("--columns", type=int, default=16, help="columns of the table")
    parser.add_argument("--depth", type=int, default=2, help="AND, OR and NOT inside one another")
    parser.add_argument("--plain", action="store_true", help=PLAIN)
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the next one adds 1")
    parser.add_argument("--backend", default="cpu", choices=sorted({*backends.NAMES, ON_CPU}))
    return parser


def _versions() -> str:
    parts = {
        "gpu-target": gpu_target.__version__,
        "DuckDB": duckdb.__version__,
        "pyarrow": pa.__version__,
        "NumPy": np.__version__,
        "Python": platform.python_version(),
    }
    return ", ".join(f"{name} {version}" for name, version in parts.items())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
