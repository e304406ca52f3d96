"""The YAML parser's complaints in the words of someone who writes rules, with what to write instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from gpu_target.language.diagnostics import Diagnostic, Source, Span


class _Fault(NamedTuple):
    sign: str  # part of the parser's own message
    message: str
    label: str
    remedy: str


_QUOTE = "put the whole value in single quotes, or write it on the lines below `>`"
_FAULTS = (
    _Fault("mapping values are not allowed", "a second `:` stands in one value", "read as a key and its value",
           f"{_QUOTE}; a key of its own must be indented like its neighbours"),
    _Fault("block sequence entries are not allowed", "a list cannot begin here", "found `-`",
           "begin a list on the line below its key"),
    _Fault("violates indentation", "a tab stands in the indentation", "found a tab", "indent with spaces"),
    _Fault("tab character where", "a tab stands in the indentation", "found a tab", "indent with spaces"),
    _Fault("unknown escape character", "an unknown escape stands in a text in double quotes", "text begins here",
           "use single quotes, in which a backslash is an ordinary character"),
    _Fault("while scanning a quoted scalar", "a quoted text does not end", "begins here",
           "close the quotes; a quote inside single quotes is doubled"),
    _Fault("expected comment or line break", "text stands behind `>` or `|`", "expected the end of the line",
           "begin the text on the next line, indented further than its key"),
    _Fault("',' or ']'", "a list in brackets does not end", "begins here", "separate with commas and close with ]"),
    _Fault("',' or '}'", "a mapping in braces does not end", "begins here",
           "separate with commas and close with }; text that begins with { must be in quotes"),
    _Fault("expected '-' indicator", "the lines of this list do not stand in one column", "expected `-`",
           "indent each `-` of a list alike, and the keys of an item below its first key"),
    _Fault("expected ':'", "a key has no `:`", "expected `:` before this",
           "write `key: value`, or indent a value that continues on a second line"),
    _Fault("expected key", "text stands where a key was expected", "expected `key: value` in the same column as above",
           f"a value that begins with a quote must end with it: {_QUOTE}; keys of one mapping stand in one column"),
    _Fault("alphabetic or numeric character", "YAML gives `*` and `&` a meaning of its own", "found here", _QUOTE),
    _Fault("expected node content", "a value cannot begin with this character", "expected a value", _QUOTE),
    _Fault("tag", "YAML gives `!` a meaning of its own", "found here", _QUOTE),
    _Fault("expected <document start>", "text stands behind the end of the document", "expected nothing more",
           "indent it like the rest, or delete it"),
    _Fault("directive", "a line that begins with % is a directive of YAML", "found here", "delete the line"),
)  # fmt: skip
_INDENTED_KEY = re.compile(r"( +)([\w-]+):")
_KEY_WITH_VALUE = re.compile(r"( *(?:- +)?)([\w-]+): +[^\s>|]")
_JOINED = re.compile(r"([\w-]+):(\S.{0,40})")
_TWO_WORDS = re.compile(r"([\w-]+) +(\S{1,40})")
_AT_CONTEXT = ("begins here", "text begins here")  # where the fault shows is far from where it was made


def explain(source: Source, problem: str, place: int, context: str, context_place: int) -> Diagnostic:
    """A diagnostic for what YAML's parser said about the character at ``place``."""
    found = source.text[place : place + 1]
    if "cannot start any token" in problem:
        return _cannot_start(source, place, found)
    if "nesting depth" in problem:
        message = "mappings and lists are nested far too deep"
        remedy = "leave brackets out: no file here needs more than seven levels"
        return Diagnostic("RT029", message, Span(source, place, place + 1), "given up here", remedy)
    slip = None
    if "mapping values are not allowed" in problem:
        slip = _indented_too_far(source, place)
    elif "expected ':'" in problem and "simple key" in context:
        slip = _key_without_colon(source, context_place)
    if slip is not None:
        return slip
    for fault in _FAULTS:
        if fault.sign in problem or (fault.sign in context and "end of stream" in problem) or fault.sign == context:
            start = context_place if fault.label in _AT_CONTEXT else place
            start, end = _visible(source, start)
            code = "RT026" if "tab" in fault.label else "RT025"
            note = () if start == context_place or not context else (f"YAML: {context}: {problem}",)
            return Diagnostic(code, fault.message, Span(source, start, end), fault.label, fault.remedy, notes=note)
    start, end = _visible(source, place)
    message = "this is not YAML: " + ": ".join(part for part in (context, problem) if part)
    return Diagnostic("RT025", message, Span(source, start, end), "found here", _QUOTE)


def _indented_too_far(source: Source, place: int) -> Diagnostic | None:
    """A key that stands further right than the one above it, which already has a value: YAML joins the two lines."""
    number, _ = source.line_column(place)
    line = source.line_text(number)
    key = _INDENTED_KEY.match(line)
    start = place - (source.line_column(place)[1] - 1)
    if key is None or start + key.end() - 1 != place:
        return None
    above = number - 1
    while above and not source.line_text(above).strip():
        above -= 1
    neighbour = _KEY_WITH_VALUE.match(source.line_text(above)) if above else None
    if neighbour is None or len(neighbour[1]) >= len(key[1]):
        return None
    span = Span(source, start + len(key[1]), place)
    label = f"behind {len(key[1])} spaces, `{neighbour[2]}` behind {len(neighbour[1])}"
    remedy = f"indent `{key[2]}` like `{neighbour[2]}`; if it continues the text above, {_QUOTE}"
    return Diagnostic("RT025", "this key is indented further than the one above it", span, label, remedy)


def _key_without_colon(source: Source, place: int) -> Diagnostic | None:
    """A line without `: `; YAML notices it in the next one only, having joined the two."""
    number, column = source.line_column(place)
    line = source.line_text(number)[column - 1 :].rstrip()
    if not line:
        return None
    span = Span(source, place, place + len(line))
    if (joined := _JOINED.fullmatch(line)) is not None:
        remedy = f"write `{joined[1]}: {joined[2]}`"
        return Diagnostic("RT025", "a space is missing after `:`", span, "read as one word", remedy)
    words = _TWO_WORDS.fullmatch(line)
    shown = f"`{words[1]}: {words[2]}`" if words else "`key: value`"
    remedy = f"write {shown}, or indent a value that continues on a second line"
    return Diagnostic("RT025", "a key has no `:`", span, "expected `:` in this line", remedy)


def _cannot_start(source: Source, place: int, found: str) -> Diagnostic:
    span = Span(source, place, place + 1)
    if found == "\t":
        return Diagnostic("RT026", "a tab stands in the indentation", span, "found a tab", "indent with spaces")
    return Diagnostic(
        "RT025", f"a value cannot begin with `{found}`", span, "expected a letter, digit or quote", _QUOTE
    )


def _visible(source: Source, place: int) -> tuple[int, int]:
    """A place that can be shown: the end of the file is behind its last character."""
    if place >= len(source.text):
        place = len(source.text.rstrip())
    return place, place + 1
