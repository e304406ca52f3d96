"""A plan: a rule set bound to a schema, cut into value classes and laid out. Independent of the data."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value
from gpu_target.language.model import Rule, RuleHead
from gpu_target.plan import typed
from gpu_target.plan.bind import BoundRule
from gpu_target.plan.flat import Node, flatten, rebuild
from gpu_target.plan.layout import Layout
from gpu_target.plan.lists import Members
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.process import compiling, deep_recursion
from gpu_target.selection.policy import Policy

if TYPE_CHECKING:
    from gpu_target.engine import Result

Kept = TypeVar("Kept")
KEEPING = threading.Lock()  # of all plans: what is made under it takes milliseconds


class Typed(NamedTuple):
    """The rules with their names and types known, and the lists that they name."""

    rules: tuple[BoundRule, ...]
    lists: Mapping[str, Members]


@dataclass(frozen=True, eq=False)
class Plan:
    """Active rules in rule-set order, ready to evaluate on any data of the schema. Picklable.

    ``schema`` holds the columns that evaluation reads, with the key; two plans are equal where their rules, lists,
    tables and types are. A plan from a cache has its typed rules read when they are asked for, which may raise as
    ``load_rules`` and ``compile`` do: the interpreter and explanations need them, the other backends do not.
    """

    name: str
    heads: tuple[RuleHead, ...]
    tables: Mapping[str, BoundTable]
    schema: Mapping[str, pa.DataType]
    key: tuple[str, ...]
    layout: Layout
    policy: Policy
    reads_as_of: bool
    typed_rules: Typed | Callable[[], Typed]

    @cached_property
    def typed(self) -> Typed:
        """Of every rule its conditions as expressions over columns, and the lists that they name."""
        return self.typed_rules if isinstance(self.typed_rules, Typed) else self.typed_rules()

    @property
    def bound(self) -> tuple[BoundRule, ...]:
        return self.typed.rules

    @property
    def lists(self) -> Mapping[str, Members]:
        return self.typed.lists

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(each.rule for each in self.bound)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that evaluation reads, the key's included."""
        return tuple(self.schema)

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What backends keep from one evaluation to the next, each under its name; not pickled."""
        return {}

    def keep(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What is kept under a name, made where nothing is yet: the same for all threads that ask at once."""
        with KEEPING:
            if name not in self.kept:
                self.kept[name] = make()
            kept: Kept = self.kept[name]
            return kept

    @cached_property
    def sha256(self) -> str:
        """Hash of what the plan does: typed rules with their effects, lists, tables and types; not of their text."""
        with compiling():
            return self._hash()

    def _hash(self) -> str:
        digest = hashlib.sha256()
        known: dict[int, bytes] = {}  # by identity: rules share most of their terms
        for each in self.bound:
            rule = each.rule
            effect = (rule.id, rule.lane, rule.relief, rule.rate, rule.mandatory, rule.weight)
            digest.update(repr(effect).encode())
            terms = each.terms
            if len(terms) == 1 and isinstance(terms[0], typed.And):
                terms = terms[0].operands  # a condition that was not cut into terms when it was read
            for term in (*terms, *(predicate for _, predicate in each.conditions)):
                if id(term) not in known:
                    known[id(term)] = repr(term).encode()
                digest.update(known[id(term)])
        for name in sorted(self.lists):
            members = self.lists[name]
            values = members.values
            digest.update(repr((name, values if isinstance(values, tuple) else values.to_pylist())).encode())
        for name in sorted(self.tables):
            table = self.tables[name]
            join = (table.keys, table.index.prefix, table.date, [each.to_pylist() for each in table.key_arrays])
            days = (table.first.tolist(), table.until.tolist())
            digest.update(repr((name, join, days, table.table.to_pydict())).encode())
        digest.update(repr((dict(self.schema), self.key)).encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[Any, ...]:
        with compiling():  # pickle itself would recurse into predicates, up to the limit of the interpreter
            parts = {each.name: getattr(self, each.name) for each in fields(self)} | {"typed_rules": tuple(self.typed)}
            return _unflattened, (flatten(tuple(parts.values())),)

    def evaluate(self, data: Any, **options: Any) -> Result:
        """Evaluate the rules on a table, frame, reader or dataset: see ``gpu_target.engine.evaluate``."""
        from gpu_target.engine import evaluate

        with deep_recursion():  # not ``compiling``: a reader's own objects are collected meanwhile
            return evaluate(self, data, **options)


def _unflattened(nodes: Sequence[Node]) -> Plan:
    parts = dict(zip((each.name for each in fields(Plan)), rebuild(nodes), strict=True))
    return Plan(**parts | {"typed_rules": Typed(*parts["typed_rules"])})


def reads_as_of(predicate: typed.Predicate) -> bool:
    """Whether a predicate reads AS_OF, which only a run can give."""
    return any(isinstance(each, ex.AsOf) for each in values_of(predicate))


def values_of(node: Any) -> Iterator[Value]:
    """Every value expression in a typed predicate, those inside others included."""
    if isinstance(node, (ex.Column, ex.Lookup, ex.Constant, ex.AsOf, ex.Function)):
        yield node
        for argument in getattr(node, "arguments", ()):
            yield from values_of(argument)
    elif isinstance(node, tuple):
        for each in node:
            yield from values_of(each)
    elif hasattr(node, "__slots__") and not isinstance(node, (str, bool)):
        for name in type(node).__slots__:
            yield from values_of(getattr(node, name))
