"""What a code is: an entry of the tables of codes."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A title, what a reader should know, and a rule set (or a part of one) that is wrong in this way and mended.

    ``wrong`` and ``right`` stand below the first two lines of a rule file, its ``ruleset`` and ``record``. Where more
    is to be seen, ``# file: NAME`` begins each file, whole; a first line ``$ gpu-target ...`` is the command, else it
    is ``rules check rules.yaml``.
    """

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""
