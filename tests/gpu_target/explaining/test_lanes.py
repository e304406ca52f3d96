"""The lane that an explanation gives is the one that an evaluation gives, and so are its cause and its score."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpu_target
from gpu_target.columns import kernels
from gpu_target.columns.arrow import text_of
from gpu_target.explaining.selecting import hash_slowly
from gpu_target.language.model import RuleSet
from tests.conformance.evaluating import lanes
from tests.gpu_target.building import rule, ruleset
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import KEY
from tests.strategies import WITHOUT_SHRINKING, Example, lane_examples


def explained(rules: RuleSet, table: pa.Table, key: Any, seed: int) -> tuple[Any, ...]:
    cause = gpu_target.explain(rules, table, (key,), seed=seed, as_of=AS_OF, top=0).cause
    return cause.lane, cause.score, cause.decided_by and cause.decided_by.id, cause.selected_by


@given(example=lane_examples(), seed=st.integers(0, 3))
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_every_declaration_has_the_lane_of_an_evaluation(example: Example, seed: int) -> None:
    expected = lanes(example.ruleset, example.table, "interpreter", seed=seed)
    for key, outcome in list(expected.items())[:12]:
        assert explained(example.ruleset, example.table, key, seed) == outcome


RATED = ruleset(
    replace(rule("HALF", "x > 0", title="half of them"), rate=Fraction(50)),
    replace(rule("HALF-AGAIN", "x > 0"), rate=Fraction(50)),
    replace(rule("THIRD", "x > 1", lane="yellow"), rate=Fraction(100, 3), weight=7),
    replace(rule("TRUSTED", "trusted", relief=Fraction(10))),
    replace(rule("ALWAYS", "x > 2", lane="blue"), mandatory=True, weight=3),
    replace(rule("NOTED", "x >= 0", lane="green"), weight=2),
    key=(KEY,),
)


def world(keys: pa.Array) -> pa.Table:
    generator = np.random.default_rng(5)
    return pa.table({
        KEY: keys,
        "x": pa.array(generator.integers(0, 4, len(keys))),
        "trusted": pa.array(generator.integers(0, 4, len(keys)) == 0),
    })  # fmt: skip


@pytest.mark.parametrize(
    "type_", [pa.int32(), pa.uint64(), pa.string(), pa.dictionary(pa.int32(), pa.string()), pa.date32()], ids=str
)
@pytest.mark.parametrize("backend", ["cpu", "interpreter"])
def test_draws_are_those_of_an_evaluation_for_every_type_of_key(type_: pa.DataType, backend: str) -> None:
    numbers = pa.array(np.arange(300, dtype=np.int32) // 2)
    keys = numbers.cast(pa.string()).cast(type_) if not pa.types.is_integer(type_) and type_ != pa.date32() else numbers
    table = world(keys.cast(type_))
    expected = lanes(RATED, table, backend, seed=9)
    assert len({outcome[0] for outcome in expected.values()}) == 4, "every lane has to appear"
    for key, outcome in expected.items():
        assert explained(RATED, table, key, 9) == outcome


def test_every_matching_rule_says_what_came_of_it() -> None:
    table = world(pa.array(np.arange(300)))
    effects: dict[str, set[str]] = {}
    for key in range(300):
        cause = gpu_target.explain(RATED, table, (key,), top=0).cause
        assert cause.kept == (10 if cause.relief_by else 100)
        for part in cause.parts:
            effects.setdefault(part.rule.id, set()).add(part.effect)
            if part.drawn is not None and part.chance is not None:
                assert (part.drawn < part.chance) is (part.effect in ("decides", "selected"))
        assert sum(part.effect == "decides" for part in cause.parts) == (cause.decided_by is not None)
    assert effects["HALF"] == {"decides", "not selected"}
    assert effects["THIRD"] == {"decides", "selected", "not selected"}
    assert effects["ALWAYS"] == {"decides", "selected"}
    assert effects["NOTED"] == {"green"}
    assert effects["TRUSTED"] == {"relief"}


@given(text=st.text(max_size=40))
def test_the_slow_hash_is_that_of_the_kernels(text: str) -> None:
    found = np.empty(1, np.uint64)
    kernels.hash_texts(*text_of(pa.array([text], pa.large_string())), found)
    assert hash_slowly(text) == int(found[0])
