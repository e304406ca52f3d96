"""Docstrings where a reader needs one, beyond what the linter asks of modules and public functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, python_files, syntax

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(file: Path) -> Iterator[Function]:
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def place(file: Path, node: ast.stmt) -> str:
    return f"{file.relative_to(ROOT)}:{node.lineno}"


def words(text: str) -> set[str]:
    return {re.sub(r"(s|es|ed)$", "", word) for word in re.findall(r"[a-z]+", text.lower())} - {"a", "an", "the", "of"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_kernel_says_what_its_arrays_hold(package: str) -> None:
    kernels = [
        (file, node)
        for file in python_files(package)
        for node in functions(file)
        if any(re.match(r"(compiled|intrinsic)\b", ast.unparse(each)) for each in node.decorator_list)
    ]
    assert len(kernels) > 10, "the kernels were not found"
    wrong = [f"{place(file, node)} {node.name}" for file, node in kernels if not ast.get_docstring(node)]
    assert not wrong, "compiled functions without a docstring:\n" + "\n".join(wrong)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_repeats_the_name(package: str) -> None:
    wrong = []
    for file in python_files(package):
        for node in functions(file):
            text = ast.get_docstring(node) or ""
            if text and words(text) <= words(node.name.replace("_", " ")):
                wrong.append(f"{place(file, node)} {node.name}: {text!r} says no more than the name")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_public_class_with_behaviour_says_what_it_is(package: str) -> None:
    wrong = []
    for file in python_files(package):
        for node in syntax(file).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_") or ast.get_docstring(node):
                continue
            if any(isinstance(each, ast.FunctionDef) and not each.name.startswith("__") for each in node.body):
                wrong.append(f"{place(file, node)} {node.name}")
    assert not wrong, "classes without a docstring:\n" + "\n".join(wrong)
