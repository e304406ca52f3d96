"""What a rule file says, apart from how it is written: equal for two files that are read as the same rules.

Reading a rule file (``language.files``) depends on the keys and values of its nodes, on the order of what is no fixed
set of keys, and of conditions on their trees alone. That is what is compared here.
"""

from __future__ import annotations

from gpu_target.formatting.conditions import MARK, Cells, parsed
from gpu_target.formatting.shape import FILE, Kind, Shape
from gpu_target.language.terms import Terms
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

Meaning = tuple[object, ...]


def meaning(node: YamlNode, terms: Terms, shape: Shape = FILE) -> Meaning:
    """The meaning of a file, or of a part of it that has this shape. ``terms`` keeps the conditions read so far."""
    if isinstance(node, YamlScalar):
        if node.is_null:
            return ("nothing",)
        if shape.kind in (Kind.CONDITION, Kind.TEMPLATE):
            return _of_condition(node.value, shape.kind is Kind.TEMPLATE, terms)
        return "text", node.value
    if isinstance(node, YamlList):
        return "list", *(meaning(each, terms, shape.of(None)) for each in node.items)
    assert isinstance(node, YamlMap)
    found = [(name, meaning(value, terms, shape.of(name))) for name, (_, value) in node.entries.items()]
    return "mapping", *sorted(found, key=lambda each: shape.rank(each[0]))


def _of_condition(text: str, is_template: bool, terms: Terms) -> Meaning:
    cells = Cells()
    if is_template and MARK not in text:
        text = cells.hidden(text)
    tree = parsed(text, terms)
    return ("text", text) if tree is None else ("condition", tree, tuple(cells.name_of))
