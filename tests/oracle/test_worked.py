"""The oracle gives the answers that were worked out by hand."""

from __future__ import annotations

import pytest

from gpu_target.language.parser import parse_predicate_text
from tests.oracle.duckdb_sql import FALSE, TRUE, UNKNOWN, Oracle
from tests.oracle.worked import Worked
from tests.oracle.worked_numbers import NUMBERS
from tests.oracle.worked_text import TEXTS
from tests.oracle.worked_times import TIMES

LETTERS = {TRUE: "T", FALSE: "F", UNKNOWN: "N"}
ALL = (*NUMBERS, *TEXTS, *TIMES)


@pytest.mark.parametrize("worked", ALL, ids=lambda each: each.name)
def test_the_oracle_answers_as_worked_out_by_hand(worked: Worked) -> None:
    oracle = Oracle(
        worked.table,
        lists=worked.lists,
        tables=worked.tables,
        let={name: parse_predicate_text(text) for name, text in worked.let.items()},
        roles=worked.roles,
        as_of=worked.as_of,
    )
    found = oracle.truth([parse_predicate_text(text) for text in worked.answers])
    letters = {
        text: " ".join(LETTERS[int(each)] for each in row) for text, row in zip(worked.answers, found, strict=True)
    }
    assert letters == dict(worked.answers)


def test_enough_answers_are_worked_out_by_hand() -> None:
    assert sum(len(each.answers) for each in ALL) >= 150
