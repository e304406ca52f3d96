"""What a command shows: text or one JSON document on standard output; notes, progress and errors on standard error."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PATIENCE = 1.0  # seconds before a progress bar appears
Advance = Callable[[int], None]


class Screen:
    """``as_json`` keeps standard output for the document; ``quiet`` leaves errors and what was asked for."""

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    @cached_property
    def out(self) -> Console:
        return _console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        return _console(sys.stderr)

    def show(self, *parts: RenderableType) -> None:
        """The summary of what was done: for people, so neither with --json nor with --quiet."""
        if not self.as_json and not self.quiet:
            self.out.print(
                *parts, sep="\n", soft_wrap=all(isinstance(part, str) for part in parts), markup=False, highlight=False
            )

    def note(self, text: str) -> None:
        """Something to know that is no result, on standard error."""
        if not self.quiet:
            self.err.print(text, soft_wrap=not _is_watched(self.err), markup=False, highlight=False)

    def asked(self, texts: Sequence[str], apart: bool = False) -> None:
        """What was asked for, on standard output also with --quiet; ``apart``: rendered diagnostics, with colours."""
        if self.as_json:
            return
        for text in texts:
            self.out.print(_fitted(text, self.out) if apart else text, soft_wrap=True, markup=False, highlight=False)
            if apart:
                self.out.print()

    def document(self, content: Mapping[str, object]) -> None:
        """The JSON document, where it was asked for."""
        if self.as_json:
            write_text(json.dumps(content, indent=2, allow_nan=False, default=str) + "\n")

    def problems(self, found: Sequence[str]) -> None:
        """Rendered diagnostics, on standard error, with colours on a terminal."""
        for text in found:
            self.err.print(_fitted(text, self.err), soft_wrap=True)
            self.err.print()

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Advance]:
        """A bar on a terminal for anything over a second; the block calls what it gets with the number done so far."""
        if self.quiet or self.as_json or not self.err.is_terminal:
            yield lambda done: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with_bar = Progress(*columns, console=self.err, transient=True)
        task = with_bar.add_task(what, total=total)
        began = time.monotonic()
        shown = False

        def advance(done: int) -> None:
            nonlocal shown
            if not shown and time.monotonic() - began > PATIENCE:
                with_bar.start()
                shown = True
            with_bar.update(task, completed=done)

        try:
            yield advance
        finally:
            if shown:
                with_bar.stop()


def write_text(text: str) -> None:
    """To standard output; whoever stopped listening is no error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        hang_up(sys.stdout)


def hang_up(stream: TextIO) -> None:
    """Nobody reads the stream any more: what is still written to it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            hang_up(stream)

    return Patient(file=stream)


def _is_watched(console: Console) -> bool:
    """Whether a person reads: only then do lines end where the screen does, since programs look for whole lines."""
    return console.file.isatty()


def _fitted(plain: str, console: Console) -> RenderableType:
    """A rendered diagnostic in its colours, as wide as the terminal."""
    from gpu_target.cli.fitting import fitted

    return _coloured(fitted(plain, console.width) if _is_watched(console) else plain)


_STYLES = {"error": "bold red", "warning": "bold yellow"}


def _coloured(plain: str) -> RenderableType:
    from rich.text import Text

    text = Text()
    style, is_label = "bold", False  # of a line that goes on from the one before
    for number, line in enumerate(plain.split("\n")):
        if number:
            text.append("\n")
        head, bar, tail = line.partition(" | ")
        if number == 0:
            kind, colon, message = line.partition(": ")
            text.append(kind + colon, _STYLES.get(kind.split("[")[0], "")).append(message, "bold")
        elif bar and tail.lstrip().startswith("^"):
            text.append(head + bar, "blue").append(tail, "bold red")
            is_label = True
        elif bar and is_label and not head.strip():
            text.append(head + bar, "blue").append(tail, "bold red")
        elif bar and head.strip().isdigit():
            text.append(head + bar, "blue").append(tail)
        elif line.lstrip().startswith(("-->", "|")):
            text.append(line, "blue")
        else:
            if line.startswith("  = "):
                style = "green" if line.startswith("  = do:") else ""
            text.append(line, style)
    return text
