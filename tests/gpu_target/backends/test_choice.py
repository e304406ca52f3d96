"""Which backend a name stands for, and what is said of one that is not there."""

from __future__ import annotations

import pytest

from gpu_target import backends
from gpu_target.backends.cuda.probe import INSTALL, probe
from gpu_target.language.diagnostics import UnfitError, UsageError
from tests.gpu_target.backends.cuda.fake_cupy import fake_cupy, installed
from tests.gpu_target.building import BACKENDS


@pytest.mark.parametrize("name", BACKENDS)
def test_a_name_stands_for_a_backend_that_names_its_device(name: str) -> None:
    backend = backends.resolve(name)
    assert backend.name == name
    assert backend.device


def test_auto_takes_a_usable_card_and_else_the_processor() -> None:
    expected = "cuda" if probe().usable else "cpu"
    assert backends.chosen("auto") == backends.resolve("auto").name == expected
    assert backends.why_auto().startswith(f"{expected}: ")


def test_auto_says_what_made_it_take_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(monkeypatch, None):
        assert backends.resolve("auto").name == "cpu"
        assert backends.why_auto() == "cpu: CuPy is not installed"


def test_auto_names_the_card_that_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(monkeypatch, fake_cupy()):
        assert backends.why_auto() == "cuda: NVIDIA H200 is usable"


@pytest.mark.parametrize("name", ["", "CPU", "gpu", "numba"])
def test_another_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as error:
        backends.resolve(name)
    (found,) = error.value.diagnostics
    assert (found.code, found.message) == ("US018", f"there is no backend {name!r}")
    assert found.remedy == "choose from auto, cpu, cuda, interpreter"


def test_a_backend_that_cannot_run_here_is_never_replaced_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(monkeypatch, None), pytest.raises(UnfitError) as error:
        backends.resolve("cuda")
    (found,) = error.value.diagnostics
    assert (found.code, found.message) == ("EN401", "the backend cuda cannot run here: CuPy is not installed")
    assert found.remedy == f"{INSTALL}; or use --backend cpu"
    assert error.value.exit_code == 4
