"""Around the commands: help, version, start-up, colours, progress."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from gpu_target import __version__
from gpu_target.cli import screen as screen_module
from gpu_target.cli.screen import Screen
from tests.gpu_target.cli.conftest import Call

ROOT = Path(__file__).parents[3]
COMMANDS = [
    "demo", "generate", "run", "doctor", "init", "rules check", "rules test", "rules schema", "rules generate",
]  # fmt: skip
HEAVY = {"pandas", "pyarrow", "duckdb", "numba", "scipy", "numpy", "cupy", "altair", "matplotlib"}
PROGRAM = "from gpu_target.cli.main import main; main()"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(call: Call, command: str) -> None:
    found = call(*command.split(), "--help")
    assert (found.code, found.err) == (0, "")
    assert f"Example: gpu-target {command}" in re.sub(r"\s+", " ", found.out)
    for option in ("--json", "--quiet"):
        assert option in found.out


def test_without_arguments_the_commands_are_listed(call: Call) -> None:
    found = call()
    assert found.code == 0
    assert all(f" {command.split()[0]} " in found.out for command in COMMANDS)


def test_the_version_is_the_packages(call: Call) -> None:
    assert call("--version").out == f"gpu-target {__version__}\n"


def test_a_group_without_a_command_is_wrong_usage(call: Call) -> None:
    found = call("rules", "--json")
    assert found.code == 2


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["runn"]])
def test_nothing_heavy_is_imported_to_say_little(arguments: list[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", PROGRAM, *arguments],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    imported = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in found.stderr.splitlines() if "|" in line}
    assert "typer" in imported
    assert imported & HEAVY == set()


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What a terminal receives."""
    ours, theirs = pty.openpty()
    colours = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder,
        env={**colours, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment},
    ):  # fmt: skip
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # Linux says so that the other end was closed
                break
            if not piece:
                break
            said += piece
    os.close(ours)
    return said.decode()


def test_errors_have_colours_on_a_terminal_unless_they_are_unwanted(here: Path) -> None:
    arguments = ("rules", "check", "nothing.yaml")
    assert "\x1b[1;31merror[" in on_a_terminal(here, *arguments)
    assert "\x1b[" not in re.sub(r"\x1b\[1m|\x1b\[0m", "", on_a_terminal(here, *arguments, NO_COLOR="1"))


def test_on_a_terminal_no_line_of_an_error_is_wider_than_it_and_elsewhere_lines_stay_whole(
    here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = " OR ".join(f"an_unknown_column_{number} > 1" for number in range(9))
    text = f"ruleset: wide\nrecord: declaration-item\nrules:\n  - {{id: A, when: {names}, lane: red}}\n"
    (here / "wide.yaml").write_text(text)
    said = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(here, "rules", "check", "wide.yaml", COLUMNS="80"))
    assert "an_unknown_column_8" in said
    assert max(map(len, said.replace("\r", "").splitlines())) <= 80
    monkeypatch.chdir(here)
    plain = call("rules", "check", "wide.yaml").err
    assert any(line.startswith("  = do: the columns are") and len(line) > 80 for line in plain.splitlines())


@pytest.mark.parametrize("command", ["demo", "generate", "rules check", "rules test", "rules generate", "rules stats"])
def test_help_breaks_lines_only_where_the_screen_ends(
    call: Call, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = call(*command.split(), "--help").out
    lines = page.split("╭")[0].splitlines()
    for line, following in pairwise(lines):
        if line.strip() and following.strip():
            assert len(line.strip()) + 1 + len(following.split()[0]) > 76, line
    assert "|deci" not in page


def test_progress_appears_on_a_terminal_after_a_while_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    screen = Screen()
    screen.__dict__["err"] = Console(file=shown, force_terminal=True, width=80)
    with screen.progress("Evaluating", 10) as advance:
        advance(5)
    assert shown.getvalue() == ""
    monkeypatch.setattr(screen_module, "PATIENCE", 0.0)
    with screen.progress("Evaluating", 10) as advance:
        advance(5)
        advance(10)
    assert "Evaluating" in shown.getvalue()
    assert "10/10" in shown.getvalue()


@pytest.mark.parametrize("options", [{"quiet": True}, {"as_json": True}, {}])
def test_no_progress_where_nobody_watches(monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]) -> None:
    monkeypatch.setattr(screen_module, "PATIENCE", 0.0)
    shown = io.StringIO()
    screen = Screen(**options)
    screen.__dict__["err"] = Console(file=shown, force_terminal=bool(options), width=80)
    with screen.progress("Evaluating", 10) as advance:
        advance(10)
    assert shown.getvalue() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_document_that_finds_no_room_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("ruleset: r\nrules:\n  - {id: A, when: 'TRUE', lane: red}\n")
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-c", PROGRAM, "rules", "check", str(tmp_path / "rules.yaml"), "--json"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert found.returncode == 4
    assert "error[EN410]: the disk is full" in found.stderr
    assert "Traceback" not in found.stderr
