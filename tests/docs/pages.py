"""The pages and what they tell a reader to do.

Convention: in a fenced ``console`` block each line that begins with ``$ `` is run, in the order of the page, in one
fresh folder, and exits with 0 unless it ends in ``# exit N``; other lines are output, of which numbers may differ. A
fenced block whose first line is ``# file: NAME`` is that file.
"""

from __future__ import annotations

import importlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from unittest import mock

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w{}-]*)[^\n`]*\n(?P<body>.*?)^(?P=indent)(?P=ticks) *$", re.M | re.S
)
FILE = re.compile(r"# file: (?P<name>\S+)\n")
EXIT = re.compile(r"\s+# exit (?P<code>\d+)$")


@dataclass(frozen=True)
class Block:
    """One fenced block, its indentation removed."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the page shows, with the output it shows below it."""

    text: str
    exit_code: int
    output: tuple[str, ...]
    line: int


def pages() -> list[Path]:
    written = sorted(path for path in (ROOT / "docs").rglob("*.md") if "generated" not in path.parts)
    packs = sorted((ROOT / "rules").rglob("README.md"))
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *packs, *written]


def docs_module(name: str) -> ModuleType:
    """A module of the folder docs, which is no package: its modules import each other as they stand beside them."""
    with mock.patch.object(sys, "path", [str(ROOT / "docs"), *sys.path]):
        return importlib.import_module(name)


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        indent = len(match["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in match["body"].splitlines(keepends=True))
        found.append(Block(match["language"], body, text.count("\n", 0, match.start()) + 1))
    return found


def steps(page: Path) -> list[File | Command]:
    """Files and commands in the order of the page."""
    found: list[File | Command] = []
    for block in blocks(page):
        if named := FILE.match(block.text):
            found.append(File(named["name"], block.text[named.end() :]))
        elif block.language == "console":
            found += commands(block)
    return found


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        if line.startswith("$ "):
            expected = EXIT.search(line)
            text = line[2 : expected.start()] if expected else line[2:]
            found.append(Command(text, int(expected["code"]) if expected else 0, (), number))
        elif line.strip() and found:
            last = found[-1]
            found[-1] = Command(last.text, last.exit_code, (*last.output, line), last.line)
    return found
