"""Answers worked out by hand: a small table, predicates, and the answer of every row (T, F, or N for UNKNOWN).

They are the language's definition in examples. The oracle and every backend are held to them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Worked:
    """``answers``: predicate -> one letter per row."""

    name: str
    table: pa.Table
    answers: Mapping[str, str]
    lists: Mapping[str, pa.Array] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    let: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime.date | None = None

    def __post_init__(self) -> None:
        wrong = [text for text, answer in self.answers.items() if len(answer.split()) != self.table.num_rows]
        assert not wrong, f"{self.name}: one answer per row is needed: {wrong}"
