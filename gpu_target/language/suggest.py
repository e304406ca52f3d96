"""Did you mean: the nearest known word to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import islice

LONGEST = 80  # characters: nobody mistypes a longer name, and the comparison is quadratic in its length
MOST = 5_000  # candidates looked at: an error message is not worth a second of waiting


def nearest(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str | None:
    """The known word that ``word`` was probably meant to be, or None.

    ``synonyms`` are words of other systems and what they are called here; they come first.
    """
    simple = word.strip().lower()
    if synonyms and simple in synonyms:
        return synonyms[simple]
    if not simple or len(simple) > LONGEST:
        return None
    by_form: dict[str, str] = {}
    for each in islice(known, MOST):
        by_form.setdefault(each.lower(), each)
    close = get_close_matches(simple, by_form, n=1, cutoff=0.6)
    return by_form[close[0]] if close else None


def one_of(words: Iterable[str], limit: int = 20) -> str:
    """``a, b, c`` for a message; of many words the first ``limit`` and how many more there are."""
    listed = list(words)
    shown = ", ".join(listed[:limit])
    return shown if len(listed) <= limit else f"{shown} and {len(listed) - limit} more"


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy for an unknown name: the nearest known one, or else some that are known."""
    names = list(known)
    found = nearest(word, names)
    if found is not None:
        return f"did you mean `{found}`?"
    return otherwise or (f"known here: {one_of(names, 8)}" if names else "")
