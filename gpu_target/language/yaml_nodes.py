"""YAML text to nodes that know their place: the only door from YAML into the toolkit.

In goes the text of one file. Out come mappings, lists and scalars with character offsets into that text. Scalars keep
the text as written: no type is guessed. Aliases, anchors and tags are refused, so that a small file stays small and
what is read is what is seen; a key stands once in its mapping.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from gpu_target.language.diagnostics import Diagnostic, EmbeddedSource, Source, Span, UnfitError
from gpu_target.language.yaml_faults import explain
from gpu_target.language.yaml_places import places

DEEPEST = 40  # levels of mappings and lists; a rule set needs seven
DEEP = "leave brackets out: no file here needs more than seven levels"
MOST_PROBLEMS = 1_000  # of one file; after that nothing new is learnt from it
NO_VALUE = frozenset(["", "~", "null", "Null", "NULL"])  # plain scalars that say that there is no value

_IGNORED = (StreamStartEvent, StreamEndEvent, DocumentEndEvent)
# Line separators other than \n and \r\n, and characters that cannot be seen: an editor shows another text than is read.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)


class YamlScalar:
    """``value`` after quotes, escapes and folding; ``style`` is empty for a plain scalar, else ``' " | >``."""

    __slots__ = ("end", "start", "style", "value")
    kind = "a value"

    def __init__(self, value: str, style: str, start: int, end: int) -> None:
        self.value = value
        self.style = style
        self.start = start
        self.end = end

    @property
    def is_null(self) -> bool:
        return not self.style and self.value in NO_VALUE


class YamlMap:
    """``entries``: key to the key's own scalar and the value, in the order written."""

    __slots__ = ("end", "entries", "flow", "key", "start")
    kind = "a mapping"

    def __init__(self, start: int, flow: bool) -> None:
        self.entries: dict[str, tuple[YamlScalar, YamlNode]] = {}
        self.flow = flow
        self.start = start
        self.end = start
        self.key: YamlScalar | None = None  # while reading: the key whose value comes next


class YamlList:
    """``items`` in the order written."""

    __slots__ = ("end", "flow", "items", "start")
    kind = "a list"

    def __init__(self, start: int, flow: bool) -> None:
        self.items: list[YamlNode] = []
        self.flow = flow
        self.start = start
        self.end = start


YamlNode = YamlScalar | YamlMap | YamlList


def span_of(source: Source, node: YamlNode) -> Span:
    """Where a node stands; of a block or a long one its first line, without the blanks behind it."""
    end = max(node.end, node.start)
    stop = source.text.find("\n", node.start, end)
    if stop < 0 and end > node.start and not source.text[end - 1].isspace():
        return Span(source, node.start, end)
    text = source.text[node.start : end if stop < 0 else stop]
    return Span(source, node.start, node.start + len(text.rstrip()))


def embedded(source: Source, node: YamlScalar) -> EmbeddedSource:
    """The text of a scalar as a source of its own, each character of which is mapped back to the file."""
    return EmbeddedSource(
        source, node.value, partial(places, source.text, node.start, node.end, node.style, node.value)
    )


def compose(source: Source, errors: list[Diagnostic], inside: int = 0) -> YamlNode | None:
    """The one document of ``source``, or None where there is none that can be read.

    ``inside`` is the number of mappings and lists that a part of a file stands in. Appends to ``errors``: RT024
    characters that are not allowed, RT025 and RT026 YAML's own syntax, RT027 a second document, RT028 aliases, anchors
    and tags, RT029 nesting, RT030 duplicate keys, RT034 an empty file, RT036 keys that are no plain words. Raises
    UnfitError (EN499) where PyYAML lacks its C parser.
    """
    forbidden = _FORBIDDEN.search(source.text)
    if forbidden:
        errors.append(_forbidden(source, forbidden.start()))
        return None
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        message = "PyYAML was installed without its C parser"
        raise UnfitError(Diagnostic("EN499", message, remedy="pip install --force-reinstall --no-cache-dir pyyaml"))
    events = loader(source.text)
    try:
        return _Composer(source, errors, inside).document(events.get_event)
    except yaml.MarkedYAMLError as error:
        mark, context = error.problem_mark, error.context_mark
        place = mark.index if mark else 0
        errors.append(
            explain(source, error.problem or "", place, error.context or "", context.index if context else place)
        )
    except yaml.YAMLError as error:
        errors.append(explain(source, str(error), 0, "", 0))
    finally:
        events.dispose()
    return None


def _forbidden(source: Source, place: int) -> Diagnostic:
    code = ord(source.text[place])
    name, remedy = f"the character U+{code:04X}", "delete it; inside double quotes it can be written as an escape"
    if code == 0:
        name, remedy = "a NUL character", "save the file again as UTF-8 text; this may be UTF-16 or no text at all"
    elif code == 13:
        name, remedy = "a carriage return without a line feed", "save the file with line ends LF or CRLF"
    elif code in (0x85, 0x2028, 0x2029):
        name = f"the invisible line break U+{code:04X}"
    return Diagnostic("RT024", f"{name} is not allowed in a rule file", Span(source, place, place + 1), "here", remedy)


class _TooDeepError(Exception):
    """Stops the reading of a file that was already reported."""


class _Composer:
    """Builds nodes from the parser's events with a stack of its own: depth is limited here, not by Python's."""

    def __init__(self, source: Source, errors: list[Diagnostic], inside: int) -> None:
        self.source = source
        self.errors = errors
        self.deepest = DEEPEST - inside
        self.stack: list[YamlMap | YamlList] = []
        self.root: YamlNode | None = None
        self.documents = 0
        self.refused: dict[str, list[int]] = {}  # by their sign: where the first is reported, and how many there are

    def document(self, next_event: Any) -> YamlNode | None:
        try:
            self._read(next_event)
        except _TooDeepError:
            return None
        finally:
            self._count_refused()
        if self.root is None and not self.errors:
            what = Span(self.source, 0, 0)
            self.errors.append(
                Diagnostic("RT034", "the file is empty", what, "expected a rule set", "begin with `ruleset:`")
            )
        return self.root

    def _read(self, next_event: Any) -> None:
        stack = self.stack
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is not None or event.tag is not None:
                    self._refuse(event)
                start, end = event.start_mark.index, event.end_mark.index
                self._place(YamlScalar(event.value, event.style or "", start, end))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if event.anchor is not None or event.tag is not None:
                    self._refuse(event)
                new = (YamlMap if kind is MappingStartEvent else YamlList)(
                    event.start_mark.index, bool(event.flow_style)
                )
                self._place(new)
                stack.append(new)
                if len(stack) > self.deepest:
                    self._too_deep(new)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                stack.pop().end = event.end_mark.index
            elif kind is AliasEvent:
                self._refuse(event)
                self._place(YamlScalar("", "'", event.start_mark.index, event.end_mark.index))
            elif kind is DocumentStartEvent:
                self.documents += 1
                if self.documents > 1:
                    self._second(event.start_mark.index)
                    return
            elif kind not in _IGNORED:
                raise yaml.YAMLError(f"unexpected {kind.__name__}")

    def _place(self, node: YamlNode) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, YamlList):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._as_key(node)
        else:
            key, parent.key = parent.key, None
            if key.value in parent.entries:
                self._duplicate(key, parent.entries[key.value][0])
            else:
                parent.entries[key.value] = (key, node)

    def _as_key(self, node: YamlNode) -> YamlScalar:
        if type(node) is YamlScalar:
            return node
        remedy = "a value that begins with { or [ must be in quotes, such as '{origin}'"
        place = Span(self.source, node.start, node.start + 1)
        self._report(Diagnostic("RT036", f"{node.kind} cannot be a key", place, "expected a word", remedy))
        return YamlScalar(f"{node.kind} at {node.start}", "'", node.start, node.start + 1)

    def _duplicate(self, key: YamlScalar, first: YamlScalar) -> None:
        line, column = self.source.line_column(first.start)
        note = f"it stands first at line {line}, column {column}"
        message = f"the key `{_short(key.value)}` stands twice in the same mapping"
        remedy = "delete one of the two, or give one another name"
        self._report(Diagnostic("RT030", message, span_of(self.source, key), "again here", remedy, notes=(note,)))

    def _refuse(self, event: Any) -> None:
        start = event.start_mark.index
        text = self.source.text[start : event.end_mark.index]
        end = start + len(text.split(None, 1)[0] if text.strip() else text)
        sign, name = {"&": ("&", "an anchor"), "*": ("*", "an alias")}.get(text[:1], ("!", "a tag"))
        if sign in self.refused:  # a file that uses them has many: the first tells what to do about all
            self.refused[sign][1] += 1
            return
        self.refused[sign] = [len(self.errors), 1]
        message = f"`{_short(self.source.text[start:end])}` is read by YAML as {name}, which rule files do not have"
        remedy = (
            f"put text that begins with {sign} in quotes; write a repeated part out, or name it under `let` or `lists`"
        )
        if sign == "!":
            remedy = (
                "leave the tag out: a value has the type of its field; put text that begins with ! in quotes; "
                "in a condition write NOT, or <> for not equal"
            )
        self._report(Diagnostic("RT028", message, Span(self.source, start, end), "not allowed", remedy))

    def _count_refused(self) -> None:
        """Say at the first anchor, alias or tag how many more there are."""
        for place, number in self.refused.values():
            if number > 1:
                note = f"there {'is' if number == 2 else 'are'} {number - 1:,} more of them in this file"
                self.errors[place] = replace(self.errors[place], notes=(note,))

    def _too_deep(self, node: YamlNode) -> None:
        place = Span(self.source, node.start, node.start + 1)
        message = f"mappings and lists are nested more than {DEEPEST} deep"
        self._report(Diagnostic("RT029", message, place, "one too many", DEEP))
        raise _TooDeepError

    def _second(self, start: int) -> None:
        remedy = "move it to a file of its own in the same folder"
        place = Span(self.source, start, min(start + 3, len(self.source.text)))
        self._report(Diagnostic("RT027", "a second YAML document begins here", place, "one file, one document", remedy))

    def _report(self, diagnostic: Diagnostic) -> None:
        self.errors.append(diagnostic)
        if len(self.errors) > MOST_PROBLEMS:
            raise _TooDeepError


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
