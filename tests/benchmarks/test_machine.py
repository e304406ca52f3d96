"""What every record of a figure begins with."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import machine


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--rows", "10", "--json", "elsewhere/x.json", "--runs", "2"], "--rows 10 --runs 2"),
        (["--json=elsewhere/x.json", "--rows=10"], "--rows=10"),
        (["--folder", "elsewhere", "--rules", "5", "--out", "x.json"], "--rules 5"),
        (["--json"], ""),
    ],
)
def test_a_command_is_told_without_the_places_of_one_machine(
    given: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = f"python -m benchmarks.some {told}".rstrip()
    assert machine.command("some", given) == expected
    monkeypatch.setattr(sys, "argv", ["some.py", *given])
    assert machine.command("some", None) == expected


def test_a_commit_says_whether_files_differ_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert machine.commit() == "unknown"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    (tmp_path / "file").write_text("as it was")
    for each in (["init", "-q"], ["add", "file"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *each], check=True)
    commit = machine.commit()
    assert re.fullmatch("[0-9a-f]{40}", commit)
    (tmp_path / "file").write_text("as it is")
    assert machine.commit() == f"{commit}-dirty"


def test_a_record_names_command_commit_and_machine() -> None:
    found = machine.record("some", ["--rows", "3"], ("numpy", "gpu-target"))
    assert found["command"] == "python -m benchmarks.some --rows 3"
    assert found["commit"] == machine.commit()
    assert found["machine"]["versions"].keys() == {"numpy", "gpu-target"}  # type: ignore[attr-defined]
