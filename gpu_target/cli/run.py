"""gpu-target run: a rule set over data; matches, lanes and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, AsOf, BackendName, Data, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen


@command
def run(
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
    matches: Annotated[bool, typer.Option("--matches", help="Also write every match.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the result files; its old ones are replaced.", metavar="DIR"),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate every rule on every record: which match, and which lane each declaration takes.

    Without --out nothing is written. The same rules, data and seed give the same results on every backend.
    """
    from gpu_target.cli.evaluation import Options, evaluated
    from gpu_target.cli.summary import run_summary

    screen = Screen(as_json, quiet)
    checked(as_of, seed)
    if matches and out is None:
        screen.note("--matches: the matches are written into the folder that --out names, and none was named")
    options = Options(map_, backend.value, threads, as_of, seed, matches and out is not None, out)
    run = evaluated(rules, data, options, screen)
    screen.show(*run_summary(run.result, run.facts))
    screen.document(run.facts)
