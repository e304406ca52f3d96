"""The tables that commands print, within 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gpu_target.cli.evaluation import lane_counts, top_rules
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from rich.table import Table
    from rich.text import Text

    from gpu_target.cli.checkup import Check
    from gpu_target.cli.evaluation import Evaluated
    from gpu_target.engine import Result

# a lane is never told by its colour alone
SIGNS = {"green": "● green", "blue": "◆ blue", "yellow": "▲ yellow", "red": "■ red"}
STYLES = {"green": "green", "blue": "blue", "yellow": "yellow", "red": "red"}
TOP = 10  # rules
OFFICES = 12


def plain_table(title: str, *columns: str) -> Table:
    """A table whose first column is text and whose others are numbers."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for position, name in enumerate(columns):
        table.add_column(name, justify="right" if position else "left", header_style="dim", overflow="fold")
    return table


def sign(lane: str) -> Text:
    """A lane's name with its shape."""
    from rich.text import Text

    return Text(SIGNS[lane], STYLES[lane])


def share(part: int, whole: int) -> str:
    """In percent, and a dash where there is nothing to share."""
    return f"{100 * part / whole:.2f} %" if whole else "-"


def run_summary(result: Result, facts: Mapping[str, Any]) -> Iterable[Table | str]:
    """What ``run`` shows."""
    rows, seconds = facts["rows"], facts["seconds"]
    yield f"{facts['ruleset']}: {counted(facts['rules'], 'rule')} on {counted(rows, 'row')} of {facts['data']}"
    if facts["label"]:
        yield f"Data: {facts['label']}"
    threads = f", {facts['threads']} thread{'' if facts['threads'] == 1 else 's'}"
    yield f"Backend: {facts['backend']} on {facts['device']}{threads}, seed {facts['seed']}"
    yield from backend_reason(facts)
    fired = f"{facts['rules_fired']:,} of {counted(facts['rules'], 'rule')} fired"
    yield f"Matches: {facts['matches']:,}; {fired}"
    yield ""
    lanes = lane_counts(result)
    if lanes is not None:
        yield lane_table("Lanes", lanes)
        yield ""
    if facts["matches"]:
        yield top_table("Top rules", result, TOP)
        yield ""
    yield time_table(seconds)
    if facts["out"]:
        yield f"\nWritten to {facts['out']}"


def backend_reason(facts: Mapping[str, Any]) -> Iterable[str]:
    """Which backend ``auto`` took and why; nothing where the user named one."""
    if facts["backend_reason"]:
        yield f"Backend chosen by auto: {facts['backend_reason']}"


def top_table(title: str, result: Result, most: int) -> Table:
    """The rules with the most matches."""
    table = plain_table(title, "rule", "matches", "of rows", "lane", "title")
    for column in table.columns[3:]:
        column.justify = "left"
    for column in table.columns[:4]:
        column.no_wrap = True  # what room is missing is taken from the title
    rules = {rule.id: rule for rule in result.plan.heads}
    for name, count in top_rules(result, most):
        rule = rules[name]
        lane = f"relief {float(rule.relief):g} %" if rule.relief is not None else sign(rule.lane or "green")
        table.add_row(name, f"{count:,}", share(count, result.rows), lane, one_line(rule.title))
    return table


def files_written(folder: Path) -> Iterable[str]:
    """Every file under ``folder``; the parts of a table on one line."""
    parts: dict[Path, list[Path]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts.setdefault(path.parent if path.name.startswith("part-") else path, []).append(path)
    for path, files in parts.items():
        several = f"{path}/part-*{files[0].suffix} ({len(files)} files)"
        yield f"  {path if files == [path] else several}"


def one_line(text: str) -> Text:
    """A text on one line, cut with ``…`` where there is no room for all of it."""
    from rich.text import Text

    return Text(" ".join(text.split()), no_wrap=True, overflow="ellipsis")


def points(before: int, after: int, whole: int) -> str:
    """The change of a share, in percentage points."""
    return f"{100 * (after - before) / whole:+.2f} pp" if whole else "-"


def lane_table(title: str, lanes: Mapping[str, int]) -> Table:
    """Declarations and their share by lane, the most severe first."""
    whole = sum(lanes.values())
    table = plain_table(title, "lane", "declarations", "share")
    for lane, count in reversed(list(lanes.items())):
        table.add_row(sign(lane), f"{count:,}", share(count, whole))
    table.add_row("all", f"{whole:,}", "")
    return table


def time_table(seconds: Mapping[str, float]) -> Table:
    """Seconds by part of the work."""
    table = plain_table("Time", *(f"{name} s" for name in seconds))
    table.columns[0].justify = "right"
    table.add_row(*(f"{value:.3f}" for value in seconds.values()))
    return table


def dataset_summary(out: Path, manifest: Mapping[str, Any], seconds: float) -> Iterable[Table | str]:
    """What ``generate`` shows."""
    yield f"{manifest['profile']}: {manifest['declarations']:,} declarations, seed {manifest['seed']}, in {out}"
    yield f"Data: {manifest['label']}"
    yield ""
    table = plain_table("Tables", "table", "rows", "files")
    for name, entry in manifest["tables"].items():
        main = " (main)" if name == manifest["main"] else ""
        table.add_row(name + main, f"{entry['rows']:,}", f"{len(entry['files']):,}")
    yield table
    yield f"\nGenerated in {seconds:.1f} s"


def demo_summary(
    before: Evaluated, after: Evaluated, moves: pd.DataFrame, offices: pd.DataFrame
) -> Iterable[Table | str]:
    """What ``demo`` shows: the two rule sets side by side."""
    runs = (before, after)
    yield from backend_reason(before.facts)
    yield ""
    table = plain_table("Rule sets", "", "before", "after", "change")
    for name in ("rules", "rows", "declarations", "matches", "rules_fired"):
        left, right = (run.facts[name] for run in runs)
        table.add_row(name.replace("_", " "), f"{left:,}", f"{right:,}", f"{right - left:+,}")
    yield table
    yield ""
    yield _lanes_side_by_side(*(run.facts["lanes"] for run in runs))
    yield ""
    yield _moves_table(moves)
    yield ""
    yield _offices_table(offices)
    yield ""
    for when, run in zip(("before", "after"), runs, strict=True):
        yield top_table(f"Top rules {when}", run.result, TOP // 2)
        yield ""
    table = plain_table("Time", "", *(f"{name} s" for name in before.facts["seconds"]))
    for when, run in zip(("before", "after"), runs, strict=True):
        table.add_row(when, *(f"{value:.3f}" for value in run.facts["seconds"].values()))
    yield table
    yield ""


def _lanes_side_by_side(before: Mapping[str, int], after: Mapping[str, int]) -> Table:
    whole = sum(before.values())
    table = plain_table("Lanes of all declarations", "lane", "before", "share", "after", "share", "change")
    for lane in reversed(list(before)):
        left, right = before[lane], after[lane]
        table.add_row(
            sign(lane), f"{left:,}", share(left, whole), f"{right:,}", share(right, whole), points(left, right, whole)
        )
    return table


def _moves_table(moves: pd.DataFrame) -> Table:
    table = plain_table("Declarations that moved, from (row) to (column)", "", *(SIGNS[lane] for lane in moves.columns))
    for lane, row in moves.iterrows():
        table.add_row(sign(str(lane)), *("·" if to == lane else f"{count:,}" for to, count in row.items()))
    return table


def _offices_table(offices: pd.DataFrame) -> Table:
    title = (
        f"Red and yellow lane by office, the {OFFICES} largest"
        if len(offices) > OFFICES
        else "Red and yellow lane by office"
    )
    names = ("office", "decl.", "red", "after", "change", "yellow", "after", "change")
    table = plain_table(title, *names)
    for office, row in offices.head(OFFICES).iterrows():
        whole = int(row["before"].sum())
        cells = [str(office) or "(none)", f"{whole:,}"]
        for lane in ("red", "yellow"):
            left, right = int(row["before", lane]), int(row["after", lane])
            cells += [share(left, whole), share(right, whole), points(left, right, whole)]
        table.add_row(*cells)
    return table


def doctor_table(checks: Iterable[Check]) -> Table:
    """What ``doctor`` found."""
    table = plain_table("Environment", "check", "", "found")
    table.columns[1].justify = table.columns[2].justify = "left"
    for check in checks:
        table.add_row(check.name, check.state, check.found)
    return table
