"""The statistics of a rule set for a command: measured, as facts, and as tables within 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from gpu_target.cli.evaluation import lane_counts, ready_kernels
from gpu_target.cli.reading import Clock, bind
from gpu_target.cli.screen import Screen
from gpu_target.cli.summary import backend_reason, plain_table, share, time_table

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from rich.table import Table

    from gpu_target.inputs import Data
    from gpu_target.language.model import RuleSet
    from gpu_target.plan.plan import Plan
    from gpu_target.statistics.reads import Use
    from gpu_target.statistics.rules import RuleStatistics

MOST_OVERLAPS = 5  # of a rule, in the document; the file of overlaps has all
MOST_NAMES = 8  # of rules that never fired, and of what is read, on the screen
ID, OTHER = 22, 16  # characters of an id
LONGEST = 150  # characters of the names that rules read


@dataclass(frozen=True)
class Statistics:
    """What was measured, and of what."""

    ruleset: RuleSet
    data: Data
    plan: Plan
    measured: RuleStatistics
    uses: Sequence[Use]
    backend_asked: str
    as_of: datetime.date | None
    clock: Clock


def measured(
    rules: Path, data: Path, map_: Path | None, backend: str, threads: int | None, as_of: datetime.date | None,
    seed: int, screen: Screen,
) -> Statistics:  # fmt: skip
    """Read the rules and the data and count. Raises as each of these does."""
    clock = Clock()
    with clock.part("compile"):
        import gpu_target
        from gpu_target.statistics.reads import uses_of
        from gpu_target.statistics.rules import rule_statistics

        ruleset = gpu_target.load_rules(rules)
    with clock.part("read"):
        from gpu_target.inputs import open_data

        opened = open_data(data, map=map_, record=ruleset.record)
    with clock.part("compile"):
        plan = bind(ruleset, opened)
        ready_kernels(backend, screen)
        uses = uses_of(ruleset, plan)
    if not plan.key:
        screen.note("no lanes: neither the rules nor a map name a key, so no rule is known to decide a declaration")
    with screen.progress(f"Evaluating {ruleset.name}", opened.rows) as advance:
        found = rule_statistics(
            plan, opened.reader(plan.columns), backend=backend, seed=seed, as_of=as_of, threads=threads,
            progress=advance,
        )  # fmt: skip
    for name, seconds in found.result.seconds.items():
        clock.add(name, seconds)
    return Statistics(ruleset, opened, plan, found, uses, backend, as_of, clock)


def facts_of(found: Statistics, out: Path | None) -> dict[str, Any]:
    """What ``--json`` and ``stats.json`` say."""
    from gpu_target import __version__, backends

    result, counts = found.measured.result, found.measured.counts
    lanes = lane_counts(result)
    return {
        "ruleset": found.ruleset.name,
        "ruleset_sha256": found.ruleset.sha256,
        "plan_sha256": found.plan.sha256,
        "data": str(found.data.path),
        "label": found.data.label,
        "rows": result.rows,
        "declarations": None if lanes is None else sum(lanes.values()),
        "rules_active": len(found.plan.heads),
        "backend": result.backend,
        "backend_reason": backends.why_auto() if found.backend_asked == "auto" else None,
        "device": result.device,
        "threads": result.threads,
        "seed": result.seed,
        "as_of": None if found.as_of is None else str(found.as_of),
        "matches": int(counts.sum()),
        "matched_rows": found.measured.matched_rows,
        "alone_rows": found.measured.alone_rows,
        "lanes": lanes,
        "cost_sample_rows": found.measured.sample_rows,
        "never_fired": [each.id for each, count in zip(found.plan.heads, counts, strict=True) if not count],
        "rules": [_rule_facts(found, position) for position in range(len(found.plan.heads))],
        "reads": [
            {
                "kind": each.read.kind,
                "name": each.read.name,
                "rules": [found.plan.heads[rule].id for rule in each.rules],
            }
            for each in found.uses
        ],
        "seconds": found.clock.reading(),
        "out": None if out is None else str(out),
        "version": __version__,
    }


def _rule_facts(found: Statistics, position: int) -> dict[str, Any]:
    head, numbers = found.plan.heads[position], found.measured
    matches = int(numbers.counts[position])
    return {
        "rule_id": head.id,
        "lane": head.lane,
        "matches": matches,
        "selectivity": matches / numbers.result.rows if numbers.result.rows else 0.0,
        "unique": int(numbers.unique[position]),
        "decides": None if numbers.decides is None else int(numbers.decides[position]),
        "cost_share": float(numbers.cost_share[position]),
        "overlaps": [
            {"rule_id": found.plan.heads[each.other].id, "rows": each.rows, "share": each.rows / matches}
            for each in numbers.overlaps(position, MOST_OVERLAPS)
        ],
    }


# -- on the screen ------------------------------------------------------------------------------------------------


def shown(found: Statistics, facts: dict[str, Any], sort: str, top: int) -> Iterable[Table | str]:
    """What ``rules stats`` shows."""
    rows, silent = facts["rows"], facts["never_fired"]
    yield f"{facts['ruleset']}: {facts['rules_active']:,} active rules on {rows:,} rows of {facts['data']}"
    if facts["label"]:
        yield f"Data: {facts['label']}"
    threads = f", {facts['threads']} thread{'' if facts['threads'] == 1 else 's'}"
    yield f"Backend: {facts['backend']} on {facts['device']}{threads}, seed {facts['seed']}"
    yield from backend_reason(facts)
    matched, alone = facts["matched_rows"], facts["alone_rows"]
    yield f"Rows that a rule matches: {matched:,} ({share(matched, rows)}); that only one does: {alone:,}"
    yield f"Rules that never fired: {_some(silent)}"
    yield ""
    if top and facts["rules"]:
        yield _rules_table(found, sort, top)
        yield ""
    yield _reads_table(found)
    yield ""
    yield time_table(facts["seconds"])
    if facts["out"]:
        yield f"\nWritten to {facts['out']}"


def _some(names: Sequence[str]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return f"{len(names):,}: {', '.join(names[:MOST_NAMES])}{more}"


def _rules_table(found: Statistics, sort: str, top: int) -> Table:
    numbers, heads = found.measured, found.plan.heads
    table = plain_table("Rules", "rule", "matches", "of rows", "unique", "decides", "cost", "overlaps most with")
    table.columns[-1].justify = "left"
    for column in table.columns:
        column.no_wrap = True
    table.columns[0].overflow = "ellipsis"
    for position in _order(numbers, sort)[:top]:
        matches = int(numbers.counts[position])
        most = numbers.overlaps(position, 1)
        other = f"{_cut(heads[most[0].other].id, OTHER)} {100 * most[0].rows / matches:.0f} %" if most else ""
        table.add_row(
            _cut(heads[position].id, ID),
            f"{matches:,}",
            selectivity(matches, numbers.result.rows),
            f"{int(numbers.unique[position]):,}",
            "-" if numbers.decides is None else f"{int(numbers.decides[position]):,}",
            f"{100 * numbers.cost_share[position]:.1f} %",
            other,
        )
    return table


def _order(numbers: RuleStatistics, sort: str) -> list[int]:
    """Positions of rules by falling value; of equal ones in rule-set order."""
    import numpy as np

    n = len(numbers.counts)
    values = {
        "matches": numbers.counts,
        "unique": numbers.unique,
        "overlap": numbers.counts - numbers.unique,
        "decides": np.zeros(n) if numbers.decides is None else numbers.decides,
        "cost": numbers.row_tests,
        "file": np.zeros(n),
    }[sort]
    return [int(position) for position in np.argsort(-values, kind="stable")]


def _reads_table(found: Statistics) -> Table:
    """What rules read, kind by kind: the names that most rules read, and those that none does."""
    table = plain_table("Read by rules", "", "read", "unused", "by most rules")
    table.columns[-1].justify = "left"
    for kind, several in (("column", "columns"), ("list", "lists"), ("table", "tables"), ("let", "names of let")):
        uses = [each for each in found.uses if each.read.kind == kind]
        if uses:
            read = [each for each in uses if each.rules]
            unused = f"{len(uses) - len(read):,}" if kind != "column" else ""
            named = ", ".join(f"{each.read.name} ({len(each.rules):,})" for each in read)
            table.add_row(several, f"{len(read):,}", unused, shorten(named, LONGEST, placeholder=" …"))
    return table


def selectivity(matches: int, rows: int) -> str:
    """In percent; most rules match less than two decimals can tell."""
    percent = 100 * matches / max(1, rows)
    return f"{percent:.{-floor(log10(percent))}f} %" if 0 < percent < 0.01 else share(matches, rows)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
