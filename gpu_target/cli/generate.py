"""gpu-target generate: a synthetic year of declarations, from a profile and a seed."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen


class FormatName(StrEnum):
    """The values of ``--format``."""

    parquet = "parquet"
    csv = "csv"
    arrow = "arrow"


@command
def generate(
    profile: Annotated[
        str, typer.Argument(help="A shipped profile, or the path of one.", metavar="PROFILE", show_default=False)
    ],
    declarations: Annotated[
        int,
        typer.Option(
            "--declarations", help="How many; of a traveller profile, crossings.", metavar="N", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="Folder for the tables and their manifest; those of an earlier run in it are replaced.",
            metavar="DIR",
            show_default=False,
        ),
    ],
    seed: Annotated[int, typer.Option("--seed", help="Seed: the same one gives the same data.", metavar="S")] = 0,
    format_: Annotated[FormatName, typer.Option("--format", help="Format of the tables.")] = FormatName.parquet,
    threads: Annotated[
        int | None, typer.Option(help="Threads; one per processor by default.", metavar="N", show_default=False)
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make up declarations, their parties, inspections and hidden truth, calibrated to public aggregates.

    Nobody lodged them: they show what rules do and how fast, and predict nothing about any administration. The folder
    is DATA for the other commands.
    """
    from gpu_target.cli.summary import dataset_summary
    from gpu_target.cli.worlds import say_what_is_compiled
    from synthetic import write_dataset

    screen, began = Screen(as_json, quiet), time.perf_counter()
    say_what_is_compiled(screen)
    with screen.progress("Generating declarations", declarations) as advance:
        manifest = write_dataset(profile, declarations, seed, out, format_.value, threads, advance)
    seconds = round(time.perf_counter() - began, 6)
    screen.show(*dataset_summary(out, manifest, seconds))
    screen.document({**manifest, "out": str(out), "seconds": seconds})
