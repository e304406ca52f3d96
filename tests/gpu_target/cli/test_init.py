"""A folder to start from: whole, never over what is there, and its page tells the truth."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from gpu_target.cli.init import FIRST
from gpu_target.starter import FILES, starter_files
from tests.docs.pages import ROOT, Command, steps
from tests.gpu_target.cli.conftest import Call

PROGRAM = "from gpu_target.cli.main import main; main()"
FEWEST_COMMANDS = 5


@pytest.fixture
def start(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert call("init", "start").code == 0
    return tmp_path / "start"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_written_and_the_last_line_says_what_to_type(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = call("init", "my rules")
    assert contents(tmp_path / "my rules") == starter_files()
    assert found.out.splitlines()[-1] == f"Next: cd 'my rules' && {FIRST}"
    assert all(name in found.out for name in starter_files())
    assert max(map(len, found.out.splitlines())) <= 80
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert call("init").out.splitlines()[-1] == f"Next: {FIRST}"
    assert contents(tmp_path / "here") == starter_files()


def test_what_it_needs_is_there() -> None:
    names = set(starter_files())
    kinds = {"rules/imports.yaml", "map.yaml", "declarations.csv", "README.md", "schemas/rules.schema.json"}
    assert kinds <= names
    assert {name.split("/")[1] for name in names if name.startswith("rules/")} >= {"lists", "tables"}
    explained = starter_files()["README.md"].decode()
    missing = [name for name in names if name not in explained and not name.startswith(("README", "schemas/"))]
    assert missing == []


def test_programs_are_told_the_files_and_the_next_step(tmp_path: Path, call: Call) -> None:
    found = call("init", tmp_path / "start", "--json").document
    assert {Path(each).relative_to(tmp_path / "start").as_posix() for each in found["files"]} == set(starter_files())
    assert (found["replaced"], found["next"].endswith(FIRST)) == ([], True)
    assert call("init", tmp_path / "quiet", "--quiet").out == ""


def test_nothing_that_is_there_is_replaced_unless_it_is_asked_for(start: Path, call: Call) -> None:
    (start / "map.yaml").write_text("mine")
    (start / "notes.txt").write_text("mine too")
    (start / "README.md").unlink()
    before = contents(start)
    found = call("init", start)
    assert found.code == 2
    assert "error[US024]" in found.err
    assert "map.yaml" in found.err
    assert contents(start) == before
    forced = call("init", start, "--force", "--json").document
    assert sorted(Path(each).name for each in forced["files"]) == sorted(Path(each).name for each in starter_files())
    assert len(forced["replaced"]) == len(starter_files()) - 1
    assert contents(start) == {**starter_files(), "notes.txt": b"mine too"}


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path, call: Call, place: str) -> None:
    (tmp_path / "taken").write_text("mine")
    found = call("init", tmp_path / place)
    assert found.code == 2
    assert "taken is a file, and a folder is needed there" in found.err
    assert contents(tmp_path) == {"taken": b"mine"}


def test_without_room_nothing_is_left(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, "init", "new/start"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_500, 2_500)),  # some of the files fit
    )  # fmt: skip
    assert found.returncode == 4, found.stderr
    assert "error[EN410]" in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_command_of_its_page_does_what_it_says(start: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(start)
    shown = [step for step in steps(start / "README.md") if isinstance(step, Command)]
    assert len(shown) >= FEWEST_COMMANDS
    for step in shown:
        program, *arguments = step.text.split()
        found = call(*arguments)
        assert (program, found.code) == ("gpu-target", step.exit_code), f"{step.text}\n{found.out}{found.err}"


def test_every_rule_fires_or_is_shown_not_to(start: Path, call: Call) -> None:
    tested = call("rules", "test", start / "rules", "--json").document
    assert (tested["failed"], tested["rules_without_tests"]) == ([], 0)
    run = call("run", start / "rules", start / "declarations.csv", "--map", start / "map.yaml", "--json").document
    assert run["rules_fired"] >= run["rules"] - 2
    assert {"red", "yellow", "green"} <= {lane for lane, count in run["lanes"].items() if count}


def test_the_change_that_its_page_proposes_fails_a_test(start: Path, call: Call) -> None:
    rules = start / "rules" / "imports.yaml"
    text = rules.read_text(encoding="utf-8")
    place = text.index("id: NOTICE-2024-07")
    rules.write_text(text[:place] + text[place:].replace("commodity_code LIKE", "comodity_code LIKE", 1))
    found = call("rules", "check", start / "rules")
    assert found.code == 2
    assert "did you mean `commodity_code`?" in found.err
    rules.write_text(text.replace("unit_value < 0.5", "unit_value < 0.9"))
    assert call("rules", "test", start / "rules").code == 1


def test_an_editor_finds_its_schemas_and_the_files_fit_them(start: Path) -> None:
    for file in [*start.glob("rules/*.yaml"), start / "map.yaml"]:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")
        # as an editor reads the file: no value of the starter is one that YAML would guess to be another
        content = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
        jsonschema.validate(content, json.loads(schema.read_text(encoding="utf-8")))


def test_only_files_that_people_read_are_copied() -> None:
    assert {path.suffix for path in FILES.rglob("*") if path.is_file()} == {".yaml", ".csv", ".md"}
