"""Random tables, lists, lookup tables and rule sets, put together from the pools of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.model import LookupTable, Predicate, Rule, RuleSet, ValueList
from tests.oracle.choices import Choices, Seeded
from tests.oracle.predicates import Field, PredicateGenerator, family
from tests.oracle.values import ALL_TYPES, DICTIONARY, pool

KEY = "key"


@dataclass(frozen=True)
class Pools:
    """Column names with the values that may stand in them."""

    columns: dict[str, pa.Array]
    dictionary: frozenset[str] = frozenset()  # columns to hand over as dictionaries

    def table(self, indices: dict[str, np.ndarray], n_rows: int) -> pa.Table:
        """Rows by the position of their values in the pools, with a key that numbers them."""
        arrays: dict[str, pa.Array] = {KEY: pa.array(np.arange(n_rows))}
        for name, values in self.columns.items():
            column = take(values, indices[name])
            arrays[name] = column.dictionary_encode() if name in self.dictionary else column
        return pa.table(arrays)

    def random_table(self, seed: int, n_rows: int) -> pa.Table:
        generator = np.random.default_rng(seed)
        indices = {name: generator.integers(0, len(values), n_rows) for name, values in self.columns.items()}
        return self.table(indices, n_rows)


def take(values: pa.Array, indices: np.ndarray) -> pa.Array:
    if pa.types.is_string_view(values.type):  # no kernel takes from views
        return values.cast(pa.string()).take(pa.array(indices)).cast(values.type)
    return values.take(pa.array(indices))


def pools(types: Sequence[pa.DataType], choices: Choices, n_random: int = 12) -> Pools:
    columns = {f"c{position}": pool(type_, choices, n_random) for position, type_ in enumerate(types)}
    dictionary = {f"c{position}" for position, type_ in enumerate(types) if type_ == DICTIONARY}
    return Pools(columns, frozenset(dictionary))


@dataclass(frozen=True)
class Surroundings:
    """What predicates may name besides columns."""

    lists: dict[str, pa.Array]
    tables: dict[str, LookupTable]
    fields: list[Field]

    def names(self, kind: str) -> list[str]:
        return [name for name in self.lists if name.startswith(kind)]


def surroundings(source: Pools, choices: Choices) -> Surroundings:
    """Lists that fit the pools (an empty one among them) and lookup tables keyed by their values."""
    fields = [Field.of(ast.Name(name), values) for name, values in source.columns.items()]
    texts = [value for each in fields if family(each.type) == "text" for value in each.values]
    lists = {
        "number_few": pa.array(["0", "5", "100", "-1", "9007199254740993", "128"], pa.large_string()),
        "number_many": pa.array([str(3 * value - 150) for value in range(100)], pa.large_string()),
        "number_typed": pa.array([1, 2**53, 2**53 + 1, -(2**63), 2**63 - 1], pa.int64()),
        "number_none": pa.array([], pa.large_string()),
        "time_days": pa.array(["2024-02-29", "1970-01-01", "2000-03-01", "0001-01-01"], pa.large_string()),
        "text_none": pa.array([], pa.large_string()),
    }
    if texts:
        lists["text_few"] = pa.array([choices.pick(texts) for _ in range(4)], pa.large_string())
        lists["text_many"] = pa.array(
            [choices.pick(texts) for _ in range(30)] + [f"X{k}" for k in range(40)], pa.large_string()
        )
    tables: dict[str, LookupTable] = {}
    for name, make in (("codes", _code_table), ("spans", _span_table)):
        found = make(name, fields, choices)
        if found:
            tables[name], pooled = found
            fields += [Field.of(ast.TableColumn(name, column), values) for column, values in pooled.items()]
    return Surroundings(lists, tables, fields)


def _record_fields(fields: list[Field], kind: str) -> list[tuple[str, Field]]:
    return [(each.node.name, each) for each in fields if isinstance(each.node, ast.Name) and family(each.type) == kind]


def _code_table(name: str, fields: list[Field], choices: Choices) -> tuple[LookupTable, dict[str, pa.Array]] | None:
    """The longest prefix of a text column, from a table of typed columns."""
    texts = _record_fields(fields, "text")
    if not texts:
        return None
    column, found = choices.pick(texts)
    keys = list(dict.fromkeys(choices.pick(found.values)[: choices.integer(0, 4)] for _ in range(12)))
    values = {
        "floor": take(pool(pa.float64(), choices, 2), _picks(choices, 60, len(keys))),
        "count": take(pool(pa.int64(), choices, 2), _picks(choices, 40, len(keys))),
        "label": take(pool(pa.string(), choices, 2), _picks(choices, 40, len(keys))),
    }
    table = pa.table({"code": pa.array(keys, pa.large_string()), **values})
    return LookupTable(name, table, {column: "code"}, prefix=column), values


def _span_table(name: str, fields: list[Field], choices: Choices) -> tuple[LookupTable, dict[str, pa.Array]] | None:
    """A whole number as the key, compared exactly."""
    whole = [(column, each) for column, each in _record_fields(fields, "number") if pa.types.is_integer(each.type)]
    if not whole:
        return None
    column, found = choices.pick(whole)
    keys = list(dict.fromkeys(choices.pick(found.values) for _ in range(10)))
    unsigned = pa.types.is_unsigned_integer(found.type)
    values = {
        "rate": take(pool(pa.float64(), choices, 2), _picks(choices, 60, len(keys))),
        "since": take(pool(pa.date32(), choices, 2), _picks(choices, 15, len(keys))),
        "open": take(pool(pa.bool_(), choices, 2), _picks(choices, 3, len(keys))),
    }
    table = pa.table({"id": pa.array(keys, pa.uint64() if unsigned else pa.int64()), **values})
    return LookupTable(name, table, {column: "id"}), values


def _picks(choices: Choices, n_values: int, n: int) -> np.ndarray:
    return np.array([choices.integer(0, n_values - 1) for _ in range(n)], np.int64)


def ruleset_of(
    predicates: Sequence[ast.Expr],
    *,
    lists: dict[str, pa.Array] | None = None,
    tables: dict[str, LookupTable] | None = None,
    let: dict[str, ast.Expr] | None = None,
    roles: dict[str, str] | None = None,
    key: tuple[str, ...] | None = (KEY,),
) -> RuleSet:
    """A rule per predicate, each with a lane."""
    return RuleSet(
        "oracle",
        tuple(rule_of(tree, f"R{position:05d}") for position, tree in enumerate(predicates)),
        lists={name: ValueList(name, values) for name, values in (lists or {}).items()},
        tables=tables or {},
        let={name: Predicate(tree, Source(name, "")) for name, tree in (let or {}).items()},
        roles=roles or {},
        key=key,
    )


def rule_of(tree: ast.Expr, id_: str, lane: str = "red") -> Rule:
    return Rule(id_, Predicate(tree, Source(id_, "")), lane=lane)


@dataclass(frozen=True)
class Case:
    """A rule set and the pools that its tables are drawn from."""

    source: Pools
    ruleset: RuleSet
    as_of: bool


def case(
    seed: int | str, n_rules: int, *, n_columns: int = 16, depth: int = 2, as_of: bool = True, n_random: int = 12
) -> Case:
    """A seeded case: columns of random types, lists, lookup tables and predicates; some rules twice."""
    choices = Seeded(seed)
    types = [choices.pick(ALL_TYPES) for _ in range(n_columns)]
    return build(types, choices, n_rules, depth=depth, as_of=as_of, n_random=n_random)


def build(
    types: Sequence[pa.DataType], choices: Choices, n_rules: int, *, depth: int, as_of: bool, n_random: int = 12
) -> Case:
    source = pools(types, choices, n_random)
    around = surroundings(source, choices)
    lists = {kind: around.names(kind) for kind in ("number", "text", "time")}
    generator = PredicateGenerator(around.fields, choices, lists=lists, as_of=as_of)
    let = _let(generator) if choices.chance(50) else {}
    if let:
        generator.fields.setdefault("number", []).extend(_let_fields(generator, let))
    trees: list[ast.Expr] = []
    for _ in range(n_rules):
        repeated = trees and choices.chance(2)
        trees.append(choices.pick(trees) if repeated else generator.predicate(depth))
    return Case(source, ruleset_of(trees, lists=around.lists, tables=around.tables, let=let), as_of)


def _let(generator: PredicateGenerator) -> dict[str, ast.Expr]:
    if "number" not in generator.fields:
        return {}
    return {f"let{position}": generator._value("number", 2, bare=10) for position in range(2)}


def _let_fields(generator: PredicateGenerator, let: dict[str, ast.Expr]) -> list[Field]:
    near = generator.choices.pick(generator.fields["number"])
    return [Field(ast.Name(name), near.type, near.values) for name in let]
