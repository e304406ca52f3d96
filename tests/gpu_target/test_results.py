"""Result files: whole under their final names, whatever happens to the run that writes them."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gpu_target import results
from gpu_target.engine import Result
from gpu_target.gathering import MatchPiece
from gpu_target.language.diagnostics import GpuTargetError, UnfitError, UsageError
from gpu_target.results import FILES, disk_full, no_room, replaced, result_folder

IDS = ["R1", "R2"]
LANES = pa.table({"declaration_id": [1], "lane": ["red"], "score": [5], "rule_id": ["R1"], "selected_by": ["RULE"]})
MATCH_KEYS = pa.table({"declaration_id": [1, 1], "rule_id": pa.array(IDS).dictionary_encode()})


def a_result(lanes: bool = True, matches: bool = True) -> Result:
    heads = [SimpleNamespace(id=rule) for rule in IDS]
    plan = cast(Any, SimpleNamespace(heads=heads, key=("declaration_id",), schema={"declaration_id": pa.int64()}))
    piece = MatchPiece(0, np.array([2, 0, 0], np.int32), np.array([0, 1], np.int32), (pa.array([1]),))
    found = (LANES if lanes else None, (piece,) if matches else None)
    return Result(plan, 3, "cpu", "cpu", 1, 0, {}, np.array([2, 0]), *found)


def write(folder: Path, **asked: bool) -> None:
    with result_folder(folder) as out:
        out.add(a_result(**asked), label="synthetic")
        out.commit({"rows": 3})


def write_and_break_off(folder: Path) -> None:
    with result_folder(folder) as out:
        out.add(a_result(matches=False))
        raise KeyboardInterrupt


def replace_half(path: Path) -> None:
    with replaced(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def code(error: pytest.ExceptionInfo[GpuTargetError]) -> str:
    return error.value.diagnostics[0].code


def test_a_run_writes_its_tables_and_its_summary(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    write(folder)
    assert names(folder) == set(FILES)
    assert pq.read_table(folder / "counts.parquet").to_pydict() == {"rule_id": IDS, "matches": [2, 0]}
    assert pq.read_table(folder / "lanes.parquet").to_pylist() == LANES.to_pylist()
    assert pq.read_table(folder / "matches.parquet").to_pylist() == MATCH_KEYS.to_pylist()
    assert pq.read_schema(folder / "lanes.parquet").metadata[b"label"] == b"synthetic"
    assert json.loads((folder / "run.json").read_text()) == {"rows": 3}


def test_a_later_run_leaves_nothing_of_the_earlier_one(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, matches=False)
    assert names(tmp_path) == {"counts.parquet", "lanes.parquet", "run.json", "notes.txt"}


def test_a_run_that_fails_leaves_the_earlier_results_alone(tmp_path: Path) -> None:
    write(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    with pytest.raises(KeyboardInterrupt):
        write_and_break_off(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_run_that_fails_takes_the_folders_back_that_it_made(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_and_break_off(tmp_path / "a" / "b")
    assert names(tmp_path) == set()


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from test_results import write
print("ready", flush=True)
while True:
    write(Path({folder!r}))
"""


def test_a_killed_run_leaves_only_whole_files_and_the_next_one_tidies_up(tmp_path: Path) -> None:
    tests = Path(__file__).parent
    program = WRITER.format(root=str(tests.parents[1]), tests=str(tests), folder=str(tmp_path))
    luck = random.Random(7)
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(luck.uniform(0.01, 0.1))
            process.send_signal(signal.SIGKILL)
        for path in tmp_path.glob("*.parquet"):
            assert pq.read_table(path).num_rows in (1, 2)
        if (tmp_path / "run.json").exists():
            assert json.loads((tmp_path / "run.json").read_text()) == {"rows": 3}
            assert names(tmp_path) >= set(FILES)
    (tmp_path / f"{results.PREFIX}999999999-counts.parquet{results.SUFFIX}").write_bytes(b"half")
    write(tmp_path)
    assert names(tmp_path) == set(FILES)


def test_two_runs_cannot_write_into_one_folder(tmp_path: Path) -> None:
    with result_folder(tmp_path), pytest.raises(UsageError) as caught, result_folder(tmp_path):
        pass
    assert code(caught) == "US021"
    write(tmp_path)


@pytest.mark.parametrize("place", ["file", "file/below", "n" * 300])
def test_a_place_that_is_no_folder_is_refused_before_the_work(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as caught, result_folder(tmp_path / place):
        raise AssertionError("the work must not begin")
    assert code(caught) == "US020"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("number", "expected", "status"),
    [(errno.ENOSPC, "EN410", 4), (errno.EDQUOT, "EN410", 4), (errno.EACCES, "US020", 2), (errno.EIO, "EN412", 4)],
)
def test_what_the_disk_says_becomes_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str, status: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    write(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    monkeypatch.setattr(results.pq, "write_table", refuse)
    with pytest.raises(GpuTargetError) as caught:
        write(tmp_path)
    assert (code(caught), caught.value.exit_code) == (expected, status)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_real_full_device_is_recognised(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OSError, match="No space") as caught, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert no_room(caught.value)
    link = tmp_path / "full"  # Arrow removes the file that it could not write: never give it the device itself
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space") as from_arrow:
        pq.write_table(LANES, link)
    assert no_room(from_arrow.value)
    assert isinstance(disk_full("x"), UnfitError)
    assert not no_room(ValueError("No space left on device"))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "rules.yaml"
    with replaced(target) as temporary:
        temporary.write_text("first")
    with pytest.raises(KeyboardInterrupt):
        replace_half(target)
    assert target.read_text() == "first"
    assert names(target.parent) == {"rules.yaml"}
    with pytest.raises(UsageError) as caught, replaced(target / "below"):
        raise AssertionError("the work must not begin")
    assert code(caught) == "US020"
