"""Hypothesis strategies: schemas, rows, predicates and rule sets that are aimed at edges.

The generator is the one of the bulk runs (``tests.oracle``); here its decisions are drawn, so that examples shrink:
the first column type, value and operator of each choice is the simplest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from hypothesis import Phase
from hypothesis import strategies as st

from gpu_target.language import ast
from gpu_target.language.model import LANES, Rule, RuleSet
from gpu_target.language.printer import to_text
from tests.oracle.cases import Pools, build, pools
from tests.oracle.predicates import Field, PredicateGenerator
from tests.oracle.values import ALL_TYPES

# The generator draws many small decisions, which hypothesis shrinks for minutes; tests that use whole rule sets say
# what differs by one rule and one row themselves.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
T = TypeVar("T")
EDGE_ROW_COUNTS = (1, 0, 2, 3, 63, 64, 65, 129)
Draw = Callable[[st.SearchStrategy[Any]], Any]


class Drawn:
    """Decisions drawn by hypothesis."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.integer(0, 99) >= 100 - percent  # 0, to which numbers shrink, is No


@dataclass(frozen=True)
class Example:
    """A rule set and a table that it can be evaluated on."""

    ruleset: RuleSet
    table: pa.Table

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What hypothesis shows of a failing example."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        rules = [f"{to_text(each.when.tree)} -> {_decision(each)}" for each in self.ruleset.rules]
        let = {name: to_text(each.tree) for name, each in self.ruleset.let.items()}
        return f"rules {rules}, let {let}, {self.table.schema.to_string()}, rows {self.table.to_pylist()[:6]}"


def _decision(rule: Rule) -> str:
    if rule.relief is not None:
        return f"relief {rule.relief}"
    return f"{rule.lane}, rate {rule.rate}, weight {rule.weight}{', mandatory' if rule.mandatory else ''}"


def column_types(max_columns: int = 5) -> st.SearchStrategy[list[pa.DataType]]:
    """Arrow types of a table's columns, any of those that rules can read."""
    return st.lists(st.sampled_from(ALL_TYPES), min_size=1, max_size=max_columns)


@st.composite
def tables(draw: Draw, source: Pools, max_rows: int = 130) -> pa.Table:
    """Rows of edge values: a few drawn ones, repeated up to the number of rows."""
    n_rows = min(draw(st.sampled_from(EDGE_ROW_COUNTS)), max_rows)
    n_drawn = min(n_rows, 6)
    indices = {}
    for name, values in source.columns.items():
        drawn = draw(st.lists(st.integers(0, len(values) - 1), min_size=n_drawn, max_size=n_drawn))
        indices[name] = np.resize(np.array(drawn, np.int64), n_rows)
    return source.table(indices, n_rows)


@st.composite
def predicates(draw: Draw, source: Pools, depth: int = 3) -> ast.Expr:
    """A predicate over the columns of ``source``."""
    fields = [Field.of(ast.Name(name), values) for name, values in source.columns.items()]
    return PredicateGenerator(fields, Drawn(draw)).predicate(depth)


@st.composite
def examples(
    draw: Draw, max_rules: int = 4, max_rows: int = 130, max_columns: int = 5, depth: int = 3, as_of: bool = True
) -> Example:
    """A rule set with lists, lookup tables and names of ``let``, some rules twice, and a table for it."""
    choices = Drawn(draw)
    n_rules = draw(st.integers(1, max_rules))
    case = build(draw(column_types(max_columns)), choices, n_rules, depth=depth, as_of=as_of, n_random=2)
    return Example(case.ruleset, draw(tables(case.source, max_rows)))


@st.composite
def single_predicates(draw: Draw, max_rows: int = 130) -> tuple[ast.Expr, pa.Table]:
    """A predicate over columns alone, and a table for it."""
    source = pools(draw(column_types()), Drawn(draw), 2)
    return draw(predicates(source)), draw(tables(source, max_rows))


def rates() -> st.SearchStrategy[Fraction]:
    """Percent of matching declarations that a rule selects."""
    return st.sampled_from([Fraction(100), Fraction(0), Fraction(1, 3), Fraction(50), Fraction("12.5"), Fraction(99)])


@st.composite
def decisions(draw: Draw, rule: Rule) -> Rule:
    """The rule with any lane, rate and weight, mandatory or a relief."""
    if draw(st.integers(0, 9)) == 9:
        return replace(rule, lane=None, relief=draw(rates()))
    if draw(st.integers(0, 9)) == 9:
        return replace(rule, lane=draw(st.sampled_from(LANES)), mandatory=True)
    weight = draw(st.sampled_from([1, 0, 40, 65_535]))
    return replace(rule, lane=draw(st.sampled_from(LANES)), rate=draw(rates()), weight=weight)


@st.composite
def lane_examples(draw: Draw, max_rules: int = 5) -> Example:
    """A rule set with lanes, rates and reliefs, over declarations of several items that need not be adjacent."""
    example = draw(examples(max_rules=max_rules, max_rows=65, max_columns=3, depth=1))
    rules = tuple(draw(decisions(rule)) for rule in example.ruleset.rules)
    n_rows = example.table.num_rows
    n_declarations = draw(st.integers(1, max(n_rows, 1)))
    keys = pa.array(np.arange(n_rows) % n_declarations, pa.int64())
    place = example.table.schema.get_field_index("key")
    return Example(replace(example.ruleset, rules=rules), example.table.set_column(place, "key", keys))
