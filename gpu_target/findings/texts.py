"""Texts as the classes of a text column see them: which lie in a range, and which LIKE patterns imply which.

Text is ordered by its UTF-8 bytes, which is the order of its code points. A range holds the texts from ``low`` up to,
and without, ``high``; its ends are bytes that need not be UTF-8 themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SURROGATES = range(0xD800, 0xE000)  # code points that no text has
LAST = 0x10FFFF
MANY, ONE = "%", "_"
SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")


class Token(NamedTuple):
    """A character, or a wildcard: ``%`` or ``_``."""

    character: str
    wild: bool


ANY, ONE_CHARACTER = Token(MANY, True), Token(ONE, True)


class Limits(NamedTuple):
    """What texts a value can be: at most ``longest`` code points; without small ASCII letters where ``capitals``."""

    longest: int | None = None
    capitals: bool = False

    def allow(self, text: str) -> bool:
        if self.longest is not None and len(text) > self.longest:
            return False
        return not (self.capitals and SMALL.intersection(text))

    def allow_pattern(self, tokens: Sequence[Token]) -> bool:
        """Whether some of these texts may fit a pattern."""
        if self.longest is not None and sum(token != ANY for token in tokens) > self.longest:
            return False
        return not (self.capitals and any(SMALL.intersection(word) for word in words_of(tokens)))


ANY_TEXT = Limits()


def first_from(low: bytes, longest: int | None) -> str | None:
    """The first text, of at most ``longest`` code points, that is not below ``low``; None where there is none."""
    try:
        text = low.decode()
    except UnicodeDecodeError as error:
        head, rest = low[: error.start].decode(), low[error.start :]
        code = _first_code_above(rest)
        found = increased(head) if code is None else head + chr(code)
        if found is None:
            return None
        text = found
    if longest is not None and len(text) > longest:
        return increased(text[:longest])
    return text


def _first_code_above(rest: bytes) -> int | None:
    """The first code point whose bytes are above ``rest``, which begins with none."""
    low, high = 0, LAST + 1
    while low < high:
        middle = (low + high) // 2
        code = SURROGATES.stop if middle in SURROGATES else middle
        if chr(code).encode() > rest:
            high = middle
        else:
            low = middle + 1
    if low > LAST:
        return None
    return SURROGATES.stop if low in SURROGATES else low


def increased(text: str) -> str | None:
    """The first text above all that begin with ``text``; None where nothing is."""
    while text:
        code = ord(text[-1]) + 1
        if code <= LAST:
            return text[:-1] + chr(SURROGATES.stop if code in SURROGATES else code)
        text = text[:-1]
    return None


def following(text: str, longest: int | None) -> str | None:
    """The first text above ``text``, of at most ``longest`` code points."""
    return text + "\0" if longest is None or len(text) < longest else increased(text)


def is_endless(low: bytes, high: bytes | None, longest: int | None) -> bool:
    """Whether a range has more texts than can be counted; False also where that is not plain."""
    if longest is not None:
        return False
    try:
        low.decode()
    except UnicodeDecodeError:
        return False
    return high is None or (low < high and bool(high[len(low) :].strip(b"\0") or not high.startswith(low)))


def common_prefix(low: bytes, high: bytes | None) -> str:
    """A text that all texts of a range begin with."""
    if high is None:
        return ""
    length = 0
    while length < min(len(low), len(high)) and low[length] == high[length]:
        length += 1
    if length < len(low) and len(high) == length + 1 and low[length] + 1 == high[length]:
        length += 1  # as of LIKE: the end is the last byte raised by one
    found = low[:length]
    return found.decode(errors="ignore")


# -- patterns ---------------------------------------------------------------------------------------------------------


def tokens_of(pattern: str, escape: str | None) -> tuple[Token, ...]:
    """A LIKE pattern in its canonical form: in a run of wildcards every ``_`` stands before one ``%``."""
    found: list[Token] = []
    ones, many = 0, False
    characters = iter(pattern)
    for character in characters:
        if character != escape and character in (MANY, ONE):
            ones, many = ones + (character == ONE), many or character == MANY
            continue
        found += _run(ones, many)
        ones, many = 0, False
        found.append(Token(next(characters) if character == escape else character, False))
    return (*found, *_run(ones, many))


def _run(ones: int, many: bool) -> list[Token]:
    return [ONE_CHARACTER] * ones + [ANY] * many


def begins_with(text: str) -> tuple[Token, ...]:
    """The pattern of the texts that begin with ``text``."""
    return (*(Token(each, False) for each in text), ANY)


def words_of(tokens: Sequence[Token]) -> list[str]:
    """The runs of characters between wildcards."""
    found = [""]
    for token in tokens:
        if token.wild:
            found.append("")
        else:
            found[-1] += token.character
    return [each for each in found if each]


def head_of(tokens: Sequence[Token]) -> str:
    """The characters before the first wildcard."""
    length = next((k for k, token in enumerate(tokens) if token.wild), len(tokens))
    return "".join(token.character for token in tokens[:length])


def implies(narrow: Sequence[Token], wide: Sequence[Token]) -> bool:
    """Whether every text that fits ``narrow`` fits ``wide``; False also where that is not plain.

    The wildcards of ``narrow`` are read as signs of their own: ``_`` of ``wide`` takes in any one sign but ``%``, and
    ``%`` of it any number of signs.
    """
    words = words_of(narrow)
    if any(all(word not in each for each in words) for word in words_of(wide)):
        return False
    reached = _behind_many({0}, wide)
    for token in narrow:
        after: set[int] = set()
        for place in reached:
            if place == len(wide):
                continue
            other = wide[place]
            if other == ANY:
                after.add(place)
            elif token == other or (other == ONE_CHARACTER and token != ANY):
                after.add(place + 1)
        reached = _behind_many(after, wide)
        if not reached:
            return False
    return len(wide) in reached


def _behind_many(places: set[int], tokens: Sequence[Token]) -> set[int]:
    """The places and, as ``%`` may stand for nothing, those behind it."""
    found = set(places)
    for place in places:
        while place < len(tokens) and tokens[place] == ANY:
            place += 1
            found.add(place)
    return found


def exclude(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Whether no text fits both patterns, as their beginnings or ends tell; False also where that is not plain."""
    return _clash(one, other) or _clash(one[::-1], other[::-1])


def _clash(one: Sequence[Token], other: Sequence[Token]) -> bool:
    for a, b in zip(one, other, strict=False):
        if ANY in (a, b):
            return False
        if not a.wild and not b.wild and a.character != b.character:
            return True
    longer = max(one, other, key=len)[min(len(one), len(other)) :]
    return any(token != ANY for token in longer)
