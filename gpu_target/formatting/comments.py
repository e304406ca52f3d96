"""The comments of a YAML text and the entries that they belong to.

YAML's parser drops comments. Whatever stands outside its scalars is structure, blanks and comments, so a ``#`` there
begins one, and the places of the scalars are known. A comment behind something on its line belongs to the entry that
began last. One on a line of its own belongs to the entry that follows; where it is moved in further than that, to the
entry before it that stands no further in than itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gpu_target.formatting.shape import Shape
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

END = re.compile(r"^\.\.\.(?=\s|\Z)", re.M)  # of a YAML document


@dataclass(frozen=True, slots=True)
class Comment:
    """``text`` from its ``#`` to the end of the line.

    ``column`` is None where something stands before it on its line, and -1 where that is the dash of an item.
    ``spaced``: the line above is blank.
    """

    start: int
    text: str
    column: int | None
    spaced: bool


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list (``key`` is None), that has lines of its own, and its comments.

    ``entries`` are those inside it, in the order of the text, where they have lines of their own too, else None.
    ``leading`` comments stand above it, ``trailing`` ones behind it on its line, those at its ``foot`` below it.
    ``spaced``: a blank line stands before it.
    """

    key: YamlScalar | None
    node: YamlNode
    shape: Shape
    start: int
    parent: Entry | None
    entries: list[Entry] | None = None
    leading: list[Comment] = field(default_factory=list)
    trailing: list[Comment] = field(default_factory=list)
    foot: list[Comment] = field(default_factory=list)
    spaced: bool = False


def end_of(node: YamlNode) -> int:
    """Where what is written of a node ends; YAML's own mark of a block lies behind the comments that follow it."""
    while not isinstance(node, YamlScalar) and not node.flow:
        node = next(reversed(node.entries.values()))[1] if isinstance(node, YamlMap) else node.items[-1]
    return node.end


def find_comments(text: str, root: YamlNode) -> list[Comment]:
    """Every comment, in the order of the text."""
    found: list[Comment] = []
    if "#" not in text:
        return found
    reached = 0
    for start, end in (*_scalars(text, root), (len(text), len(text))):
        place = text.find("#", reached, start)
        while place >= 0:
            stop = _line_end(text, place)
            found.append(_comment(text, place, stop))
            place = text.find("#", stop, start)
        reached = max(reached, end)
    last = END.search(text, end_of(root))
    # what stands behind the end of the document belongs to the file, however far it is moved in
    return [replace(each, column=0) if last and each.start > last.start() else each for each in found]


def _comment(text: str, start: int, end: int) -> Comment:
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    alone = not before.strip(" \t-")
    column = -1 if before.strip() else start - line
    return Comment(start, text[start:end].rstrip(), column if alone else None, is_spaced(text, start))


def _scalars(text: str, root: YamlNode) -> Iterator[tuple[int, int]]:
    """Where each scalar begins and ends, in the order of the text; a block without the line of its sign."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if type(node) is YamlScalar:
            yield (_line_end(text, node.start) if node.style in ("|", ">") else node.start), node.end
        elif type(node) is YamlMap:
            for key, value in reversed(node.entries.values()):
                waiting += (value, key)
        elif type(node) is YamlList:
            waiting += reversed(node.items)


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def is_spaced(text: str, place: int) -> bool:
    """Whether ``place`` begins what is written on its line, dashes apart, and the line above is blank."""
    line = text.rfind("\n", 0, place) + 1
    if not line or text[line:place].strip(" \t-"):
        return False
    return not text[text.rfind("\n", 0, line - 1) + 1 : line - 1].strip()


def attach(text: str, entries: Sequence[Entry], comments: Sequence[Comment]) -> None:
    """Give every comment to its entry. ``entries`` in the order of the text, those inside others behind them."""
    starts = [each.start for each in entries]
    for comment in comments:
        place = bisect_right(starts, comment.start)
        before = entries[place - 1] if place else None
        after = entries[place] if place < len(entries) else None
        if comment.column is not None or before is None:
            _attach_alone(text, comments, comment, before, after)
        else:
            before.trailing.append(comment)


def _attach_alone(
    text: str, comments: Sequence[Comment], comment: Comment, before: Entry | None, after: Entry | None
) -> None:
    column = -1 if comment.column is None else comment.column
    if before is not None and before.entries is None and comment.start < end_of(before.node):
        before.leading.append(comment)  # between a key and its value, which is written on the line of the key
        return
    if after is not None and (before is None or column <= _column(text, comments, after)):
        after.leading.append(comment)
        return
    assert before is not None  # a file without entries is no rule file
    while before.parent is not None and column < _column(text, comments, before):
        before = before.parent
    if after is not None and before in _around(after):
        after.leading.append(comment)
    else:
        before.foot.append(comment)


def _around(entry: Entry) -> Iterator[Entry]:
    while entry.parent is not None:
        entry = entry.parent
        yield entry


def _column(text: str, comments: Sequence[Comment], entry: Entry) -> int:
    """How far an entry is moved in: its key, or the dash before an item."""
    place = entry.start
    if entry.key is None and entry.parent is not None and not _is_flow(entry.parent.node):
        place -= 1
        while text[place] != "-":
            inside = bisect_right(comments, place, key=lambda each: each.start) - 1
            if inside >= 0 and place < comments[inside].start + len(comments[inside].text):
                place = comments[inside].start  # a dash in a comment is none of the list
            place -= 1
    return place - (text.rfind("\n", 0, place) + 1)


def _is_flow(node: YamlNode) -> bool:
    return not isinstance(node, YamlScalar) and node.flow
