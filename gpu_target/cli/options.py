"""The options that commands share: spelled, explained and defaulted once."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.language.diagnostics import Diagnostic, UsageError


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


def a_day(text: str | None) -> datetime.date | None:
    """The value of ``--as-of``. Raises UsageError with US014."""
    try:
        return None if text is None else datetime.date.fromisoformat(text)
    except ValueError:
        message, remedy = f"{text!r} is no date", "write it as 2024-01-31"
        raise UsageError(Diagnostic("US014", message, place="--as-of", remedy=remedy)) from None
