"""gpu-target rules format: what is written and when, what is only shown, and what is refused."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from gpu_target.results import PREFIX
from tests.gpu_target.cli.conftest import Call

UNTIDY = "rules:\n- lane: red # why\n  when: a=1\n  id: A\nruleset: s\n"
TIDY = "ruleset: s\nrules:\n  - id: A\n    when: a = 1\n    lane: red  # why\n"


@pytest.fixture
def untidy(here: Path) -> Path:
    (here / "u.yaml").write_text(UNTIDY)
    return here / "u.yaml"


def test_a_file_is_replaced_by_its_canonical_text_once(untidy: Path, call: Call) -> None:
    untidy.chmod(0o640)
    found = call("rules", "format", untidy)
    assert (found.code, untidy.read_text(), untidy.stat().st_mode & 0o777) == (0, TIDY, 0o640)
    assert "1 file changed" in found.out
    before = untidy.stat()
    assert "1 file is in canonical form" in call("rules", "format", untidy).out
    assert untidy.stat().st_mtime_ns == before.st_mtime_ns
    assert not [each for each in untidy.parent.iterdir() if each.name.startswith(PREFIX)]


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_looking_writes_nothing_and_exits_with_1_where_a_file_would_change(
    untidy: Path, call: Call, option: str
) -> None:
    found = call("rules", "format", untidy, option)
    assert (found.code, untidy.read_text()) == (1, UNTIDY)
    assert f"would be formatted: {untidy}" in found.out
    untidy.write_text(TIDY)
    assert call("rules", "format", untidy, option).code == 0


def test_a_difference_can_be_applied(untidy: Path, call: Call) -> None:
    shown = call("rules", "format", untidy, "--diff", "--quiet").out
    assert "+    lane: red  # why\n" in shown
    assert "-- lane: red # why\n" in shown


def test_every_file_of_a_folder_is_formatted(here: Path, call: Call) -> None:
    folder = here / "pack"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.yaml").write_text(TIDY.replace("id: A", "id: B"))
    (folder / "sub" / "b.yaml").write_text(UNTIDY)
    facts = call("rules", "format", folder, "--json").document
    assert facts["files"] == [str(folder / "a.yaml"), str(folder / "sub" / "b.yaml")]
    assert (facts["changed"], facts["written"]) == ([str(folder / "sub" / "b.yaml")], True)
    assert (folder / "sub" / "b.yaml").read_text() == TIDY


def test_files_with_errors_are_refused_with_them_and_all_are_left_alone(here: Path, call: Call) -> None:
    folder = here / "pack"
    folder.mkdir()
    (folder / "a.yaml").write_text(UNTIDY)
    (folder / "b.yaml").write_text(UNTIDY.replace("a=1", "a=").replace("id: A", "id: B"))
    found = call("rules", "format", folder, "--json")
    assert (found.code, found.error_codes) == (2, ["RT004"])
    assert (folder / "a.yaml").read_text() == UNTIDY


def test_an_editor_hands_its_text_over_and_the_file_is_left_alone(
    untidy: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UNTIDY.replace("a=1", "b=2").encode())))
    found = call("rules", "format", untidy, "--stdin")
    assert (found.code, found.out, found.err) == (0, TIDY.replace("a = 1", "b = 2"), "")
    assert untidy.read_text() == UNTIDY
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ruleset: s\nrules: 1\n")))
    assert call("rules", "format", untidy, "--stdin").code == 2
    for option in ("--check", "--diff", "--json"):
        assert call("rules", "format", untidy, "--stdin", option).code == 2


def test_a_link_stays_a_link(untidy: Path, call: Call) -> None:
    link = untidy.with_name("link.yaml")
    link.symlink_to(untidy)
    assert call("rules", "format", link).code == 0
    assert link.is_symlink()
    assert untidy.read_text() == TIDY


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(untidy: Path, call: Call) -> None:
    untidy.parent.chmod(0o500)
    try:
        found = call("rules", "format", untidy, "--json")
    finally:
        untidy.parent.chmod(0o700)
    assert (found.code, found.error_codes) == (2, ["US020"])
