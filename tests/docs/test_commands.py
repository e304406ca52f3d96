"""Every command that a page shows is run as shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Command, File, blocks, pages, steps

FEWEST_COMMANDS = 20
LONGEST_SECONDS = 120
WITH_COMMANDS = [page for page in pages() if any(isinstance(step, Command) for step in steps(page))]
FROM_THE_TREE = "from gpu_target.cli.main import main; main()"


@pytest.fixture(scope="session")
def path_with_the_command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH on which `gpu-target` is the one of this environment, or of the tree where it is not installed."""
    beside_python = Path(sys.executable).parent
    if (beside_python / "gpu-target").exists():
        folder = beside_python
    else:
        folder = tmp_path_factory.mktemp("bin")
        script = folder / "gpu-target"
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -c "{FROM_THE_TREE}" "$@"\n')
        script.chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


def shape(text: str) -> str:
    """Output without what differs from machine to machine: numbers, hashes, widths of columns."""
    text = re.sub(r"\b[0-9a-f]{7,64}\b", "#", text)
    return re.sub(r"\s+", " ", re.sub(r"[0-9][0-9 ,.]*", "#", text)).strip()


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_the_page_does_what_it_says(page: Path, tmp_path: Path, path_with_the_command: str) -> None:
    environment = {**os.environ, "PATH": path_with_the_command, "NO_COLOR": "1", "COLUMNS": "120"}
    for step in steps(page):
        if isinstance(step, File):
            target = tmp_path / step.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
            continue
        found = subprocess.run(
            ["sh", "-c", step.text],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        place = f"{page.relative_to(ROOT)}:{step.line}: $ {step.text}"
        assert found.returncode == step.exit_code, f"{place}\n{found.stdout[-2000:]}\n{found.stderr[-2000:]}"
        assert "Traceback" not in found.stderr, place
        printed = shape(found.stdout + "\n" + found.stderr)
        missing = [line for line in step.output if line.strip() not in {"...", "…"} and shape(line) not in printed]
        assert not missing, f"{place} no longer prints\n" + "\n".join(missing) + f"\nbut\n{found.stdout}{found.stderr}"


def test_enough_commands_are_run_to_prove_something() -> None:
    shown = [step for page in pages() for step in steps(page) if isinstance(step, Command)]
    assert len([step for step in shown if step.text.startswith("gpu-target ")]) >= FEWEST_COMMANDS


def test_no_command_hides_in_a_block_that_is_not_run() -> None:
    hidden = [
        f"{page.relative_to(ROOT)}:{block.line}"
        for page in pages()
        for block in blocks(page)
        if block.language in {"bash", "sh", "shell", "console"}
        for line in block.text.splitlines()
        if re.match(r"(\$ )?\s*(\S*/)?gpu-target\s", line) and not line.startswith("$ gpu-target ")
    ]
    assert not hidden, f"write it as `$ gpu-target ...` in a console block: {hidden}"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_readme_names_targets_that_make_knows() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    for target in sorted(named):
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
