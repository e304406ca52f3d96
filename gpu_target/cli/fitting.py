"""Rendered diagnostics made to fit a terminal: text wraps at words, a source line is cut around its caret."""

from __future__ import annotations

import re
from textwrap import wrap

MARKED = re.compile(r"  = (?:note|do): ")
SOURCE = re.compile(r"\d+ \| ")
CARET = re.compile(r"( +\| )( *)(\^+)(.*)")
NARROWEST = 40  # columns; what is narrower than this is left to the terminal
CUT = "…"


def fitted(plain: str, width: int) -> str:
    """A rendered diagnostic in at most ``width`` columns; paths, and words longer than that, stay whole."""
    if width < NARROWEST:
        return plain
    lines = plain.split("\n")
    found = hanging(lines[0], width, 4)
    at = 1
    while at < len(lines):
        caret = CARET.fullmatch(lines[at + 1]) if at + 1 < len(lines) and SOURCE.match(lines[at]) else None
        marked = MARKED.match(lines[at])
        if caret:
            found += pointed(lines[at], caret, width)
            at += 1
        elif marked:
            found += hanging(lines[at], width, marked.end())
        else:
            found.append(lines[at])
        at += 1
    return "\n".join(found)


def hanging(line: str, width: int, indent: int) -> list[str]:
    """A line wrapped at words, all but the first piece indented."""
    if len(line) <= width:
        return [line]
    return wrap(line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def pointed(line: str, caret: re.Match[str], width: int) -> list[str]:
    """A source line and its caret; a label that has no room beside the caret stands below it."""
    gutter, before, carets, label = caret.groups()
    room = width - len(gutter)
    text, start, length = line[len(gutter) :], len(before), min(len(carets), room - 2)
    if len(text) > room:
        first = max(0, min(start - room // 3, len(text) - room)) if start + length >= room else 0
        ends = first > 0, first + room < len(text)
        text = text[first : first + room]
        text = (CUT if ends[0] else "") + text[ends[0] : len(text) - ends[1]] + (CUT if ends[1] else "")
        start -= first
        length = min(length, room - start)
    label = label.strip()
    pointer = " " * start + "^" * length
    if len(pointer) + 1 + len(label) <= room:
        return [line[: len(gutter)] + text, f"{gutter}{pointer} {label}".rstrip()]
    indent = max(0, min(start, room - len(label)))
    below = wrap(label, room - indent, break_long_words=False, break_on_hyphens=False)
    return [line[: len(gutter)] + text, gutter + pointer, *(gutter + " " * indent + each for each in below)]
