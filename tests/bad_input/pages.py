"""A case: a page that shows the files, one command, and what it says on standard error, word for word.

The files are fenced blocks as in the documentation (``# file: NAME``); what cannot stand on a page, such as a damaged
Parquet file, is ``# made: NAME`` with the name of a function of ``making``. The command stands in a ``console`` block
and ends in ``# exit N``; the ``text`` block behind it is standard error.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from gpu_target.cli.main import main
from tests.bad_input import making
from tests.docs.pages import FILE, blocks, commands

CASES = Path(__file__).parent / "cases"
MADE = re.compile(r"# made: (?P<name>\S+) by (?P<maker>\w+)\n")


@dataclass(frozen=True)
class Case:
    """``files`` by name, as text or as the name of what makes them; ``said`` is standard error without its end."""

    page: Path
    files: dict[str, str]
    made: dict[str, str]
    arguments: tuple[str, ...]
    exit_code: int
    said: str


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: its exit code, both streams, and the files that are new."""

    code: int
    out: str
    err: str
    left: list[str]


def pages() -> list[Path]:
    return sorted(CASES.rglob("*.md"))


def name_of(page: Path) -> str:
    return page.relative_to(CASES).with_suffix("").as_posix()


def read(page: Path) -> Case:
    files: dict[str, str] = {}
    made: dict[str, str] = {}
    shown: list[tuple[tuple[str, ...], int]] = []
    said = ""
    for block in blocks(page):
        if named := FILE.match(block.text):
            files[named["name"]] = block.text[named.end() :]
        elif found := MADE.match(block.text):
            made[found["name"]] = found["maker"]
        elif block.language == "console":
            shown += [(tuple(shlex.split(each.text)), each.exit_code) for each in commands(block)]
        elif shown:
            said = block.text.rstrip("\n")
    assert len(shown) == 1, f"{page}: a case shows one command"
    (program, *arguments), exit_code = shown[0]
    assert program == "gpu-target", page
    return Case(page, files, made, tuple(arguments), exit_code, said)


def run(case: Case, folder: Path, *more: str) -> Outcome:
    """Lay the files of a case into an empty folder and run its command there, with ``more`` options."""
    for name, text in case.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    for name, maker in case.made.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(getattr(making, maker)())
    before = _entries(folder)
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    surroundings = {"COLUMNS": "80", "NO_COLOR": "1"}
    with (
        mock.patch.dict(os.environ, surroundings),
        # whether this machine has compiled them before is no part of any message about input
        mock.patch("synthetic.is_compiled", return_value=True),
        mock.patch("gpu_target.backends.cpu.warm.is_cached", return_value=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main([*case.arguments, *more])
        except SystemExit as left:
            code = left.code
    assert isinstance(code, int)
    return Outcome(code, _text(out), _text(err), sorted(_entries(folder) - before))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")


def _entries(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def write(page: Path, outcome: Outcome) -> None:
    """Put what a command says today on its page, for a reader to judge."""
    text = page.read_text(encoding="utf-8")
    end = text.index("```\n", text.index("```console\n") + 3) + 4
    head = re.sub(r"(  # exit \d+)?\n```\n$", f"  # exit {outcome.code}\n```\n", text[:end])
    page.write_text(f"{head}\n```text\n{outcome.err.rstrip()}\n```\n", encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    for each in [Path(given) for given in sys.argv[1:]] or pages():
        with tempfile.TemporaryDirectory() as scratch:
            write(each, run(read(each), Path(scratch)))
