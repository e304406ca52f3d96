"""What can be wrong with a profile or a request to generate: one table of codes, and the exception that carries them.

Codes are never reused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Code(NamedTuple):
    title: str
    explanation: str


CODES: dict[str, Code] = {
    "PR001": Code("no such profile", "A profile is the name of a shipped one or the path of a YAML file."),
    "PR002": Code("profile is not readable", "A profile is a file of UTF-8 text that can be opened."),
    "PR003": Code("profile is not YAML", "A profile is one YAML document, a mapping without duplicate keys or tags."),
    "PR004": Code("wrong key or value", "Every parameter has a value of its kind and a source, or the word assumed."),
    "PR005": Code(
        "parameters contradict", "The parts of a profile name each other; the message says which do not fit."
    ),
    "PR006": Code("profiles extend each other", "extends names another profile, and the chain has an end."),
    "PR011": Code("wrong number asked for", "The message says which argument, what was given and the range."),
    "PR012": Code("unknown format", "Datasets are written as parquet, csv or arrow."),
    "PR013": Code("folder holds other files", "A dataset is not written over files that a generator did not write."),
    "PR014": Code("folder cannot be written", "The folder can be made, has room and is writable."),
    "PR021": Code("rule set cannot be changed", "A single YAML file with a list of rules, each with an id, can be."),
    "PR022": Code("too few rules to change", "As many different rules are changed as are asked for."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: what is wrong, where, and what to write instead."""

    code: str
    message: str
    place: str = ""  # a file, or file:line
    remedy: str = ""

    def __str__(self) -> str:
        lines = [f"error[{self.code}]: {self.message}"]
        if self.place:
            lines.append(f" --> {self.place}")
        if self.remedy:
            lines.append(f"  = do: {self.remedy}")
        return "\n".join(lines)


class ProfileError(Exception):
    """A profile, a rule-set text or a request that cannot be used; ``problems`` says all that was found."""

    def __init__(self, *problems: Problem) -> None:
        self.problems: Sequence[Problem] = problems
        super().__init__("\n\n".join(str(each) for each in problems))
