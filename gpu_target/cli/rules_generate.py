"""gpu-target rules generate: a rule set made up from a seed, or another one changed as in a year of decisions."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import Diagnostic, GpuTargetError, RuleError, Source, Span, UsageError
from gpu_target.language.wording import counted

BASELINE = 3_000  # rules, where neither --rules nor --from says
BEGINNING = 1_024  # bytes in which a made-up rule set says what it is
MADE_UP = b"synthetic, calibrated to public aggregates"


@command
def generate_rules(
    out: Annotated[Path, typer.Option("--out", help="The rule file to write.", metavar="FILE", show_default=False)],
    rules: Annotated[
        int | None, typer.Option("--rules", help=f"How many rules; {BASELINE:,} by default.", metavar="N")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A rule file to change, in place of a new one.", metavar="FILE")
    ] = None,
    add: Annotated[int, typer.Option("--add", help="With --from: rules to add.", metavar="N")] = 0,
    change: Annotated[int, typer.Option("--change", help="With --from: rules to change.", metavar="N")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed: the same one gives the same rules.", metavar="S")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Also replace a file that was not made up.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make up a rule set of any size for trials and benchmarks, or a changed version of one.

    Conditions, values and lanes are as frequent as in published descriptions of customs rule sets; the rules mean
    nothing.
    """
    _refuse_contradictions(rules, source, add, change)
    if not force:
        _refuse_to_replace(out)
    from gpu_target.cli.worlds import say_what_is_compiled
    from gpu_target.results import replaced
    from synthetic.rulesets import generate_rules

    screen = Screen(as_json, quiet)
    if source is None or add:
        say_what_is_compiled(screen)
    written = BASELINE if rules is None else rules
    text = generate_rules(written, seed) if source is None else _changed(source, add, change, seed)
    with replaced(out) as temporary:
        temporary.write_bytes(text.encode("utf-8"))
        if source is not None:
            written = _rules_in(temporary, out)
    done = f"{source} with {counted(add, 'rule')} added and {change:,} changed"
    done = counted(written, "rule") if source is None else done
    screen.show(f"{out}: {done}, seed {seed}")
    screen.document(
        {"out": str(out), "rules": written, "from": source and str(source), "add": add, "change": change, "seed": seed}
    )


def _refuse_contradictions(rules: int | None, source: Path | None, add: int, change: int) -> None:
    if source is not None and rules is not None:
        raise _contradiction("--rules makes a new rule set and --from changes one", "give one of the two")
    if source is None and (add or change):
        raise _contradiction("--add and --change need a rule set to change", "name it: --from FILE")


def _refuse_to_replace(out: Path) -> None:
    """US024 where a file at ``out`` does not say that its rules are made up: someone may have written it."""
    try:
        with out.open("rb") as file:
            beginning = file.read(BEGINNING).lower()
    except OSError:  # nothing is there, or what is there is refused when it is written
        return
    if beginning.strip() and MADE_UP not in beginning:
        message = f"{out} is there already, and its rules are not made up"
        remedy = "choose another name, or add --force to replace it"
        raise UsageError(Diagnostic("US024", message, place=str(out), remedy=remedy))


def _contradiction(message: str, remedy: str) -> UsageError:
    return UsageError(Diagnostic("US023", message, place="gpu-target rules generate", remedy=remedy))


def _changed(source: Path, add: int, change: int, seed: int) -> str:
    """The text of a valid rule file, changed. Problems of the file name it."""
    from gpu_target.language.files import load_rules
    from synthetic.errors import ProfileError
    from synthetic.rulesets.changes import TOO_FEW, UNFIT, change_rules

    if os.path.isdir(source):
        remedy = "name one of its rule files"
        raise RuleError(Diagnostic("RT020", f"{source} is a folder", place=str(source), remedy=remedy))
    load_rules(source)
    text = source.read_bytes().decode("utf-8")
    try:
        return change_rules(text, add, change, seed)
    except ProfileError as error:
        of_file = (UNFIT, TOO_FEW)
        problems = (replace(each, place=str(source)) if each.code in of_file else each for each in error.problems)
        raise ProfileError(*problems) from error


def _rules_in(temporary: Path, out: Path) -> int:
    """How many rules a file has that is to become ``out``. Files that it names are looked for from there."""
    from gpu_target.language.files import load_rules

    try:
        return len(load_rules(temporary).rules)
    except GpuTargetError as error:
        raise type(error)(*(_moved(each, temporary, out) for each in error.diagnostics)) from error


def _moved(problem: Diagnostic, temporary: Path, out: Path) -> Diagnostic:
    """The same problem, of ``out``: nobody has seen the temporary file."""
    if problem.span is None:
        return replace(problem, place=problem.place.replace(str(temporary), str(out)))
    source, start, end = problem.span.source.resolve(problem.span.start, problem.span.end)
    name = source.name.replace(str(temporary), str(out))
    return replace(problem, span=Span(Source(name, source.text), start, end))
