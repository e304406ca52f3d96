"""``valid``, ``flow`` and ``offices`` are conditions like others: a missing value is UNKNOWN, whole days count."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pyarrow as pa
import pytest

from gpu_target.language import ast
from gpu_target.language.model import Rule, Scalar, Validity
from tests.gpu_target.building import BACKENDS
from tests.oracle.bulk import first_mismatch
from tests.oracle.cases import pools, ruleset_of
from tests.oracle.choices import Choices, Seeded
from tests.oracle.predicates import Field, PredicateGenerator
from tests.oracle.values import TIMES

DAYS = ("2024-02-29", "1970-01-01", "1969-12-31", "2024-03-01", "0001-01-01", "9999-12-30")
FLOWS = ("XA", "", "é", "87", "it's")
OFFICES = ("0", "5", "-1", "128", "100", "0309")


def conditioned(rule: Rule, choices: Choices) -> Rule:
    """The rule with some of the three conditions."""
    days = sorted(datetime.date.fromisoformat(choices.pick(DAYS)) for _ in range(2))
    first = days[0] if choices.chance(70) else None
    until = days[1] if choices.chance(70) or first is None else None
    return replace(
        rule,
        valid=Validity(first, until) if choices.chance(70) else None,
        flow=_scalars(FLOWS, choices),
        offices=_scalars(OFFICES, choices),
    )


def _scalars(texts: tuple[str, ...], choices: Choices) -> tuple[Scalar, ...]:
    return tuple(Scalar(choices.pick(texts)) for _ in range(choices.pick((0, 0, 1, 3))))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("date_type", TIMES, ids=str)
def test_conditions_agree_with_duckdb(date_type: pa.DataType, backend: str) -> None:
    choices = Seeded(str(date_type))
    source = pools([date_type, pa.string(), pa.int16(), pa.float64()], choices)
    fields = [Field.of(ast.Name(name), values) for name, values in source.columns.items()]
    generator = PredicateGenerator(fields, choices)
    plain = ruleset_of([generator.predicate(1) for _ in range(40)], roles={"date": "c0", "flow": "c1", "office": "c2"})
    ruleset = replace(plain, rules=tuple(conditioned(rule, choices) for rule in plain.rules))
    table = source.random_table(2, 260)
    mismatch = first_mismatch(ruleset, table, backend)
    assert mismatch is None, f"\n{mismatch}"
