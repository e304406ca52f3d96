"""gpu-target rules stats: the same counts as a run, tables, files, and what is said on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from gpu_target.cli.statistics import selectivity
from tests.gpu_target.cli.conftest import Call

ARGUMENTS = ("rules", "stats", "rules.yaml", "lodged.csv", "--map", "map.yaml")


def test_counts_are_those_of_a_run(here: Path, call: Call) -> None:
    facts = call(*ARGUMENTS, "--json").document
    ran = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--json", "--out", "ran").document
    for name in ("rows", "matches", "lanes", "ruleset_sha256", "plan_sha256", "declarations"):
        assert facts[name] == ran[name], name
    counts = pq.read_table("ran/counts.parquet").to_pydict()
    assert {each["rule_id"]: each["matches"] for each in facts["rules"]} == dict(
        zip(counts["rule_id"], counts["matches"], strict=True)
    )
    assert facts["never_fired"] == ["NEVER"]
    assert [each["decides"] for each in facts["rules"]] == [1, 1, 0]
    assert facts["reads"][0] == {"kind": "column", "name": "price", "rules": ["CHEAP-CARS", "NO-PRICE", "NEVER"]}
    assert abs(sum(each["cost_share"] for each in facts["rules"]) - 1) < 1e-9


def test_the_screen_fits_and_names_what_never_fired(here: Path, call: Call) -> None:
    found = call(*ARGUMENTS)
    assert found.code == 0
    assert "mine: 3 active rules on 4 rows of lodged.csv" in found.out
    assert "Rules that never fired: 1: NEVER" in found.out
    assert "Rows that a rule matches: 2 (50.00 %); that only one does: 2" in found.out
    assert max(map(len, found.out.splitlines())) <= 80


@pytest.mark.parametrize(("order", "first"), [("file", "CHEAP-CARS"), ("unique", "CHEAP-CARS"), ("cost", "CHEAP-CARS")])
def test_rules_are_sorted_and_cut_as_asked(here: Path, call: Call, order: str, first: str) -> None:
    lines = call(*ARGUMENTS, "--sort", order, "--top", "1").out.splitlines()
    table = lines[lines.index(next(line for line in lines if line.startswith("Rules ") and "never" not in line)) :]
    assert table[2].startswith(first)
    assert not table[3].strip()
    assert "overlaps most with" not in call(*ARGUMENTS, "--top", "0").out


def test_tables_are_written_and_replaced_by_those_of_another_format(here: Path, call: Call) -> None:
    call(*ARGUMENTS, "--out", "out")
    out = here / "out"
    assert sorted(each.name for each in out.iterdir()) == [
        "overlaps.parquet", "reads.parquet", "rules.parquet", "stats.json",
    ]  # fmt: skip
    rules = pq.read_table(out / "rules.parquet").to_pylist()
    assert [(each["rule_id"], each["matches"], each["unique"]) for each in rules] == [
        ("CHEAP-CARS", 1, 1), ("NO-PRICE", 1, 1), ("NEVER", 0, 0),
    ]  # fmt: skip
    assert json.loads((out / "stats.json").read_text())["matches"] == 2
    call(*ARGUMENTS, "--out", "out", "--format", "csv")
    assert sorted(each.name for each in out.iterdir()) == ["overlaps.csv", "reads.csv", "rules.csv", "stats.json"]
    assert csv.read_csv(out / "rules.csv").column_names == [
        "rule_id", "title", "lane", "matches", "selectivity", "unique", "decides", "cost_share",
    ]  # fmt: skip


def test_without_a_key_there_is_nothing_to_decide(here: Path, call: Call) -> None:
    rules = (here / "rules.yaml").read_text().replace("key: [declaration, line]\n", "")
    (here / "rules.yaml").write_text(rules)
    found = call(*ARGUMENTS)
    assert (found.code, "no lanes" in found.err) == (0, True)
    assert [each["decides"] for each in call(*ARGUMENTS, "--json").document["rules"]] == [None, None, None]


def test_data_without_rows_matches_nothing(here: Path, call: Call) -> None:
    (here / "lodged.csv").write_text((here / "lodged.csv").read_text().splitlines()[0] + "\n")
    found = call(*ARGUMENTS)
    assert (found.code, "on 0 rows" in found.out) == (0, True)


def test_a_rule_that_reads_the_day_asks_for_it(here: Path, call: Call) -> None:
    (here / "d.yaml").write_text("ruleset: d\nrules:\n  - {id: A, when: AS_OF > DATE '2024-01-01', lane: red}\n")
    found = call("rules", "stats", "d.yaml", "lodged.csv", "--map", "map.yaml", "--json")
    assert (found.code, found.error_codes) == (2, ["US015"])
    with_day = call("rules", "stats", "d.yaml", "lodged.csv", "--map", "map.yaml", "--json", "--as-of", "2024-06-01")
    assert (with_day.document["as_of"], with_day.document["matches"]) == ("2024-06-01", 4)


@pytest.mark.parametrize(
    ("matches", "rows", "said"),
    [(1, 3, "33.33 %"), (1, 5_000_000, "0.00002 %"), (70, 1_000_000, "0.007 %"), (0, 9, "0.00 %")],
)
def test_a_rare_rule_is_not_said_to_match_nothing(matches: int, rows: int, said: str) -> None:
    assert selectivity(matches, rows) == said
