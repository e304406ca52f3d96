"""The kernels built with AddressSanitizer touch no memory but their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.cuda_on_cpu import host

pytestmark = pytest.mark.sanitizer


def checked(library: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LD_PRELOAD": host.sanitizer(), "ASAN_OPTIONS": "detect_leaks=0"}
    command = [sys.executable, "-m", "tests.cuda_on_cpu.checks", str(library)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_kernels_stay_within_their_memory(tmp_path: Path) -> None:
    found = checked(host.build(tmp_path, options=host.SANITIZED))
    assert found.stdout == "all hold\n", found.stderr[-4000:]


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("within[row + i] = at;", "within[row + i + 1] = at;", "heap-buffer-overflow"),
        ("u32 sets[WARPS][WINDOW]", "u32 sets[WARPS][WINDOW / 2]", "global-buffer-overflow"),
        ("i < place.z; i += THREADS", "i <= place.z; i += THREADS", "heap-buffer-overflow"),
    ],
)
def test_an_access_beyond_is_seen(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    code = host.source().replace(right, wrong)
    assert code != host.source()
    found = checked(host.build(tmp_path, code, host.SANITIZED))
    assert found.returncode != 0
    assert said in found.stderr
    assert "kernels.cu:" in found.stderr
