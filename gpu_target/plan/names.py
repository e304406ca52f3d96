"""Names in expressions: columns of the schema, definitions of ``let`` and columns of lookup tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Never

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value, family
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, Source
from gpu_target.language.model import RuleSet
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan.lists import BoundLists
from gpu_target.plan.lookups import BoundTable, bind_table
from gpu_target.plan.refusing import Refusing, Stop, Unknown, unreadable_remedy
from gpu_target.plan.typed import Predicate

Use = tuple[str, str]  # ("column" | "list" | "table" | "as_of", its name or key)
Uses = dict[Use, None]  # in order of first use
DEEPEST, LARGEST = 400, 1_000_000  # of a predicate with its `let` names written out: levels, terms


class BoundLet(NamedTuple):
    """A name of ``let``: what it stands for, how deep and how large that is when it is written out, what it reads."""

    found: Value | Predicate
    height: int
    size: int
    uses: Uses


@dataclass
class Names(Refusing, ABC):
    """Resolves names against one schema, and knows what the expression at hand reads and how large it is."""

    ruleset: RuleSet
    schema: Mapping[str, pa.DataType]
    roles: Mapping[str, str]
    data_tables: Mapping[str, pa.Table] | None
    errors: list[Diagnostic] = field(default_factory=list)
    lets: dict[str, BoundLet | None] = field(default_factory=dict)
    open_lets: list[str] = field(default_factory=list)
    unknown: dict[str, Unknown] = field(default_factory=dict)  # columns that are not there, each told once
    uses: Uses = field(default_factory=dict)  # what the expression at hand reads
    names: dict[str, ex.Column] = field(default_factory=dict)  # those that are no ``let`` and that rules can read
    stored: dict[str, ex.Column] = field(default_factory=dict)  # one node per column, so that equal ones are the same
    tables: dict[str, BoundTable | None] = field(default_factory=dict)
    against: str = "in the data"

    def __post_init__(self) -> None:
        self.given = self.schema
        self.schema = {name: ex.plain(type_) for name, type_ in self.schema.items()}
        self.lists = BoundLists(self.ruleset, self.errors)
        self.source = Source("", "")
        self.depth = self.peak = self.size = 0
        self.rule_id = ""

    @abstractmethod
    def expression(self, node: ast.Expr) -> Value | Predicate:
        """What a node means."""

    def name(self, node: ast.Name) -> Value | Predicate:
        if node.name in self.ruleset.let:
            return self.let(node)
        if node.name in self.schema:
            type_ = self.schema[node.name]
            if not is_readable(type_):
                self.fail(
                    "RT111", f"rules cannot read the column `{node.name}`", node,
                    label=f"its type is {self.given[node.name]}", remedy=unreadable_remedy(node.name, type_),
                )  # fmt: skip
            self.names[node.name] = found = self.column(node.name)
            return found
        self.refuse_unknown(node)

    def column(self, name: str) -> ex.Column:
        self.uses["column", name] = None
        if name not in self.stored:
            self.stored[name] = ex.Column(name, self.schema[name])
        return self.stored[name]

    def let(self, node: ast.Name) -> Value | Predicate:
        name = node.name
        if name in self.open_lets:
            circle = " -> ".join((*self.open_lets[self.open_lets.index(name) :], name))
            self.fail(
                "RT108",
                f"`{name}` is defined by itself",
                node,
                label=circle,
                remedy="define one of them without the others",
            )
        if name not in self.lets:
            self.lets[name] = self.bind_let(name)
        bound = self.lets[name]
        if bound is None:
            raise Stop  # reported once, at its definition
        self.grow(node, bound.height, bound.size)
        self.uses.update(bound.uses)
        return bound.found

    def bind_let(self, name: str) -> BoundLet | None:
        outer, self.source = self.source, self.ruleset.let[name].source
        depth, peak, size, uses = self.depth, self.peak, self.size, self.uses
        self.depth = self.peak = self.size = 0
        self.uses = {}
        self.open_lets.append(name)
        try:
            return BoundLet(self.expression(self.ruleset.let[name].tree), self.peak, self.size, self.uses)
        except Stop:
            return None
        finally:
            self.open_lets.pop()
            self.source, self.depth, self.peak, self.size, self.uses = outer, depth, peak, size, uses

    def table_column(self, node: ast.TableColumn) -> Value:
        if node.table not in self.ruleset.tables:
            self.fail(
                "RT103", f"there is no table `{node.table}`", node, label="not under `tables`",
                remedy=did_you_mean(
                    node.table, self.ruleset.tables, f"define it: tables: {{{node.table}: {{file: FILE, key: COLUMN}}}}"
                ),
            )  # fmt: skip
        table = self.table(node.table)
        if table is None:
            raise Stop
        self.uses["table", node.table] = None
        if node.column not in table.types:
            self.fail(
                "RT104", f"the table `{node.table}` has no column `{node.column}`", node,
                remedy=did_you_mean(node.column, table.types),
            )  # fmt: skip
        type_ = table.types[node.column]
        if family(type_) in ("other", "list"):
            self.fail(
                "RT111", f"rules cannot read `{node.table}.{node.column}`", node, label=f"its type is {type_}",
                remedy="write the column as text, numbers, dates or booleans into the table's file",
            )  # fmt: skip
        return ex.Lookup(node.table, node.column, type_)

    def table(self, name: str) -> BoundTable | None:
        if name not in self.tables:
            self.tables[name] = bind_table(
                self.ruleset.tables[name], self.schema, self.roles, self.data_tables, self.errors
            )
        return self.tables[name]

    def grow(self, node: ast.Expr, height: int, size: int) -> None:
        """Count a name written out. A chain of names that each use the last one twice would never end."""
        self.peak = max(self.peak, self.depth + height)
        self.size += size
        if self.depth + height > DEEPEST or self.size > LARGEST:
            self.too_large(node)

    def too_large(self, node: ast.Expr) -> Never:
        self.fail(
            "RT116", "this is too large once its `let` names are written out", node,
            label=f"more than {DEEPEST} levels or {LARGEST:,} terms", remedy="name less inside names",
        )  # fmt: skip


def is_readable(type_: pa.DataType) -> bool:
    """Whether rules can read a column of this type: what its family compares, or a list of that."""
    return family(plain_element(type_)) not in ("other", "list")


def plain_element(type_: pa.DataType) -> pa.DataType:
    """The type of a list's elements; any other type is itself."""
    return ex.plain(type_.value_type) if ex.is_list(type_) else type_
