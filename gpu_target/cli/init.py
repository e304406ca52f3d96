"""gpu-target init: a folder to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen

FIRST = "gpu-target rules check rules"


@command
def init(
    folder: Annotated[
        Path, typer.Argument(help="The folder to write; made where it does not exist.", metavar="DIR")
    ] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Replace files of the same name.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a small rule set with its list, tables, map, tests and declarations, and a page that says what to try.

    Files that are there already are never replaced without --force, and then only those of the same name.
    """
    from gpu_target.starter import write_starter

    screen = Screen(as_json, quiet)
    written, replaced = write_starter(folder, force)
    here = folder.resolve() == Path.cwd()
    next_step = FIRST if here else f"cd {shlex.quote(str(folder))} && {FIRST}"
    screen.show(f"Written to {folder}:", *(f"  {path.relative_to(folder)}" for path in written))
    if replaced:
        screen.show(f"Of these {len(replaced):,} were there before and were replaced.")
    screen.show("README.md says what each is for.", f"Next: {next_step}")
    screen.document({
        "folder": str(folder),
        "files": [str(path) for path in written],
        "replaced": [str(path) for path in replaced],
        "next": next_step,
    })  # fmt: skip
