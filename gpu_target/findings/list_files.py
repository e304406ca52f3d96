"""What is doubtful in list files: a first line that is no name, blanks around values, values that stand twice.

Of each there is one finding a list, at the first place; a note counts the others. The values are looked at as whole
columns, and the file is read again for places only where something was found: such lists have millions of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.findings.finding import Finding
from gpu_target.language.attached import Attached
from gpu_target.language.csv_text import CsvFile
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import RuleSet, ValueList
from gpu_target.language.reading import shown
from gpu_target.language.wording import counted

CODES = ("RT405", "RT410", "RT409")
LOOKED_AT = 1_000  # values that a header is compared with
DIGITS, CAPITAL, SMALL = re.compile(r"[0-9]+"), re.compile(r"[^\W\d_a-z]"), re.compile(r"[a-z]")


def of_list_files(ruleset: RuleSet, wanted: set[str]) -> Iterator[Finding]:
    """RT405, RT410 and RT409, of what is ``wanted``."""
    if wanted.isdisjoint(CODES):
        return
    for values in ruleset.lists.values():
        if values.path is not None and len(values.values):
            file = ListFile(values, values.path)
            yield from (each for each in (_header(file), _blanks(file), _twice(file)) if each is not None)


class ListFile:
    """A list with the places of its values."""

    def __init__(self, values: ValueList, path: Path) -> None:
        self.list, self.path = values, path
        self.what = f"the list `@{values.name}`"
        self.is_csv = path.suffix.lower() == ".csv"

    @cached_property
    def csv(self) -> CsvFile | None:
        """The file for its places; None where it is Parquet, or cannot be read as it was a moment ago."""
        try:
            found = CsvFile(Attached(self.path, str(self.path), self.path.read_bytes()), [])
        except OSError:
            return None
        return found if found.open() and self.list.column in found.header else None

    def span(self, row: int) -> Span | None:
        """Where a row of a CSV file stands, the header being row 1; of Parquet the name of the list."""
        if not self.is_csv or self.csv is None:
            return self.list.span
        return self.csv.span(row, self.csv.column(self.list.column))

    def found(self, code: str, places: list[int], message: str, label: str, remedy: str) -> Finding:
        """One finding about the values at ``places``; in the message, ``{}`` is the first of them."""
        first, others = places[0], len(places) - 1
        message = message.format(shown(str(self.list.values[first].as_py())))
        if not self.is_csv:
            message += f", in row {first + 1:,} of {self.path.name}"
        notes = (f"and so {'is' if others == 1 else 'are'} {counted(others, 'more value')} of it",) if others else ()
        return Finding(Diagnostic(code, message, self.span(first + 2), label, remedy, notes=notes))


def _header(file: ListFile) -> Finding | None:
    """That the name of the column may be a value: nothing but the values tells that it is none."""
    name = file.list.column
    if not file.is_csv or file.list.is_named or not looks_like_a_value(name, file.list.values):
        return None
    message = f"the first line of {file.what} looks like one of its values"
    label = f"read as the name of the column: `{shown(name)}` is not in the list"
    remedy = "write a name into a line above, such as code; or name the column in the rule file, with `column:`"
    return Finding(Diagnostic("RT409", message, file.span(1), label, remedy))


def looks_like_a_value(name: str, values: pa.Array) -> bool:
    """Whether a name is among the values, or is written as most of them are and not as names of columns are.

    Such a name has a capital and no small letter, or a digit beside capitals: `importer_id`, `Importer` and `hs6` are
    names, `XA` among `XB` and `XC`, and `IMP-1` among `IMP-2` and `IMP-33`, are not.
    """
    if pc.any(pc.equal(values, name), min_count=0).as_py():
        return True
    if not any(each.isupper() for each in name) or not (name == name.upper() or any(each.isdigit() for each in name)):
        return False
    first = values.slice(0, LOOKED_AT).to_pylist()
    return 2 * sum(shape(each) == shape(name) for each in first) > len(first)


def shape(text: str) -> str:
    """A text with its digits, capitals and small letters as one of each; how many digits stand together is left out."""
    return DIGITS.sub("9", SMALL.sub("a", CAPITAL.sub("A", text)))


def _blanks(file: ListFile) -> Finding | None:
    values = file.list.values
    if not _is_text(values):
        return None
    around = pc.not_equal(values, pc.utf8_trim_whitespace(values))
    if not pc.any(around, min_count=0).as_py():
        return None
    places = pc.indices_nonzero(around).to_pylist()
    return file.found(
        "RT410", places, f"the value `{{}}` of {file.what} has a blank around it",
        "never equal to the value without it", "delete the blank",
    )  # fmt: skip


def _twice(file: ListFile) -> Finding | None:
    codes = np.asarray(file.list.values.dictionary_encode().indices)
    # codes count up in the order in which values are first met, so that one that is not the next was met before
    known = np.concatenate([[-1], np.maximum.accumulate(codes)[:-1]])
    places = np.flatnonzero(codes <= known).tolist()
    if not places:
        return None
    return file.found(
        "RT405", places, f"`{{}}` stands twice in {file.what}", "it is there already",
        "delete it, or write the value that was meant",
    )  # fmt: skip


def _is_text(values: pa.Array) -> bool:
    return bool(pa.types.is_large_string(values.type) or pa.types.is_string(values.type))
