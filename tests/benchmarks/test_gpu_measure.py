"""The steps of the report on a card, as far as they can be tried without one: kernels are built for the processor."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import gpu_card, gpu_measure, gpu_times
from benchmarks.gpu_replay import FEWEST_RUNS, WARM_UP, measure, summary
from benchmarks.workload import Workload, make_workload
from gpu_target import backends
from tests.cuda_on_cpu import host

OPTIONS = argparse.Namespace(rows=1_000, rules=50, tool="memcheck")


class HostClock:
    """The host's, around work that is waited for."""

    early = 0

    def __init__(self, stream: host.HostStream) -> None:
        self.stream = stream

    def seconds(self, before: Callable[[], None], work: Callable[[], None]) -> float:
        before()
        self.stream.synchronize()
        began = time.perf_counter()
        work()
        self.stream.synchronize()
        return time.perf_counter() - began


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(600, 60, seed=2)


def timed(workload: Workload, expected: np.ndarray, device: host.HostDevice, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr("benchmarks.gpu_replay.SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr("benchmarks.gpu_replay.FEWEST_RUNS", 2)
    stream = device.stream()
    assert isinstance(stream, host.HostStream)
    return gpu_times.device_times(workload, expected, device, stream, HostClock(stream), lambda: None)


def test_an_evaluation_is_compared_recorded_and_timed_in_its_parts(
    workload: Workload, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = workload.plan.evaluate(workload.table).count_array
    found = timed(workload, expected, host.HostDevice(library), monkeypatch)
    assert (found["status"], found["matches"]) == ("passed", expected.sum())
    assert set(found["times"]) == {"with transfers", "on the device", "matching alone"}
    for states in found["times"].values():
        for state in ("cold", "warm"):
            assert states[state]["n"] == 2
            assert 0 < states[state]["least_ms"] <= states[state]["median_ms"]
    assert found["transfer_bytes"] > workload.rows
    assert any(name.startswith("count_") for name in found["launches"])
    assert not {"upload", "download"} & set(found["launches"])
    found["end_to_end"] = {"least_ms": 2.0}
    rates = gpu_times.rates(found, workload)
    pairs = workload.rows * len(workload.plan.rules)
    assert rates["end to end"] == pytest.approx(pairs / 0.002)
    median = found["times"]["matching alone"]["warm"]["median_ms"]
    assert rates["matching alone, warm"] == pytest.approx(pairs / median * 1e3)


def test_nothing_is_timed_that_is_not_right(
    workload: Workload, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    expected = workload.plan.evaluate(workload.table).count_array.copy()
    expected[7] += 1
    found = timed(workload, expected, host.HostDevice(library), monkeypatch)
    assert found["status"] == "failed"
    assert f"{workload.plan.rules[7].id} counts {expected[7] - 1:,} on the card" in found["why"]
    assert "times" not in found


def test_the_small_evaluation_compares_every_output(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_measure, "SMALL_ROWS", 300)
    monkeypatch.setattr(backends, "_cuda", lambda: host.backend(library))
    assert gpu_measure.small(OPTIONS) == {"status": "passed"}


class Tiring(host.HostDevice):
    """Matches nothing any more after so many launches of the matching kernel."""

    def __init__(self, library: Path, launches: int) -> None:
        super().__init__(library)
        self.left = launches

    def stream(self) -> host.HostStream:
        device = self

        class Stream(host.HostStream):
            def launch(self, kernel: str, *arguments: Any, **further: Any) -> None:
                if kernel == "count_rules":
                    device.left -= 1
                if kernel != "count_rules" or device.left >= 0:
                    super().launch(kernel, *arguments, **further)

        return Stream(self)


# launches of the recorded runner, and of one part: cold runs, and warm ones with one before each
BEFORE, OF_A_PART = 2, 3 * (WARM_UP + 2)


@pytest.mark.parametrize(
    ("launches", "part"),
    [
        (BEFORE, "with transfers"), (BEFORE + OF_A_PART, "on the device"),
        (BEFORE + 2 * OF_A_PART, "matching alone"), (BEFORE + 3 * OF_A_PART - 1, "matching alone"),
    ],
)  # fmt: skip
def test_what_the_clock_repeats_is_compared_afterwards(
    launches: int, part: str, workload: Workload, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = workload.plan.evaluate(workload.table).count_array
    found = timed(workload, expected, Tiring(library, launches), monkeypatch)
    why = f"repeated for the clock, {part} does not count what it counted first"
    assert found == {"status": "failed", "why": why}


def test_a_clock_runs_warm_and_often_enough() -> None:
    calls: list[str] = []

    class Clock:
        early = 7

        def seconds(self, before: Callable[[], None], work: Callable[[], None]) -> float:
            before()
            work()
            self.early += len(calls) > 2 * FEWEST_RUNS  # the last of WARM_UP more
            return 0.25

    found = measure(Clock(), lambda: calls.append("before"), lambda: calls.append("work"))
    assert (found["n"], found["early"]) == (FEWEST_RUNS, WARM_UP)
    assert calls == ["before", "work"] * (FEWEST_RUNS + WARM_UP)


class SlowHost:
    """A card with a clock of its own: a flush takes 0.1 ms, a launch is asked for in ten times the time it takes."""

    def __init__(self) -> None:
        self.host = self.card = 0.0
        card = self

        class Event:
            def record(self, stream: Any) -> None:
                self.at = card.card

            @property
            def done(self) -> bool:
                return card.host > self.at

            def synchronize(self) -> None:
                card.host = card.card

        runtime = SimpleNamespace(memsetAsync=lambda *_: self.do(0.005, 0.1))
        self.cuda = SimpleNamespace(
            Event=Event, Memory=lambda n_bytes: SimpleNamespace(ptr=0), runtime=runtime,
            get_elapsed_time=lambda start, end: end.at - start.at,
        )  # fmt: skip

    def do(self, asking: float, doing: float) -> None:
        self.host += asking
        self.card = max(self.card, self.host) + doing


@pytest.mark.parametrize(("flushes", "waits"), [(1, True), (gpu_card.FLUSHES, False)])
def test_a_cold_run_is_asked_for_before_the_card_begins_with_it(
    flushes: int, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, stream = SlowHost(), SimpleNamespace(ptr=0)
    monkeypatch.setitem(sys.modules, "cupy", card)
    monkeypatch.setattr(gpu_card, "FLUSHES", flushes)
    clock = gpu_card.EventClock(stream)

    def launches() -> None:
        for _ in range(30):
            card.do(0.01, 0.001)

    found = measure(clock, gpu_card.Flush(stream), launches)
    assert found["early"] == (found["n"] if waits else 0)
    assert (found["median_ms"] > 0.1) is waits


def test_figures_are_milliseconds() -> None:
    found = summary([0.001 * each for each in range(1, 102)])
    assert found == {"median_ms": 51.0, "least_ms": 1.0, "p10_ms": 11.0, "p90_ms": 91.0, "n": 101}


def test_the_floor_is_that_of_the_design(workload: Workload) -> None:
    """2 M rows and 4,096 rules of three columns: 0.10 to 0.13 ms on 132 multiprocessors at 1.755 GHz."""
    big = argparse.Namespace(rows=2_000_000, plan=argparse.Namespace(rules=range(4_096)))
    found = gpu_times.floor(big, {})  # type: ignore[arg-type]
    assert found["milliseconds"] == [pytest.approx(0.1036, abs=1e-3), pytest.approx(0.1295, abs=1e-3)]
    assert found["rule_rows_per_second"] == [pytest.approx(6.3e13, rel=0.01), pytest.approx(7.9e13, rel=0.01)]
    half = gpu_times.floor(big, {"multiProcessorCount": 66, "clockRate": 1_755_000})  # type: ignore[arg-type]
    assert half["milliseconds"][0] == pytest.approx(2 * found["milliseconds"][0])


def test_elementwise_operations_are_compared_and_timed(workload: Workload) -> None:
    expected = workload.plan.evaluate(workload.table).count_array
    found = gpu_times.elementwise(workload, expected, np)
    assert (found["rules"], found["agrees"]) == (len(workload.conditions), True)
    assert found["seconds"] > 0
    assert not gpu_times.elementwise(workload, expected + 1, np)["agrees"]


def test_every_run_that_is_timed_is_compared() -> None:
    answers = [np.array([1, 2]) for _ in range(gpu_times.WALL_RUNS)]
    assert gpu_times.timed_and_compared(iter(answers).__next__, np.array([1, 2]))["agrees"]
    answers[-1] = np.array([1, 3])
    assert not gpu_times.timed_and_compared(iter(answers).__next__, np.array([1, 2]))["agrees"]


JUNIT = """<testsuites><testsuite name="pytest" tests="{n}">{cases}</testsuite></testsuites>"""
PASSED = '<testcase classname="tests.a" name="good"/>'
SKIPPED = '<testcase classname="tests.a" name="left_out"><skipped message="no card"/></testcase>'
FAILED = '<testcase classname="tests.a" name="bad"><failure message="differs"/></testcase>'


@pytest.mark.parametrize(
    ("cases", "status", "why"),
    [
        ([PASSED, PASSED], "passed", None),
        ([PASSED, SKIPPED], "failed", "1 of 2 tests did not pass"),
        ([FAILED, SKIPPED, PASSED], "failed", "2 of 3 tests did not pass"),
        ([], "failed", "no test was run"),
    ],
)
def test_equality_is_shown_by_tests_that_passed_and_by_nothing_else(
    cases: list[str], status: str, why: str | None, tmp_path: Path
) -> None:
    report = tmp_path / "junit.xml"
    report.write_text(JUNIT.format(n=len(cases), cases="".join(cases)))
    found = gpu_measure.tests_found(report)
    assert (found["status"], found.get("why"), found["tests"]) == (status, why, len(cases))


SANITIZER = """#!/bin/sh
for each; do last=$each; done
echo "$2 was here"
{rest}
"""


@pytest.mark.parametrize(
    ("rest", "status", "why"),
    [
        ("""echo '{"status": "passed"}' > "$last"; exit 0""", "passed", None),
        ("exit 99", "failed", "memcheck ended with 99"),
        ("exit 0", "failed", "memcheck ended with 0"),
    ],
)
def test_the_sanitizer_watches_a_small_evaluation(
    rest: str, status: str, why: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "compute-sanitizer"
    tool.write_text(SANITIZER.replace("{rest}", rest))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found = gpu_measure.sanitize(OPTIONS)
    assert (found["status"], found.get("why"), found["said"]) == (status, why, "memcheck was here\n")


def test_without_the_sanitizer_its_step_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_measure, "sanitizer", lambda: None)
    found = gpu_measure.sanitize(OPTIONS)
    assert found["status"] == "skipped"
    assert found["why"].startswith("compute-sanitizer is not installed")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'NVIDIA H200, 580.95.05, 143771 MiB, 1980 MHz'", "1980 MHz"),
        ("echo 'NVIDIA-SMI has failed'; exit 9", None),
        ("true", None),
    ],
)
def test_the_state_of_the_card_is_what_the_driver_says(
    script: str, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert gpu_card.card_now().get("clocks.sm") == expected
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert gpu_card.card_now() == {}


def test_a_report_names_the_kernels() -> None:
    assert len(gpu_card.kernel_hash()) == 64
