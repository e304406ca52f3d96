"""Tests that need what is not here are skipped by name, and fail where the job has promised it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.needs import NEEDS, Need

TOOLS = ("bash", "dirname", "env", "grep", "id", "timeout")
A_TEST = {
    "gpu": ("tests/gpu_target/backends/test_choice.py", "gpu"),
    "compilers": ("tests/cuda_gate/test_figures.py", "compilers"),
    "gxx": ("tests/cuda_on_cpu/test_cupy.py", ""),  # all through the fixture `library`
    "sanitizer": ("tests/cuda_on_cpu/test_sanitized.py", "sanitizer"),
}
REASON = {
    "gpu": "CuPy is installed and does not import: ImportError: broken on purpose",
    "compilers": "cuda-core is missing: broken on purpose",
    "gxx": "g++ is not installed",
    "sanitizer": "g++ has no AddressSanitizer here",
}


def run(tmp_path: Path, mark: str, require: str) -> subprocess.CompletedProcess[str]:
    """The tests of one file, on a machine where neither CuPy nor cuda.core imports and g++ is missing or is bare."""
    for module in ("cupy", "cuda"):
        (tmp_path / f"{module}.py").write_text("raise ImportError('broken on purpose')", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    if mark == "sanitizer":
        bare = tmp_path / "bin" / "g++"
        bare.write_text("#!/bin/sh\necho libasan.so\n")  # what g++ says of a library that it does not find
        bare.chmod(0o755)
    file, marked = A_TEST[mark]
    (need,) = (each for each in NEEDS if each.mark == mark)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-m", marked, file],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PATH": str(tmp_path / "bin"), need.variable: require},
    )  # fmt: skip


def test_every_need_is_tried() -> None:
    assert [need.mark for need in NEEDS] == list(A_TEST)


@pytest.mark.parametrize("need", NEEDS, ids=lambda each: each.mark)
def test_without_what_they_need_they_are_skipped_with_the_reason(need: Need, tmp_path: Path) -> None:
    found = run(tmp_path, need.mark, "0")
    assert found.returncode == 0, found.stdout
    assert " skipped" in found.stdout
    assert f"{need.without}: {REASON[need.mark]}" in found.stdout


@pytest.mark.parametrize(
    ("need", "value"),
    [*((each, "1") for each in NEEDS), (NEEDS[0], "true")],
    ids=lambda each: getattr(each, "mark", each),
)
def test_where_the_job_has_promised_it_they_fail_instead(need: Need, value: str, tmp_path: Path) -> None:
    found = run(tmp_path, need.mark, value)
    assert found.returncode == 1
    assert "skipped" not in found.stdout
    assert "passed" not in found.stdout
    assert f"{need.variable} is set, but {REASON[need.mark]}" in found.stdout


@pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f".ci/run needs {', '.join(TOOLS)}")
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("has_compiler", [True, False])
def test_ci_promises_what_it_has_and_says_what_it_lacks(has_compiler: bool, machine: str, tmp_path: Path) -> None:
    scripts = {"make": "env | grep REQUIRE; exit 3", "uname": f"echo Linux {machine}", "chromium": ""}
    for name, script in {**scripts, **({"g++": ""} if has_compiler else {})}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    for name in TOOLS:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    found = subprocess.run(
        [ROOT / ".ci" / "run"], capture_output=True, text=True, check=False, env={"PATH": str(tmp_path)}
    )
    runs_it = has_compiler and machine == "x86_64"
    assert found.returncode == 3
    assert "GPU_TARGET_REQUIRE_COMPILERS=1" in found.stdout
    assert ("GPU_TARGET_REQUIRE_GXX=1" in found.stdout) == runs_it
    assert ("WARNING: the CUDA source was NOT RUN" in found.stderr) != runs_it


def test_no_test_of_the_cuda_source_skips_itself() -> None:
    """Else a job that has promised what it needs would be green without it."""
    folders = [ROOT / "tests" / name for name in ("benchmarks", "cuda_gate", "cuda_on_cpu", "oracle")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 40
    own = ("why_not()", "no_sanitizer()", "missing()", "importorskip", "pytest.skip(")
    places = ("cuda_gate/compiling.py", "cuda_gate/limits.py", "cuda_on_cpu/host.py")  # where they are defined and told
    helpers = {ROOT / "tests" / place for place in places}
    texts = {file: file.read_text(encoding="utf-8") for file in files if file not in helpers}
    assert [f"{file.relative_to(ROOT)}: {each}" for file, text in texts.items() for each in own if each in text] == []
