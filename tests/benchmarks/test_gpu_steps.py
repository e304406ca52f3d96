"""Whole steps of the report, on a stand-in for CuPy and the card: what fails here would fail in borrowed minutes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import gpu_target as gt
from benchmarks import gpu_card, gpu_measure, gpu_replay, gpu_times
from benchmarks.gpu_page import page
from gpu_target import backends
from gpu_target.backends.cuda import device, probe
from gpu_target.plan.plan import Plan
from tests.benchmarks.fake_card import FakeCard, cupy_on_the_host
from tests.benchmarks.test_gpu_report import HEAD
from tests.cuda_on_cpu import host
from tests.gpu_target.backends.cuda.fake_cupy import installed


@pytest.fixture
def card(library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(device, "CupyDevice", lambda: FakeCard(library))
    monkeypatch.setattr(backends, "_cuda", lambda: host.backend(library))
    monkeypatch.setattr(gpu_card, "COPY_BYTES", 1 << 16)
    monkeypatch.setattr(gpu_card, "FLUSH_BYTES", 1 << 10)
    monkeypatch.setattr(gpu_replay, "FEWEST_RUNS", 2)
    monkeypatch.setattr(gpu_replay, "SHORTEST_SECONDS", 0.0)
    monkeypatch.setattr(gpu_times, "WALL_RUNS", 1)
    with installed(monkeypatch, cupy_on_the_host()):
        yield


def step(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """What the step writes, and that the page can show it."""
    out = tmp_path / "step.json"
    assert gpu_measure.main([*arguments, "--out", str(out)]) == 0
    found: dict[str, Any] = json.loads(out.read_text())
    record = {"name": arguments[0], "seconds": 1.0, "before": {}, "after": {}, **found}
    assert f"| {arguments[0]} | {found['status']} |" in page({**HEAD, "steps": [record]})
    return found


@pytest.mark.usefixtures("card")
def test_the_environment_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    monkeypatch.setenv("CUPY_CACHE_DIR", str(kept))
    caches: dict[str, str] = {}

    def noted(name: str, work: Callable[[], Any]) -> Callable[[], Any]:
        def call() -> Any:
            caches[name] = os.environ["CUPY_CACHE_DIR"]
            return work()

        return call

    monkeypatch.setattr(probe, "probe", noted("probe", probe.probe))
    monkeypatch.setattr(device, "CupyDevice", noted("compiled", device.CupyDevice))
    found = step(tmp_path, "environment")
    assert found["status"] == "passed"
    assert (caches["probe"], os.environ["CUPY_CACHE_DIR"]) == (str(kept), str(kept))
    assert not Path(caches["compiled"]).exists()
    assert found["kernels"]["count_rules"] == {"registers": 32, "local_bytes": 0, "shared_bytes": 1024}
    assert found["properties"] == {"major": 9, "minor": 0, "multiProcessorCount": 132, "name": "NVIDIA H200"}
    assert found["probe"]["device"] == "NVIDIA H200"
    assert {"python", "gpu"} <= {each["name"] for each in found["doctor"]["checks"]}


@pytest.mark.usefixtures("card")
def test_copies_are_timed(tmp_path: Path) -> None:
    copies = step(tmp_path, "ceilings")["copies"]
    assert len(copies) == 5
    for each in copies.values():
        assert each["gigabytes_per_second"] == pytest.approx(
            (1 << 16) / each["median_ms"] / 1e6 * (2 if each is copies["device copy"] else 1)
        )


@pytest.mark.usefixtures("card")
def test_an_evaluation_is_timed_whole(tmp_path: Path) -> None:
    found = step(tmp_path, "evaluate", "--rows", "500", "--rules", "50")
    assert (found["status"], found["rows"], found["rules"]) == ("passed", 500, 50)
    assert found["rates"].keys() == {
        f"{part}, {state}"
        for part in ("with transfers", "on the device", "matching alone")
        for state in ("cold", "warm")
    } | {"end to end"}
    assert found["floor"]["multiprocessors"] == 132
    assert found["end_to_end"]["n"] == 1


@pytest.mark.usefixtures("card")
def test_engines_are_compared(tmp_path: Path) -> None:
    found = step(tmp_path, "compare", "--rows", "500", "--rules", "50")
    assert found["status"] == "passed"
    engines = found["engines"]
    assert {"gpu-target, end to end", "CuPy, one operation at a time"} <= set(engines)
    assert all(each["agrees"] and each["rules"] == 50 for each in engines.values())


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("evaluate", "the whole engine on the card counts otherwise than on the processor"),
        ("compare", "counts differ: gpu-target, end to end"),
    ],
)
def test_the_whole_engine_is_compared_too(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    right = Plan.evaluate

    def evaluate(plan: Plan, table: Any, *arguments: Any, **options: Any) -> gt.Result:
        result = right(plan, table, *arguments, **options)
        if options["backend"] == "cuda":
            result.count_array[-1] += 1
        return result

    monkeypatch.setattr(Plan, "evaluate", evaluate)
    found = step(tmp_path, name, "--rows", "500", "--rules", "50")
    assert (found["status"], found["why"]) == ("failed", why)
