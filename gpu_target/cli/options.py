"""The options that commands share: spelled, explained and defaulted once."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.literals import parse_day


class BackendName(StrEnum):
    """The values of ``--backend``; ``gpu_target.backends`` says what each is."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    interpreter = "interpreter"


INPUT, OUTPUT = "What is read and how", "What is shown"

Rules = Annotated[
    Path, typer.Argument(help="A rule file, or a folder of *.yaml files.", metavar="RULES", show_default=False)
]
Data = Annotated[
    Path,
    typer.Argument(
        help="A Parquet, Arrow or CSV file, a folder of part files, or a generated folder.",
        metavar="DATA",
        show_default=False,
    ),
]
MapFile = Annotated[
    Path | None,
    typer.Option(
        "--map", help="Map for foreign data: names and types of its columns.", metavar="MAP.yaml", rich_help_panel=INPUT
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="The day that AS_OF stands for, such as 2024-12-31.", metavar="DATE", rich_help_panel=INPUT
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Data whose columns and types the rules must fit.", metavar="DATA", rich_help_panel=INPUT
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", help="Seed of the draws behind rates.", metavar="S", rich_help_panel=INPUT)
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors and what was asked for.", rich_help_panel=OUTPUT)
]


def checked(as_of: str | None, seed: int) -> datetime.date | None:
    """The day of ``--as-of``, looked at with ``--seed`` before any work begins, also where a command needs neither.

    Raises UsageError with US012 and US014.
    """
    if not 0 <= seed < 2**64:
        message, remedy = f"{seed} is outside the range of seeds", f"choose a whole number from 0 to {2**64 - 1}"
        raise UsageError(Diagnostic("US012", message, place="--seed", remedy=remedy))
    try:
        return None if as_of is None else parse_day(as_of)
    except ValueError:
        message, remedy = f"{as_of!r} is no date", "write it as 2024-01-31"
        raise UsageError(Diagnostic("US014", message, place="--as-of", remedy=remedy)) from None
