"""YAML of a profile, with the line of every node.

Tags, anchors, aliases and duplicate keys are refused, so that a small file stays small and what is read is what is
seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml.composer import ComposerError

from synthetic.errors import Problem, ProfileError

Where = tuple[int | str, ...]


class PlainLoader(yaml.SafeLoader):
    """A safe loader that refuses what stands for something else: tags, anchors and aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        found = None
        if isinstance(event, yaml.AliasEvent):
            found = "an alias"
        elif event.anchor is not None:
            found = "an anchor"
        elif event.tag is not None:
            found = "a tag"
        if found is not None:
            raise ComposerError(None, None, f"{found} stands where a profile has values only", event.start_mark)
        return super().compose_node(parent, index)


class Lines:
    """Where the values of a profile stand: for each path of keys its ``file:line``."""

    def __init__(self, places: Mapping[Where, str]) -> None:
        self._places = dict(places)

    def place(self, where: Where) -> str:
        """The place of a path, or of the nearest part of it that is there."""
        while where and where not in self._places:
            where = where[:-1]
        return self._places.get(where, "")

    def over(self, base: Lines) -> Lines:
        """These places, and those of ``base`` for what is not given here.

        A parameter, two keys deep, is given whole: of its parts in ``base`` nothing is left.
        """
        given = {where[:2] for where in self._places if len(where) > 1}
        kept = {where: place for where, place in base._places.items() if where[:2] not in given}
        return Lines({**kept, **self._places})


def read(name: str, text: str) -> tuple[dict[str, Any], Lines]:
    """The mapping that a YAML text holds. Errors: PR003."""
    places: dict[Where, str] = {}
    try:
        loader = PlainLoader(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ProfileError(
                Problem("PR003", "a profile is a mapping of keys to values", f"{name}:1", "start with profile: NAME")
            )
        values = _value(loader, node, (), name, places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ProfileError(
            Problem("PR003", f"not YAML: {error.problem or error.context}", name + line, "correct the line")
        ) from None
    except yaml.YAMLError as error:
        raise ProfileError(Problem("PR003", f"not YAML: {str(error).splitlines()[0]}", name, "correct it")) from None
    except RecursionError:
        raise ProfileError(Problem("PR003", "nested too deeply", name, "nest as the shipped profiles do")) from None
    return values, Lines(places)


def _value(loader: yaml.SafeLoader, node: yaml.Node, where: Where, name: str, places: dict[Where, str]) -> Any:
    places[where] = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            place = f"{name}:{key_node.start_mark.line + 1}"
            key = _scalar(loader, key_node, place)
            if not isinstance(key, str | int | float):
                raise ProfileError(Problem("PR003", f"the key {key!r} is no text or number", place, "quote it"))
            if key in found:
                raise ProfileError(Problem("PR003", f"the key {key!r} stands here twice", place, "keep one of them"))
            found[key] = _value(loader, value_node, (*where, str(key)), name, places)
            places[(*where, str(key))] = place
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, each, (*where, i), name, places) for i, each in enumerate(node.value)]
    return _scalar(loader, node, places[where])


def _scalar(loader: yaml.SafeLoader, node: yaml.Node, place: str) -> Any:
    try:
        return loader.construct_object(node, deep=True)
    except ValueError as error:  # a date that the calendar does not have, a number without digits
        raise ProfileError(Problem("PR003", f"not YAML: {error}", place, "correct the line")) from None
