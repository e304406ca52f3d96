"""Every shipped rule pack loads, passes its own tests and says what it is for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKS = sorted(path for path in (ROOT / "rules").iterdir() if path.is_dir())
COMMAND = [sys.executable, "-c", "from gpu_target.cli.main import main; main()"]


def gpu_target(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_there_are_packs() -> None:
    assert PACKS


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_pack_has_a_page_of_its_own(pack: Path) -> None:
    page = pack / "README.md"
    assert page.read_text(encoding="utf-8").startswith(f"# {pack.name}\n")
    missing = [path.name for path in pack.glob("*.yaml") if path.name not in page.read_text(encoding="utf-8")]
    assert missing == [], "files that the page does not mention"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_pack_has_no_findings(pack: Path) -> None:
    done = gpu_target("rules", "check", str(pack))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_pack_passes_the_tests_in_its_files(pack: Path) -> None:
    done = gpu_target("rules", "test", str(pack), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout), "the answer is empty"
