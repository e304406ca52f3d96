"""YAML of a profile, with the line of every node: safe tags only, duplicate keys refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from synthetic.errors import Problem, ProfileError

Where = tuple[int | str, ...]


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
        """These places, and those of ``base`` for what is not given here."""
        return Lines({**base._places, **self._places})


def read(name: str, text: str) -> tuple[dict[str, Any], Lines]:
    """The mapping that a YAML text holds. Errors: PR003."""
    loader = yaml.SafeLoader(text)
    places: dict[Where, str] = {}
    try:
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
    except (yaml.YAMLError, ValueError) as error:
        raise ProfileError(Problem("PR003", f"not YAML: {str(error).splitlines()[0]}", name, "correct it")) from None
    except RecursionError:
        raise ProfileError(Problem("PR003", "nested too deeply, or an alias of itself", name, "write it out")) from None
    finally:
        loader.dispose()
    return values, Lines(places)


def _value(loader: yaml.SafeLoader, node: yaml.Node, where: Where, name: str, places: dict[Where, str]) -> Any:
    places[where] = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            place = f"{name}:{key_node.start_mark.line + 1}"
            if not isinstance(key, str | int | float):
                raise ProfileError(Problem("PR003", f"the key {key!r} is no text or number", place, "quote it"))
            if key in found:
                raise ProfileError(Problem("PR003", f"the key {key!r} stands here twice", place, "keep one of them"))
            found[key] = _value(loader, value_node, (*where, str(key)), name, places)
            places[(*where, str(key))] = place
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, each, (*where, i), name, places) for i, each in enumerate(node.value)]
    return loader.construct_object(node, deep=True)
