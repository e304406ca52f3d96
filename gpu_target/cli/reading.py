"""Rules and data for a command: read, bound to each other, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from gpu_target.cache import Known
    from gpu_target.inputs import Data
    from gpu_target.language.model import RuleSet
    from gpu_target.plan.plan import Plan


@dataclass
class Clock:
    """Seconds by part of the work; the parts do not overlap."""

    began: float = field(default_factory=time.perf_counter)
    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - began)

    def add(self, name: str, seconds: float) -> None:
        self.parts[name] = self.parts.get(name, 0.0) + seconds

    def reading(self) -> dict[str, float]:
        """Every part in the order of the work, and the whole from start to now."""
        names = ("read", "compile", "encode", "match", "output")
        seconds = {name: round(self.parts.get(name, 0.0), 6) for name in names}
        return {**seconds, "total": round(time.perf_counter() - self.began, 6)}


def bind(ruleset: RuleSet, data: Data) -> Plan:
    """Compile the rule set for the data: its key, its roles and the tables of its folder included."""
    import gpu_target

    tables = data_tables(ruleset, data) if data.manifest is not None else None
    return gpu_target.compile(ruleset, data.schema, key=data.key, roles=data.roles or None, tables=tables)


def data_tables(ruleset: RuleSet, data: Data) -> Mapping[str, pa.Table]:
    """The tables of a generated folder that the rule set looks values up in; the others are not read."""
    names = {table.data for table in ruleset.tables.values() if table.data is not None}
    return {name: data.tables(name) for name in sorted(names)}


def rules_and_data(rules: Path, data: Path, map_: Path | None, clock: Clock) -> tuple[RuleSet | Known, Data, Plan]:
    """Read both and compile, or take the plan from the cache; raises as reading and compiling do."""
    with clock.part("compile"):
        import gpu_target
        from gpu_target import cache

        known = cache.look(rules)
        ruleset = known or gpu_target.load_rules(rules)
    with clock.part("read"):
        from gpu_target.inputs import open_data

        opened = open_data(data, map=map_, record=ruleset.record)
    with clock.part("compile"):
        roles = opened.roles or None
        plan = cache.load(known, opened.schema, opened.key, roles) if known else None
        if plan is None:
            ruleset = gpu_target.load_rules(rules) if known else ruleset
            assert not isinstance(ruleset, cache.Known)
            plan = bind(ruleset, opened)
            cache.keep(rules, ruleset, plan, opened.schema, opened.key, roles)
    return ruleset, opened, plan
