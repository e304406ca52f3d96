"""Where output goes: what stands there already, disks without room, and data without rows."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import synthetic
from tests.gpu_target.cli.conftest import Call

ROOT = Path(__file__).parents[3]
PROGRAM = "from gpu_target.cli.main import main; main()"
RULES = "ruleset: items\nrecord: declaration-item\nrules:\n  - {id: A, when: customs_value > 10, lane: red}\n"
SMALL = 4_096  # bytes that a file may have: less than any result or year needs


def items(rows: int) -> pa.Table:
    return pa.table({
        "declaration_id": pa.array(range(rows), pa.int64()),
        "item_number": pa.array([1] * rows, pa.int64()),
        "customs_value": pa.array([20.0] * rows, pa.float64()),
    })  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def entries(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("backend", ["cpu", "interpreter"])
def test_data_without_rows_is_no_error(place: Path, call: Call, backend: str) -> None:
    pq.write_table(items(0), place / "items.parquet")
    found = call("run", "rules.yaml", "items.parquet", "--out", "out", "--matches", "--backend", backend, "--json")
    assert (found.code, found.document["rows"], found.document["matches"]) == (0, 0, 0)
    assert pq.read_table(place / "out" / "counts.parquet").to_pylist() == [{"rule_id": "A", "matches": 0}]
    assert pq.read_table(place / "out" / "lanes.parquet").num_rows == 0


def test_a_year_without_declarations_can_be_made_and_run(place: Path, call: Call) -> None:
    assert call("generate", "tiny", "--declarations", "0", "--out", "year").code == 0
    found = call("run", "rules.yaml", "year", "--json")
    assert (found.code, found.document["rows"]) == (0, 0)


def test_one_rule_on_one_row_is_said_in_the_singular(place: Path, call: Call) -> None:
    pq.write_table(items(1), place / "items.parquet")
    assert "items: 1 rule on 1 row of items.parquet" in call("run", "rules.yaml", "items.parquet").out
    assert call("rules", "check", "rules.yaml").out.startswith("items: 1 rule\n")


def test_data_without_its_declarations_is_told_why_there_are_no_lanes(place: Path, call: Call) -> None:
    pq.write_table(items(3).drop_columns("declaration_id"), place / "items.parquet")
    found = call("run", "rules.yaml", "items.parquet", "--json")
    assert (found.code, found.document["lanes"]) == (0, None)
    assert "the data has no column `declaration_id`, the key of the record type declaration-item" in found.err
    assert "name it in a map: columns: {declaration_id: {from: COLUMN}}" in found.err


def test_results_and_years_leave_other_files_in_their_folder_alone(place: Path, call: Call) -> None:
    pq.write_table(items(3), place / "items.parquet")
    (place / "out").mkdir()
    (place / "out" / "notes.txt").write_text("mine")
    for _ in range(2):
        assert call("run", "rules.yaml", "items.parquet", "--out", "out").code == 0
        assert call("generate", "tiny", "--declarations", "5", "--out", "out").code == 0
    assert (place / "out" / "notes.txt").read_text() == "mine"


def test_rules_that_someone_wrote_are_replaced_with_force_alone(place: Path, call: Call) -> None:
    refused = call("rules", "generate", "--rules", "3", "--out", "rules.yaml", "--json")
    assert (refused.code, refused.error_codes) == (2, ["US024"])
    assert (place / "rules.yaml").read_text(encoding="utf-8") == RULES
    assert call("rules", "generate", "--rules", "3", "--out", "rules.yaml", "--force").code == 0
    assert call("rules", "generate", "--rules", "4", "--out", "rules.yaml").code == 0  # made-up rules are


def limited(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command where no file can grow past a few pages, as on a disk that is nearly full."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL)),
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "rules.yaml", "items.parquet", "--out", "out", "--matches", "--backend", "interpreter"],
        ["generate", "tiny", "--declarations", "2000", "--out", "out"],
        ["rules", "generate", "--rules", "200", "--out", "out/made-up.yaml"],
    ],
    ids=lambda given: " ".join(given[:2]),
)
def test_a_disk_without_room_is_told_and_nothing_is_left(place: Path, arguments: list[str]) -> None:
    pq.write_table(items(4_000), place / "items.parquet")
    synthetic.generate("tiny", declarations=10, seed=1)  # the compiled generator is kept before the room is taken away
    before = entries(place)
    found = limited(arguments, place)
    assert found.returncode == 4, found.stderr
    assert "error[EN410]: the disk is full" in found.stderr
    assert "Traceback" not in found.stderr
    assert {each for each in entries(place) - before if each != "out"} == set()


def test_a_rule_file_that_finds_no_room_stays_as_it_is(place: Path) -> None:
    rules = "".join(f"  - {{id: R{n},   when: customs_value>{n}, lane: red}}\n" for n in range(200))
    text = f"ruleset: items\nrecord: declaration-item\nrules:\n{rules}"
    (place / "rules.yaml").write_text(text, encoding="utf-8")
    found = limited(["rules", "format", "rules.yaml"], place)
    assert found.returncode == 4, found.stderr
    assert "error[EN410]: the disk is full" in found.stderr
    assert (place / "rules.yaml").read_text(encoding="utf-8") == text
    assert entries(place) == {"rules.yaml"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["rules", "schema"]])
def test_help_that_finds_no_room_is_told_without_a_traceback(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert found.returncode == 4
    assert "error[EN410]: the disk is full" in found.stderr
    assert "Traceback" not in found.stderr
    assert "Exception ignored" not in found.stderr
