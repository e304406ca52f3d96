"""What a code is: an entry of the tables of codes."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A title, what a reader should know, and a rule set (or a part of one) that is wrong in this way and mended."""

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""
