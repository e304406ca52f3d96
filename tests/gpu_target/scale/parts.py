"""A table with everything in it that splitting could get wrong, and results as values that compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.engine import Result
from gpu_target.language.diagnostics import DataError, Diagnostic, GpuTargetError
from gpu_target.plan.plan import Plan
from tests.gpu_target.building import rule, ruleset

ALL = ("counts", "lanes", "matches")
ROWS = 3_000


def table_of(rows: int = ROWS) -> pa.Table:
    """The three items of a declaration are far apart, so that splits separate them."""
    numbers = np.arange(rows)
    return pa.table(
        {
            "id": pa.array([f"D{row * 7 % max(1, rows // 3)}" for row in numbers], pa.string()),
            "line": pa.array(numbers, pa.int32()),
            "value": pa.array((numbers * 37 % 100).astype(float), pa.float64()),
            "office": pa.array(np.array(["309", "300", None], object)[numbers % 3], pa.string()).dictionary_encode(),
        }
    )


def plan_of(**fields: Any) -> Plan:
    """Rates that draw, a relief of a level of its own, a mandatory rule and one that never matches."""
    rules = ruleset(
        rule("HALF", "value < 30", rate=Fraction(50), weight=3),
        rule("SOME", "office = '309' AND value > 40", lane="yellow", rate=Fraction(20), weight=40),
        rule("TRUSTED", "value = 7", relief=Fraction(10)),
        rule("ALWAYS", "value = 99 AND office IS NULL", lane="blue", mandatory=True),
        rule("NEVER", "value > 1000"),
        **{"key": ("id", "line"), **fields},
    )
    return gpu_target.compile(rules, table_of(3).schema)


def whole(table: pa.Table, plan: Plan | None = None, **options: Any) -> Result:
    return (plan or plan_of()).evaluate(table, **{"outputs": ALL, "seed": 7, **options})


def everything(result: Result) -> tuple[Any, ...]:
    """Rows, counts, lanes in their order, matches and the hash."""
    lanes, matches, keys = (each.to_pylist() for each in (result.lanes(), result.matches(), result.match_keys()))
    return result.rows, result.counts.to_dict(), lanes, matches, keys, result.sha256


def cut(table: pa.Table, cuts: Sequence[int]) -> list[tuple[int, pa.Table]]:
    """Slices between the cuts, each with its first row; also empty ones."""
    ends = [0, *sorted(cuts), table.num_rows]
    return [(start, table.slice(start, end - start)) for start, end in pairwise(ends)]


def evenly(table: pa.Table, n: int) -> list[tuple[int, pa.Table]]:
    return cut(table, [table.num_rows * k // n for k in range(1, n)])


def refused(call: Callable[[], object], code: str, kind: type[GpuTargetError] = DataError) -> Diagnostic:
    """The one finding that a call is refused with, which says what to do."""
    with pytest.raises(kind) as error:
        call()
    (found,) = error.value.diagnostics
    assert found.code == code
    assert found.remedy
    return found
