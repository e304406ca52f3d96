"""Calls that belong in one place or in none: printing, running text as code."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.tree import PACKAGES, ROOT, python_files, syntax

PRINTS = {"print", "input", "sys.stdout.write", "sys.stderr.write"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__", "os.system", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}


def called(package: str) -> list[tuple[str, str]]:
    """(place, dotted name) of every call in a package."""
    found = []
    for file in python_files(package):
        for node in ast.walk(syntax(file)):
            if isinstance(node, ast.Call):
                found.append((f"{file.relative_to(ROOT).as_posix()}:{node.lineno}", ast.unparse(node.func)))
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_command_line_prints(package: str) -> None:
    wrong = [
        f"{place} calls {name}"
        for place, name in called(package)
        if name in PRINTS and not place.startswith("gpu_target/cli/")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_run_as_code(package: str) -> None:
    wrong = [f"{place} calls {name}" for place, name in called(package) if name in RUNS_TEXT]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_exception_is_swallowed_unseen(package: str) -> None:
    wrong = []
    for file in python_files(package):
        for node in ast.walk(syntax(file)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            body = [inner for statement in node.body for inner in ast.walk(statement)]
            raises = any(isinstance(inner, ast.Raise) for inner in body)
            told = any(isinstance(inner, ast.Name) and inner.id == node.name for inner in body)
            if broad and not raises and not told:
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno} catches everything, neither raises nor tells")
    assert not wrong, "\n".join(wrong)
