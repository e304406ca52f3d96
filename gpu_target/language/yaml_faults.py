"""The YAML parser's complaints in the words of someone who writes rules, with what to write instead."""

from __future__ import annotations

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
