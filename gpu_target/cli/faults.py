"""From what went wrong to a message and an exit code; the only place that knows the exit codes."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn, ParamSpec

import typer

from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import Diagnostic, GpuTargetError, render
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    from synthetic.errors import Problem

DONE, FOUND, BAD_INPUT, INCONCLUSIVE, UNFIT, INTERRUPTED = 0, 1, 2, 3, 4, 130
SHOWN = 20  # problems on the screen: more than that nobody mends at once
Arguments = ParamSpec("Arguments")


def command(function: Callable[Arguments, int | None]) -> Callable[Arguments, NoReturn]:
    """A command: it returns its exit code, and what is expected to go wrong becomes a message and another code.

    With ``--json`` the problems are also the document: ``{"errors": [...]}``.
    """

    @functools.wraps(function)
    def run(*arguments: Arguments.args, **options: Arguments.kwargs) -> NoReturn:
        try:
            code = function(*arguments, **options) or DONE
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:
            code = report(error, as_json=bool(options.get("as_json")))
        raise typer.Exit(code)

    run.__doc__ = help_text(function.__doc__ or "")
    return run


def help_text(docstring: str) -> str:
    """A docstring with every paragraph on one line: help breaks lines where the terminal ends, and nowhere else."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


def report(error: BaseException, as_json: bool) -> int:
    """Show an expected error and give its exit code; raise any other again."""
    screen = Screen(as_json=as_json)
    if isinstance(error, KeyboardInterrupt):
        screen.note("interrupted; nothing half-written stands under a final name")
        screen.document({"errors": [{"message": "interrupted"}]})
        return INTERRUPTED
    problems, code = explained(error)
    if not problems:
        raise error
    screen.problems([each.text for each in problems[:SHOWN]])
    if len(problems) > SHOWN:
        screen.note(f"and {counted(len(problems) - SHOWN, 'more problem')}: mend these first, or see all with --json")
    with suppress(OSError):  # the document may be what could not be written
        screen.document({"errors": [each.facts for each in problems]})
    return code


class Told(NamedTuple):
    """A problem as text for people and as facts for ``--json``."""

    text: str
    facts: dict[str, object]


def told(diagnostics: Iterable[Diagnostic]) -> list[Told]:
    """Diagnostics ready to show."""
    return [Told(render(each), each.as_dict()) for each in diagnostics]


def explained(error: BaseException) -> tuple[list[Told], int]:
    """The problems behind an error and their exit code; no problems where it is a fault of the program."""
    if isinstance(error, GpuTargetError):
        return told(error.diagnostics), error.exit_code
    if isinstance(error, MemoryError):
        remedy = "run without --matches, on fewer rows, or on a machine with more memory"
        return told([Diagnostic("EN411", "the memory is not enough", remedy=remedy)]), UNFIT
    if isinstance(error, OSError):
        return told([_of_the_system(error)]), UNFIT
    synthetic = sys.modules.get("synthetic.errors")  # loaded wherever its error can come from
    if synthetic is not None and isinstance(error, synthetic.ProfileError):
        if isinstance(error.__cause__, OSError) and _of_the_system(error.__cause__).code == "EN410":
            return explained(error.__cause__)
        return [Told(str(each), _facts(each)) for each in error.problems], BAD_INPUT
    return [], DONE


def _facts(problem: Problem) -> dict[str, object]:
    facts = {"code": problem.code, "message": problem.message, "file": problem.place, "remedy": problem.remedy}
    return {name: value for name, value in facts.items() if value}


def _of_the_system(error: OSError) -> Diagnostic:
    from gpu_target.results import disk_full, no_room

    place = str(error.filename or "")
    if no_room(error):
        return disk_full(place).diagnostics[0]
    why = os.strerror(error.errno) if error.errno else str(error)
    return Diagnostic("EN412", f"the system refuses: {why}", place=place, remedy="check the disk and the permissions")
