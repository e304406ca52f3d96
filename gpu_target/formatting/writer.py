"""From entries to lines: the canonical text of a rule file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gpu_target.formatting import scalars
from gpu_target.formatting.comments import Comment, Entry
from gpu_target.formatting.conditions import MARK, Cells, Texts, filled, parsed
from gpu_target.formatting.entries import in_order
from gpu_target.formatting.scalars import WIDTH
from gpu_target.formatting.shape import FILE, Kind, Shape
from gpu_target.language.terms import Terms
from gpu_target.language.types import FieldType
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

STEP = 2  # blanks that entries are moved in by


class Writer:
    """``fields`` are those of the record type that the file names: they say which values of tests are text.

    ``terms`` are the conditions read so far.
    """

    def __init__(self, fields: Mapping[str, FieldType], terms: Terms) -> None:
        self.fields, self.terms = fields, terms
        self.texts = Texts()

    def text(self, entries: list[Entry]) -> str:
        """The whole file. What stands above its first entry stays at the top, whatever entry comes first."""
        ordered = in_order(entries, FILE)
        first, head = ordered[0], entries[0]
        if first is not head:
            first.leading[:0], head.leading = head.leading, []
            first.spaced, head.spaced = head.spaced, first.spaced
        return "\n".join(_opened(self.lines(ordered, 0, FILE))) + "\n"

    def lines(self, entries: Iterable[Entry], indent: int, around: Shape) -> Iterator[str]:
        for entry in entries:
            yield from self.entry(entry, indent, around.airy)

    def entry(self, entry: Entry, indent: int, airy: bool) -> Iterator[str]:
        """The lines of one entry, its comments included; of several behind it the last stays there."""
        margin = " " * indent
        yield from _comments(entry.leading, margin, airy)
        if airy and entry.spaced:
            yield ""
        yield from _comments(entry.trailing[:-1], margin, False)
        tail = f"  {entry.trailing[-1].text}" if entry.trailing else ""
        if entry.entries is not None:
            inside = _opened(self.lines(in_order(entry.entries, entry.shape), indent + STEP, entry.shape))
            if entry.key is not None:
                yield f"{margin}{self.key(entry)}:{tail}"
            yield from inside if entry.key is not None else _with_dash(inside, margin)
        else:
            first, *rest = self.value(entry, indent)
            if rest and first.endswith(","):  # braces or brackets over several lines; a block ends with its sign
                rest[-1] += tail
            else:
                first += tail
            yield margin + first
            yield from rest
        yield from _comments(entry.foot, margin, airy)

    def value(self, entry: Entry, indent: int) -> list[str]:
        """An entry that is a scalar, or in braces or brackets; the first line without its margin."""
        node, prefix = entry.node, f"{self.key(entry)}:" if entry.key is not None else "-"
        kind = self.kind(entry.shape, _column(entry))
        room = WIDTH - indent - len(prefix) - 1
        if not isinstance(node, YamlScalar):
            whole = self.flow(node, entry.shape, kind)
            if len(whole) <= room:
                return [f"{prefix} {whole}"]
            opening, margin = " " * indent + f"{prefix} {whole[0]}", " " * (indent + 2 * STEP)
            lines = filled(self.parts(node, entry.shape, kind), WIDTH - 1, opening, margin)
            lines[-1] += whole[-1]
            return [lines[0][indent:], *lines[1:]]
        if node.is_null:
            return [prefix]
        if kind in (Kind.CONDITION, Kind.TEMPLATE):
            lines = self.condition(node.value, kind is Kind.TEMPLATE, room, indent + STEP)
            if lines:
                return _under(prefix, lines, indent)
            kind = Kind.TEXT
        line = scalars.in_line(node, kind, False)
        if kind is Kind.TEXT and (len(line) > room or "\n" in node.value):
            return _under(prefix, scalars.block(node.value, indent + STEP) or [line], indent)
        return [f"{prefix} {line}"]

    def condition(self, text: str, is_template: bool, room: int, indent: int) -> list[str]:
        """A condition: one line where ``room`` suffices, else a block; none where it cannot be read by itself."""
        cells = Cells()
        if is_template:
            if MARK in text:
                return []
            text = cells.hidden(text)
        tree = parsed(text, self.terms)
        if tree is None:
            return []
        line = self.texts.of(tree)
        shown = cells.shown(line)
        if scalars.has_unseen(shown):
            return [scalars.quoted(shown)]
        if len(shown) <= room and scalars.is_plain(shown, False):
            return [shown]
        width = WIDTH - indent
        return [">", *([shown] if len(shown) <= width else map(cells.shown, self.texts.in_lines(tree, width)))]

    def flow(self, node: YamlNode, shape: Shape, kind: Kind) -> str:
        """A value in braces or brackets, on one line."""
        if isinstance(node, YamlScalar):
            return scalars.in_line(node, kind, True)
        opening, closing = "{}" if isinstance(node, YamlMap) else "[]"
        return opening + ", ".join(self.parts(node, shape, kind)) + closing

    def parts(self, node: YamlMap | YamlList, shape: Shape, kind: Kind) -> list[str]:
        if isinstance(node, YamlList):
            return [self.flow(each, shape.of(None), kind) for each in node.items]
        found = []
        for name in sorted(node.entries, key=shape.rank):
            key, value = node.entries[name]
            inside = shape.of(name)
            found.append(f"{scalars.key_text(key, True)}: {self.flow(value, inside, self.kind(inside, name))}")
        return found

    def key(self, entry: Entry) -> str:
        assert entry.key is not None
        return scalars.key_text(entry.key, False)

    def kind(self, shape: Shape, column: str | None) -> Kind:
        """What a scalar is; of a test's value the record type says it where it knows the column."""
        if shape.kind is not Kind.VALUE:
            return shape.kind
        field = self.fields.get(column or "")
        if field is None:
            return Kind.CODE
        return Kind.NAMED_CODE if field.kind in ("text", "list") else Kind.WORD


def _column(entry: Entry) -> str | None:
    """The column of a test that a value belongs to."""
    while entry.key is None and entry.parent is not None:
        entry = entry.parent
    return entry.key.value if entry.key is not None else None


def _under(prefix: str, lines: list[str], indent: int) -> list[str]:
    """A scalar behind its key: the lines of a block are moved in, blank ones stay empty."""
    margin = " " * (indent + STEP)
    return [f"{prefix} {lines[0]}", *(margin + line if line else "" for line in lines[1:])]


def _comments(comments: Iterable[Comment], margin: str, airy: bool) -> Iterator[str]:
    for each in comments:
        if airy and each.spaced:
            yield ""
        yield margin + each.text


def _opened(lines: Iterable[str]) -> Iterator[str]:
    """Lines without the blank ones at their beginning."""
    started = False
    for line in lines:
        started = started or bool(line)
        if started:
            yield line


def _with_dash(lines: Iterable[str], margin: str) -> Iterator[str]:
    """The entries of an item, with its dash before the first."""
    for place, line in enumerate(lines):
        yield line if place else f"{margin}- {line[len(margin) + STEP :]}"
