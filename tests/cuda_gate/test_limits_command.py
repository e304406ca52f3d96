"""Recording, showing and holding limits: what is said where one is broken, and what is never recorded."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cuda_gate import limits
from tests.cuda_gate.figures import Figures

MIX = {"BAR": 2, "LDG.128": 3}
GOOD = Figures("k", "sm_90", registers=40, stack=0, local=0, shared=1024, spills=0, hot_loop=100, instructions=500,
               mix=Counter(MIX))  # fmt: skip
RECORD = {"compilers": {}, "kernels": {"k": {"sm_90": {"registers": 40, "shared": 1024, "hot_loop": 100,
                                                       "instructions": 500, "mix": MIX}}}}  # fmt: skip
SMALL = 'extern "C" __global__ void one(unsigned *out) { out[threadIdx.x] = %s; }'


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"registers": 41}, "registers 41, limit 40 (recorded 40)"),
        ({"shared": 1028}, "shared 1028, limit 1024 (recorded 1024)"),
        ({"hot_loop": 106}, "hot_loop 106, limit 105 (recorded 100)"),
        ({"instructions": 601}, "instructions 601, limit 600 (recorded 500)"),
        ({"stack": 8}, "stack 8, limit 0"),
        ({"local": 8}, "local 8, limit 0"),
        ({"spills": 1}, "spills 1, limit 0"),
        ({"mix": Counter({"BAR": 2, "LDG.128": 2})}, "LDG.128 2, recorded 3"),
        ({"mix": Counter({"BAR": 3, "LDG.128": 3})}, "BAR 3, recorded 2"),
        ({"mix": Counter({"BAR": 2, "LDG.128": 3, "LDG": 4})}, "LDG 4, recorded 0"),
        ({"mix": Counter({"LDG.128": 3})}, "BAR 0, recorded 2"),
        ({"floating": Counter({"DMUL": 2})}, "floating DMUL 2, limit 0"),
        (
            {"floating": Counter({"MUFU": 1})},
            "floating MUFU 1, limit 0; integers divided by what only the run knows need it too",
        ),
    ],
)
def test_a_broken_limit_is_told_with_kernel_architecture_figure_and_limit(
    changed: dict[str, object], said: str
) -> None:
    (problem,) = limits.broken([replace(GOOD, **changed)], RECORD)  # type: ignore[arg-type]
    assert problem.removesuffix(f"; {limits.REWRITE}") == f"k on sm_90: {said}"


@pytest.mark.parametrize(
    "changed", [{}, {"hot_loop": 105}, {"instructions": 600}, {"registers": 20, "shared": 0, "hot_loop": 1}]
)
def test_room_is_left_where_it_was_promised(changed: dict[str, int]) -> None:
    assert limits.broken([replace(GOOD, **changed)], RECORD) == []  # type: ignore[arg-type]


def test_a_kernel_without_limits_and_limits_without_a_kernel_are_told() -> None:
    problems = limits.broken([replace(GOOD, kernel="other")], RECORD)
    assert [each.split(";")[0] for each in problems] == [
        "other on sm_90: no limits are recorded",
        "k on sm_90: has limits and is not in the source",
    ]


def test_another_compiler_is_told() -> None:
    found = limits.wrong_compiler({"compilers": {"nvidia-cuda-nvrtc": "1.2.3"}})
    assert len(found) == 1
    assert found[0].startswith("nvidia-cuda-nvrtc is ")
    assert "recorded with 1.2.3" in found[0]


def test_what_no_record_excuses_is_not_recorded() -> None:
    with pytest.raises(ValueError, match="k on sm_90: spills 1, limit 0"):
        limits.record([replace(GOOD, spills=1)])


@pytest.mark.compilers
def test_limits_are_written_held_and_rewritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, source = tmp_path / "limits.json", tmp_path / "kernels.cu"
    source.write_text(SMALL % "threadIdx.x", encoding="utf-8")
    assert limits.main(["--write"], file, source) == 0
    assert set(json.loads(file.read_text())["kernels"]["one"]) == {"sm_80", "sm_90", "sm_120"}
    assert limits.main([], file, source) == 0
    source.write_text(SMALL % "out[out[threadIdx.x]] ^ out[blockIdx.x] * out[31]", encoding="utf-8")
    assert limits.main([], file, source) == 1
    assert "one on sm_80: instructions" in capsys.readouterr().out
    assert limits.main(["--write"], file, source) == 0
    assert limits.main([], file, source) == 0
    before = file.read_text()
    source.write_text(SMALL % "(unsigned)(out[1] * 1.5f)", encoding="utf-8")
    assert limits.main(["--write"], file, source) == 1
    assert "nothing is recorded" in capsys.readouterr().out
    assert file.read_text() == before


def test_a_missing_compiler_is_told_with_exit_code_four(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "missing", lambda: "nvidia-cuda-nvrtc is not installed")
    assert limits.main([]) == 4
    assert capsys.readouterr().out == "nvidia-cuda-nvrtc is not installed: pip install 'gpu-target[dev]'\n"
