"""The checks notice bugs: each of these is put into the kernels and has to be found out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.cuda_on_cpu import host, mutants


def test_every_bug_is_noticed(tmp_path: Path) -> None:
    if host.why_not():
        pytest.skip(host.why_not())
    command = [sys.executable, "-m", "tests.cuda_on_cpu.mutants", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert found.keys() == mutants.MUTANTS.keys()
    assert [name for name, said in found.items() if not said.startswith(("noticed", "crashed"))] == []


def test_kernels_without_a_bug_are_not_accused(library: Path) -> None:
    assert mutants.outcome(library) == "unnoticed"
