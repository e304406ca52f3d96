"""Where each character of a YAML scalar stands in its file: the inverse of quotes, escapes, folding and chomping.

The parser gives a scalar's value and its two ends. A caret inside a folded `when` needs the place of every character,
so the scalar is read a second time, only when an error is to be shown. The reading follows the YAML 1.1 rules of
libyaml and is checked against the value it must give.
"""

from __future__ import annotations

_ESCAPES = {"x": 2, "u": 4, "U": 8}  # hexadecimal digits
_SIMPLE = dict(zip('0abt\tnvfre "\\/N_LP', '\0\a\b\t\t\n\v\f\r\x1b "\\/\x85\xa0\u2028\u2029', strict=True))

Read = tuple[list[str], list[int]]  # characters of the value, and their places


def places(text: str, start: int, end: int, style: str, value: str) -> list[int]:
    """``len(value) + 1`` ascending offsets into ``text``: of each character of ``value``, and of its end.

    The end is the place behind the last character that can be seen, where something is missing.
    """
    for characters, found in _readings(text, start, end, style):
        if "".join(characters) == value:
            return _with_end(value, found, start)
    return [start] * (len(value) + 1)  # not met by any test; a caret at the scalar's beginning is still true


def _with_end(value: str, found: list[int], start: int) -> list[int]:
    seen = len(value.rstrip("\n"))
    behind = found[seen - 1] + 1 if seen else start
    return found[:seen] + [behind] * (len(value) - seen + 1)


def _readings(text: str, start: int, end: int, style: str) -> list[Read]:
    if style in ("|", ">"):
        return _block_readings(text, start, style)
    if style == "":
        return [_flow(text, start, end, "")]
    return [_flow(text, start + 1, end - 1, style)]


def _line_break(text: str, place: int) -> int:
    """The length of the line break at ``place``, or 0."""
    if text.startswith("\r\n", place):
        return 2
    return 1 if text.startswith("\n", place) else 0


def _flow(text: str, place: int, end: int, style: str) -> Read:
    """Plain and quoted scalars: a line break and the blanks around it are one space, n + 1 breaks are n."""
    characters: list[str] = []
    found: list[int] = []
    while place < end:
        character = text[place]
        if character in " \t\r\n":
            place = _blanks(text, place, end, characters, found)
        elif style == "'" and character == "'":
            characters.append("'")
            found.append(place)
            place += 2
        elif style == '"' and character == "\\":
            place = _escape(text, place, end, characters, found)
        else:
            characters.append(character)
            found.append(place)
            place += 1
    return characters, found


def _blanks(text: str, place: int, end: int, characters: list[str], found: list[int]) -> int:
    first = place
    breaks: list[int] = []
    while place < end and text[place] in " \t\r\n":
        length = _line_break(text, place)
        if length:
            breaks.append(place)
        place += length or 1
    if not breaks:
        characters.extend(text[first:place])
        found.extend(range(first, place))
    elif len(breaks) == 1:
        characters.append(" ")
        found.append(breaks[0])
    else:
        characters.extend("\n" * (len(breaks) - 1))
        found.extend(breaks[1:])
    return place


def _escape(text: str, place: int, end: int, characters: list[str], found: list[int]) -> int:
    kind = text[place + 1]
    length = _line_break(text, place + 1)
    if length:  # the line goes on: the break and the blanks of the next line are nothing
        after = place + 1 + length
        breaks: list[int] = []
        while after < end and text[after] in " \t\r\n":
            length = _line_break(text, after)
            if length:
                breaks.append(after)
            after += length or 1
        characters.extend("\n" * len(breaks))
        found.extend(breaks)
        return after
    digits = _ESCAPES.get(kind, 0)
    written = text[place + 2 : place + 2 + digits]
    characters.append(chr(int(written, 16)) if digits else _SIMPLE[kind])
    found.append(place)
    return place + 2 + digits


def _block_readings(text: str, start: int, style: str) -> list[Read]:
    """Literal and folded scalars, once per indentation that is possible: an indicator counts from the parent's."""
    header = start + 1
    chomp = ""
    explicit = False
    while header < len(text) and text[header] in "+-0123456789":
        chomp = text[header] if text[header] in "+-" else chomp
        explicit = explicit or text[header].isdigit()
        header += 1
    while header < len(text) and not _line_break(text, header):
        header += 1  # a comment
    body = header + _line_break(text, header)
    first = _first_indent(text, body)
    indents = range(max(first, 1), 0, -1) if explicit else [first]
    return [_block(text, body, style, chomp, max(indent, 1)) for indent in indents]


def _first_indent(text: str, place: int) -> int:
    """Spaces before the first line with text, or of the longest blank line where there is none."""
    longest = 0
    while place < len(text):
        line = place
        while place < len(text) and text[place] == " ":
            place += 1
        longest = max(longest, place - line)
        length = _line_break(text, place)
        if not length:
            break
        place += length
    return longest


def _block(text: str, place: int, style: str, chomp: str, indent: int) -> Read:
    characters: list[str] = []
    found: list[int] = []
    place, column, gaps = _gap(text, place, indent)
    lead: list[int] = []  # the line break behind the last line, until it is known whether it folds
    was_blank = False
    while column == indent and place < len(text):
        is_blank = text[place] in " \t"
        if style == ">" and lead and not was_blank and not is_blank:
            if not gaps:
                characters.append(" ")
                found.extend(lead)
        else:
            characters.extend("\n" * len(lead))
            found.extend(lead)
        characters.extend("\n" * len(gaps))
        found.extend(gaps)
        was_blank = is_blank
        while place < len(text) and not _line_break(text, place):
            characters.append(text[place])
            found.append(place)
            place += 1
        lead = [place] if place < len(text) else []
        place, column, gaps = _gap(text, place + _line_break(text, place), indent)
    for kept in (lead if chomp != "-" else [], gaps if chomp == "+" else []):
        characters.extend("\n" * len(kept))
        found.extend(kept)
    return characters, found


def _gap(text: str, place: int, indent: int) -> tuple[int, int, list[int]]:
    """Skip blank lines and the next line's indentation: where its text begins, its column, the breaks passed."""
    breaks: list[int] = []
    while True:
        line = place
        while place < len(text) and place - line < indent and text[place] == " ":
            place += 1
        length = _line_break(text, place)
        if not length:
            return place, place - line, breaks
        breaks.append(place)
        place += length
