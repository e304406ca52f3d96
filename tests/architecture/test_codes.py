"""The tables of codes: every code is raised somewhere, provoked by a test, and nothing else is raised."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, python_files

TABLES = {"gpu_target.language.codes": "gpu_target", "synthetic.errors": "synthetic"}
CODE = re.compile(r"\b(?:RT|DT|EN|US|PR|SC|GA)\d{3}\b")
NOT_PROVOKING = {"architecture", "docs"}  # they name codes without causing them


def table(module: str) -> Mapping[str, object]:
    codes: Mapping[str, object] = importlib.import_module(module).CODES
    assert codes, f"{module}.CODES is empty"
    return codes


def codes_in(files: list[Path]) -> set[str]:
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def is_table(file: Path, module: str) -> bool:
    """Whether a file is the table, or one of the families that it is put together from."""
    table = ROOT / module.replace(".", "/")
    return file == table.with_suffix(".py") or file.is_relative_to(table)


@pytest.mark.parametrize(("module", "package"), TABLES.items())
def test_every_code_that_is_raised_is_in_the_table(module: str, package: str) -> None:
    used = codes_in([file for file in python_files(package) if not is_table(file, module)])
    assert used - set(table(module)) == set()


@pytest.mark.parametrize(("module", "package"), TABLES.items())
def test_every_code_in_the_table_is_raised(module: str, package: str) -> None:
    used = codes_in([file for file in python_files(package) if not is_table(file, module)])
    assert set(table(module)) - used == set()


@pytest.mark.parametrize("module", TABLES)
def test_every_code_has_a_test_that_provokes_it(module: str) -> None:
    tests = [
        file
        for file in sorted((ROOT / "tests").rglob("*"))
        if file.suffix in {".py", ".txt", ".yaml", ".md"}
        and file.relative_to(ROOT / "tests").parts[0] not in NOT_PROVOKING
    ]
    assert set(table(module)) - codes_in(tests) == set()


@pytest.mark.parametrize("module", TABLES)
def test_every_code_has_a_title_and_a_sentence(module: str) -> None:
    wrong = [
        code
        for code, entry in table(module).items()
        if not CODE.fullmatch(code)
        or not entry.title
        or entry.title.endswith(".")
        or not entry.explanation.endswith(".")
    ]
    assert not wrong, f"title without a full stop, explanation with one: {wrong}"
