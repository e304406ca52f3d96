"""The import arrows: who may know whom. Imports inside functions count too."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.tree import PACKAGES, ROOT, Import, imports, module_name, python_files, syntax

MAY_IMPORT = {"synthetic": set(), "gpu_target": {"synthetic"}}

# A folder or module directly under gpu_target, and the others of its kind that it may import.
ARROWS: dict[str, set[str]] = {
    "immutable": set(),
    "held": set(),
    "language": {"immutable", "held"},
    "columns": {"immutable"},
    "inputs": {"language"},
    "selection": {"language", "columns"},
    "plan": {"immutable", "held", "language", "columns", "selection"},
    "cache": {"language", "plan"},
    "findings": {"language", "columns", "plan"},
    "backends": {"held", "language", "columns", "selection", "plan"},
    "gathering": {"columns", "selection", "plan"},
    "digest": {"language", "columns"},
    "options": {"language", "plan", "backends"},
    "rows": {"language", "columns", "plan"},
    "engine": {
        "language", "columns", "selection", "plan", "backends", "gathering", "digest", "options", "rows",
    },
    "explaining": {"language", "columns", "selection", "plan", "backends", "options", "engine", "rule_tests"},
    "rule_tests": {"language", "columns", "plan", "backends"},
    "coverage": {"language", "plan", "backends", "rule_tests"},
    "formatting": {"language", "plan"},
    "statistics": {"language", "columns", "plan", "backends", "gathering", "options", "rows", "engine"},
    "results": {"language", "engine"},
    "starter": {"language", "inputs", "results"},
    "scale": {
        "language", "columns", "inputs", "selection", "plan", "backends", "gathering", "options", "rows", "engine",
    },
}  # fmt: skip
# Against the arrows, with the reason; inside a function, so that no circle of modules arises.
EXCEPTIONS = {("gpu_target.plan.plan", "engine"): "Plan.evaluate is the public way into the engine"}
ABOVE_ALL = {"cli", "__main__", ""}  # the command line and the package's own front page may import every part


def layer(name: str) -> str:
    """``gpu_target.plan.bind`` belongs to ``plan``, ``gpu_target`` itself to the empty name."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def of_ours(found: list[Import], package: str) -> list[Import]:
    return [each for each in found if each.name.split(".")[0] == package]


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_along_the_arrows(package: str) -> None:
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package} | {"tests", "rules", "benchmarks", "docs"}
    wrong = [
        str(each) for file in python_files(package) for each in imports(file) if each.name.split(".")[0] in forbidden
    ]
    assert not wrong, "\n".join(wrong)


def test_every_part_of_gpu_target_has_its_arrows_written_down() -> None:
    parts = {layer(module_name(file)) for file in python_files("gpu_target")}
    assert "language" in parts
    assert parts <= set(ARROWS) | ABOVE_ALL, "a new part: add it to ARROWS and say what it may import"


@pytest.mark.parametrize("part", ARROWS)
def test_parts_of_gpu_target_import_only_along_the_arrows(part: str) -> None:
    files = [file for file in python_files("gpu_target") if layer(module_name(file)) == part]
    known = {layer(module_name(file)) for file in python_files("gpu_target")}
    wrong = []
    for file in files:
        for each in of_ours(imports(file), "gpu_target"):
            target = layer(each.name)
            # `from gpu_target import X` where X is no module asks the front page, which imports every part
            target = target if target in known else ""
            if target not in ARROWS[part] | {part} and (module_name(file), target) not in EXCEPTIONS:
                wrong.append(f"{each}, but {part} may import {sorted(ARROWS[part]) or 'nothing of ours'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("module", "target"), EXCEPTIONS)
def test_an_exception_to_the_arrows_is_still_needed_and_costs_nothing_at_import(module: str, target: str) -> None:
    file = ROOT / (module.replace(".", "/") + ".py")
    against = [each for each in of_ours(imports(file), "gpu_target") if layer(each.name) == target]
    assert against, "no longer needed: remove it from EXCEPTIONS"
    at_import = [node.lineno for node in syntax(file).body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [str(each) for each in against if each.line in at_import] == []


def test_the_arrows_have_no_circle() -> None:
    left = {part: set(targets) for part, targets in ARROWS.items()}
    while left:
        leaves = {part for part, targets in left.items() if not targets & set(left)}
        assert leaves, f"these import each other in a circle: {sorted(left)}"
        left = {part: targets for part, targets in left.items() if part not in leaves}


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("cupy", "gpu_target/backends"),
        ("typer", "gpu_target/cli"),
        ("rich", "gpu_target/cli"),
        ("duckdb", "gpu_target/inputs"),
        ("distributed", "gpu_target/scale"),
    ],
)
def test_a_library_with_one_home_is_imported_nowhere_else(library: str, home: str) -> None:
    wrong = [
        str(each)
        for package in PACKAGES
        for file in python_files(package)
        if not file.relative_to(ROOT).as_posix().startswith(home)
        for each in imports(file)
        if each.name.split(".")[0] == library
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("forbidden", ["pickle", "marshal", "shelve"])
def test_no_format_that_runs_code_is_read(forbidden: str) -> None:
    wrong = [
        str(each)
        for package in PACKAGES
        for file in python_files(package)
        for each in imports(file)
        if each.name.split(".")[0] == forbidden
    ]
    assert not wrong, "\n".join(wrong)
