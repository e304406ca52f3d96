"""A small YAML file as plain mappings, lists and texts, with the place of everything in it.

Scalars stay text: ``NO`` is the text NO, and a type is declared where one is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from gpu_target.language.diagnostics import DataError, Diagnostic, Source, Span
from gpu_target.language.yaml_nodes import YamlList, YamlNode, YamlScalar, compose, span_of

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
Path: TypeAlias = tuple[str | int, ...]


@dataclass
class YamlTree:
    """``spans`` and ``keys`` hold the places of values and of keys by their path from the root."""

    source: Source
    tree: Tree = ""
    spans: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    errors: list[Diagnostic] = field(default_factory=list)


def read_yaml(source: Source) -> YamlTree:
    """Parse one document. Raises DataError with the codes of ``yaml_nodes.compose`` where it cannot be read.

    Problems that leave something to check, such as a key written twice, are collected in ``errors``.
    """
    file = YamlTree(source)
    node = compose(source, file.errors)
    if node is None:
        raise DataError(*file.errors)
    file.tree = _convert(node, (), file)
    return file


def _convert(node: YamlNode, path: Path, file: YamlTree) -> Tree:
    file.spans[path] = span_of(file.source, node)
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlList):
        return [_convert(item, (*path, position), file) for position, item in enumerate(node.items)]
    found: dict[str, Tree] = {}
    for name, (key, value) in node.entries.items():
        file.keys[(*path, name)] = span_of(file.source, key)
        found[name] = _convert(value, (*path, name), file)
    return found
