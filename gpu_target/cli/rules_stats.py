"""gpu-target rules stats: what every rule finds in data, how much of it alone, and at what cost."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import OUTPUT, AsJson, AsOf, BackendName, Data, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen

if TYPE_CHECKING:
    from gpu_target.cli.statistics import Statistics
    from gpu_target.results import ResultFolder

TABLES, SUMMARY = ("rules", "overlaps", "reads"), "stats.json"


class Order(StrEnum):
    """The values of ``--sort``."""

    matches = "matches"
    unique = "unique"
    overlap = "overlap"
    decides = "decides"
    cost = "cost"
    file = "file"


class TableFormat(StrEnum):
    """The values of ``--format``."""

    parquet = "parquet"
    csv = "csv"


@command
def stats(
    rules: Rules,
    data: Data,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    backend: Annotated[
        BackendName, typer.Option(help="What does the work; auto takes the fastest here.")
    ] = BackendName.auto,
    threads: Annotated[
        int | None,
        typer.Option(help="Threads of the cpu backend; one per processor by default.", metavar="N", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the tables; its old ones are replaced.", metavar="DIR"),
    ] = None,
    format_: Annotated[TableFormat, typer.Option("--format", help="Format of the tables.")] = TableFormat.parquet,
    sort: Annotated[
        Order,
        typer.Option(
            "--sort",
            help="First the rules with the most matches, unique, overlap, decides or cost; file: as they stand.",
            metavar="WHAT",
            rich_help_panel=OUTPUT,
        ),
    ] = Order.matches,
    top: Annotated[
        int, typer.Option("--top", help="Rules that are shown.", metavar="N", min=0, rich_help_panel=OUTPUT)
    ] = 20,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say of every active rule what it matches, alone and with which others, what it decides, and what it costs.

    One pass over the data. Without --out nothing is written.
    """
    from gpu_target.cli.statistics import facts_of, measured, shown

    screen = Screen(as_json, quiet)
    day = checked(as_of, seed)
    with _folder(out) as folder:
        found = measured(rules, data, map_, backend.value, threads, day, seed, screen)
        if folder is not None:
            _add(folder, found, format_)
        facts = facts_of(found, out)
        if folder is not None:
            folder.commit(facts)
    screen.show(*shown(found, facts, sort.value, top))
    screen.document(facts)


def _folder(out: Path | None) -> AbstractContextManager[ResultFolder | None]:
    if out is None:
        return nullcontext()
    from gpu_target.results import result_folder

    return result_folder(out, [f"{name}.{each}" for name in TABLES for each in TableFormat] + [SUMMARY])


def _add(folder: ResultFolder, found: Statistics, format_: TableFormat) -> None:
    from gpu_target.statistics.tables import overlaps_table, reads_table, rules_table

    tables = (
        rules_table(found.plan, found.measured),
        overlaps_table(found.plan, found.measured),
        reads_table(found.plan, found.uses),
    )
    for name, table in zip(TABLES, tables, strict=True):
        folder.add_table(f"{name}.{format_}", table, found.data.label)
