"""The nearest miss: what it names makes the rule match, and no smaller change of the column does."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_target.backends.interpreter import python_values, rows_of
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import family, plain
from gpu_target.explaining.axes import axis_of, changes_sign, size_of
from gpu_target.explaining.explainer import Explainer, joined
from gpu_target.explaining.nearest import STAND_IN, WHOLE, Change
from gpu_target.explaining.probes import Prober
from gpu_target.explaining.trees import columns_read, leaves_of, put
from gpu_target.language.model import RuleSet
from gpu_target.plan.bind import BoundRule
from gpu_target.plan.plan import values_of
from tests.gpu_target.building import ruleset
from tests.gpu_target.explaining.brute_force import arrow_value, candidates, far
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import KEY, case
from tests.strategies import WITHOUT_SHRINKING, Example, examples

MOST_CANDIDATES = 1_500  # of one column


def explainer_of(rules: RuleSet, table: pa.Table) -> tuple[Explainer, list[dict[str, Any]]]:
    schema = {field.name: field.type for field in table.schema}
    made = Explainer(rules, schema, as_of=AS_OF)
    arrays = {name: joined(table.column(name)) for name in made.columns}
    return made, rows_of(arrays, table.num_rows)


def named_values(made: Explainer, bound: BoundRule) -> list[Any]:
    """Whatever values the rule names: literals, and the values of lists."""
    found: list[Any] = []
    for term in made.parts(bound):
        for leaf in leaves_of(term):
            if key := getattr(leaf, "key", None):
                found += list(made.evaluator.members(key))[:60]
        found += [each.value for each in values_of(term) if type(each).__name__ == "Constant"]
    return found


def is_true(made: Explainer, bound: BoundRule, row: dict[str, Any]) -> bool:
    return all(made.search.truth(term, row) is True for term in made.parts(bound))


def check_single(made: Explainer, bound: BoundRule, row: dict[str, Any], change: Change | None, pools: Any) -> int:
    """No change of one column that brute force finds is smaller than the one that is named. How many were tried."""
    terms = made.parts(bound)
    named = named_values(made, bound)
    tried = 0
    for name in columns_read(bound.predicate, made.search.tables):
        type_ = plain(made.schema[name])
        ordered = family(type_) in ("number", "time")
        old = row[name]
        if ordered and not probes_of(made, bound, row, name).exact:
            continue  # said so in the change itself
        if not ordered and any(reads_computed(term, name) for term in terms):
            continue
        values = candidates(type_, [*named, *(row[each] for each in row), *pools.get(name, [])], old)
        for value in values[:MOST_CANDIDATES]:
            if value == old or not is_true(made, bound, {**row, name: value}):
                continue
            tried += 1
            size = WHOLE if not ordered or old is None or value is None else size_of(old, value, type_)
            assert change is not None, f"{name} = {value!r} makes it match, and no change was named"
            assert change.size <= size, f"{name} = {value!r} is smaller than {change}"
            if change.value == made.binder.column(name) and ordered and None not in (old, value, change.new):
                nearer = (changes_sign(old, value, type_), far(old, value))
                assert (changes_sign(old, change.new, type_), far(old, change.new)) <= nearer, f"{value!r}: {change}"
    return tried


def probes_of(made: Explainer, bound: BoundRule, row: dict[str, Any], name: str) -> Any:
    prober = Prober(made.evaluator, made.search.lists, made.search.tables, row, {})
    column = made.binder.column(name)
    axis = axis_of(column.type)
    return prober.probes(column, axis, made.parts(bound), None if row[name] is None else axis.position(row[name]))


def reads_computed(term: Any, name: str) -> bool:
    """Whether a text, truth or list is read inside a function, or is the key of a lookup."""
    return any(type(each).__name__ in ("Function", "Lookup") for each in values_of(term))


def matches_when_changed(rules: RuleSet, table: pa.Table, place: int, changes: dict[str, Any], rule: int) -> bool:
    """Whether the engine finds the rule on the record with other values in some columns."""
    import gpu_target

    record = table.slice(place, 1)
    for name, value in changes.items():
        type_ = plain(table.schema.field(name).type)
        record = record.set_column(record.schema.get_field_index(name), name, arrow_value(value, type_))
    plan = gpu_target.compile(rules, record.schema)
    return bool(plan.evaluate(record, backend="interpreter", as_of=AS_OF).counts.iloc[rule])


def check(rules: RuleSet, table: pa.Table, pools: Any, most_rows: int) -> dict[str, int]:
    """Both halves over every rule and the first rows."""
    made, rows = explainer_of(rules, table)
    seen = {"misses": 0, "single": 0, "several": 0, "none": 0, "tried": 0}
    for place, row in enumerate(rows[:most_rows]):
        for position, bound in enumerate(made.rules):
            if is_true(made, bound, row):
                continue
            seen["misses"] += 1
            miss = made.search.miss(made.parts(bound), row)
            changes = {change.name.strip('"'): change.new for change in miss.changes}
            seen["none" if not changes else "single" if len(changes) == 1 else "several"] += 1
            assert len(changes) == len(miss.changes)
            if changes:
                assert is_true(made, bound, {**row, **changes})
                if not any(has_zone(table, name) for name in changes):
                    assert matches_when_changed(rules, table, place, changes, position), f"{miss} {row}"
                for change in miss.changes:
                    assert change.would
            one = miss.changes[0] if len(miss.changes) == 1 else None
            seen["tried"] += check_single(made, bound, row, one, pools)
    return seen


def has_zone(table: pa.Table, name: str) -> bool:
    type_ = table.schema.field(name).type
    return pa.types.is_timestamp(type_) and type_.tz is not None


@given(example=examples(max_rules=3, max_rows=3, max_columns=4, depth=2))
@settings(max_examples=150, phases=WITHOUT_SHRINKING)
def test_a_named_change_makes_the_rule_match_and_no_smaller_one_does(example: Example) -> None:
    check(example.ruleset, example.table, {}, 3)


@pytest.mark.parametrize("seed", range(8))
def test_over_many_rules_and_the_values_that_break_things(seed: int) -> None:
    drawn = case(f"nearest {seed}", 12, n_columns=6, depth=2)
    pools = {name: python_values(values) for name, values in drawn.source.columns.items()}
    seen = check(drawn.ruleset, drawn.source.random_table(seed, 6), pools, 6)
    assert seen["single"] > 10
    assert seen["tried"] > 20


@pytest.mark.parametrize(("old", "low", "new"), [(0, 14_000, 14_001), (15_000, 0, 14_997), (7, 0, 6), (None, 100, 102)])
def test_a_long_list_is_tried_as_a_whole_where_its_nearest_values_do_not_do(old: Any, low: int, new: int) -> None:
    values = pa.array([3 * each for each in range(5_000) if 3 * each != old])
    rules = ruleset(f"n IN @long AND n > {low}", lists={"long": values}, key=(KEY,))
    table = pa.table({KEY: [1], "n": pa.array([old], pa.int64())})
    made, (row,) = explainer_of(rules, table)
    (change,) = made.search.miss(made.parts(made.rules[0]), row).changes
    assert change.new == new


@given(example=examples(max_rules=2, max_rows=2, max_columns=3, depth=1))
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_a_computed_value_that_is_named_makes_its_condition_true_and_no_nearer_one_does(example: Example) -> None:
    made, rows = explainer_of(example.ruleset, example.table)
    for row in rows:
        for bound in made.rules:
            terms = made.parts(bound)
            for place in made.search.miss(terms, row, describe=False).failing:
                for change in made.search.computed(terms, terms[place], row, {}):
                    check_computed(made, bound, place, row, change)


def check_computed(made: Explainer, bound: BoundRule, place: int, row: dict[str, Any], change: Change) -> None:
    """Put values for what is computed, everywhere in the condition and in those that are TRUE."""
    terms = made.parts(bound)
    kept = [each for each in terms if made.search.truth(each, row) is True]
    changed = [put(each, change.value, ex.Column(STAND_IN, change.type)) for each in (*kept, terms[place])]
    tests = [made.evaluator.predicate(each) for each in changed]

    def holds(value: Any) -> bool:
        return all(test({**row, STAND_IN: value}) is True for test in tests)

    assert not holds(change.old)
    assert holds(change.new)
    if change.distance is None or change.new is None:
        return
    for value in candidates(change.type, [*named_values(made, bound), *row.values()], change.old):
        if value is not None and holds(value):
            nearer = (changes_sign(change.old, value, change.type), far(change.old, value))
            assert (changes_sign(change.old, change.new, change.type), change.distance) <= nearer, (
                f"{value!r}: {change}"
            )


SMALL = {"a": pa.int16(), "b": pa.int16(), "c": pa.uint16()}


@st.composite
def arithmetic(draw: Any) -> tuple[RuleSet, pa.Table]:
    """A rule that computes with small whole numbers, whose every value brute force can try."""
    number = st.integers(-40, 40)

    def term() -> str:
        value = f"{draw(st.sampled_from(['a', 'b', 'c']))} {draw(st.sampled_from('+-*/'))} {draw(operand)}"
        if draw(st.booleans()):
            value = f"{draw(st.sampled_from(['ABS({})', '({}) * 3', '1000 / ({})', '2 - ({})']))}".format(value)
        return f"{value} {draw(st.sampled_from(['<', '<=', '>', '>=', '=']))} {draw(operand)}"

    operand = st.one_of(number.map(str), st.sampled_from(["a", "b", "c", "0.5", "7.25"]))
    terms = [term() for _ in range(draw(st.integers(1, 3)))]
    row = {name: [draw(st.integers(0 if name == "c" else -40, 40))] for name in SMALL}
    table = pa.table({KEY: [1], **{name: pa.array(row[name], type_) for name, type_ in SMALL.items()}})
    return ruleset(" AND ".join(terms), key=(KEY,)), table


@given(drawn=arithmetic())
@settings(max_examples=300, phases=WITHOUT_SHRINKING)
def test_the_nearest_operand_of_arithmetic_is_found_exactly(drawn: tuple[RuleSet, pa.Table]) -> None:
    check(*drawn, {}, 1)
