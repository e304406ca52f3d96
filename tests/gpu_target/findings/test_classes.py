"""Which classes a value can have: every class that some value has is possible, and of the others most are not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gpu_target.columns import expressions as ex
from gpu_target.columns.coded import Memo
from gpu_target.columns.values import Batch
from gpu_target.findings.classes import may_be_null, possible_classes
from gpu_target.findings.facts import Facts
from gpu_target.plan import typed
from gpu_target.plan.atoms import NULL_TEST, Asked, Atoms
from tests.oracle.cases import case, take
from tests.oracle.values import DICTIONARY
from tests.oracle.verdicts import judged

COLUMN = ex.Column("c", pa.int64())


@pytest.mark.parametrize("seed", range(25))
def test_every_class_that_a_value_has_is_possible(seed: int) -> None:
    drawn = case(f"classes {seed}", 12, n_columns=6, depth=1, as_of=False)
    found = judged(drawn.ruleset, drawn.source.random_table(0, 1).schema).conditions
    n = max(len(values) for values in drawn.source.columns.values())
    columns = {name: take(values, np.arange(n) % len(values)) for name, values in drawn.source.columns.items()}
    batch = Batch(columns, n, {}, None)
    looked_at = 0
    for number, column in found.facts.columns.items():
        if any(isinstance(each, ex.Lookup) for each in _inside(column.values)):
            continue
        out = np.empty(n, np.uint16)
        column.encode(batch, Memo(), out)
        seen = {int(each) for each in np.unique(out)}
        assert [each for each in seen if not found.facts.possible[number] >> each & 1] == []
        looked_at += len(seen)
    assert looked_at > 4


def _inside(values: tuple[ex.Value, ...]) -> list[ex.Value]:
    found = list(values)
    for each in values:
        found += _inside(getattr(each, "arguments", ()))
    return found


def possible(value: ex.Value, *leaves: typed.Leaf) -> list[int]:
    """The possible classes of the column that answers some leaves."""
    atoms = Atoms({})
    asked = [Asked(atoms.home(value), NULL_TEST), *map(atoms.ask, leaves)]
    (column,) = atoms.cut(asked).columns.values()
    bits = possible_classes(column, {})
    return [k for k in range(column.null + 1) if bits >> k & 1]


def compare(value: ex.Value, operator: str, literal: object) -> typed.Compare:
    type_ = ex.TEXT if isinstance(literal, str) else ex.NUMBER
    return typed.Compare(value, operator, ex.Constant(literal, type_))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "limit", "expected"),
    [
        (pa.uint8(), 300, 1), (pa.uint8(), 200, 2), (pa.int8(), -200, 1), (pa.int64(), 2**70, 1), (pa.uint64(), 0, 1),
        (pa.uint64(), 2**63, 2), (pa.decimal128(9, 2), 10**8, 1), (pa.decimal128(30, 2), 10**29, 1),
        (pa.decimal128(30, 2), 10**20, 2), (pa.float64(), 5, 2), (pa.float16(), 65_520, 2), (pa.bool_(), 2, 1),
    ],
)  # fmt: skip
def test_thresholds_that_no_value_reaches_part_nothing(type_: pa.DataType, limit: int, expected: int) -> None:
    column = ex.Column("c", type_)
    classes = possible(column, compare(column, "<", limit))
    assert len(classes) == expected + 1  # that of NULL is possible too


@pytest.mark.parametrize(
    ("function", "type_", "limits", "expected"),
    [
        ("MONTH", pa.date32(), (1, 12), 2), ("MONTH", pa.date32(), (1, 13), 1), ("HOUR", pa.timestamp("us"), (24,), 1),
        ("LENGTH", pa.string(), (0,), 1), ("LENGTH", pa.string(), (1,), 2), ("ABS", pa.float64(), (0,), 1),
        ("YEAR", pa.date32(), (2024,), 2), ("WEEKDAY", pa.date32(), (1, 8), 1),
    ],
)  # fmt: skip
def test_a_function_gives_what_it_gives(function: str, type_: pa.DataType, limits: tuple[int], expected: int) -> None:
    value = ex.Function(function, (ex.Column("c", type_),), ex.NUMBER)
    assert len(possible(value, *(compare(value, "<", each) for each in limits))) == expected + 1


def test_no_whole_number_lies_between_two() -> None:
    value = ex.Function("DAY", (ex.Column("c", pa.date32()),), ex.NUMBER)
    between = compare(value, ">", 2), compare(value, "<", 3)
    assert len(possible(value, *between)) == 2 + 1
    number = ex.Function("+", (COLUMN, COLUMN), ex.NUMBER)
    assert len(possible(number, compare(number, ">", 2), compare(number, "<", 3))) == 3 + 1


def test_a_range_of_one_text_that_is_named_has_no_other() -> None:
    column = ex.Column("c", pa.string())
    tests = compare(column, ">=", "a"), compare(column, "<=", "a"), compare(column, "=", "a")
    assert len(possible(column, *tests)) == 3 + 1
    assert len(possible(column, compare(column, ">=", ""))) == 1 + 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (COLUMN, True), (ex.AsOf(), False),
        (ex.Function("COALESCE", (COLUMN, ex.Constant(1, ex.NUMBER)), ex.NUMBER), False),
        (ex.Function("LEAST", (COLUMN, COLUMN), ex.NUMBER), True),
        (ex.Function("-", (ex.AsOf(), ex.AsOf()), ex.NUMBER), True),  # not known to be a difference of days
        (ex.Function("ABS", (ex.Constant(1, ex.NUMBER),), ex.NUMBER), False),
    ],
)  # fmt: skip
def test_what_may_be_null(value: ex.Value, expected: bool) -> None:
    assert may_be_null(value) is expected


def test_a_comparison_asked_both_ways_round_is_one() -> None:
    atoms = Atoms({})
    other = ex.Column("d", pa.int64())
    asked = [
        atoms.ask(typed.ComparePair(COLUMN, "<", other)),
        atoms.ask(typed.ComparePair(other, "<=", COLUMN)),
    ]
    facts = Facts(atoms.cut(asked).columns, {}, set())
    assert facts.turned == {1: 0}
    assert facts.turn(1, 0b0011) == (0, 0b0110)
    assert facts.turn(1, 0b1000) == (0, 0b1000)
    assert facts.turn(0, 0b0011) == (0, 0b0011)


def test_dictionaries_are_their_entries() -> None:
    column = ex.Column("c", ex.plain(DICTIONARY))
    assert len(possible(column, compare(column, "=", "a"))) == 2 + 1
