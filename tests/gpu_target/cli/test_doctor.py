"""gpu-target doctor, and what a run says of kernels that are not compiled yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from gpu_target.backends.cpu import warm
from gpu_target.cli import checkup
from gpu_target.cli.evaluation import ready_kernels
from gpu_target.cli.screen import Screen
from tests.gpu_target.backends.cuda.fake_cupy import fake_cupy, installed
from tests.gpu_target.cli.conftest import Call

ROOT = Path(__file__).parents[3]
NO_PLACE = """
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = []  # as in a read-only install, for a user without a home
"""
PROGRAM = "import sys; sys.argv = ['gpu-target', *{arguments!r}]; from gpu_target.cli.main import main; main()"


def in_new_process(
    folder: Path, *arguments: str, before: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", before + PROGRAM.format(arguments=arguments)]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=settings)


def test_every_part_of_the_environment_is_looked_at(call: Call) -> None:
    found = call("doctor", "--json")
    assert found.code == 0
    assert found.document["ok"] is True
    checks = {each["name"]: each for each in found.document["checks"]}
    assert set(checks) == {
        "python", "libraries", "processor", "memory", "kernels", "kernel cache", "plan cache", "gpu", "synthetic",
        "gpu_target", "terminal",
    }  # fmt: skip
    assert {each["state"] for each in checks.values()} <= {"ok", "note"}
    assert "pyarrow" in checks["libraries"]["found"]


def test_the_table_names_every_check_and_what_to_do(call: Call) -> None:
    found = call("doctor")
    assert found.code == 0
    for words in ("python", "processor", "kernel cache", "gpu", "Everything that commands need is there."):
        assert words in found.out


def gpu_check(call: Call) -> dict[str, str]:
    checks = call("doctor", "--json").document["checks"]
    found: dict[str, str] = next(each for each in checks if each["name"] == "gpu")
    return found


def test_a_card_that_is_usable_is_named_with_its_versions(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_cards", lambda: "NVIDIA H200, 580.95.05, 143771 MiB")
    with installed(monkeypatch, fake_cupy()):
        found = gpu_check(call)
    assert (found["state"], found["remedy"]) == ("ok", "")
    for words in ("usable", "capability 9.0", "CUDA driver 13.0", "CuPy 14.2.0", "NVRTC 13.5", "580.95.05"):
        assert words in found["found"]


def test_a_card_without_cupy_is_told_what_to_install(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_cards", lambda: "NVIDIA H200, 580.95.05, 143771 MiB")
    with installed(monkeypatch, None):
        found = gpu_check(call)
    assert found["state"] == "note"
    assert found["found"] == "CuPy is not installed; nvidia-smi: NVIDIA H200, 580.95.05, 143771 MiB"
    assert found["remedy"].startswith("pip install '.[cuda13]'")


def test_cupy_without_a_card_is_told_what_is_missing(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_cards", lambda: "")
    cupy = fake_cupy()
    cupy.cuda.runtime.driverGetVersion = lambda: 0
    with installed(monkeypatch, cupy):
        found = gpu_check(call)
    assert found["found"] == "there is no NVIDIA driver; CuPy 14.2.0"
    assert found["remedy"].startswith("install the driver")


def test_where_nobody_expects_a_card_there_is_nothing_to_do(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_cards", lambda: "")
    with installed(monkeypatch, None):
        found = gpu_check(call)
    assert (found["state"], found["found"], found["remedy"]) == ("note", "CuPy is not installed", "")


@pytest.mark.parametrize(
    ("script", "cards"),
    [
        ("echo 'NVIDIA H200, 580.95.05, 143771 MiB'", "NVIDIA H200, 580.95.05, 143771 MiB"),
        ("echo 'NVIDIA-SMI has failed'; exit 9", ""),
    ],
)
def test_the_driver_is_asked_and_may_fail(
    script: str, cards: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checkup._cards() == cards


def test_warming_up_compiles_every_kernel(call: Call) -> None:
    found = call("doctor", "--warm", "--json")
    last = found.document["checks"][-1]
    assert last["name"] == "warm"
    assert f"{len(warm.KERNELS)} kernels ready" in last["found"]


EVERY_KIND = """
import importlib, pathlib, pkgutil
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
import gpu_target as gt
from numba.core.dispatcher import Dispatcher
from gpu_target.backends.cpu.warm import KERNELS, warm

names = [each.name for each in pkgutil.walk_packages(gt.__path__, "gpu_target.") if not each.name.endswith("__main__")]
every = {f"{m.__name__}.{n}": k for m in map(importlib.import_module, names)
         for n, k in vars(m).items() if isinstance(k, Dispatcher)}
assert KERNELS.keys() <= {name.rpartition(".")[2] for name in every}, "a kernel that is warmed up is not watched"
if BACKEND:
    warm(BACKEND)
before = {name: len(kernel.signatures) for name, kernel in every.items()}
rules = ["t = 'a' OR t LIKE 'b%' OR t LIKE '%c%'", "p IN ('a', 'long text over eight')", "t < p OR t = t2", "i > 3",
         "f / i > 2 OR f > i", "w > 1.5", "d > DATE '2024-01-01'", "HOUR(m) > 3", "CONTAINS(l, 'a')", "b", "u > 7"]
text = "ruleset: r\\nkey: [k, i]\\nrules:\\n" + "".join(
    f'  - {{id: R{n}, when: "{each}", lane: red, rate: 50}}\\n' for n, each in enumerate(rules))
pathlib.Path("every.yaml").write_text(text)
table = pa.table({
    "k": ["x", "y", "y"], "t": pa.array(["a", None, "c"]).dictionary_encode(),
    "t2": pa.array(["a", "b", "c"]).dictionary_encode(),
    "p": ["a", "long text over eight", None], "i": pa.array([1, None, 5], pa.int32()), "f": [1.5, None, float("nan")],
    "w": pa.array([1, 2, None], pa.decimal128(30, 3)), "d": pa.array([1, 20000, None], pa.date32()),
    "m": pa.array([1, 2, None], pa.timestamp("s")), "l": [["a"], None, ["b", "a"]], "b": [True, None, False],
    "u": pa.array([1, 2**63, None], pa.uint64())})
plan = gt.compile(gt.load_rules("every.yaml"), table.schema)
sink, wire = pa.BufferOutputStream(), pa.BufferOutputStream()  # no file of Python: Arrow's threads let go of it late
pq.write_table(table, sink)
stored = pq.read_table(pa.BufferReader(sink.getvalue())).cast(table.schema)
with pa.ipc.new_stream(wire, table.schema) as writer: writer.write_table(table)
immutable = pa.ipc.open_stream(wire.getvalue()).read_all()
whole = table.slice(0, 1).append_column("x", pa.array(np.arange(1)))
for data in (table, immutable, stored, whole, table.slice(0, 0), table.slice(1)):
    if BACKEND:
        plan.evaluate(data, backend=BACKEND, outputs=("counts", "lanes", "matches"))
after = {name: len(kernel.signatures) for name, kernel in every.items()}
assert any(after.values())
print(json.dumps(sorted(each.rpartition(".")[2] for each in every if before[each] != after[each])))
"""


def compiled_for_every_kind(folder: Path, backend: str) -> set[str]:
    """What compiling a plan and evaluating it still had to compile, or to load; without a backend the plan alone."""
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"BACKEND = {backend!r}\nimport json{EVERY_KIND}"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=settings)
    assert found.returncode == 0, found.stderr
    return set(json.loads(found.stdout))


def test_after_warming_up_no_form_of_data_compiles_anything(here: Path) -> None:
    assert compiled_for_every_kind(here, "cpu") == set()


def test_the_interpreter_needs_the_kernels_of_lanes_alone(here: Path) -> None:
    of_the_plan = compiled_for_every_kind(here, "")
    assert of_the_plan
    assert compiled_for_every_kind(here, "interpreter") <= of_the_plan


def test_the_card_needs_all_kernels_but_those_that_do_its_work() -> None:
    assert set(warm.kernels_of("cuda")) == set(warm.KERNELS) - {"classify", "match"}


@pytest.mark.parametrize("kernel", ["match", "rank_keys", "read_decisions"])
def test_a_single_kernel_that_is_neither_compiled_nor_kept_is_noticed(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm.warm()
    assert warm.is_cached("cpu")
    fresh = types.SimpleNamespace(signatures=[], stats=types.SimpleNamespace(cache_path=None))
    home = next(each for each in warm.HOMES if kernel in vars(each))
    monkeypatch.setattr(home, kernel, fresh)
    assert not warm.is_cached("cpu")
    assert warm.is_cached("interpreter") == (kernel != "read_decisions")


@pytest.mark.parametrize("backend", ["cpu", "cuda", "interpreter"])
@pytest.mark.parametrize("cached", [False, True])
def test_kernels_are_compiled_before_the_rows_whatever_the_backend(
    backend: str, cached: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(warm, "is_cached", lambda backend: cached)
    monkeypatch.setattr(warm, "warm", lambda backend, progress: made.append(backend))
    ready_kernels(backend, Screen())
    assert made == [backend]  # those of the cache are loaded: the rows do not wait for it
    assert ("compiling the kernels for this machine, once" in capsys.readouterr().err) == (not cached)


@pytest.mark.parametrize("backend", ["cpu", "interpreter"])
def test_the_time_that_kernels_take_is_that_of_compiling(
    backend: str, here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "warm", lambda backend, progress: time.sleep(0.5))
    found = call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", backend, "--json")
    assert found.document["seconds"]["compile"] >= 0.5


def test_an_environment_that_cannot_work_is_told_with_its_remedy(here: Path) -> None:
    found = in_new_process(here, "doctor", NUMBA_DISABLE_JIT="1")
    assert found.returncode == 4
    assert "unset NUMBA_DISABLE_JIT" in found.stdout
    assert found.stdout.count(" wrong ") == 1, "what follows from it is no fault of its own"


@pytest.mark.parametrize("command", [
    ("rules", "check", "rules.yaml", "--map", "map.yaml"),
    ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "interpreter"),
])  # fmt: skip
def test_what_needs_no_kernels_works_without_compilation(here: Path, command: tuple[str, ...]) -> None:
    found = in_new_process(here, *command, NUMBA_DISABLE_JIT="1")
    assert found.returncode == 0, found.stderr


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cpu", "interpreter"])
def test_the_first_run_says_that_kernels_are_compiled_and_the_next_one_loads_them(
    backend: str, here: Path, tmp_path: Path
) -> None:
    run = ("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", backend)
    cache = {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    first = in_new_process(here, *run, **cache)
    assert first.returncode == 0, first.stderr
    assert "compiling the kernels for this machine, once" in first.stderr
    again = in_new_process(here, *run, **cache)
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.slow
def test_a_read_only_install_works_and_says_what_it_costs(here: Path) -> None:
    found = in_new_process(
        here, "run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--backend", "cpu", before=NO_PLACE
    )
    assert found.returncode == 0, found.stderr
    assert "they cannot be kept" in found.stderr
    assert "NUMBA_CACHE_DIR" in found.stderr


def test_it_says_where_plans_are_kept_and_how_many(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPU_TARGET_CACHE_DIR", "off")
    assert "off" in checked(call)["found"]
    monkeypatch.setenv("GPU_TARGET_CACHE_DIR", str(here / "cache"))
    assert checked(call)["found"] == f"{here / 'cache'}: 0 plans, 0.0 MiB"
    call("run", "rules.yaml", "lodged.csv", "--map", "map.yaml", "--quiet")
    found = checked(call)
    assert (found["state"], found["found"].partition(",")[0]) == ("ok", f"{here / 'cache'}: 1 plans")


@pytest.mark.parametrize("below", ["", "cache"])
def test_a_file_where_plans_would_be_kept_is_told(
    below: str, here: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "taken").write_text("")
    monkeypatch.setenv("GPU_TARGET_CACHE_DIR", str(here / "taken" / below))
    found = checked(call)
    assert (found["state"], found["remedy"]) == ("note", "set GPU_TARGET_CACHE_DIR to a folder, or to off")
    assert found["found"].endswith(f"cannot be written: {here / 'taken'} is a file")


def checked(call: Call) -> dict[str, str]:
    (found,) = [each for each in call("doctor", "--json").document["checks"] if each["name"] == "plan cache"]
    return {name: str(value) for name, value in found.items()}
