"""Tests that need a card are skipped by name where there is none, and fail where the job was promised one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
A_GPU_TEST = "tests/gpu_target/backends/test_choice.py"


def run(tmp_path: Path, require: str) -> subprocess.CompletedProcess[str]:
    """The tests of one file, on a machine whose CuPy does not import."""
    (tmp_path / "cupy.py").write_text("raise ImportError('broken on purpose')", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-m", "gpu", A_GPU_TEST],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "GPU_TARGET_REQUIRE_CUDA": require},
    )  # fmt: skip


def test_without_a_card_they_are_skipped_with_the_reason(tmp_path: Path) -> None:
    found = run(tmp_path, "0")
    assert found.returncode == 0, found.stdout
    assert "1 skipped" in found.stdout
    assert "no CUDA here: CuPy is installed and does not import: ImportError: broken on purpose" in found.stdout


@pytest.mark.parametrize("value", ["1", "true"])
def test_where_a_card_is_required_they_fail_instead(value: str, tmp_path: Path) -> None:
    found = run(tmp_path, value)
    assert found.returncode == 1
    assert "skipped" not in found.stdout
    assert "GPU_TARGET_REQUIRE_CUDA is set, but CuPy is installed and does not import" in found.stdout
