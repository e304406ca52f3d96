"""The source tree as the architecture tests see it: files, their syntax trees, their imports."""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("gpu_target", "synthetic")
BUILT = {"out", "dist", "build", "generated", "__pycache__", "node_modules"}
OURS_WITH_A_DOT = {".ci", ".github"}


class Import(NamedTuple):
    """One imported name: ``from a.b import c`` is ``a.b.c``, for ``c`` may be a module."""

    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.name}"


def python_files(folder: str) -> list[Path]:
    """All Python files of a folder; an empty scan would prove nothing, so it fails."""
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, f"{folder}/ has no Python files: did the layout move?"
    return files


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file under version control that is text, found without git: environments and build outputs left out."""
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder)
        folders[:] = sorted(each for each in folders if _is_ours(here / each))
        for name in sorted(names):
            path = here / name
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # Parquet and pictures have no words to check


def _is_ours(folder: Path) -> bool:
    name = folder.name
    if name.startswith("."):
        return name in OURS_WITH_A_DOT
    return name not in BUILT and not (folder / "pyvenv.cfg").exists()


@functools.cache
def syntax(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> list[Import]:
    """Absolute names of everything a file imports, imports inside functions and relative ones included."""
    found = []
    package = module_name(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(syntax(file)):
        if isinstance(node, ast.Import):
            found += [Import(file, node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            found += [Import(file, node.lineno, f"{prefix}.{alias.name}") for alias in node.names]
    return found
