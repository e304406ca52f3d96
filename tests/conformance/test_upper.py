"""UPPER over every code point: the backends give the same capital, and DuckDB's wherever DuckDB knows one."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import gpu_target
from tests.gpu_target.building import BACKENDS, ruleset

BLOCK = 4096  # code points in one text
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


@cache
def duckdb_capitals() -> list[str]:
    """UPPER of every code point by DuckDB."""
    table = pa.table({"character": CHARACTERS})
    connection = duckdb.connect()
    connection.register("characters", table)
    return [capital for (capital,) in connection.sql("SELECT upper(character) FROM characters").fetchall()]


def blocks(characters: list[str]) -> list[str]:
    return ["".join(characters[start : start + BLOCK]) for start in range(0, len(characters), BLOCK)]


def expected_capitals() -> list[str]:
    """DuckDB's capital where it has one; of the letters that it does not know, Arrow's."""
    arrow = pc.utf8_upper(pa.array(CHARACTERS)).to_pylist()
    known = zip(CHARACTERS, duckdb_capitals(), arrow, strict=True)
    return [by_arrow if by_duckdb == character else by_duckdb for character, by_duckdb, by_arrow in known]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_code_point_has_the_same_capital_everywhere(backend: str) -> None:
    capitals = expected_capitals()
    assert sum(character != capital for character, capital in zip(CHARACTERS, capitals, strict=True)) > 1300
    table = pa.table({"small": blocks(CHARACTERS), "capital": blocks(capitals)})
    rules = ("UPPER(small) = capital", "UPPER(capital) = capital", "LENGTH(UPPER(small)) = LENGTH(small)")
    plan = gpu_target.compile(ruleset(*rules), table.schema)
    assert plan.evaluate(table, backend=backend).counts.tolist() == [table.num_rows] * 3


def test_duckdb_lacks_capitals_of_newer_unicode_alone() -> None:
    arrow = pc.utf8_upper(pa.array(CHARACTERS)).to_pylist()
    known = zip(CHARACTERS, duckdb_capitals(), arrow, strict=True)
    differing = [(character, by_arrow) for character, by_duckdb, by_arrow in known if by_duckdb != by_arrow]
    old = [
        (character, capital)
        for character, capital in differing
        if unicodedata.ucd_3_2_0.category(capital) != "Cn"  # assigned in the Unicode of 2002
    ]
    assert old == []
    assert len(differing) < 200
