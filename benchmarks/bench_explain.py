"""From a key to the explanation of a record, as a command: how long, and how much of it is the start of a process?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.conftest import ROUNDS, ROWS, RULES, Rates
from benchmarks.workload import make_rules, make_workload

COMMAND = "from gpu_target.cli.main import main; main()"
START = "import gpu_target.explaining.explainer, gpu_target.inputs"


@pytest.fixture
def files(tmp_path: Path, rules: int) -> tuple[Path, Path, str]:
    """A file of generated rules, a Parquet file of items, and the key of the last of them."""
    path, data = tmp_path / "rules.yaml", tmp_path / "items.parquet"
    path.write_text(make_rules(rules)[0], encoding="utf-8")
    table = make_workload(ROWS, rules).table
    pq.write_table(table, data)
    return path, data, ",".join(str(table[name][-1].as_py()) for name in ("declaration_id", "item_number"))


def test_start(benchmark: Any) -> None:
    """A process that only loads what the command needs."""
    done = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", START], check=True), rounds=ROUNDS, warmup_rounds=1
    )
    assert done.returncode == 0


@pytest.mark.parametrize("rules", RULES)
def test_explain(benchmark: Any, rates: Rates, files: tuple[Path, Path, str], rules: int) -> None:
    """The whole process, its start included."""
    path, data, key = files
    command = [sys.executable, "-c", COMMAND, "explain", str(path), str(data), "--key", key, "--json"]
    done = benchmark.pedantic(
        lambda: subprocess.run(command, check=True, capture_output=True), rounds=ROUNDS, warmup_rounds=1
    )
    found = json.loads(done.stdout)
    assert (found["rules"], len(found["items"])) == (rules, 1)
    rates(rules=rules)
