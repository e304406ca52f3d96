"""What tells stale plans and stale kernels from fresh ones is a hash over files: none that counts may be left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gpu_target import cache
from gpu_target.backends.cpu import match as matching
from gpu_target.columns import compiled
from tests.architecture.test_imports import EXCEPTIONS, layer
from tests.architecture.tree import imports, module_name, python_files, syntax

MODULES = {module_name(file): file for file in python_files("gpu_target")}
Place = tuple[str, str]  # a module, and a name in it


def module_of(name: str) -> str:
    """``gpu_target.plan.bind`` of ``gpu_target.plan.bind.Bound``; empty for what is not ours."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def imported(module: str) -> set[str]:
    """Modules of ours that one imports, and the packages that they are in."""
    found = {
        target
        for each in imports(MODULES[module])
        if (target := module_of(each.name)) and (module, layer(target)) not in EXCEPTIONS
    }
    return found | {package for each in {*found, module} if (package := each.rpartition(".")[0])}


def reached(start: set[str]) -> set[str]:
    """What they import, directly or not; the front page apart, which names every part and uses none."""
    found, left = set(start), list(start)
    while left:
        fresh = imported(left.pop()) - found
        found |= fresh
        left += fresh - {"gpu_target"}
    return found


def test_a_plan_is_stale_when_any_code_that_it_depends_on_has_changed() -> None:
    found = reached({module for module in MODULES if layer(module) in cache.PARTS})
    assert {"gpu_target", "gpu_target.held", "gpu_target.plan.stored"} <= found, "the imports were not followed"
    missing = {MODULES[module] for module in found} - set(cache.code_files())
    assert not missing, "plans depend on these, and the fingerprint does not:\n" + "\n".join(map(str, sorted(missing)))


def definitions(module: str) -> Iterator[tuple[set[str], ast.stmt]]:
    """Statements of a module, and the names that each defines."""
    for statement in syntax(MODULES[module]).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield {name}, statement
            case ast.Assign() | ast.AnnAssign():
                names = [each for each in ast.walk(statement) if isinstance(each, ast.Name)]
                yield {each.id for each in names if isinstance(each.ctx, ast.Store)}, statement
            case ast.ImportFrom():
                yield {each.asname or each.name for each in statement.names}, statement


def lenders(place: Place) -> Iterator[Place]:
    """What a definition names: each has its part in the code of a kernel."""
    module, name = place
    for names, statement in definitions(module):
        if name not in names:
            continue
        if isinstance(statement, ast.ImportFrom):
            for each in statement.names:
                if name == (each.asname or each.name) and (target := module_of(f"{statement.module}.{each.name}")):
                    yield target, each.name
        else:
            yield from ((module, each.id) for each in ast.walk(statement) if isinstance(each, ast.Name))


def is_kernel(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and any(
        re.match(r"(compiled|intrinsic)\b", ast.unparse(each)) for each in statement.decorator_list
    )


def test_kernels_are_stale_when_any_code_that_they_are_made_of_has_changed() -> None:
    found = {
        (module, name)
        for module in MODULES
        for names, statement in definitions(module)
        if is_kernel(statement)
        for name in names
    }
    kernels, left = len(found), list(found)
    while left:
        fresh = set(lenders(left.pop())) - found
        found |= fresh
        left += fresh
    assert kernels > 50, "the kernels were not found"
    assert ("gpu_target.selection.policy", "LAST_POSITION") in found, "the names were not followed"
    missing = {MODULES[module] for module, _ in found} - set(compiled.source_files())
    assert not missing, "kernels are made of these, and their stamp is not:\n" + "\n".join(map(str, sorted(missing)))


def test_the_files_are_those_that_are_there() -> None:
    for files in (cache.code_files(), compiled.source_files()):
        assert len(files) > 10
        assert all(Path(each).is_file() for each in files)


def test_kernels_are_kept_under_that_stamp() -> None:
    assert matching.match._cache._cache_file._source_stamp == compiled.sources()
