"""The checks notice bugs: each of these is put into the kernels and has to be found out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.cuda_on_cpu import checks, mutants


@pytest.mark.gxx
def test_every_bug_is_noticed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.cuda_on_cpu.mutants", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert found.keys() == mutants.MUTANTS.keys()
    assert found.keys() >= mutants.MAY_CRASH
    crashed = {name for name in mutants.MAY_CRASH if found[name].startswith("crashed")}
    assert {name: said for name, said in found.items() if name not in crashed and not said.startswith("noticed")} == {}


def test_a_library_that_does_not_load_is_no_bug_that_was_noticed() -> None:
    assert mutants.outcome(Path("/nonexistent.so")).startswith("broken: OSError: /nonexistent.so")


def _differs(library: Path) -> None:
    raise AssertionError("two rows differ")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (lambda library: sys.exit(3), "broken: SystemExit: 3"),
        (lambda library: {}[library], "broken: KeyError: PosixPath('some.so')"),
        (lambda library: os._exit(4), "broken: ended with 4 and said nothing"),
        (lambda library: os.kill(os.getpid(), signal.SIGKILL), "crashed: by signal 9"),
        (lambda library: time.sleep(60), "endless: no end after 1 s"),
        (_differs, "noticed: two rows differ"),
    ],
)
def test_what_became_of_a_check_is_told(
    check: Callable[[Path], Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check_all", check)
    monkeypatch.setattr(mutants, "SECONDS", 1)
    assert mutants.outcome(Path("some.so")) == said


def test_kernels_without_a_bug_are_not_accused(library: Path) -> None:
    assert mutants.outcome(library) == "unnoticed"
