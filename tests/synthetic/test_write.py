"""Whole worlds as files: the manifest, the same bytes for any number of threads, nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from synthetic import LABEL, ProfileError, load_profile, profile_sha256, write, write_dataset
from synthetic.errors import Problem
from synthetic.generate import TABLES, VERSION
from synthetic.write import MANIFEST, PARTIAL, STATEMENT
from tests.synthetic.worlds import SEED, plain, world

FILES = sorted([f"{name}.parquet" for name in TABLES] + [MANIFEST])
DEAD = PARTIAL + "4194305"  # above the highest process number of Linux
SMALL = 60  # declarations
PARTS = (250, 100, 50)  # declarations in all, in a part, in a chunk


def contents(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def refusal(out: Path, **more: Any) -> Problem:
    with pytest.raises(ProfileError) as caught:
        write_dataset("tiny", SMALL, SEED, out, **more)
    (problem,) = caught.value.problems
    return problem


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Parts and chunks small enough for several; returns the number of declarations."""
    total, part, chunk = PARTS
    monkeypatch.setattr("synthetic.write.PART", part)
    monkeypatch.setattr(sys.modules["synthetic.generate"], "CHUNK", chunk)  # the package has a function of that name
    return total


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    write_dataset("tiny", SMALL, SEED, tmp_path, threads=1)
    return tmp_path


def test_the_manifest_says_what_was_written_and_from_what(tmp_path: Path) -> None:
    returned = write_dataset("tiny", 2_000, SEED, tmp_path / "new" / "folder", threads=1)
    text = (tmp_path / "new" / "folder" / MANIFEST).read_text(encoding="utf-8")
    assert json.loads(text) == returned
    profile = load_profile("tiny")
    tables = returned.pop("tables")
    assert returned == {
        "label": LABEL,
        "statement": STATEMENT,
        "profile": "tiny",
        "profile_title": profile.title,
        "profile_sha256": profile_sha256(profile),
        "seed": SEED,
        "declarations": 2_000,
        "generator_version": VERSION,
        "main": "items",
        "format": "parquet",
    }
    rows = {name: world("tiny", 2_000)[name].num_rows for name in TABLES}
    assert tables == {name: {"rows": rows[name], "files": [f"{name}.parquet"]} for name in TABLES}
    assert LABEL.split(",")[0] in STATEMENT.lower()


def test_the_folder_holds_the_tables_and_the_manifest_alone(dataset: Path) -> None:
    assert sorted(each.name for each in dataset.iterdir()) == FILES


def test_large_worlds_are_folders_of_parts(tmp_path: Path, parts: int) -> None:
    manifest = write_dataset("tiny", parts, SEED, tmp_path, threads=2)
    assert manifest["tables"]["items"]["files"] == [f"items/part-{n:05d}.parquet" for n in range(3)]
    assert manifest["tables"]["parties"]["files"] == ["parties.parquet"]
    for name in TABLES:
        files = manifest["tables"][name]["files"]
        tables = [plain(pq.read_table(tmp_path / file)).to_pylist() for file in files]
        rows = [row for table in tables for row in table]
        assert rows == plain(world("tiny", parts)[name]).to_pylist()
        assert len(rows) == manifest["tables"][name]["rows"]


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_the_bytes_are_the_same_for_any_number_of_threads(tmp_path: Path, parts: int, kind: str) -> None:
    found = []
    for threads in (1, 2, 3):
        write_dataset("tiny", parts, SEED, tmp_path / str(threads), kind, threads)
        found.append(contents(tmp_path / str(threads)))
    assert len(found[0]) == 4 * 3 + 2
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_rises_to_the_number_of_declarations(tmp_path: Path, parts: int, threads: int) -> None:
    told: list[int] = []
    write_dataset("tiny", parts, SEED, tmp_path, threads=threads, progress=told.append)
    assert told == sorted(set(told))
    assert told[-1] == parts
    assert len(told) == 5


def test_a_format_that_is_not_there_is_told_before_anything_is_made(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "out", format="xlsx")
    assert (problem.code, problem.message, problem.place) == ("PR012", "there is no format 'xlsx'", "")
    assert problem.remedy == "the formats are parquet, csv, arrow"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["items.parquet", "truth.csv", "parties.arrow", "items/part-00000.parquet", MANIFEST])
@pytest.mark.parametrize("beside", ["nothing", "a run that was killed", "a manifest of ours"])
def test_files_of_others_are_never_written_over(tmp_path: Path, name: str, beside: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text('{"label": "mine"}', encoding="utf-8")
    if beside == "a run that was killed":
        (tmp_path / DEAD).mkdir()
    if beside == "a manifest of ours" and name != MANIFEST:
        tables = {"items": {"rows": 1, "files": ["items/part-00001.parquet"]}}
        (tmp_path / MANIFEST).write_text(json.dumps({"label": LABEL, "tables": tables}), encoding="utf-8")
    before = contents(tmp_path)
    problem = refusal(tmp_path)
    assert (problem.code, problem.place) == ("PR013", str(tmp_path))
    assert problem.message == f"{name} was not written by an earlier run of the generator"
    assert problem.remedy == "choose an empty folder, or move the file away"
    assert contents(tmp_path) == before


def test_other_files_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "rules").mkdir()
    write_dataset("tiny", SMALL, SEED, tmp_path, threads=1)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*FILES, "notes.txt", "rules"])


def test_an_earlier_run_is_replaced_whole_whatever_its_format_and_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as small:
        small.setattr("synthetic.write.PART", 20)
        write_dataset("tiny", SMALL, 2, tmp_path, "csv", threads=1)
    assert (tmp_path / "items" / "part-00002.csv").is_file()
    write_dataset("tiny", SMALL, SEED, tmp_path, threads=1)
    write_dataset("tiny", SMALL, SEED, tmp_path / "fresh", threads=1)
    fresh = contents(tmp_path / "fresh")
    assert {name: digest for name, digest in contents(tmp_path).items() if "/" not in name} == fresh
    assert not (tmp_path / "items").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    problem = refusal(tmp_path / "file" / "out")
    assert (problem.code, problem.place) == ("PR014", str(tmp_path / "file" / "out"))
    assert problem.message == f"the folder cannot be written: {tmp_path / 'file'} is a file"
    assert problem.remedy == "name another folder for --out"


def test_a_full_disk_is_told_and_the_earlier_files_stand(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(dataset)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_write", full)
    problem = refusal(dataset)
    assert (problem.code, problem.place) == ("PR014", str(dataset))
    assert problem.message == "the folder cannot be written: No space left on device"
    assert problem.remedy == "make room or choose another folder"
    assert contents(dataset) == before
    assert sorted(each.name for each in dataset.iterdir()) == FILES


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_fails_midway_leaves_the_earlier_files_as_they_were(
    dataset: Path, parts: int, error: type[BaseException]
) -> None:
    before = contents(dataset)

    def fail(done: int) -> None:
        raise error(str(done))

    with pytest.raises(error):
        write_dataset("tiny", parts, 2, dataset, threads=2, progress=fail)
    assert contents(dataset) == before
    assert not list(dataset.glob(f"{PARTIAL}*"))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_a_run_that_fails_midway_leaves_no_folder_that_it_made(
    tmp_path: Path, parts: int, error: type[BaseException]
) -> None:
    def fail(done: int) -> None:
        raise error(str(done))

    (tmp_path / "mine").mkdir()
    for out in (tmp_path / "new" / "folder", tmp_path / "mine"):
        with pytest.raises((error, ProfileError)):
            write_dataset("tiny", parts, 2, out, threads=2, progress=fail)
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("step", range(1, 8))
def test_a_run_that_fails_while_its_files_appear_is_not_whole_and_the_next_one_is(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Seven renames: the old manifest away, five tables, the new manifest."""
    replace, done = os.replace, [0]

    def fail(source: Path, target: Path) -> None:
        done[0] += 1
        if done[0] == step:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as failing:
        failing.setattr(os, "replace", fail)
        with pytest.raises(KeyboardInterrupt):
            write_dataset("tiny", SMALL, 2, dataset, threads=1)
    assert (dataset / MANIFEST).exists() == (step == 1)
    write_dataset("tiny", SMALL, 3, dataset, threads=1)
    assert sorted(each.name for each in dataset.iterdir()) == FILES
    assert json.loads((dataset / MANIFEST).read_bytes())["seed"] == 3


def test_a_killed_run_leaves_no_file_under_a_final_name_and_the_next_one_clears_up(tmp_path: Path) -> None:
    script = (
        "import sys, time, synthetic\n"
        "def wait(done):\n    print(done, flush=True)\n    time.sleep(60)\n"
        "synthetic.write_dataset('tiny', 60, 1, sys.argv[1], threads=1, progress=wait)\n"
    )
    root = Path(write.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"60\n"  # everything is generated, nothing is in place
        process.send_signal(signal.SIGKILL)
    (left,) = tmp_path.iterdir()
    assert left.name == f"{PARTIAL}{process.pid}"
    write_dataset("tiny", SMALL, SEED, tmp_path, threads=1)
    assert sorted(each.name for each in tmp_path.iterdir()) == FILES


def test_a_run_that_still_works_in_the_folder_keeps_its_files(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        other = tmp_path / f"{PARTIAL}{process.pid}"
        other.mkdir()
        (other / "items.parquet").write_text("half", encoding="utf-8")
        write_dataset("tiny", SMALL, SEED, tmp_path, threads=1)
        assert (other / "items.parquet").read_text(encoding="utf-8") == "half"
        process.kill()


def test_files_never_appear_before_they_are_whole(tmp_path: Path) -> None:
    """While declarations are generated, nothing stands in the folder but the temporary one."""
    seen: list[list[str]] = []
    started = time.time()
    write_dataset(
        "tiny", SMALL, SEED, tmp_path, threads=1, progress=lambda _: seen.append([p.name for p in tmp_path.iterdir()])
    )
    assert seen == [[f"{PARTIAL}{os.getpid()}"]]
    assert all(each.stat().st_mtime >= started - 1 for each in tmp_path.iterdir())
