"""Rules bound to data, ready to explain records of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, Row, Test, rows_of
from gpu_target.columns import expressions as ex
from gpu_target.explaining.conditions import Teller, Truth, own_keys
from gpu_target.explaining.explanation import Explanation, Failing, Item, RuleExplained
from gpu_target.explaining.keys import Key, chosen
from gpu_target.explaining.nearest import Miss, Search
from gpu_target.explaining.ranking import Failed, nearest_rules
from gpu_target.explaining.seen import COLUMN, Eyes, Seen
from gpu_target.explaining.selecting import Cause, cause_of, word_of
from gpu_target.explaining.trees import columns_read, terms_of, trees_of
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.suggest import did_you_mean, one_of
from gpu_target.language.wording import counted
from gpu_target.plan.bind import Binder, BoundRule, bind_rules, roles_of
from gpu_target.plan.compilation import check_record, resolve_key
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.process import compiling
from gpu_target.plan.typed import Predicate
from gpu_target.selection.policy import make_policy

MADE_SHOWN = 8  # rules of a template that a message names


class Explainer:
    """Explains records of data that has ``schema``; bound once, it explains as many as are asked for.

    ``rule`` names the one rule to look at, which may be a draft or retired. ``key``, ``roles`` and ``tables`` are as
    for ``compile``, ``seed`` and ``as_of`` as for ``evaluate``. Raises as ``compile`` does; UsageError with US052 for
    a rule that there is not, and with US015 where a rule reads AS_OF and no day is given.
    """

    def __init__(
        self,
        ruleset: RuleSet,
        schema: Mapping[str, pa.DataType],
        *,
        rule: str | None = None,
        key: tuple[str, ...] | None = None,
        roles: Mapping[str, str] | None = None,
        tables: Mapping[str, pa.Table] | None = None,
        seed: int = 0,
        as_of: datetime.date | None = None,
    ) -> None:
        self.ruleset, self.schema, self.seed, self.as_of = ruleset, schema, seed, as_of
        wanted = None if rule is None else find_rule(ruleset, rule)
        check_record(ruleset, schema)
        self.key = resolve_key(ruleset, key, schema)
        with compiling():
            self.binder = Binder(ruleset, schema, roles_of(ruleset, roles), tables)
            extra = bind_rules(self.binder, (wanted,)) if wanted is not None and not wanted.is_active else None
            bound = bind_rules(self.binder, ruleset.active)
            self.rules = bound.rules
            self.one = next(
                (each for each in (*self.rules, *(extra.rules if extra else ())) if each.rule is wanted), None
            )
        if as_of is None and (bound.reads_as_of or (extra is not None and extra.reads_as_of)):
            raise UsageError(Diagnostic("US015", "a rule reads AS_OF and no day was given", remedy="give --as-of DATE"))
        names = (*self.key, *bound.columns, *(extra.columns if extra else ()))
        self.columns = tuple(dict.fromkeys(names))
        found = {name: table for name, table in self.binder.tables.items() if table is not None}
        day = None if as_of is None else (as_of - EPOCH).days
        self.evaluator = Evaluator(self.binder.lists.bound, found, day)
        self.tests: dict[int, tuple[Predicate, Test]] = {}
        self.search = Search(self.evaluator, self.binder.lists.bound, found, schema, self.tests)
        self.policy = make_policy([each.rule for each in self.rules])
        self.terms = [self.parts(each) for each in self.rules]
        self.read: dict[int, tuple[str, ...]] = {}

    @staticmethod
    def parts(bound: BoundRule) -> tuple[Predicate, ...]:
        """The terms of a rule's ``when``, then its own conditions: it matches where all are TRUE."""
        return (*terms_of(bound), *(predicate for _, predicate in bound.conditions))

    # -- records ------------------------------------------------------------------------------------------------------

    def explain(self, rows: pa.Table, numbers: Sequence[int], key: Key, top: int = 5) -> Explanation:
        """Explain the records among the rows of one declaration that have the whole of ``key``.

        ``rows`` are all rows of the declaration with ``columns``, ``numbers`` which rows of the data they are. ``top``
        is the most rules that are shown which did not match. Raises UsageError with US050.
        """
        with compiling():
            return self._explain(rows, numbers, key, top)

    def _explain(self, rows: pa.Table, numbers: Sequence[int], key: Key, top: int) -> Explanation:
        arrays = {name: joined(rows.column(name)) for name in self.columns}
        records = rows_of(arrays, rows.num_rows)
        places = chosen(records, key, self.key[1:])
        word = word_of(arrays[self.key[0]].slice(0, 1), self.key[0])
        matching = [self.matching(row) for row in records]
        items = [self.item(records[place], numbers[place], set(matching[place]), top) for place in places]
        return Explanation(
            self.ruleset.name,
            self.ruleset.sha256,
            key,
            self.seed,
            None if self.as_of is None else self.as_of.isoformat(),
            self.cause(matching, word),
            tuple(items),
            len(places) > 1 and len(key.columns) == len(self.key),
            tuple(numbers),
            tuple(self.label(row, number) for row, number in zip(records, numbers, strict=True)),
            len(self.rules),
            len(self.ruleset.rules) - len(self.rules),
        )

    def label(self, row: Row, number: int) -> str:
        """What tells an item from the others of its declaration: the rest of its key, else its row."""
        rest = [Seen(name, COLUMN, row[name], ex.plain(self.schema[name])).text for name in self.key[1:]]
        return ", ".join(each.strip("'") for each in rest) or f"row {number + 1:,}"

    def cause(self, matching: Sequence[Sequence[int]], word: int) -> Cause:
        """The lane of the declaration, out of the positions of the rules that match each of its items."""
        items: dict[int, list[int]] = {}
        for place, positions in enumerate(matching):
            for position in positions:
                items.setdefault(position, []).append(place)
        return cause_of([each.rule for each in self.rules], self.policy, items, self.seed, word)

    def matching(self, row: Row) -> list[int]:
        """Positions of the rules that match a record."""
        truths: dict[int, Truth] = {}
        found = []
        for position, terms in enumerate(self.terms):
            for term in terms:
                number = id(term)
                if number not in truths:
                    truths[number] = self.search.test(term)(row)
                if truths[number] is not True:
                    break
            else:
                found.append(position)
        return found

    def item(self, row: Row, number: int, matching: set[int], top: int) -> Item:
        """One record: the rules that match it, and those that come nearest."""
        key = tuple(Seen(name, COLUMN, row[name], ex.plain(self.schema[name])) for name in self.key)
        if self.one is not None:
            one = self.rule(self.one, row)
            return Item(number, key, (one,) if one.matched else (), () if one.matched else (one,), 0)
        matched = [self.rule(self.rules[position], row) for position in sorted(matching)]
        failed = self.failed(row, matching) if top else []
        nearest = nearest_rules(failed, top, row, self.schema, lambda position: self.miss(position, row))
        shown = [self.rule(self.rules[position], row) for position, _ in nearest]
        return Item(number, key, tuple(matched), tuple(shown), len(self.rules) - len(matched) - len(shown))

    def failed(self, row: Row, matching: set[int]) -> list[Failed]:
        """The rules that do not match a record."""
        truths: dict[int, Truth] = {}
        found = []
        for position, terms in enumerate(self.terms):
            if position in matching:
                continue
            columns = []
            for term in terms:
                number = id(term)
                if number not in truths:
                    truths[number] = self.search.test(term)(row)
                if truths[number] is not True:
                    columns.append(self.columns_of(term))
            found.append(Failed(position, tuple(columns)))
        return found

    def columns_of(self, term: Predicate) -> tuple[str, ...]:
        """Columns that a term reads; asked once for each."""
        if id(term) not in self.read:
            self.read[id(term)] = tuple(columns_read(term, self.search.tables))
        return self.read[id(term)]

    # -- one rule -----------------------------------------------------------------------------------------------------

    def miss(self, position: int, row: Row) -> Miss:
        """How near a rule is, without words."""
        return self.search.miss(self.terms[position], row, describe=False)

    def rule(self, bound: BoundRule, row: Row) -> RuleExplained:
        """Everything about one rule on one record."""
        terms = self.parts(bound)
        eyes = Eyes(self.binder, self.evaluator, self.ruleset.let, row)
        teller, names = Teller(eyes), eyes.names(trees_of(bound))
        conditions = [teller.tell(tree) for tree in trees_of(bound)]
        conditions += [
            teller.condition(bound.rule, key, column, predicate)
            for key, (column, predicate) in zip(own_keys(bound.rule), bound.conditions, strict=True)
        ]
        truth = self.evaluator.predicate(bound.predicate)(row)
        if truth is True:
            return RuleExplained(bound.rule, truth, tuple(conditions), None)
        miss = self.search.miss(terms, row)
        failing = [
            Failing(
                place,
                tuple(self.search.computed(terms, terms[place], row, names)),
                tuple(self.search.alone(terms, terms[place], row)),
            )
            for place in miss.failing
        ]
        return RuleExplained(bound.rule, truth, tuple(conditions), miss, tuple(failing))


def find_rule(ruleset: RuleSet, rule: str) -> Rule:
    """The rule of an id. Raises UsageError with US052."""
    for each in ruleset.rules:
        if each.id == rule:
            return each
    made = [
        each.id for each in ruleset.rules if isinstance(each.when.source, RowSource) and each.id.startswith(f"{rule}-")
    ]
    if made:
        message = f"`{rule}` is the id of a template, which makes {counted(len(made), 'rule')}"
        remedy = f"name one of them: {one_of(made, MADE_SHOWN)}"
        raise UsageError(Diagnostic("US052", message, place="--rule", remedy=remedy))
    remedy = did_you_mean(rule, [each.id for each in ruleset.rules])
    raise UsageError(Diagnostic("US052", f"there is no rule `{rule}`", place="--rule", remedy=remedy))


def joined(column: pa.ChunkedArray) -> pa.Array:
    """One array of a column of a few rows."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found = column.combine_chunks()
    return pa.concat_arrays(found.chunks) if isinstance(found, pa.ChunkedArray) else found
