from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gpu_target as gt
from benchmarks import scaling, versus
from benchmarks.engines import GpuTarget
from benchmarks.machine import commit
from benchmarks.scaling import Wrong, measured
from benchmarks.workload import make_workload

ROOT = Path(__file__).parents[2]
SMALL = ["--rows", "2000", "--rules", "40", "--runs", "2", "--engines", "gpu-target", "duckdb"]


@pytest.mark.parametrize("workload", ["customs", "mixed"])
def test_the_comparison_prints_ratios_and_scaling(workload: str, tmp_path: Path) -> None:
    """In a process of its own, as Polars reads its number of threads once."""
    command = [sys.executable, "-m", "benchmarks.versus", "--workload", workload, "--rows", "2000", "--rules", "40"]
    command += ["--runs", "2", "--engines", "gpu-target", "polars", "--scaling", "16", "48"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "record.json")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert record["command"] == " ".join(["python", *command[1:]])
    assert record["commit"] == commit()
    *ours, polars = record["engines"]
    forms = {"gpu-target": "counts", "gpu-target (lanes)": "lanes", "gpu-target (matches)": "matches"}
    assert {each["engine"]: each["form"] for each in ours} == {k: f"cpu backend, {v}" for k, v in forms.items()}
    assert f"identical: {', '.join(f'{name} on 40 rules' for name in (*forms, 'polars'))}" in done.stdout
    for each in ours:
        assert len(each["seconds"]) == 2
        ratio = polars["best_seconds_all_rules"] / each["best_seconds_all_rules"]
        told = f"Polars, which counts, took {ratio:.1f} times as long as the best of {each['engine']}."
        assert told in done.stdout
    assert "all by 40" in " ".join(polars["trials"])
    assert polars["untried"] == ""
    points = {(each["rules"], each["threads"], each["outputs"]) for each in record["scaling"]}
    assert points == {(n, t, o) for n in (16, 48) for t in (1, 2) for o in ("counts", "lanes", "matches")}
    assert [line.split(" | ")[0] for line in done.stdout.splitlines() if line.startswith(("| 16 ", "| 48 "))] == [
        "| 16", "| 16", "| 48", "| 48",
    ]  # fmt: skip


def wrong_run(changed: str) -> Any:
    right = GpuTarget._evaluate

    def evaluate(engine: GpuTarget, table: Any) -> gt.Result:
        result = right(engine, table)
        if changed == "counts":
            result.count_array[-1] += 1
            return result
        lanes = result.lanes()
        return replace(result, lane_table=lanes.slice(0, lanes.num_rows // 2))

    return evaluate


@pytest.mark.parametrize(
    ("changed", "told"), [("counts", "of 40 rules differ"), ("lanes", "gpu-target (lanes): scores sum to")]
)
def test_no_time_is_printed_where_results_differ(
    changed: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GpuTarget, "_evaluate", wrong_run(changed))
    assert versus.main([*SMALL, "--workload", "mixed", "--outputs", changed]) == 1
    out, error = capsys.readouterr()
    assert "| gpu-target |" not in out
    assert told in error


def test_runs_of_every_output_take_turns_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round forward, one backward: whatever slows the machine for a while slows all of them."""
    order: list[str] = []
    options = versus.parse(["--rows", "2000", "--rules", "20", "--engines", "gpu-target", "duckdb"])
    workload = make_workload(options.rows, options.rules)
    engines, _ = versus.start(workload, options)
    for engine in engines:

        def noted(rules: Any, name: str = engine.name, run: Any = engine.run) -> Any:
            order.append(name)
            return run(rules)

        monkeypatch.setattr(engine, "run", noted)
    versus.measure(engines, 2, 600, time.perf_counter())
    names = ["gpu-target", "gpu-target (lanes)", "gpu-target (matches)", "duckdb"]
    assert order == names + names[::-1]


def test_other_counts_than_the_first_time_stop_the_scaling() -> None:
    workload = make_workload(2_000, 20, 0, "mixed")
    expected = workload.plan.evaluate(workload.table).count_array.copy()
    assert measured(workload, "lanes", 1, expected).matches == expected.sum()
    expected[3] += 1
    with pytest.raises(Wrong, match="20 rules, 1 threads, lanes: 1 rules have other counts"):
        measured(workload, "lanes", 1, expected)


def test_each_size_has_its_best_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "compare_with_polars", lambda workload, expected: None)
    points = scaling.scaling(2_000, 0, "mixed", [8, 16], rounds=2)
    lines = scaling.scaling_table(points, 2_000)
    assert len(points) == 2 * 2 * 3
    assert sum(line.startswith(("| 8 |", "| 16 |")) for line in lines) == 4
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
