"""Growth with the rows: a year, several times, whose counts another engine knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import growth

YEAR = ["--declarations", "2000", "--items", "20000", "--rules", "100"]


def runs(*counts: list[int]) -> list[dict[str, Any]]:
    return [{"copies": copies, "counts": each} for copies, each in zip((1, 5), counts, strict=False)]


def test_counts_of_other_sizes_are_multiples_and_a_sample_is_that_of_duckdb() -> None:
    right = runs([3, 0, 7], [15, 0, 35])
    growth.check(right, {0: 3, 2: 7})
    assert [(each["matches"], each["compared_with_duckdb"]) for each in right] == [(10, 2), (50, 2)]


@pytest.mark.parametrize(
    ("counts", "of_a_year", "told"),
    [
        (([3, 0, 7], [15, 0, 34]), {}, "5 copies of a year do not have that many times its counts"),
        (([3, 0, 7], [15, 0, 35]), {2: 6}, "rule 2 is counted 7 times, by DuckDB 6 in each of 1 copies"),
    ],
)
def test_wrong_counts_leave_no_figures(counts: tuple[list[int], ...], of_a_year: dict[int, int], told: str) -> None:
    with pytest.raises(SystemExit, match=told):
        growth.check(runs(*counts), of_a_year)


def test_the_program_compares_a_small_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "record.json"
    assert growth.main([*YEAR, "--folder", str(tmp_path), "--json", str(record)]) == 0
    assert "64 rules of the year are counted by DuckDB, too." in capsys.readouterr().out
    found = json.loads(record.read_text())
    assert found["command"] == " ".join(["python -m benchmarks.growth", *YEAR])
    rows = {each["copies"]: each["rows"] for each in found["runs"]}
    assert len(rows) == 3
    assert {copies * rows[min(rows)] for copies in rows} == {each * min(rows) for each in rows.values()}
