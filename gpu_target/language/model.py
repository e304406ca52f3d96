"""A rule set as read from its files: parsed, located, type-free. Columns and types are met in ``gpu_target.plan``."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gpu_target.immutable import immutable
from gpu_target.language.ast import Expr
from gpu_target.language.diagnostics import Source, Span
from gpu_target.language.parser import parse_predicate_text
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

LANES = ("green", "blue", "yellow", "red")  # by rising severity; ``orange`` is read as ``yellow``
STATUSES = ("active", "draft", "retired")


@immutable
class Scalar:
    """A scalar of a file as written: its type is the type of the column it meets, never YAML's guess."""

    text: str
    span: Span | None = None
    is_null: bool = False  # an empty plain scalar, ``~`` or ``null``


@immutable
class Predicate:
    """A predicate or, under ``let``, any expression: its tree and the text that it was read from.

    The tree of a rule's condition shares its parts with other rules and then knows no places (``located`` is false).
    """

    tree: Expr
    source: Source
    located: bool = True

    def with_places(self) -> Expr:
        """The tree, its spans pointing into ``source``."""
        return self.tree if self.located else parse_predicate_text(self.source.text)


@immutable
class Validity:
    first: datetime.date | None  # inclusive
    until: datetime.date | None  # inclusive, the whole of its day
    span: Span | None = None


@immutable
class RuleTest:
    """One in-file test: the named columns, everything else NULL, and whether ``when`` must be TRUE."""

    values: Mapping[str, Scalar | tuple[Scalar, ...]]
    matches: bool
    span: Span | None = None
    name_spans: Mapping[str, Span] = field(default_factory=dict)


@immutable
class RuleHead:
    """What results show of a rule."""

    id: str
    title: str
    lane: str | None
    relief: Fraction | None
    mandatory: bool


@immutable
class Rule:
    """One rule as written: what it matches, and what that does to a declaration."""

    id: str
    when: Predicate
    title: str = ""
    lane: str | None = None  # one of LANES; None for a relief rule
    relief: Fraction | None = None  # percent of every non-mandatory rate that matching declarations keep
    rate: Fraction = Fraction(100)  # percent, 0..100
    mandatory: bool = False
    weight: int = 1  # 0..65535
    valid: Validity | None = None
    flow: tuple[Scalar, ...] = ()
    offices: tuple[Scalar, ...] = ()
    tags: tuple[str, ...] = ()
    status: str = "active"  # one of STATUSES
    owner: str = ""
    origin: str = ""  # the key ``source``: a notice, a study
    why: str = ""
    tests: tuple[RuleTest, ...] = ()
    span: Span | None = None  # of the id

    @property
    def head(self) -> RuleHead:
        return RuleHead(self.id, self.title, self.lane, self.relief, self.mandatory)

    @property
    def is_active(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class ValueList:
    """``lists: name``: a pyarrow large_string array of the items as written, without NULL; duplicates allowed.

    From Parquet the array keeps the column's own type. ``column`` is what the file calls it, and ``is_named`` says
    whether the rule file calls it so too: else it is the first of the file.
    """

    name: str
    values: pa.Array
    span: Span | None = None
    spans: tuple[Span, ...] | None = None  # one per item where the list stands in the YAML file
    path: Path | None = None
    column: str = ""
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class LookupTable:
    """``tables: name``. ``table`` holds text columns from CSV as written (large_string), or Parquet's own types.

    ``key`` maps the record's column to the table's own. ``prefix`` is a record column among the keys whose value is
    matched by its longest prefix. ``valid`` names the table's first and last day columns. ``data`` names a table of
    the generated folder instead of a file; ``table`` is then None.
    """

    name: str
    table: pa.Table | None
    key: Mapping[str, str]
    prefix: str | None = None
    valid: tuple[str | None, str | None] | None = None
    types: Mapping[str, str] = field(default_factory=dict)  # column -> type as in a map
    data: str | None = None
    path: Path | None = None
    span: Span | None = None


class Content(NamedTuple):
    """A file that was read, and the SHA-256 of its bytes."""

    path: Path
    sha256: bytes


def hash_of(contents: Iterable[Content]) -> str:
    """SHA-256, in hexadecimal, of what files hold and of their order; not of their names."""
    digest = hashlib.sha256()
    for each in contents:
        digest.update(each.sha256)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class RuleSet:
    """Everything of a rule file or folder, in rule-set order; ``draft`` and ``retired`` rules included."""

    name: str
    rules: tuple[Rule, ...]
    lists: Mapping[str, ValueList] = field(default_factory=dict)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    let: Mapping[str, Predicate] = field(default_factory=dict)
    record: str | None = None
    record_span: Span | None = None
    key: tuple[str, ...] | None = None
    key_span: Span | None = None
    roles: Mapping[str, str] = field(default_factory=dict)  # date, flow, office -> column
    path: Path | None = None
    contents: tuple[Content, ...] = ()  # every file that was read, lists and tables included, in order
    sha256: str = ""  # of these

    def __repr__(self) -> str:
        """What it is; its rules are in ``rules``."""
        return f"<RuleSet {self.name}: {counted(len(self.rules), 'rule')}, {len(self.active):,} active>"

    @property
    def active(self) -> tuple[Rule, ...]:
        return tuple([rule for rule in self.rules if rule.status == "active"])
