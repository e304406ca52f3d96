"""Diagnostics on a terminal: no line is wider than it, and the caret stays under what it points at."""

from __future__ import annotations

import pytest

from gpu_target.cli.fitting import fitted
from gpu_target.language.diagnostics import Diagnostic, Source, Span, render

WIDTH = 80
COLUMNS = ", ".join(f"a_long_column_{number}" for number in range(20))


def of(text: str, start: int, end: int, label: str = "", remedy: str = "") -> str:
    span = Span(Source("rules.yaml", text), start, end)
    return render(Diagnostic("RT101", "there is no column `x`", span, label=label, remedy=remedy))


def test_what_fits_stays_as_it_is() -> None:
    plain = of("when: x = 1", 6, 7, "not in the data", "write y")
    assert fitted(plain, WIDTH) == plain


def test_a_long_remedy_wraps_at_words_with_a_hanging_indent() -> None:
    lines = fitted(of("when: x = 1", 6, 7, remedy=f"the columns are {COLUMNS}"), WIDTH).split("\n")
    assert max(map(len, lines)) <= WIDTH
    at = next(place for place, line in enumerate(lines) if line.startswith("  = do: the columns are"))
    assert all(line.startswith("        a_long_column_") for line in lines[at + 1 :])
    assert " ".join(" ".join(lines[at:]).split()) == f"= do: the columns are {COLUMNS}"


@pytest.mark.parametrize("start", [0, 20, 70, 90, 198])
def test_a_source_line_is_cut_around_its_caret(start: int) -> None:
    text = "." * start + "XX" + "." * (198 - start)
    lines = fitted(of(text, start, start + 2, "neither in the data nor under `let`"), WIDTH).split("\n")
    assert max(map(len, lines)) <= WIDTH
    source, caret = lines[3], lines[4]
    first = caret.index("^")
    assert source[first : first + 2] == "XX"
    assert caret[first : first + 3].strip() == "^^"
    assert "neither in the data nor under `let`" in "\n".join(lines[4:])


def test_a_label_without_room_stands_below_the_caret() -> None:
    lines = fitted(of("." * 70 + "X", 70, 71, "word " * 30), WIDTH).split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert lines[4].endswith("^")
    assert " ".join(" ".join(line.removeprefix("  | ") for line in lines[5:]).split()) == ("word " * 30).strip()


def test_a_caret_longer_than_the_screen_ends_with_it() -> None:
    lines = fitted(of("X" * 95, 0, 95, "all of it"), WIDTH).split("\n")
    assert max(map(len, lines)) <= WIDTH


def test_a_very_narrow_terminal_wraps_by_itself() -> None:
    plain = of("when: x = 1", 6, 7, remedy=COLUMNS)
    assert fitted(plain, 10) == plain
