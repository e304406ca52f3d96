"""gpu-target generate and demo: the folders that they write and what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import synthetic
from tests.gpu_target.cli.conftest import Call

TABLES = {"items", "declarations", "parties", "inspections", "truth"}


def test_a_generated_folder_is_complete_and_labelled(here: Path, call: Call) -> None:
    found = call("generate", "tiny", "--declarations", "300", "--seed", "4", "--out", "year", "--json")
    assert found.code == 0
    manifest = json.loads((here / "year" / "manifest.json").read_text())
    assert set(manifest["tables"]) == TABLES
    assert manifest["main"] == "items"
    assert manifest["label"] == "synthetic, calibrated to public aggregates"
    assert pq.read_table(here / "year" / "declarations.parquet").num_rows == 300


def test_the_first_use_says_that_the_generator_is_compiled(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "is_compiled", lambda: False)
    for arguments in (("generate", "tiny", "--declarations", "1", "--out", "year"),
                      ("rules", "generate", "--rules", "1", "--out", "made-up.yaml")):  # fmt: skip
        assert "compiling the generator for this machine, once" in call(*arguments).err
        assert call(*arguments, "--quiet").err == ""
    monkeypatch.undo()
    assert synthetic.is_compiled()


def test_what_was_generated_is_summed_up_within_eighty_columns(here: Path, call: Call) -> None:
    found = call("generate", "tiny", "--declarations", "40", "--out", "year")
    assert max(map(len, found.out.splitlines())) <= 80
    for words in ("tiny: 40 declarations, seed 0", "synthetic, calibrated to public aggregates", "items (main)"):
        assert words in found.out


def test_wrong_requests_are_told_with_their_code(here: Path, call: Call) -> None:
    (here / "profile.yaml").write_text(
        "profile: x\nextends: tiny\ntraders: {importers: {value: -1, source: assumed}}\n"
    )
    (here / "full").mkdir()
    (here / "full" / "items.parquet").touch()
    for arguments, code in (
        (("atlantis", "--declarations", "1"), "PR001"),
        (("profile.yaml", "--declarations", "1"), "PR004"),
        (("tiny", "--declarations", "-1"), "PR011"),
        (("tiny", "--declarations", "1", "--seed", "-1"), "PR011"),
    ):
        found = call("generate", *arguments, "--out", "year", "--json")
        assert (found.code, found.error_codes) == (2, [code]), arguments
        assert not (here / "year").exists()
    refused = call("generate", "tiny", "--declarations", "1", "--out", "full", "--json")
    assert (refused.code, refused.error_codes) == (2, ["PR013"])
    assert [path.name for path in (here / "full").iterdir()] == ["items.parquet"]


def test_the_demonstration_shows_both_rule_sets_and_writes_what_it_names(here: Path, call: Call) -> None:
    small = ("demo", "--declarations", "2000", "--rules", "500", "--out", "demo")
    found = call(*small)
    assert found.code == 0, found.err
    for words in (
        "synthetic, calibrated to public aggregates", "Lanes of all declarations", "Declarations that moved",
        "Red and yellow lane by office", "Top rules before", "Top rules after", "matches", "Time", "total s",
        "demo/before.yaml", "demo/after/lanes.parquet", "demo/year/items.parquet",
    ):  # fmt: skip
        assert words in found.out
    assert max(map(len, found.out.splitlines())) <= 80
    for name in ("before", "after"):
        assert {path.name for path in (here / "demo" / name).iterdir()} == {
            "counts.parquet",
            "lanes.parquet",
            "run.json",
        }
    again = call(*small, "--json")
    assert again.document["year_reused"] is True
    assert "used again" in again.err
    runs = again.document["runs"]
    assert runs["after"]["rules"] - runs["before"]["rules"] == 434
    moved = again.document["moves"]
    before = {lane: sum(row.values()) for lane, row in moved.items()}
    assert before == runs["before"]["lanes"]
    assert sum(sum(office["after"].values()) for office in again.document["offices"]) == 2000


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_demonstration_with_too_few_rules_is_refused_before_the_year_is_made(
    here: Path, call: Call, seed: int
) -> None:
    found = call("demo", "--declarations", "300", "--rules", "100", "--seed", seed, "--out", "demo", "--json")
    assert (found.code, found.error_codes) == (2, ["US023"])
    problem = found.document["errors"][0]
    assert "100 rules" in problem["message"]
    assert "--rules 250 or more" in problem["remedy"]
    assert not (here / "demo").exists()
    found = call("demo", "--declarations", "300", "--rules", "250", "--seed", seed, "--out", "demo", "--json")
    assert found.code == 0, found.err
