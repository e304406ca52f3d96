"""Why CUDA cannot run here: each thing that can be missing has its own words and its own remedy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpu_target.backends.cuda import probe as subject
from gpu_target.backends.cuda.probe import INSTALL, Probe, probe
from tests.gpu_target.backends.cuda.fake_cupy import CUDARuntimeError, Module, fake_cupy, installed, raising

INSUFFICIENT = CUDARuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")
NO_DEVICE = CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")


def runtime(**parts: Any) -> Callable[[Any], None]:
    return lambda cupy: vars(cupy.cuda.runtime).update(parts)


def card(name: bytes, major: int, minor: int) -> Callable[[Any], None]:
    return runtime(getDeviceProperties=lambda device: {"name": name, "major": major, "minor": minor})


def nvrtc(call: Callable[[], Any]) -> Callable[[Any], None]:
    return lambda cupy: vars(cupy.cuda.nvrtc).update(getVersion=call)


def no_compiling(cupy: Any) -> None:
    class Lazy(Module):
        get_function = raising(RuntimeError("\n====\nno kernel image is available\nmore advice"))

    cupy.RawModule = Lazy


def wrong_answers(cupy: Any) -> None:
    class Broken(Module):
        answer = [0, 5, 13]  # noqa: RUF012 - replaced as a whole

    cupy.RawModule = Broken


def without_runtime(cupy: Any) -> None:
    del cupy.cuda.runtime


def not_cupy(cupy: Any) -> None:
    del cupy.cuda


BROKEN: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "no driver": (runtime(driverGetVersion=lambda: 0), "there is no NVIDIA driver", "install the driver"),
    "driver too old": (
        runtime(driverGetVersion=lambda: 12040, getDeviceCount=raising(INSUFFICIENT)),
        "the driver knows CUDA 12.4, older than the 13.2 of this CuPy", "the extra cuda12",
    ),
    "no card counted": (runtime(getDeviceCount=lambda: 0), "there is a driver and no card", "CUDA_VISIBLE_DEVICES"),
    "no card at all": (
        runtime(getDeviceCount=raising(NO_DEVICE)), "there is a driver and no card", "CUDA_VISIBLE_DEVICES",
    ),
    "driver is silent": (
        runtime(getDeviceCount=raising(CUDARuntimeError("cudaErrorUnknown: unknown error"))),
        "the driver does not answer: CUDARuntimeError: cudaErrorUnknown", "nvidia-smi",
    ),
    "card is silent": (
        runtime(getDeviceProperties=raising(CUDARuntimeError("cudaErrorDevicesUnavailable: busy"))),
        "the card does not answer: CUDARuntimeError: cudaErrorDevicesUnavailable", "another process",
    ),
    "card too old": (card(b"Tesla V100", 7, 0), "V100 has compute capability 7.0, the kernels need 8.0", "Ampere"),
    "card of another maker": (runtime(is_hip=True), "built for AMD cards", "pip uninstall"),
    "no compiler": (nvrtc(raising(RuntimeError("libnvrtc.so not found"))), "NVRTC is missing: RuntimeError", INSTALL),
    "no compiling": (no_compiling, "do not compile or run on the card: RuntimeError: no kernel image", "no older than"),
    "wrong answers": (wrong_answers, "computes wrongly: [0, 5, 13] for [0, 5, 14]", "do not use it"),
    "no runtime": (without_runtime, "does not answer as expected: AttributeError", "fresh environment"),
    "not CuPy": (not_cupy, "is not CuPy", "rename"),
}  # fmt: skip


def test_a_good_card_is_usable_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(monkeypatch, fake_cupy()):
        found = probe()
    assert found == Probe("", "", "NVIDIA H200", "9.0", "13.0", "14.2.0", "13.5")
    assert found.usable
    assert found.versions == "NVIDIA H200, compute capability 9.0, CUDA driver 13.0, CuPy 14.2.0, NVRTC 13.5"


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_told_with_its_remedy(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    break_, reason, remedy = BROKEN[what]
    cupy = fake_cupy()
    break_(cupy)
    with installed(monkeypatch, cupy):
        found = probe()
    assert not found.usable
    assert reason in found.reason
    assert remedy in found.remedy
    assert "\n" not in found.reason


def test_the_oldest_card_that_serves_is_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = fake_cupy()
    card(b"NVIDIA A100", 8, 0)(cupy)
    with installed(monkeypatch, cupy):
        assert probe().usable


def test_without_cupy_only_its_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(monkeypatch, None):
        assert probe() == Probe("CuPy is not installed", INSTALL)


FAILING = {
    "framed by CuPy": "raise ImportError('=====\\nFailed to import CuPy.\\n=====') from OSError('libcudart.so.13: no')",
    "lacking a library": "import no_library_of_this_name",
    "another error": "raise ValueError('numpy.dtype size changed')",
}
CAUSES = {
    "framed by CuPy": "OSError: libcudart.so.13: no",
    "lacking a library": "ModuleNotFoundError: No module named 'no_library_of_this_name'",
    "another error": "ValueError: numpy.dtype size changed",
}


@pytest.mark.parametrize("how", FAILING)
def test_an_install_that_does_not_import_is_told_by_its_cause(
    how: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cupy.py").write_text(FAILING[how], encoding="utf-8")
    probe.cache_clear()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    found = probe()
    probe.cache_clear()
    assert found.reason == f"CuPy is installed and does not import: {CAUSES[how]}"
    assert "fresh environment" in found.remedy


def test_builds_that_overwrite_each_other_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"cupy-cuda12x", "cupy-cuda13x"}
    monkeypatch.setattr(subject, "_is_installed", both.__contains__)
    cupy = fake_cupy()
    without_runtime(cupy)
    with installed(monkeypatch, cupy):
        assert probe().remedy.startswith("cupy-cuda12x and cupy-cuda13x overwrite each other: pip uninstall -y")


def test_a_process_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    cupy = fake_cupy()
    cupy.cuda.runtime.driverGetVersion = lambda: asked.append(1) or 13000
    with installed(monkeypatch, cupy):
        assert probe() is probe()
    assert asked == [1]
