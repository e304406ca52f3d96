"""Predicates as DuckDB SQL, and their answers: TRUE, FALSE or UNKNOWN for every row.

The translation knows the language from its definition alone: it imports the syntax tree and nothing of the engine.
Every step that DuckDB would do otherwise is written out: a computed NaN is NULL, so is a division by zero, numbers
meet as the language says, an empty list is still UNKNOWN of a NULL.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from gpu_target.language import ast
from gpu_target.language.model import Rule, RuleSet
from tests.oracle.columns import DAY, Loader, Operand, double_sql, plain, rounded, text_sql
from tests.oracle.comparison import compare, contains_exact, known, whole_literal
from tests.oracle.lists import ListValues
from tests.oracle.lookups import join_lookups

TRUE, FALSE, UNKNOWN = 1, 0, -1
PREDICATES_PER_QUERY = 100
NAN = "'nan'::DOUBLE"
EPOCH = datetime.datetime(1970, 1, 1)


class Oracle:
    """One table in DuckDB, against which any number of predicates are evaluated."""

    def __init__(
        self,
        table: pa.Table,
        *,
        lists: Mapping[str, pa.Array] | None = None,
        tables: Mapping[str, Any] | None = None,
        let: Mapping[str, ast.Expr] | None = None,
        as_of: datetime.date | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        self.n_rows = table.num_rows
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 2")
        loader = Loader(self.connection)
        self.columns = loader.load(table, "data")
        self.lookups, self._relation = join_lookups(self.connection, loader, self.columns, tables or {}, roles or {})
        self.lists = ListValues(self.connection, lists or {})
        self.let = dict(let or {})
        self.as_of = as_of
        self.roles = dict(roles or {})

    @classmethod
    def of_ruleset(cls, ruleset: RuleSet, table: pa.Table, as_of: datetime.date | None = None) -> Oracle:
        return cls(
            table,
            lists={name: each.values for name, each in ruleset.lists.items()},
            tables=ruleset.tables,
            let={name: each.tree for name, each in ruleset.let.items()},
            as_of=as_of,
            roles=ruleset.roles,
        )

    # -- answers ----------------------------------------------------------------------------------------------------

    def truth(self, predicates: Iterable[ast.Expr]) -> np.ndarray:
        """int8[predicate, row]: TRUE, FALSE or UNKNOWN."""
        return self._evaluate([self.predicate(each) for each in predicates])

    def rules(self, rules: Iterable[Rule]) -> np.ndarray:
        """bool[rule, row]: where ``when`` and the rule's ``valid``, ``flow`` and ``offices`` hold."""
        return np.equal(self._evaluate([self.rule(each) for each in rules]), TRUE)

    def _evaluate(self, conditions: Sequence[str]) -> np.ndarray:
        answers = np.full((len(conditions), self.n_rows), UNKNOWN, np.int8)
        for start in range(0, len(conditions), PREDICATES_PER_QUERY):
            part = conditions[start : start + PREDICATES_PER_QUERY]
            selected = ", ".join(f"CAST({sql} AS BOOLEAN) AS p{index}" for index, sql in enumerate(part))
            found = self.connection.sql(f"SELECT data.r, {selected} FROM {self._relation}").to_arrow_table()
            assert found.num_rows == self.n_rows
            rows = found.column("r").to_numpy()
            for index in range(len(part)):
                column = plain(found.column(index + 1))
                value = np.asarray(column.fill_null(False).to_numpy(zero_copy_only=False), np.int8)
                value[np.asarray(column.is_null().to_numpy(zero_copy_only=False))] = UNKNOWN
                answers[start + index, rows] = value
        return answers

    # -- rules and predicates ---------------------------------------------------------------------------------------

    def rule(self, rule: Rule) -> str:
        parts = [self.predicate(rule.when.tree)]
        if rule.valid:
            day = self.columns[self.roles["date"]].sql
            if rule.valid.first:
                parts.append(f"({day} >= '{_midnight(rule.valid.first)}'::HUGEINT)")
            if rule.valid.until:
                parts.append(f"({day} < '{_midnight(rule.valid.until) + DAY}'::HUGEINT)")
        for role, scalars in (("flow", rule.flow), ("office", rule.offices)):
            if scalars:
                column = self.columns[self.roles[role]]
                values = [self.lists.cell(each.text, column) for each in scalars]
                parts.append("(" + " OR ".join(compare("=", column, each) for each in values) + ")")
        return "(" + " AND ".join(parts) + ")"

    def predicate(self, node: ast.Expr) -> str:
        found = self.operand(node)
        if found.kind != "boolean":
            raise TypeError(f"{node} is no condition")
        return found.sql

    def operand(self, node: ast.Expr) -> Operand:
        return HANDLERS[type(node)](self, node)

    def _connective(self, node: ast.And | ast.Or) -> Operand:
        word = " AND " if isinstance(node, ast.And) else " OR "
        return Operand("boolean", "(" + word.join(self.predicate(each) for each in node.operands) + ")")

    def _not(self, node: ast.Not) -> Operand:
        return Operand("boolean", f"(NOT {self.predicate(node.operand)})")

    def _compare(self, node: ast.Compare) -> Operand:
        return Operand("boolean", compare(node.operator, self.operand(node.left), self.operand(node.right)))

    def _between(self, node: ast.Between) -> Operand:
        value = self.operand(node.operand)
        low, high = compare(">=", value, self.operand(node.low)), compare("<=", value, self.operand(node.high))
        return _negated(f"({low} AND {high})", node.negated)

    def _in(self, node: ast.In) -> Operand:
        value = self.operand(node.operand)
        if isinstance(node.items, ast.ListName):
            return _negated(self.lists.contains(node.items.name, value), node.negated)
        equal = [compare("=", value, self.operand(item)) for item in node.items]
        return _negated("(" + " OR ".join(equal) + ")", node.negated)

    def _like(self, node: ast.Like) -> Operand:
        return _negated(f"({self._text(node.operand)} LIKE {_pattern(node)} ESCAPE '\\')", node.negated)

    def _is_null(self, node: ast.IsNull) -> Operand:
        return _negated(f"({self.operand(node.operand).sql} IS NULL)", node.negated)

    # -- values -----------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> Operand:
        return self.operand(self.let[node.name]) if node.name in self.let else self.columns[node.name]

    def _table_column(self, node: ast.TableColumn) -> Operand:
        return self.lookups[node.table][node.column]

    def _as_of(self, node: ast.AsOf) -> Operand:
        if self.as_of is None:
            raise TypeError("AS_OF without a day")
        return Operand("time", f"'{_midnight(self.as_of)}'::HUGEINT")

    def _negate(self, node: ast.Negate) -> Operand:
        if isinstance(node.operand, ast.Number):
            return _literal(-Fraction(node.operand.text))
        return Operand("number", f"(- {self._number(node.operand)})")

    def _arithmetic(self, node: ast.Arithmetic) -> Operand:
        left, right = self.operand(node.left), self.operand(node.right)
        if left.kind == right.kind == "time" and node.operator == "-":
            return _days_between(left, right)
        if left.kind != "number" or right.kind != "number":
            raise TypeError(f"{left.kind} {node.operator} {right.kind}")
        divisor = f"nullif({right.sql}, 0::DOUBLE)" if node.operator == "/" else right.sql
        return _computed(f"({left.sql} {node.operator} {divisor})")

    def _call(self, node: ast.Call) -> Operand:
        name, arguments = node.function, node.arguments
        if name in ("COALESCE", "LEAST", "GREATEST"):
            return self._variadic(name, [self.operand(each) for each in arguments])
        if name == "CONTAINS":
            return self._contains(self.operand(arguments[0]), self.operand(arguments[1]))
        if name == "CONTAINS_ANY":
            assert isinstance(arguments[1], ast.ListName)
            return Operand("boolean", self.lists.intersects(arguments[1].name, self.operand(arguments[0])))
        return FUNCTIONS[name](self, *arguments)

    def _variadic(self, name: str, values: list[Operand]) -> Operand:
        kinds = {each.kind for each in values}
        if len(kinds) > 1:
            raise TypeError(f"{name} of {sorted(kinds)}")
        # DuckDB's LEAST and GREATEST skip NULL; NaN is NULL by now
        sql = f"{name.lower()}({', '.join(each.sql for each in values)})"
        return Operand(values[0].kind, sql, tick=min(each.tick for each in values))

    def _contains(self, list_: Operand, item: Operand) -> Operand:
        if list_.element != item.kind:
            raise TypeError(f"CONTAINS of {list_.element} and {item.kind}")
        elements, wanted = list_.sql, item.sql
        if item.literal is not None and list_.exact:
            whole = whole_literal(list_.exact, item.literal)
            if whole is None:
                return Operand("boolean", known(list_.sql, False))
            elements, wanted = list_.exact.sql, f"'{whole}'::HUGEINT"
        elif item.literal is not None and list_.float_bits:
            wanted = double_sql(rounded(item.literal, list_.float_bits))
        # list_contains of an empty list and NULL is FALSE in DuckDB
        missing = f"{list_.sql} IS NULL OR {item.sql} IS NULL"
        found = f"list_contains({elements}, {wanted})"
        if list_.exact and item.exact:
            found = contains_exact(list_.exact, item.exact)
        return Operand("boolean", f"(CASE WHEN {missing} THEN NULL ELSE {found} END)")

    def _number(self, node: ast.Expr) -> str:
        return self._of_kind(node, "number")

    def _text(self, node: ast.Expr) -> str:
        return self._of_kind(node, "text")

    def _of_kind(self, node: ast.Expr, kind: str) -> str:
        found = self.operand(node)
        if found.kind != kind:
            raise TypeError(f"{node} is {found.kind}, not {kind}")
        return found.sql

    def _mod(self, left: ast.Expr, right: ast.Expr) -> Operand:
        return _computed(f"({self._number(left)} % nullif({self._number(right)}, 0::DOUBLE))")

    def _abs(self, node: ast.Expr) -> Operand:
        return Operand("number", f"abs({self._number(node)})")

    def _length(self, node: ast.Expr) -> Operand:
        return Operand("number", f"CAST(length({self._text(node)}) AS DOUBLE)")

    def _left(self, node: ast.Expr, count: ast.Expr) -> Operand:
        return Operand("text", f"left({self._text(node)}, CAST({self._number(count)} AS BIGINT))")

    def _upper(self, node: ast.Expr) -> Operand:
        return Operand("text", f"upper({self._text(node)})")

    def _date_part(self, part: str) -> Callable[[ast.Expr], Operand]:
        def read(node: ast.Expr) -> Operand:
            moment = self._of_kind(node, "time")
            if part == "hour":
                return Operand("number", f"CAST({_time_of_day(moment)} // 3600000000000::HUGEINT AS DOUBLE)")
            days = f"CAST(({moment} - {_time_of_day(moment)}) // {DAY}::HUGEINT AS INTEGER)"
            return Operand("number", f"CAST({part}(DATE '1970-01-01' + {days}) AS DOUBLE)")

        return read


def _time_of_day(moment: str) -> str:
    return f"((({moment}) % {DAY}::HUGEINT + {DAY}::HUGEINT) % {DAY}::HUGEINT)"  # % takes the sign of the dividend


def _days_between(left: Operand, right: Operand) -> Operand:
    """Whole days, and the difference of the times of day as a part of one: three roundings, as the language says.

    The difference as one number of nanoseconds rounds otherwise where a day and its fraction nearly cancel.
    """
    (days, rest), (other_days, other_rest) = _day_and_rest(left.sql), _day_and_rest(right.sql)
    whole = f"CAST({days} - {other_days} AS DOUBLE)"
    return Operand("number", f"({whole} + CAST({rest} - {other_rest} AS DOUBLE) / '{DAY}'::DOUBLE)")


def _day_and_rest(sql: str) -> tuple[str, str]:
    """Days since 1970 and nanoseconds of the day, of nanoseconds; division of integers rounds towards zero."""
    rest = f"((({sql}) % {DAY}::HUGEINT + {DAY}::HUGEINT) % {DAY}::HUGEINT)"
    return f"((({sql}) - {rest}) // {DAY}::HUGEINT)", rest


def _computed(sql: str) -> Operand:
    return Operand("number", f"nullif({sql}, {NAN})")  # NaN equals NaN in DuckDB


def _literal(value: Fraction) -> Operand:
    return Operand("number", double_sql(rounded(value, 64)), literal=value)


def _negated(sql: str, negated: bool) -> Operand:
    return Operand("boolean", f"(NOT {sql})" if negated else sql)


def _midnight(day: datetime.date) -> int:
    if isinstance(day, datetime.datetime):
        since = day - EPOCH
        return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
    return (day - EPOCH.date()).days * DAY


def _pattern(node: ast.Like) -> str:
    """The pattern with backslash as its escape: DuckDB takes escapes of one byte only."""
    parts: list[str] = []
    escaped = False
    for character in node.pattern:
        if escaped or character not in ("%", "_", node.escape):
            parts.append("\\" + character if character in "%_\\" else character)
            escaped = False
        elif character == node.escape:
            escaped = True
        else:
            parts.append(character)
    assert not escaped, "a pattern that ends with its escape"
    return text_sql("".join(parts))


def _timestamp(nanoseconds: int) -> Operand:
    tick = next(each for each in (1_000_000_000, 1_000_000, 1_000, 1) if nanoseconds % each == 0)
    return Operand("time", f"'{nanoseconds}'::HUGEINT", tick=tick)


FUNCTIONS: dict[str, Callable[..., Operand]] = {
    "MOD": Oracle._mod, "ABS": Oracle._abs, "LENGTH": Oracle._length, "LEFT": Oracle._left, "UPPER": Oracle._upper,
    "YEAR": lambda self, node: self._date_part("year")(node),
    "MONTH": lambda self, node: self._date_part("month")(node),
    "DAY": lambda self, node: self._date_part("day")(node),
    "HOUR": lambda self, node: self._date_part("hour")(node),
    "WEEKDAY": lambda self, node: self._date_part("isodow")(node),
}  # fmt: skip

HANDLERS: dict[type, Callable[[Oracle, Any], Operand]] = {
    ast.Number: lambda self, node: _literal(Fraction(node.text)),
    ast.String: lambda self, node: Operand("text", text_sql(node.value)),
    ast.Boolean: lambda self, node: Operand("boolean", str(node.value).upper()),
    ast.Date: lambda self, node: Operand("time", f"'{node.days * DAY}'::HUGEINT"),
    ast.Timestamp: lambda self, node: _timestamp(node.nanoseconds),
    ast.AsOf: Oracle._as_of, ast.Name: Oracle._name, ast.TableColumn: Oracle._table_column,
    ast.Negate: Oracle._negate, ast.Arithmetic: Oracle._arithmetic, ast.Call: Oracle._call,
    ast.Compare: Oracle._compare, ast.Between: Oracle._between, ast.In: Oracle._in, ast.Like: Oracle._like,
    ast.IsNull: Oracle._is_null, ast.Not: Oracle._not, ast.And: Oracle._connective, ast.Or: Oracle._connective,
}  # fmt: skip
