"""Rule sets of plain conjunctions: every term asks one number, and nothing stands in an OR or is negated.

The engine cuts the numbers of such rules into buckets and tests the keys of the rows that are left. One OR over a
column, or one term that holds on NULL, and it classifies that column instead, so that the nested predicates of
``cases.case`` hardly ever get there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from gpu_target.language import ast
from tests.oracle.cases import Case, Pools, ruleset_of
from tests.oracle.choices import Choices, Seeded
from tests.oracle.predicates import COMPARISONS, Field, PredicateGenerator, number
from tests.oracle.values import FLOATS, INTEGERS, pool

NUMBERS = (*INTEGERS, *FLOATS)
USUAL = 100  # usual values beside the edge values of a pool: about as many as those
LIMITS = tuple(Fraction(2**power + step) for power in (7, 8, 15, 16, 31, 32, 53, 63, 64) for step in (-1, 0, 1))
EXTREMES = tuple(Fraction(text) for text in ("1e-400", "5e-324", "1e-30", "1e39", "1e300", "1e400"))
FAR_OUT = tuple(sign * each for sign in (1, -1) for each in (*LIMITS, *EXTREMES))  # some beyond any type


@dataclass(frozen=True)
class Asked:
    """A number and what terms compare it with: one term may be enough for its column to be classified."""

    field: Field
    usual: tuple[Fraction, ...]
    edges: int  # percent of the terms that compare with a value of the pool, a neighbour, or a middle between two
    far: int  # percent that compare with one of FAR_OUT
    null: bool  # whether some ask IS NULL


def plain_case(seed: int | str, n_rules: int, *, n_columns: int = 12, most_terms: int = 5) -> Case:
    """A seeded case of rules with one term up to ``most_terms``, over columns of numbers and a difference of two."""
    choices = Seeded(seed)
    columns: dict[str, pa.Array] = {}
    asked: list[Asked] = []
    for position in range(n_columns):
        type_ = choices.pick(NUMBERS)
        usual = _usual(type_, choices)
        columns[f"c{position}"] = values = _values(type_, usual, choices)
        asked.append(_asked(Field.of(ast.Name(f"c{position}"), values), usual, choices))
    left, right = choices.pick(asked), choices.pick(asked)
    # computed, so its keys are those of a float64 whatever both sides are
    difference = Field(ast.Arithmetic("-", left.field.node, right.field.node), pa.float64(), [0.0, 0.5, -1.5, 100.0])
    asked.append(_asked(difference, left.usual, choices))
    terms = Terms(asked, choices)
    trees = [terms.conjunction(choices.integer(1, most_terms)) for _ in range(n_rules)]
    return Case(Pools(columns), ruleset_of(trees), as_of=False)


def _usual(type_: pa.DataType, choices: Choices) -> tuple[Fraction, ...]:
    """Small numbers as data has them, each of them often."""
    lowest = 0 if pa.types.is_unsigned_integer(type_) else -20
    parts = (1, 1, 10, 1000) if pa.types.is_floating(type_) else (1,)
    few = [Fraction(choices.integer(lowest, 120), choices.pick(parts)) for _ in range(15)]
    return tuple(choices.pick(few) for _ in range(USUAL))


def _values(type_: pa.DataType, usual: tuple[Fraction, ...], choices: Choices) -> pa.Array:
    """Edge values, usual ones, and NULL at one row in twenty."""
    edges = pool(type_, choices)
    plain = pa.array([float(each) for each in usual]).cast(type_, safe=False)
    return pa.concat_arrays([edges, plain, pa.nulls((len(edges) + USUAL) // 20, type_)])


def _asked(field: Field, usual: tuple[Fraction, ...], choices: Choices) -> Asked:
    null = choices.chance(8)
    if choices.chance(15):  # cuts far out, and close together
        place = choices.pick(FAR_OUT)
        return Asked(field, tuple(place + step for step in (0, 0, 1, -1, 3)), edges=0, far=0, null=null)
    return Asked(field, usual, choices.pick((0, 0, 30, 80)), choices.pick((0, 0, 0, 10)), null)


class Terms:
    """Draws terms and their conjunctions."""

    def __init__(self, asked: list[Asked], choices: Choices) -> None:
        self.asked, self.choices = asked, choices
        self._generator = PredicateGenerator([each.field for each in asked], choices)

    def conjunction(self, n_terms: int) -> ast.Expr:
        """Two narrow terms first, mostly: the engine classifies a column whose keys would be tested on many rows."""
        narrow = 0 if self.choices.chance(3) else 2
        drawn = [self.choices.pick(self.asked) for _ in range(n_terms)]
        terms = tuple(self._narrow(each) if k < narrow else self._term(each) for k, each in enumerate(drawn))
        return ast.And(terms) if n_terms > 1 else terms[0]

    def _narrow(self, asked: Asked) -> ast.Expr:
        column, shape = asked.field.node, self.choices.integer(0, 9)
        if shape <= 3:
            return ast.Compare("=", column, self._literal(asked))
        if shape <= 5:
            return ast.In(column, tuple(self._literal(asked) for _ in range(self.choices.integer(1, 3))))
        low = self.choices.pick(asked.usual)
        return ast.Between(column, number(low), number(low + self.choices.integer(0, 3)))

    def _term(self, asked: Asked) -> ast.Expr:
        column, shape = asked.field.node, self.choices.integer(0, 19)
        if shape <= 10:
            left, right = column, self._literal(asked)
            if self.choices.chance(20):
                left, right = right, left
            return ast.Compare(self.choices.pick(COMPARISONS), left, right)
        if shape <= 15:  # as often empty as not
            return ast.Between(column, self._literal(asked), self._literal(asked), self.choices.chance(20))
        if shape <= 18:
            items = tuple(self._literal(asked) for _ in range(self.choices.integer(1, 3)))
            return ast.In(column, items, self.choices.chance(30))
        return ast.IsNull(column, negated=not (asked.null and self.choices.chance(50)))

    def _literal(self, asked: Asked) -> ast.Expr:
        if self.choices.chance(asked.edges):
            return self._generator._literal_near(asked.field)
        if self.choices.chance(asked.far):
            return number(self.choices.pick(FAR_OUT))
        return number(self.choices.pick(asked.usual) + Fraction(self.choices.pick((0, 0, 0, 0, 1, -1)), 2))
