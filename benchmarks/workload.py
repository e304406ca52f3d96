"""What the benchmarks run: generated rows and rules, in memory, and each rule as one condition."""

from __future__ import annotations

import datetime
import functools
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

import gpu_target as gt
import synthetic
from gpu_target.language import ast
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.record import RECORD_TYPES
from synthetic.rulesets import generate_rules

PROFILE = "morocco-2024"
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
        return {name: each.tree for name, each in self.ruleset.let.items()}


def make_workload(rows: int, rules: int, seed: int = 0) -> Workload:
    """Generated rules over the first ``rows`` items of a generated year."""
    text, ruleset = make_rules(rules, seed)
    plan = gt.compile(ruleset, item_schema())
    return Workload(make_items(rows, seed, plan.columns), ruleset, plan, text, seed)


def make_rules(rules: int, seed: int = 0) -> tuple[str, RuleSet]:
    """The text of a generated rule set, and the rule set."""
    text = generate_rules(rules, seed)
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
