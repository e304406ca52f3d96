"""Which backend a name stands for, and what is said of one that is not there."""

from __future__ import annotations

import sys

import pytest

from gpu_target import backends
from gpu_target.language.diagnostics import UnfitError, UsageError


@pytest.mark.parametrize(("name", "found"), [("auto", "cpu"), ("cpu", "cpu"), ("interpreter", "interpreter")])
def test_a_name_stands_for_a_backend_that_names_its_device(name: str, found: str) -> None:
    backend = backends.resolve(name)
    assert backend.name == found
    assert backend.device


@pytest.mark.parametrize("name", ["", "CPU", "gpu", "numba"])
def test_another_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as error:
        backends.resolve(name)
    (found,) = error.value.diagnostics
    assert (found.code, found.message) == ("US018", f"there is no backend {name!r}")
    assert found.remedy == "choose from auto, cpu, cuda, interpreter"


def test_a_backend_that_cannot_run_here_is_never_replaced_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)  # an import of it now fails, as where it is not installed
    with pytest.raises(UnfitError) as error:
        backends.resolve("cuda")
    (found,) = error.value.diagnostics
    assert (found.code, found.remedy) == ("EN401", "use --backend cpu")
    assert "CuPy is not installed" in found.message
    assert error.value.exit_code == 4
