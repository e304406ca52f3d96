"""Do memory stay and time grow in proportion, when a Parquet folder of ten years is evaluated to counts?

    python -m benchmarks.growth [--items N] [--rules N] [--folder DIR] [--json FILE]

The rows are one generated year of 5.2 million items whose part files are listed several times, as hard links: every
copy is read, decoded, classified and matched again, and only generating and the disk are spared. Each size runs in a
process of its own, whose peak resident set the operating system tells. The counts must be a multiple of one year's,
of which DuckDB counts COMPARED rules, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import gpu_target as gt
from benchmarks.engines import DuckDB
from benchmarks.machine import probe, record
from benchmarks.memory import LIMIT_GIB, METER, PACKAGES, year_and_rules
from benchmarks.versus import say
from benchmarks.workload import Workload

DECLARATIONS = 2_020_000  # of one year, with 2.6 items each
PARTS = (0.1, 0.5, 1.0)  # of the items asked for
COMPARED = 64  # rules that DuckDB counts, too
# one batch first: kernels are loaded before the clock starts
PROGRAM = """
import json, sys, time
import gpu_target as gt
from gpu_target.inputs import open_data
data = open_data(sys.argv[2])
plan = gt.compile(gt.load_rules(sys.argv[1]), data.schema)
plan.evaluate(next(iter(data.reader(plan.columns))))
began, worked = time.perf_counter(), time.process_time()
result = plan.evaluate(data.reader(plan.columns))
seconds, worked = time.perf_counter() - began, time.process_time() - worked
print(json.dumps({"rows": result.rows, "seconds": seconds, "cpu": worked, "threads": result.threads,
                  "parts": result.seconds, "counts": result.counts.tolist()}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    folder = Path(options.folder)
    year, rules = year_and_rules(folder, options.declarations, options.rules)
    files = sorted((year / "items").glob("*.parquet")) or [year / "items.parquet"]
    one_year = sum(pq.read_metadata(file).num_rows for file in files)
    sizes = sorted({max(1, round(options.items * part / one_year)) for part in PARTS})
    runs = [measure(rules, linked(files, copies, folder), copies) for copies in sizes]
    check(runs, counted_by_duckdb(rules, files))
    facts = {**record("growth", arguments, PACKAGES), "rules": options.rules, "runs": runs}
    if options.json:
        Path(options.json).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    report(runs, options.rules)
    return int(max(run["peak_gib"] for run in runs) > LIMIT_GIB)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.split("\n\n")[0])
    parser.add_argument("--items", type=lambda text: int(float(text)), default=52_000_000, help="default: %(default)s")
    parser.add_argument("--rules", type=int, default=5_000, help="default: %(default)s")
    parser.add_argument("--declarations", type=int, default=DECLARATIONS, help="of a year (default: %(default)s)")
    parser.add_argument("--folder", default="out/memory", help="where year and rules go (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="also write everything there")
    return parser.parse_args(arguments)


def linked(files: Sequence[Path], copies: int, folder: Path) -> Path:
    """A folder that lists every file so many times."""
    target = folder / f"copies-{copies}"
    target.mkdir(parents=True, exist_ok=True)
    for copy in range(copies):
        for file in files:
            link = target / f"copy-{copy:03d}-{file.name}"
            link.unlink(missing_ok=True)
            os.link(file, link)
    return target


def measure(rules: Path, folder: Path, copies: int) -> dict[str, Any]:
    """One evaluation in a process of its own."""
    before = probe()
    command = [sys.executable, "-c", METER, sys.executable, "-c", PROGRAM, str(rules), str(folder)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    peak = round(told["peak_kib"] / 2**20, 3)
    return {"copies": copies, **told["run"], "peak_gib": peak, "probe_ms": [before, probe()]}


def counted_by_duckdb(rules: Path, files: Sequence[Path]) -> dict[int, int]:
    """How many rows of the year some rules from all over the set match, by the rule's position."""
    ruleset = gt.load_rules(rules)
    plan = gt.compile(ruleset, pq.read_schema(files[0]))
    picked = np.unique(np.linspace(0, len(plan.rules) - 1, COMPARED).astype(np.int64)).tolist()
    table = pa.concat_tables(pq.read_table(file, columns=list(plan.columns)) for file in files)
    counts = DuckDB(Workload(table, ruleset, plan, "", 0)).run(picked)
    return dict(zip(picked, counts.tolist(), strict=True))


def check(runs: Sequence[dict[str, Any]], of_a_year: Mapping[int, int]) -> None:
    """Every copy has the counts of the year, which another engine knows for some rules, or the figures mean nothing."""
    first = runs[0]
    for run in runs:
        if [count * first["copies"] for count in run["counts"]] != [count * run["copies"] for count in first["counts"]]:
            raise SystemExit(f"{run['copies']} copies of a year do not have that many times its counts")
        for rule, count in of_a_year.items():
            if run["counts"][rule] != count * run["copies"]:
                copies = f"{count:,} in each of {run['copies']} copies"
                raise SystemExit(f"rule {rule} is counted {run['counts'][rule]:,} times, by DuckDB {copies}")
    for run in runs:
        run["matches"] = sum(run.pop("counts"))
        run["compared_with_duckdb"] = len(of_a_year)


def report(runs: Sequence[dict[str, Any]], rules: int) -> None:
    lines = [f"{rules:,} rules from a Parquet folder to counts, {runs[0]['threads']} threads:", ""]
    lines.append("| items | seconds | per million items | processor s | per million items | peak GiB | probe ms |")
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for run in runs:
        pace, work = (run[name] / run["rows"] * 1e6 for name in ("seconds", "cpu"))
        probes = " ".join(f"{each:.0f}" for each in run["probe_ms"])
        times = f"{run['seconds']:.1f} | {pace:.3f} | {run['cpu']:.1f} | {work:.3f}"
        lines.append(f"| {run['rows']:,} | {times} | {run['peak_gib']:.2f} | {probes} |")
    lines += ["", f"{runs[0]['compared_with_duckdb']} rules of the year are counted by DuckDB, too."]
    say(lines)


if __name__ == "__main__":
    sys.exit(main())
