from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import sweep
from benchmarks.sweep import BASE, Measured, Time, Wrong, axes, check, table
from benchmarks.sweep_points import Point, make

SMALL = Point(rows=20_000, rules=60)


@pytest.mark.parametrize(
    "point",
    [
        SMALL, replace(SMALL, columns=2), replace(SMALL, columns=60), replace(SMALL, whole=0, zero=True),
        replace(SMALL, whole=1), replace(SMALL, one_column=True, cuts=1_000), replace(SMALL, list_length=1),
        replace(SMALL, list_length=50_000), replace(SMALL, everything=0.5), replace(SMALL, rows=0),
        replace(SMALL, rows=1), replace(SMALL, rules=1), replace(SMALL, selectivity=0.5),
    ],
    ids=str,
)  # fmt: skip
def test_numpy_counts_what_the_plan_counts(point: Point) -> None:
    made = make(point)
    assert made.table.num_rows == point.rows
    counts = made.plan.evaluate(made.table).count_array
    assert [made.counted(rule) for rule in range(point.rules)] == counts.tolist()


@pytest.mark.parametrize("selectivity", [1e-3, 0.1, 0.5])
def test_rules_match_the_share_they_are_made_for(selectivity: float) -> None:
    made = make(replace(SMALL, selectivity=selectivity, rules=300))
    counts = made.plan.evaluate(made.table).count_array
    assert counts.mean() / SMALL.rows == pytest.approx(selectivity, rel=0.1)


def test_a_point_reads_the_columns_it_says(subtests: pytest.Subtests) -> None:
    for columns in (2, 20, 60):
        with subtests.test(columns=columns):
            assert len(make(replace(SMALL, rules=500, columns=columns)).plan.columns) == columns


def test_thousands_of_places_are_thousands_of_cut_points() -> None:
    made = make(replace(SMALL, rules=2_000, one_column=True, cuts=10_000))
    assert len({rule[0].low for rule in made.rules}) > 1_500


def test_a_wrong_count_is_told_before_any_time() -> None:
    made = make(SMALL)
    counts = made.plan.evaluate(made.table).count_array
    check("right", made, counts)
    counts[-1] += 1
    with pytest.raises(Wrong, match="rule 59 has"):
        check("wrong", made, counts)


def measured(label: str, point: Point, total: float, match: float) -> Measured:
    return Measured(label, point, 7, Time(1, 1, 1), Time(total, 0.001, match), 30.0)


def test_points_beyond_the_limit_are_marked() -> None:
    points = [
        measured("base", BASE, 0.02, 0.01),
        measured("near", replace(BASE, columns=2), 0.08, 0.04),
        measured("beyond", replace(BASE, columns=5), 0.081, 0.03),
        measured("both", replace(BASE, rules=BASE.rules // 2), 0.05, 0.021),
        measured("none", replace(BASE, rows=0), 0.001, 0.0),
    ]
    rows = [line for line in table("columns", points, BASE) if line.startswith("|")]
    lines = {line.split(" | ")[0].lstrip("| "): line for line in rows}
    assert [name for name, line in lines.items() if "beyond 4" in line] == ["beyond", "both"]
    assert lines["beyond"].endswith("**beyond 4**: total |")
    assert lines["both"].endswith("**beyond 4**: match, total |")
    assert " - | - | - | - |" in lines["none"]


def test_an_axis_is_marked_whose_ends_are_too_far_apart() -> None:
    """None of the points is beyond four times the base, which lies between them."""
    points = [
        measured("low", replace(BASE, columns=2), 0.006, 0.0049),
        measured("base", BASE, 0.02, 0.01),
        measured("high", replace(BASE, columns=60), 0.021, 0.02),
    ]
    assert not [line for line in table("columns", points, BASE) if line.startswith("|") and "beyond" in line]
    said = table("columns", points, BASE)[-2]
    assert said == "Slowest over fastest: match 4.1 (high over low) **beyond 4**, total 3.5 (high over low)."


def test_an_axis_is_judged_without_its_smallest_points_too() -> None:
    points = [
        measured("few", replace(BASE, rules=1), 0.02, 0.01),
        measured("base", BASE, 0.02, 0.01),
        measured("many", replace(BASE, rules=10_000), 0.05, 0.04),
        measured("none", replace(BASE, rows=0), 0.05, 0.04),
    ]
    assert sweep.spread(points, BASE) == [
        "Slowest over fastest: match 2500.0 (few over many) **beyond 4**, total 4000.0 (few over many) **beyond 4**.",
        "From 500 rules and 400,000 rows on: match 1.2 (base over many), total 2.0 (base over many).",
    ]


def test_every_axis_holds_the_base_and_rows_go_down_to_none() -> None:
    for name, points in axes(BASE).items():
        assert BASE in points.values(), name
    assert {0, 1} <= {point.rows for point in axes(BASE)["rows"].values()}


def test_the_program_prints_a_table_for_each_axis(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sweep.json"
    assert sweep.main(["--rows", "3000", "--rounds", "1", "--axes", "numbers", "rows", "--json", str(file)]) == 0
    record = json.loads(file.read_text())
    assert record["command"] == "python -m benchmarks.sweep --rows 3000 --rounds 1 --axes numbers rows"
    assert set(record["axes"]["rows"][0]) == {"label", "point", "matches", "first", "best", "probe"}
    told = capsys.readouterr().out
    assert "| numbers | matches |" in told
    assert "| rows | matches |" in told
    assert told.count("\n| all ") == 3
    assert told.count("Slowest over fastest: match ") == 2


def test_the_program_prints_no_time_where_a_count_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep.Made, "counted", lambda made, rule: -1)
    assert sweep.main(["--rows", "3000", "--rounds", "1", "--axes", "numbers"]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert "NumPy counts -1" in error


def test_the_times_of_a_point_are_shares_of_pairs() -> None:
    point = replace(BASE, rows=1_000, rules=100)
    each = Measured("x", point, 0, Time(1, 1, 1), Time(1e-3, 1e-4, 5e-4), 30.0)
    assert each.per_pair("total") == pytest.approx(10.0)
    assert each.per_pair("match") == pytest.approx(5.0)
    assert np.isnan(each._replace(point=replace(point, rows=0)).per_pair("match"))
