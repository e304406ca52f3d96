"""How much memory does a national year take, from Parquet to lanes and counts?

    python -m benchmarks.memory [--declarations N] [--rules N] [--folder DIR] [--json FILE]

Runs ``gpu-target run`` in a process of its own and reads its peak resident set from the operating system. The year and
the rules are made first, by other processes, where the folder does not hold them yet.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import record
from benchmarks.versus import say
from benchmarks.workload import PROFILE

LIMIT_GIB = 1.5
PACKAGES = ("gpu-target", "numpy", "numba", "pyarrow")
# a child's peak begins with what its parent holds when it is forked, so a small process starts the run and reads it
METER = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"peak_kib": used.ru_maxrss, "cpu": used.ru_utime + used.ru_stime, "run": json.loads(done.stdout)}))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    folder = Path(options.folder)
    year, rules = year_and_rules(folder, options.declarations, options.rules)
    command = [sys.executable, "-m", "gpu_target", "run", str(rules), str(year), "--out", str(folder / "results")]
    told = subprocess.run([sys.executable, "-c", METER, *command, "--json"], stdout=subprocess.PIPE, check=True)
    measured = json.loads(told.stdout)
    run, peak = measured["run"], measured["peak_kib"] / 2**20
    facts = {**record("memory", arguments, PACKAGES), "peak_gib": round(peak, 3), "run": run}
    for name in ("data", "out"):
        del run[name]  # folders of this machine
    if options.json:
        Path(options.json).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    say([
        f"{run['rows']:,} items x {run['rules']:,} rules from Parquet to counts and lanes, {run['threads']} threads:",
        f"peak {peak:.2f} GiB, {run['seconds']['total']:.1f} s, {measured['cpu']:.1f} s of processor time",
    ])  # fmt: skip
    return int(peak > LIMIT_GIB)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__.split("\n\n")[0])
    parser.add_argument("--declarations", type=int, default=2_020_000, help="2.6 items each (default: %(default)s)")
    parser.add_argument("--rules", type=int, default=5_000, help="default: %(default)s")
    parser.add_argument(
        "--folder", default="out/memory", help="where year, rules and results go (default: %(default)s)"
    )
    parser.add_argument("--json", metavar="FILE", help="also write everything there")
    return parser.parse_args(arguments)


def year_and_rules(folder: Path, declarations: int, rules: int) -> tuple[Path, Path]:
    """A generated year and rule file of these sizes in ``folder``, where there are none yet."""
    year, file = folder / f"year-{declarations}", folder / f"rules-{rules}.yaml"
    if not (year / "manifest.json").exists():
        call("generate", PROFILE, "--declarations", str(declarations), "--seed", "1", "--out", str(year))
    if not file.exists():
        call("rules", "generate", "--rules", str(rules), "--seed", "1", "--out", str(file))
    return year, file


def call(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "gpu_target", *arguments, "--quiet"], check=True)


if __name__ == "__main__":
    sys.exit(main())
