"""Trees as flat lists and back, so that a predicate of hundreds of levels is pickled without recursion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any


class At(int):
    """The position of a part among the nodes before it."""

    __slots__ = ()


Node = tuple[Any, ...]  # a dataclass or ``tuple``, then its parts: other values as they are, or ``At``


def flatten(root: Any) -> list[Node]:
    """The dataclasses and tuples that ``root`` consists of, each once and after its parts; the last is ``root``."""
    nodes: list[Node] = []
    places: dict[int, At] = {}  # by identity: ``root`` keeps every part alive
    stack: list[object] = [root]
    while stack:
        value = stack[-1]
        if id(value) in places:
            stack.pop()
            continue
        kind = type(value)
        parts: Sequence[object] = (
            value if isinstance(value, tuple) else [getattr(value, name) for name in names_of(kind) or ()]
        )
        waiting = [each for each in parts if id(each) not in places and names_of(type(each)) is not None]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        places[id(value)] = At(len(nodes))
        nodes.append((kind, *[places.get(id(each), each) for each in parts]))
    return nodes


def rebuild(nodes: Sequence[Node]) -> Any:
    """What ``flatten`` was given."""
    built: list[Any] = []
    for kind, *parts in nodes:
        values = [built[each] if type(each) is At else each for each in parts]
        built.append(tuple(values) if kind is tuple else kind(*values))
    return built[-1]


def names_of(kind: type) -> tuple[str, ...] | None:
    """The fields that a dataclass is made from; none of a tuple. None: pickled as it is, without a look inside."""
    if kind not in _NAMES:
        made_from_fields = is_dataclass(kind) and all(each.init for each in fields(kind))
        _NAMES[kind] = tuple(each.name for each in fields(kind)) if made_from_fields else None
    return _NAMES[kind]


_NAMES: dict[type, tuple[str, ...] | None] = {tuple: ()}  # of every type met so far
