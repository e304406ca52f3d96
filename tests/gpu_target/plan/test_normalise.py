"""NOT pushed to the leaves: whatever the leaves are, each question is answered as by three-valued logic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_target.columns.expressions import BOOLEAN, Column, Constant
from gpu_target.plan import typed
from gpu_target.plan.atoms import Atoms
from gpu_target.plan.normalise import FALSE, TRUE, Formulas, Mode

Truth = bool | None
LEAVES = [typed.Compare(Column(name, pa.bool_()), "=", Constant(True, BOOLEAN)) for name in "abc"]
NULL_TESTS = [typed.IsNull(leaf.value) for leaf in LEAVES]
HOLDS: Mapping[Mode, Callable[[Truth], bool]] = {
    Mode.TRUE: lambda found: found is True,
    Mode.FALSE: lambda found: found is False,
    Mode.UNKNOWN: lambda found: found is None,
    Mode.NOT_TRUE: lambda found: found is not True,
    Mode.NOT_FALSE: lambda found: found is not False,
}


def inner(children: st.SearchStrategy[typed.Predicate]) -> st.SearchStrategy[typed.Predicate]:
    some = st.lists(children, min_size=1, max_size=3).map(tuple)
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    return st.one_of(
        children.map(typed.Not),
        some.map(typed.And),
        some.map(typed.Or),
        children.map(typed.IsUnknown),
        st.builds(typed.CompareTruth, children, signs, children),
        some.map(typed.CoalesceTruth),
    )


PREDICATES = st.recursive(
    st.sampled_from([*LEAVES, *NULL_TESTS, typed.Truth(True), typed.Truth(False)]), inner, max_leaves=8
)


def sql(predicate: typed.Predicate, row: Mapping[str, Truth]) -> Truth:
    """What SQL says of a predicate on a row, as plainly as it can be written."""
    match predicate:
        case typed.Truth(value):
            return value
        case typed.Compare(Column(name)):
            return row[name]
        case typed.IsNull(Column(name)):
            return row[name] is None
        case typed.Not(operand):
            found = sql(operand, row)
            return None if found is None else not found
        case typed.And(operands):
            values = [sql(each, row) for each in operands]
            return False if False in values else None if None in values else True
        case typed.Or(operands):
            values = [sql(each, row) for each in operands]
            return True if True in values else None if None in values else False
        case typed.IsUnknown(operand):
            return sql(operand, row) is None
        case typed.CompareTruth(left, sign, right):
            a, b = sql(left, row), sql(right, row)
            if a is None or b is None:
                return None
            return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]
        case typed.CoalesceTruth(operands):
            return next((found for each in operands if (found := sql(each, row)) is not None), None)
    raise AssertionError(predicate)


def holds(formulas: Formulas, number: int, row: Mapping[str, Truth]) -> bool:
    """Whether a formula holds where the leaves are what the row says."""
    kind, *rest = formulas.nodes[number]
    if kind in ("true", "false"):
        return kind == "true"
    if kind == "leaf":
        asked, mode, null_test = rest
        value: Any = formulas.atoms.groups[asked.group].values[0]  # type: ignore[attr-defined]
        found = row[value.name]
        return HOLDS[mode](found is None if null_test else found)  # type: ignore[index]
    (children,) = rest
    inside = [holds(formulas, child, row) for child in children]  # type: ignore[attr-defined]
    assert kind in ("and", "or"), "a NOT is left"
    return all(inside) if kind == "and" else any(inside)


@given(predicate=PREDICATES)
@settings(max_examples=150)
def test_every_question_is_answered_as_sql_answers_it(predicate: typed.Predicate) -> None:
    formulas = Formulas(Atoms({}))
    asked = {mode: formulas.ask(predicate, mode) for mode in Mode}
    for values in product((True, False, None), repeat=3):
        row = dict(zip("abc", values, strict=True))
        expected = sql(predicate, row)
        for mode, number in asked.items():
            assert holds(formulas, number, row) is HOLDS[mode](expected), (mode, row)


def test_equal_parts_are_one_node() -> None:
    formulas = Formulas(Atoms({}))
    a, b, c = LEAVES
    first = formulas.ask(typed.Or((typed.And((a, b)), c)), Mode.TRUE)
    before = len(formulas.nodes)
    again = formulas.ask(typed.Not(typed.And((typed.Not(typed.And((a, b))), typed.Not(c)))), Mode.TRUE)
    assert (again, len(formulas.nodes)) == (first, before)


def test_what_is_always_so_or_never_needs_no_node() -> None:
    formulas = Formulas(Atoms({}))
    a = LEAVES[0]
    assert formulas.ask(typed.Or((a, typed.Truth(True))), Mode.TRUE) == TRUE
    assert formulas.ask(typed.And((a, typed.Truth(False))), Mode.TRUE) == FALSE
    assert formulas.ask(typed.And((typed.Truth(True), typed.Truth(True))), Mode.TRUE) == TRUE
    assert formulas.ask(typed.IsUnknown(typed.IsUnknown(a)), Mode.TRUE) == FALSE


def test_nested_connectives_of_one_kind_are_one() -> None:
    formulas = Formulas(Atoms({}))
    a, b, c = LEAVES
    flat = formulas.ask(typed.And((a, b, c)), Mode.TRUE)
    assert formulas.ask(typed.And((a, typed.And((b, typed.And((c, a)))))), Mode.TRUE) == flat
    kind, children = formulas.nodes[flat]
    assert kind == "and"
    assert len(children) == 3  # type: ignore[arg-type]
