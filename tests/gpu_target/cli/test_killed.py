"""A run that is killed, at any moment, leaves no file under a final name that does not read back whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import synthetic
from synthetic.rulesets import generate_rules

ROOT = Path(__file__).parents[3]
KILLS = 24
DECLARATIONS, RULES = 3_000, 120
FILES = {"counts.parquet", "lanes.parquet", "matches.parquet", "run.json"}


@pytest.mark.slow
@pytest.mark.parametrize("worker", range(2))  # two halves, so that two processes share the waiting
def test_a_run_killed_at_any_moment_leaves_only_whole_files(tmp_path: Path, worker: int) -> None:
    synthetic.write_dataset("tiny", DECLARATIONS, 1, tmp_path / "year")
    (tmp_path / "rules.yaml").write_text(generate_rules(RULES, seed=1), encoding="utf-8")
    command = [
        sys.executable, "-m", "gpu_target", "run", "rules.yaml", "year", "--matches", "--out", "out",
        "--backend", "cpu", "--quiet",
    ]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, env=_environment(), check=True)  # leaves kernels and plan to the others
    began = time.perf_counter()
    subprocess.run(command, cwd=tmp_path, env=_environment(), check=True)
    whole = time.perf_counter() - began
    expected = _read(tmp_path / "out")
    assert set(expected) == FILES
    luck = random.Random(worker)
    died = 0
    for kill in range(KILLS // 2):
        # half of them late, when the results are written
        moment = whole * luck.uniform(0.0 if kill % 2 else 0.7, 1.0)
        with subprocess.Popen(command, cwd=tmp_path, env=_environment(), stdout=subprocess.DEVNULL) as process:
            time.sleep(moment)
            process.send_signal(signal.SIGKILL)
        if process.returncode == -signal.SIGKILL:
            died += 1
        else:
            whole = min(whole, moment)  # faster than the run that was timed: the next one is killed earlier
        found = _read(tmp_path / "out")
        assert found.items() <= expected.items(), "a file that is there is the result"
    assert died >= KILLS // 4, "most runs have to be killed, not finished"
    subprocess.run(command, cwd=tmp_path, env=_environment(), check=True)
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES  # the next run tidies up
    assert _read(tmp_path / "out") == expected


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _read(folder: Path) -> dict[str, object]:
    """The content of every file under a final name; times of the run left out."""
    found: dict[str, object] = {}
    for path in folder.iterdir():
        if path.suffix == ".parquet" and not path.name.startswith("."):
            found[path.name] = pq.read_table(path).to_pydict()
        elif path.suffix == ".json" and not path.name.startswith("."):
            document = json.loads(path.read_text(encoding="utf-8"))
            found[path.name] = {name: value for name, value in document.items() if name != "seconds"}
    return found
