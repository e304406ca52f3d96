"""gpu-target doctor: what this machine has, what is missing, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from gpu_target.cli.faults import UNFIT, command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen


@command
def doctor(
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile every kernel now, so that the first run is quick.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Look at Python, libraries, processor, memory, GPU and terminal, with a remedy for whatever is wrong.

    Exit code 4 where something is missing that every command needs; a missing GPU is none of these.
    """
    from gpu_target.cli.checkup import WRONG, examine, warm_up
    from gpu_target.cli.summary import doctor_table

    screen = Screen(as_json, quiet)
    warmed = []
    if warm:  # before it is looked whether kernels are compiled
        with screen.progress("Compiling kernels", None) as advance:
            warmed = [warm_up(advance)]
    checks = [*examine(), *warmed]
    screen.show(doctor_table(checks))
    wrong = [check for check in checks if check.state == WRONG]
    for check in checks:
        if check.remedy:
            screen.show(f"{check.name}: {check.remedy}")
    if not wrong:
        screen.show("Everything that commands need is there.")
    screen.document({"ok": not wrong, "checks": [check._asdict() for check in checks]})
    return UNFIT if wrong else 0
