"""The conformance tests of a backend, with the processor in place of the card."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests import conformance

Test = Callable[..., None]
FILES = sorted(Path(conformance.__file__).parent.glob("test_*.py"))
MODULES = [importlib.import_module(f"{conformance.__name__}.{file.stem}") for file in FILES]


def cases(module: ModuleType) -> Iterator[Any]:
    """Every test of the module that takes a backend, with all values of its other parameters."""
    for name, test in vars(module).items():
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        if not name.startswith("test_") or not any(mark.args[0] == "backend" for mark in marks):
            continue
        others = [mark.args for mark in marks if mark.args[0] != "backend"]
        for values in itertools.product(*(list(each) for _, each in others)):
            chosen = dict(zip((argument for argument, _ in others), values, strict=True))
            yield pytest.param(test, chosen, id="-".join([name, *map(label, values)]))


def label(value: object) -> str:
    return str(getattr(value, "name", value))


@pytest.mark.parametrize(("test", "chosen"), [case for module in MODULES for case in cases(module)])
@pytest.mark.usefixtures("as_cuda")
def test_the_kernels_conform(test: Test, chosen: dict[str, Any]) -> None:
    test(backend="cuda", **chosen)


def test_every_conformance_test_of_a_backend_is_among_them() -> None:
    found = {case.values[0].__name__ for module in MODULES for case in cases(module)}
    text = "".join(file.read_text(encoding="utf-8") for file in FILES)
    assert len(found) == text.count('parametrize("backend"') > 10
