"""Numbers with their nouns, for messages and summaries."""

from __future__ import annotations


def counted(number: int, noun: str, several: str = "") -> str:
    """``1 rule``, ``2 rules``, ``1,200 rules``; ``several`` where the plural is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"
