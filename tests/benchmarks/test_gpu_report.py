"""The report on a card: what is said without one, and steps that fail, hang or leave nothing behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gpu_report
from benchmarks.gpu_report import Start, Step, main, run_all
from tests.gpu_target.backends.cuda.fake_cupy import fake_cupy, installed

HEAD: dict[str, Any] = {
    "command": "python -m benchmarks.gpu_report --out x.json", "commit": "c" * 40, "kernels_sha256": "0" * 64,
    "machine": {"date": "2026-11-28T10:00:00+00:00", "cpu": "a processor", "cores": 2, "memory_gib": 8.0,
                "python": "3.11.7", "versions": {"numpy": "2.4.6", "cupy-cuda12x": "not installed"}},
    "card": {"device": "a card", "capability": "9.0", "driver": "13.0", "cupy": "14.2.0", "nvrtc": "13.5"},
}  # fmt: skip
# what stands in for a step's process; {out} is where its result goes
GOOD = 'import pathlib; pathlib.Path({out!r}).write_text(\'{{"status": "passed", "found": 7}}\')'
FAILING = "print('about to fail'); raise SystemExit(3)"
CRASHING = "import os, signal; print('gone', flush=True); os.kill(os.getpid(), signal.SIGSEGV)"
HANGING = (
    "import subprocess, sys, time; print('waiting', flush=True); "
    "subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
)
HANGING_LIMIT = 5.5  # seconds, in which Python has to start and say so on a busy machine
SILENT = "pass"
GARBLED = "import pathlib; pathlib.Path({out!r}).write_text('not JSON')"


def programs(**code: str) -> tuple[list[Step], Start]:
    """Steps of these names, each a program of its own."""

    def start(step: Step, out: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", code[step.name].format(out=str(out))],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    return [Step(name, "about it", HANGING_LIMIT if text is HANGING else 30, ()) for name, text in code.items()], start


def report_of(tmp_path: Path, **code: str) -> dict[str, Any]:
    chosen, start = programs(**code)
    run_all(chosen, {**HEAD, "steps": []}, tmp_path / "out" / "report.json", start)
    found: dict[str, Any] = json.loads((tmp_path / "out" / "report.json").read_text())
    return found


def test_a_step_that_fails_is_recorded_and_the_next_goes_on(tmp_path: Path) -> None:
    found = report_of(tmp_path, first=FAILING, crash=CRASHING, silent=SILENT, garbled=GARBLED, last=GOOD)
    steps = {each["name"]: each for each in found["steps"]}
    assert [each["status"] for each in steps.values()] == ["failed", "failed", "failed", "failed", "passed"]
    assert (steps["first"]["why"], steps["first"]["said"]) == ("ended with 3", "about to fail\n")
    assert (steps["crash"]["why"], steps["crash"]["said"]) == ("ended with -11", "gone\n")
    assert steps["silent"]["why"].startswith("left no result")
    assert steps["garbled"]["why"].startswith("left no result")
    assert steps["last"]["found"] == 7


def test_a_step_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    found = report_of(tmp_path, slow=HANGING, next=GOOD)
    slow, following = found["steps"]
    assert (slow["status"], slow["why"], slow["said"]) == (
        "stopped",
        f"not done after {HANGING_LIMIT:g} s",
        "waiting\n",
    )
    assert slow["seconds"] < 30, "what the step had started kept it waiting"
    assert following["status"] == "passed"


def test_the_report_is_there_after_every_step(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    chosen, start = programs(first=GOOD, second=GOOD)
    seen: list[int] = []

    def watching(step: Step, place: Path) -> subprocess.Popen[str]:
        seen.append(len(json.loads(out.read_text())["steps"]) if out.exists() else 0)
        return start(step, place)

    run_all(chosen, {**HEAD, "steps": []}, out, watching)
    assert seen == [0, 1]
    page = out.with_suffix(".md").read_text()
    for words in ("# a card: what was measured", "| first | passed |", "| second | passed |", "c" * 40, "NVRTC 13.5"):
        assert words in page


def test_a_result_that_the_page_cannot_show_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    odd = 'import pathlib; pathlib.Path({out!r}).write_text(\'{{"status": "passed", "times": 7}}\')'
    found = report_of(tmp_path, odd=odd, last=GOOD)
    assert [each["status"] for each in found["steps"]] == ["passed", "passed"]
    assert "report.md is not up to date: " in capsys.readouterr().err


def test_what_a_failed_step_said_is_on_the_page(tmp_path: Path) -> None:
    report_of(tmp_path, first=FAILING)
    assert "about to fail" in (tmp_path / "out" / "report.md").read_text()


def test_without_a_card_it_says_why_and_what_it_would_have_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with installed(monkeypatch, None):
        assert main(["--out", str(tmp_path / "report.json")]) == 4
    said = capsys.readouterr()
    assert "no report: CuPy is not installed" in said.err
    assert "pip install" in said.err
    names = ("environment", "equality", "memcheck", "racecheck", "ceilings", "evaluate 2,000,000 x 4,096",
             "evaluate 5,200,000 x 5,000", "compare")  # fmt: skip
    places = [said.out.index(f"  {name}") for name in names]
    assert places == sorted(places), "the order is that of their worth"
    assert list(tmp_path.iterdir()) == []


def test_the_whole_fits_a_short_loan() -> None:
    assert sum(each.limit for each in gpu_report.steps([(2_000_000, 4_096), (5_200_000, 5_000)])) <= 30 * 60


@pytest.mark.parametrize(("code", "expected"), [(GOOD, 0), (FAILING, 1)])
def test_the_exit_code_tells_whether_a_step_failed(
    code: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.json"
    _, start = programs(ceilings=code)
    monkeypatch.setattr(gpu_report, "start", start)
    with installed(monkeypatch, fake_cupy()):
        assert main(["--out", str(out), "--only", "ceil"]) == expected
    report = json.loads(out.read_text())
    assert [each["name"] for each in report["steps"]] == ["ceilings"]
    assert report["card"]["device"] == "NVIDIA H200"
    assert len(report["kernels_sha256"]) == 64
    assert report["commit"]
    assert report["machine"]["date"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "x.txt"], "--out ends in .json"),
        (["--out", "x.json", "--rows", "5"], "as many --rules as --rows"),
        (["--out", "x.json", "--rows", "0", "--rules", "5"], "each 1 or more"),
        (["--out", "x.json", "--only", "nothing"], "no step begins with 'nothing'"),
        ([], "--out"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_every_step_is_one_that_can_be_asked_for(tmp_path: Path) -> None:
    from benchmarks.gpu_measure import STEPS

    for step in gpu_report.steps([(10, 20)]):
        assert step.arguments[0] in STEPS


def test_the_process_of_a_step_reports_to_its_file(tmp_path: Path) -> None:
    """The sanitizer's step ends everywhere: where the tool is not installed it says so."""
    out = tmp_path / "step.json"
    process = gpu_report.start(Step("n", "", 60, ("sanitize",)), out)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert json.loads(out.read_text())["status"] in ("skipped", "failed", "passed")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_knows_the_report() -> None:
    found = subprocess.run(
        ["make", "--dry-run", "gpu-report"], cwd=gpu_report.ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert "-m benchmarks.gpu_report --out out/gpu-report.json" in found.stdout
