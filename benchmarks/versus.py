"""How much faster are rules here than as expressions of Polars, DuckDB and pandas, on the same rows in the same run?

    python -m benchmarks.versus [--workload customs|mixed] [--rows N] [--rules N] [--outputs counts lanes matches]
        [--engines NAME ...] [--runs N] [--scaling [N ...]] [--json FILE]

Every engine has the rows in its own memory and the rules in its own language before the clock starts. The engines take
turns, ours with each of its outputs; each one's best run counts. Counts per rule are compared first: where one differs
the program says which and exits with 1, and no time is printed. The other engines only count: their time for that is
what our counts, lanes and matches are all held against. Lanes and matches must agree with the counts. ``--scaling``
adds our own times for other numbers of rules. What it prints is Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # Polars reads it once, when it is imported

import numpy as np

import gpu_target as gt
from benchmarks.consistent import contradiction
from benchmarks.engines import ENGINES, Counts, Engine, GpuTarget, Pandas, Polars, Trials
from benchmarks.machine import probe, record
from benchmarks.scaling import OUTPUTS, SIZES, Wrong, scaling, scaling_table
from benchmarks.workload import KINDS, PROFILE, Workload, make_workload
from gpu_target.language.printer import to_text

PACKAGES = ("gpu-target", "numpy", "numba", "pyarrow", "polars", "duckdb", "pandas")
TUNING_RULES = 128
WARM_UP_RULES = 8


class Run(NamedTuple):
    """``probe`` is what the fixed loop beside it took, in milliseconds; ``fault`` what ``contradiction`` says of it."""

    seconds: float
    probe: float
    counts: Counts
    form: str
    fault: str | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    workload = make_workload(options.rows, options.rules, options.seed, options.workload)
    facts: dict[str, object] = {**record("versus", arguments, PACKAGES), **sizes(workload)}
    facts["workload"] = options.workload
    facts["compile_seconds"] = compile_seconds(workload)
    say(heading(facts))
    engines, trials = start(workload, options)
    runs = measure(engines, options.runs, options.limit, time.perf_counter())
    wrong = first_difference(engines, runs, workload)
    if wrong:
        print(wrong, file=sys.stderr)
        return 1
    facts["engines"] = [summary(each, runs[each.name], trials[each.name], workload) for each in engines]
    facts["total_seconds"] = round(time.perf_counter() - options.began, 1)
    say(table(facts))
    if options.scaling is not None:
        try:
            points = scaling(options.rows, options.seed, options.workload, options.scaling or SIZES)
        except Wrong as told:
            print(told, file=sys.stderr)
            return 1
        facts["scaling"] = [each._asdict() for each in points]
        say(scaling_table(points, options.rows))
    if options.json:
        Path(options.json).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versus", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000, help="items (default: %(default)s)")
    parser.add_argument("--rules", type=int, default=4096, help="rules (default: %(default)s)")
    parser.add_argument("--workload", choices=KINDS, default=KINDS[0], help="the kind of rules (default: %(default)s)")
    parser.add_argument("--outputs", nargs="+", choices=OUTPUTS, default=list(OUTPUTS), metavar="NAME",
                        help="what gpu-target is to find, each in runs of its own; the others count "
                             f"(default: {' '.join(OUTPUTS)})")  # fmt: skip
    parser.add_argument("--scaling", nargs="*", type=int, metavar="N",
                        help=f"also our own times for N rules (default: {' '.join(map(str, SIZES))})")  # fmt: skip
    parser.add_argument("--runs", type=int, default=4, help="timed runs of each engine, at most (default: %(default)s)")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES), metavar="NAME",
                        help="of " + ", ".join(ENGINES))  # fmt: skip
    parser.add_argument(
        "--pandas-rules", type=int, default=32, help="rules that pandas evaluates (default: %(default)s)"
    )
    parser.add_argument("--limit", type=float, default=600, help="seconds after which no further run of an engine "
                        "begins that has one already (default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", metavar="FILE", help="also write everything there")
    options = parser.parse_args(arguments)
    if min(options.rows, options.rules, options.pandas_rules, *(options.scaling or ())) < 1 or options.runs < 2:
        parser.error("rows and rules are 1 or more, runs 2 or more: Polars may take turns with two forms")
    options.began = time.perf_counter()
    return options


def sizes(workload: Workload) -> dict[str, object]:
    return {
        "profile": PROFILE,
        "seed": workload.seed,
        "rows": workload.rows,
        "columns": workload.table.num_columns,
        "megabytes": round(workload.table.nbytes / 1e6),
        "rules": len(workload.conditions),
        "ruleset_sha256": workload.ruleset.sha256,
        "plan_sha256": workload.plan.sha256,
    }


def compile_seconds(workload: Workload) -> dict[str, float]:
    """From the rule file's text to a plan, best of three; the others' expressions are there before the clock starts."""
    text, bound = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(workload.text, encoding="utf-8")
        for _ in range(3):
            started = time.perf_counter()
            ruleset = gt.load_rules(file)
            middle = time.perf_counter()
            gt.compile(ruleset, workload.table.schema)
            text.append(middle - started)
            bound.append(time.perf_counter() - middle)
    return {"read": round(min(text), 4), "plan": round(min(bound), 4)}


def start(workload: Workload, options: argparse.Namespace) -> tuple[list[Engine], dict[str, Trials]]:
    """The engines with their rows loaded, each in its fastest form and warm; ours once for every output."""
    engines: list[Engine] = []
    trials: dict[str, Trials] = {}
    step = max(1, len(workload.conditions) // TUNING_RULES)
    sample = range(0, len(workload.conditions), step)[:TUNING_RULES]
    further = {
        GpuTarget.name: [(each,) for each in dict.fromkeys(options.outputs)],
        Pandas.name: [(options.pandas_rules,)],
    }
    chosen = [(ENGINES[name], each) for name in options.engines for each in further.get(name, [()])]
    for make, settings in chosen:
        engine = make(workload, *settings)
        trials[engine.name] = engine.tune(sample)
        engine.run(engine.rules[:WARM_UP_RULES])
        engines.append(engine)
    return engines, trials


def measure(engines: list[Engine], runs: int, limit: float, began: float) -> dict[str, list[Run]]:
    """Every run of every engine; every second round goes the other way about."""
    done: dict[str, list[Run]] = {each.name: [] for each in engines}
    for round_ in range(runs):
        for engine in engines if round_ % 2 == 0 else engines[::-1]:
            earlier = done[engine.name]
            if earlier and time.perf_counter() - began + earlier[-1].seconds > limit:
                continue
            engine.use(round_)
            beside = probe()
            started = time.perf_counter()
            counts = engine.run(engine.rules)
            seconds = time.perf_counter() - started
            earlier.append(Run(seconds, beside, counts, engine.form, fault_of(engine)))
    return done


def fault_of(engine: Engine) -> str | None:
    """In what the last run of our engine contradicts itself; its result is let go, which may be large."""
    if not isinstance(engine, GpuTarget) or engine.result is None:
        return None
    result, engine.result = engine.result, None
    return contradiction(result)


def first_difference(engines: list[Engine], runs: dict[str, list[Run]], workload: Workload) -> str | None:
    """What to say of the first rule on which two runs disagree; None where all agree."""
    for engine in engines:
        for run in runs[engine.name]:
            if run.fault:
                return f"{engine.name}: {run.fault}"
    whole = max(engines, key=lambda each: len(each.rules))
    expected = runs[whole.name][0].counts
    position = {rule: k for k, rule in enumerate(whole.rules)}
    for engine in engines:
        shared = [rule for rule in engine.rules if rule in position]
        mine = {rule: k for k, rule in enumerate(engine.rules)}
        for run in runs[engine.name]:
            found = run.counts[[mine[rule] for rule in shared]]
            wanted = expected[[position[rule] for rule in shared]]
            if (found != wanted).any():
                first = int(np.flatnonzero(found != wanted)[0])
                rule = workload.plan.rules[shared[first]]
                return (
                    f"{(found != wanted).sum()} of {len(shared)} rules differ, the first is {rule.id}: "
                    f"{whole.name} counts {wanted[first]:,}, {engine.name} counts {found[first]:,} for\n"
                    f"  {to_text(workload.conditions[shared[first]])}"
                )
    return None


def summary(engine: Engine, runs: list[Run], trials: Trials, workload: Workload) -> dict[str, object]:
    best = min(runs, key=lambda each: each.seconds)
    pairs = len(engine.rules) * workload.rows
    return {
        "engine": engine.name,
        "form": best.form,
        "threads": engine.threads,
        "rules": len(engine.rules),
        "matches": int(best.counts.sum()),
        "seconds": [round(each.seconds, 4) for each in runs],
        "probe_ms": [round(each.probe, 1) for each in runs],
        "best_seconds": round(best.seconds, 4),
        "best_seconds_all_rules": round(best.seconds * len(workload.conditions) / len(engine.rules), 4),
        "rule_rows_per_second": pairs / best.seconds,
        "trials": {form: round(seconds, 4) for form, seconds in trials},
        "untried": engine.untried,
    }


def heading(facts: dict[str, object]) -> list[str]:
    machine = facts["machine"]
    assert isinstance(machine, dict)
    compiled = facts["compile_seconds"]
    assert isinstance(compiled, dict)
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return [
        f"`{facts['command']}`",
        "",
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"load {machine['load_1min']}, {machine['system']}, Python {machine['python']}, {versions}",
        "",
        f"Commit {facts['commit']}",
        "",
        f"{facts['rows']:,} rows x {facts['columns']} columns ({facts['megabytes']:,} MB as Arrow), "
        f"{facts['rules']:,} rules; profile {facts['profile']}, seed {facts['seed']}; "
        f"{facts['workload']} rules {str(facts['ruleset_sha256'])[:12]}",
        "",
        f"From the text of the rule file to rules {compiled['read']:.2f} s, to a plan {compiled['plan']:.2f} s.",
        "",
    ]


def table(facts: dict[str, object]) -> list[str]:
    """The result as Markdown; an engine that ran a part of the rules is scaled up, and marked."""
    engines = facts["engines"]
    assert isinstance(engines, list)
    first = engines[0]["best_seconds_all_rules"]
    lines = [
        "| engine | threads | form | runs, s | best, s | rule-rows/s | times the first |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    partial = False
    for each in engines:
        whole = each["rules"] == facts["rules"]
        partial |= not whole
        mark = "" if whole else " *"
        runs = ", ".join(f"{seconds:.3f}" for seconds in each["seconds"])
        ratio = each["best_seconds_all_rules"] / first
        best = f"{each['best_seconds_all_rules']:.3f}{mark}"
        cells = (each["engine"], each["threads"], each["form"], runs, best, f"{each['rule_rows_per_second']:.2e}")
        lines.append(f"| {' | '.join(map(str, cells))} | {ratio:.1f}{mark} |")
    agreed = [f"{each['engine']} on {each['rules']:,} rules" for each in engines]
    lines += ["", f"Counts per rule are identical: {', '.join(agreed)}."]
    best = {each["engine"]: each["best_seconds_all_rules"] for each in engines}
    for name in [each for each in best if each.startswith(GpuTarget.name) and Polars.name in best]:
        ratio = best[Polars.name] / best[name]
        lines.append(f"The best run of Polars, which counts, took {ratio:.1f} times as long as the best of {name}.")
    lines += [f"Not tried with {each['engine']}: {each['untried']}." for each in engines if each["untried"]]
    if partial:
        lines.append("\\* computed: the time for the rules that were run, scaled up to all.")
    return lines


def say(lines: list[str]) -> None:
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
