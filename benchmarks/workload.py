"""What the benchmarks run: generated rows and rules, in memory, and each rule as one condition."""

from __future__ import annotations

import datetime
import functools
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

import gpu_target as gt
import synthetic
from benchmarks.mixed import READ, mixed_rules
from gpu_target.language import ast
from gpu_target.language.limits import children
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.record import RECORD_TYPES
from synthetic.rulesets import generate_rules

PROFILE = "morocco-2024"
KINDS = ("customs", "mixed")
FEWEST_MIXED = 1_000  # rows in which every column has values
KEY = ("declaration_id", "item_number")
SLICE = 100_000  # declarations generated at a time: all columns exist for a moment, only those that rules read stay
FEWEST_ITEMS = 2  # a declaration has about 2.6 items; a world of rows / 2 declarations has rows enough
EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class Workload:
    """``table`` holds the columns that the rules read and the key, and exactly the rows asked for."""

    table: pa.Table
    ruleset: RuleSet
    plan: gt.Plan
    text: str
    seed: int

    @property
    def rows(self) -> int:
        return int(self.table.num_rows)

    @functools.cached_property
    def conditions(self) -> tuple[ast.Expr, ...]:
        """``when`` of every active rule with its days, flow and offices, as one expression each."""
        roles = {**(RECORD_TYPES[self.ruleset.record].roles if self.ruleset.record else {}), **self.ruleset.roles}
        return tuple(condition(rule, roles) for rule in self.ruleset.active)

    @functools.cached_property
    def lists(self) -> dict[str, list[str]]:
        return {name: each.values.to_pylist() for name, each in self.ruleset.lists.items()}

    @functools.cached_property
    def let(self) -> dict[str, ast.Expr]:
        """Those that some rule reads: the columns of the others may not be there."""
        read = {name for each in self.conditions for name in names(each)}
        return {name: each.tree for name, each in self.ruleset.let.items() if name in read}


def make_workload(rows: int, rules: int, seed: int = 0, kind: str = "customs") -> Workload:
    """Rules of one of KINDS over the first ``rows`` items of a generated year."""
    return make_workloads(rows, [rules], seed, kind)[0]


def make_workloads(rows: int, sizes: Sequence[int], seed: int = 0, kind: str = "customs") -> list[Workload]:
    """For every number of rules one, all over one table, which holds the columns that any of them reads."""
    schema = item_schema()
    if kind == "mixed":
        if rows < FEWEST_MIXED:
            raise SystemExit(f"mixed rules look up their thresholds in the rows: {FEWEST_MIXED:,} of them or more")
        items = make_items(rows, seed, (*KEY, *READ))
        made = [loaded(mixed_rules(items, rules, seed)) for rules in sizes]
    else:
        made = [make_rules(rules, seed) for rules in sizes]
    plans = [gt.compile(ruleset, schema) for _, ruleset in made]
    read = {name for plan in plans for name in plan.columns}
    columns = tuple(name for name in schema.names if name in read)
    table = items.select(list(columns)) if kind == "mixed" else make_items(rows, seed, columns)
    return [Workload(table, ruleset, plan, text, seed) for (text, ruleset), plan in zip(made, plans, strict=True)]


def make_rules(rules: int, seed: int = 0) -> tuple[str, RuleSet]:
    """The text of a generated set of customs rules, and the rule set."""
    return loaded(generate_rules(rules, seed))


def loaded(text: str) -> tuple[str, RuleSet]:
    """The text of a rule file, and its rule set."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return text, gt.load_rules(path)


@functools.cache
def item_schema() -> pa.Schema:
    """The schema of generated items, as a year of one declaration has it."""
    return synthetic.generate(PROFILE, 1)["items"].schema


@functools.lru_cache(maxsize=2)
def make_items(rows: int, seed: int, columns: tuple[str, ...] | None = None) -> pa.Table:
    """The first ``rows`` items, in the named columns or all."""
    declarations = max(1, rows // FEWEST_ITEMS)
    parts: list[pa.Table] = []
    made = 0
    for start in range(0, declarations, SLICE):
        if made >= rows:
            break
        stop = min(start + SLICE, declarations)
        items = synthetic.generate(PROFILE, declarations, seed=seed, start=start, stop=stop)["items"]
        parts.append(items if columns is None else items.select(list(columns)))
        made += items.num_rows
    if made < rows:
        raise SystemExit(f"{declarations:,} declarations gave {made:,} items, fewer than the {rows:,} asked for")
    return pa.concat_tables(parts).slice(0, rows).combine_chunks()


def names(node: ast.Expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.name
    for each in children(node):
        yield from names(each)


def condition(rule: Rule, roles: Mapping[str, str]) -> ast.Expr:
    """``when`` AND the days, flows and offices that the rule is bound to."""
    parts = [rule.when.tree]
    if rule.valid:
        day = ast.Name(roles["date"])
        if rule.valid.first:
            parts.append(ast.Compare(">=", day, ast.Date((rule.valid.first - EPOCH).days)))
        if rule.valid.until:
            parts.append(ast.Compare("<", day, ast.Date((rule.valid.until - EPOCH).days + 1)))
    for role, values in (("flow", rule.flow), ("office", rule.offices)):
        if values:
            parts.append(ast.In(ast.Name(roles[role]), tuple(ast.String(each.text) for each in values)))
    return ast.And(tuple(parts)) if len(parts) > 1 else parts[0]
