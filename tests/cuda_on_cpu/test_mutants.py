"""The checks notice bugs: each of these is put into the kernels and has to be found out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.cuda_on_cpu import host, mutants

pytestmark = pytest.mark.xdist_group("mutants")  # built once


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if host.why_not():
        pytest.skip(host.why_not())
    folder = tmp_path_factory.mktemp("mutants")
    command = [sys.executable, "-m", "tests.cuda_on_cpu.mutants", str(folder)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-4000:]
    return dict(json.loads(found.stdout))


@pytest.mark.parametrize("name", mutants.MUTANTS)
def test_a_bug_is_noticed(name: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name].startswith(("noticed", "crashed"))


def test_kernels_without_a_bug_are_not_accused(library: Path) -> None:
    assert mutants.outcome(library) == "unnoticed"
