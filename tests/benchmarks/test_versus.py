from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gpu_target as gt
from benchmarks import scaling, versus
from benchmarks.engines import GpuTarget
from benchmarks.scaling import Wrong, measured
from benchmarks.workload import make_workload

ROOT = Path(__file__).parents[2]
SMALL = ["--rows", "2000", "--rules", "40", "--runs", "2", "--engines", "gpu-target", "duckdb"]


@pytest.mark.parametrize("workload", ["customs", "mixed"])
def test_the_comparison_prints_ratios_and_scaling(workload: str, tmp_path: Path) -> None:
    """In a process of its own, as Polars reads its number of threads once."""
    command = [sys.executable, "-m", "benchmarks.versus", "--workload", workload, "--rows", "2000", "--rules", "40"]
    command += ["--runs", "2", "--engines", "gpu-target", "polars", "--outputs", "matches", "--scaling", "16", "48"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "record.json")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Counts per rule are identical: gpu-target on 40 rules, polars on 40 rules" in done.stdout
    assert "The best run of Polars took" in done.stdout
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    ours, polars = record["engines"]
    ratio = polars["best_seconds_all_rules"] / ours["best_seconds_all_rules"]
    assert f"took {ratio:.1f} times as long" in done.stdout
    assert ours["form"] == "cpu backend, matches"
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
    ("changed", "told"), [("counts", "of 40 rules differ"), ("lanes", "gpu-target: scores sum to")]
)
def test_no_time_is_printed_where_results_differ(
    changed: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GpuTarget, "_evaluate", wrong_run(changed))
    outputs = ["--outputs", "lanes"] if changed == "lanes" else []
    assert versus.main([*SMALL, "--workload", "mixed", *outputs]) == 1
    out, error = capsys.readouterr()
    assert "| gpu-target |" not in out
    assert told in error


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
