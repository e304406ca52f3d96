"""The entries of a rule file: which parts of it have lines of their own, each with its comments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from gpu_target.formatting.comments import Comment, Entry, attach, end_of, find_comments, is_spaced
from gpu_target.formatting.shape import FILE, Shape
from gpu_target.language.diagnostics import Source
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar


def read_entries(source: Source, root: YamlMap) -> list[Entry]:
    """The entries of the file, with its comments attached to them and in the order of the text."""
    comments = find_comments(source.text, root)
    everything: list[Entry] = []
    top = _inside(source.text, None, root, FILE, comments, everything)
    if comments:
        attach(source.text, everything, comments)
        _keep_ends(top, FILE)
        for entry in everything:
            _keep_ends(entry.entries or (), entry.shape)
        for entry in reversed(everything):  # what is inside an entry before the entry itself
            _settle(entry)
    return top


def in_order(entries: Iterable[Entry], shape: Shape) -> list[Entry]:
    """Entries in the order in which they are written."""
    return sorted(entries, key=lambda each: shape.rank(each.key.value) if each.key is not None else 0)


def _keep_ends(entries: Sequence[Entry], shape: Shape) -> None:
    """What stands below the last key, as what is commented out does, stays at the end whatever key comes last."""
    if not entries:
        return
    last, end = entries[-1], in_order(entries, shape)[-1]
    if end is not last:
        end.foot += last.foot
        last.foot = []


def _settle(entry: Entry) -> None:
    """Move comments that stand above the first entry inside to where they will be read again: above the entry.

    If none is left inside, what has lines of its own only for its comments is written without them.
    """
    if entry.entries is None or (entry.shape.block and entry.key is not None):
        return
    if entry.key is None:
        entry.leading += entry.trailing
        entry.trailing = []
    first = in_order(entry.entries, entry.shape)[0]
    entry.leading += first.leading + first.trailing[:-1]
    first.leading, first.trailing = [], first.trailing[-1:]
    if not entry.shape.block and not any(_has_comments(each) for each in entry.entries):
        entry.entries = None


def _has_comments(entry: Entry) -> bool:
    inside = entry.entries or ()
    return bool(entry.leading or entry.trailing or entry.foot) or any(_has_comments(each) for each in inside)


def _inside(
    text: str, parent: Entry | None, node: YamlMap | YamlList, shape: Shape, comments: Sequence[Comment],
    everything: list[Entry],
) -> list[Entry]:  # fmt: skip
    found = []
    for key, value in _parts(node):
        of_value = shape.of(None if key is None else key.value)
        entry = Entry(key, value, of_value, (key or value).start, parent)
        if shape.airy:
            entry.spaced = is_spaced(text, entry.start)
        everything.append(entry)
        if _has_lines(text, entry, comments):
            assert not isinstance(value, YamlScalar)
            entry.entries = _inside(text, entry, value, of_value, comments, everything)
        found.append(entry)
    return found


def _parts(node: YamlMap | YamlList) -> Iterator[tuple[YamlScalar | None, YamlNode]]:
    if isinstance(node, YamlMap):
        yield from node.entries.values()
    else:
        for item in node.items:
            yield None, item


def _has_lines(text: str, entry: Entry, comments: Sequence[Comment]) -> bool:
    """Whether the entries inside have lines of their own: always, or because a comment stands among them."""
    node = entry.node
    if isinstance(node, YamlScalar) or not (node.entries if isinstance(node, YamlMap) else node.items):
        return False
    if entry.shape.block or not comments:
        return entry.shape.block
    after = bisect_right(comments, node.start, key=_start)
    return after < len(comments) and comments[after].start < _reach(text, entry, node, comments)


def _reach(text: str, entry: Entry, node: YamlMap | YamlList, comments: Sequence[Comment]) -> int:
    """Where a value ends, with the comments behind its last entry that are moved in as far as its entries.

    Dashes may stand under their key; a comment there belongs to the next key.
    """
    end = end_of(node)
    if node.flow:
        return end
    least = max(_column(text, node.start), -1 if entry.key is None else _column(text, entry.key.start) + 1)
    for place in range(bisect_right(comments, end - 1, key=_start), len(comments)):
        comment = comments[place]
        is_outside = comment.column is not None and comment.column < least
        if is_outside or text[end : comment.start].strip():
            break
        end = comment.start + len(comment.text)
    return end


def _column(text: str, place: int) -> int:
    return place - (text.rfind("\n", 0, place) + 1)


def _start(comment: Comment) -> int:
    return comment.start
