"""What is wrong, where, and what to write instead: sources, spans, diagnostics and the exceptions that carry them.

A ``Source`` is a text that people wrote; offsets into it are 0-based characters. A predicate lives inside a YAML
scalar, so its source is an ``EmbeddedSource`` that maps its own offsets to the file only when an error is shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gpu_target.immutable import immutable
from gpu_target.language.codes import CODES


class Source:
    """A text and the name it is shown under; answers where a character stands."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._starts: list[int] | None = None

    def line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            position = self.text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = self.text.find("\n", position + 1)
            self._starts = starts
        return self._starts

    def line_column(self, offset: int) -> tuple[int, int]:
        """1-based line and column of the character at ``offset``."""
        starts = self.line_starts()
        line = bisect_right(starts, max(0, min(offset, len(self.text))))
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        starts = self.line_starts()
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r")

    def resolve(self, start: int, end: int) -> tuple[Source, int, int]:
        """The file that is shown and the span in it."""
        return self, start, end


class EmbeddedSource(Source):
    """A text that stands inside another one, such as the ``when`` of a rule inside its file.

    ``locate`` gives, when first needed, the offset in ``parent`` of every character of ``text`` and of its end:
    ``len(text) + 1`` ascending numbers.
    """

    __slots__ = ("_locate", "_offsets", "parent")

    def __init__(self, parent: Source, text: str, locate: Callable[[], Sequence[int]]) -> None:
        super().__init__(parent.name, text)
        self.parent = parent
        self._locate = locate
        self._offsets: Sequence[int] | None = None

    def resolve(self, start: int, end: int) -> tuple[Source, int, int]:
        if self._offsets is None:
            self._offsets = self._locate()
        last = len(self._offsets) - 1
        first = self._offsets[min(start, last)]
        # the last character's own place plus one: folding may have put a line break behind it
        stop = self._offsets[min(end - 1, last)] + 1 if end > start else first
        return self.parent.resolve(first, max(stop, first))


class Passage(Source):
    """A part of a file that is read by itself and moves when the text before it changes, as a mark in an editor does.

    ``text`` is what was read, and the character at ``start`` in it stands at ``start + shift`` of ``file`` today.
    """

    __slots__ = ("file", "shift")

    def __init__(self, file: Source, text: str, shift: int = 0) -> None:
        super().__init__(file.name, text)
        self.file = file
        self.shift = shift

    def resolve(self, start: int, end: int) -> tuple[Source, int, int]:
        return self.file, start + self.shift, end + self.shift


@immutable
class Span:
    """Characters ``start`` up to ``end`` of a source."""

    source: Source
    start: int
    end: int

    def location(self) -> tuple[str, int, int]:
        """Name of the file, 1-based line, 1-based column."""
        source, start, _ = self.source.resolve(self.start, self.end)
        return (source.name, *source.line_column(start))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a stable code, what is wrong, where, what was expected, and what to write instead."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""  # stands beside the caret: what was found, what was expected
    remedy: str = ""  # what to write instead
    place: str = ""  # where there is no source text: a path, a column, a row
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(f"{self.code} is not in the code table")

    @property
    def is_error(self) -> bool:
        """RT2xx to RT4xx are findings of ``rules check``; everything else stops a command."""
        return not self.code.startswith(("RT2", "RT3", "RT4"))

    def location(self) -> tuple[str, int, int] | None:
        return self.span.location() if self.span else None

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        found: dict[str, object] = {"code": self.code, "message": self.message}
        if self.span:
            found["file"], found["line"], found["column"] = self.span.location()
            source, start, end = self.span.source.resolve(self.span.start, self.span.end)
            found["end_line"], found["end_column"] = source.line_column(max(start, end))
        elif self.place:
            found["file"] = self.place
        if self.label:
            found["label"] = self.label
        if self.remedy:
            found["remedy"] = self.remedy
        if self.notes:
            found["notes"] = list(self.notes)
        return found


def render(diagnostic: Diagnostic) -> str:
    """Plain text of a diagnostic, with the line it is about and a caret under the characters."""
    kind = "error" if diagnostic.is_error else "warning"
    lines = [f"{kind}[{diagnostic.code}]: {diagnostic.message}"]
    if diagnostic.span:
        source, start, end = diagnostic.span.source.resolve(diagnostic.span.start, diagnostic.span.end)
        line, column = source.line_column(start)
        text, shown_column = _window(source.line_text(line), column)
        width = max(1, min(end - start, len(text) - shown_column + 1))
        gutter = " " * len(str(line))
        lines.append(f"{gutter}--> {source.name}:{line}:{column}")
        lines.append(f"{gutter} |")
        lines.append(f"{line} | {text}")
        caret = " " * (shown_column - 1) + "^" * width
        lines.append(f"{gutter} | {caret} {diagnostic.label}".rstrip())
    elif diagnostic.place:
        lines.append(f" --> {diagnostic.place}")
    lines.extend(f"  = note: {note}" for note in diagnostic.notes)
    if diagnostic.remedy:
        lines.append(f"  = do: {diagnostic.remedy}")
    return "\n".join(lines)


def _window(text: str, column: int, width: int = 100) -> tuple[str, int]:
    """The part of a long line around ``column``, and the column inside it; tabs count as one character."""
    text = text.replace("\t", " ")
    if len(text) <= width:
        return text, column
    start = max(0, column - 1 - width // 3)
    return text[start : start + width], column - start


class GpuTargetError(Exception):
    """Anything expected to go wrong; the command line shows it without a traceback."""

    exit_code = 2

    def __init__(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n\n".join(render(each) for each in diagnostics))

    def __reduce__(self) -> tuple[type[GpuTargetError], tuple[Diagnostic, ...]]:
        """From another process too it comes back with its diagnostics, not with their text alone."""
        return type(self), self.diagnostics


class RuleError(GpuTargetError):
    """The rule set is wrong."""


class DataError(GpuTargetError):
    """The data, a list, a table or a map is wrong, missing or unreadable."""


class UsageError(GpuTargetError):
    """The command or the call is wrong."""


class UnfitError(GpuTargetError):
    """The environment cannot do it: no GPU, a full disk."""

    exit_code = 4
