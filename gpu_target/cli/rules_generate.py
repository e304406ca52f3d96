"""gpu-target rules generate: a rule set made up from a seed, or another one changed as in a year of decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError

BASELINE = 3_000  # rules, where neither --rules nor --from says


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
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make up a rule set of any size for trials and benchmarks, or a changed version of one.

    Conditions, values and lanes are as frequent as in published descriptions of customs rule sets; the rules mean
    nothing.
    """
    _refuse_contradictions(rules, source, add, change)
    from gpu_target.cli.worlds import say_what_is_compiled
    from gpu_target.results import replaced
    from synthetic.rulesets import change_rules, generate_rules

    screen = Screen(as_json, quiet)
    if source is None or add:
        say_what_is_compiled(screen)
    if source is None:
        text = generate_rules(BASELINE if rules is None else rules, seed)
        done = f"{BASELINE if rules is None else rules:,} rules"
    else:
        text = change_rules(_read(source), add, change, seed)
        done = f"{source} with {add:,} rules added and {change:,} changed"
    with replaced(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    screen.show(f"{out}: {done}, seed {seed}")
    screen.document(
        {"out": str(out), "rules": rules, "from": source and str(source), "add": add, "change": change, "seed": seed}
    )


def _refuse_contradictions(rules: int | None, source: Path | None, add: int, change: int) -> None:
    if source is not None and rules is not None:
        raise _contradiction("--rules makes a new rule set and --from changes one", "give one of the two")
    if source is None and (add or change):
        raise _contradiction("--add and --change need a rule set to change", "name it: --from FILE")


def _contradiction(message: str, remedy: str) -> UsageError:
    return UsageError(Diagnostic("US023", message, place="gpu-target rules generate", remedy=remedy))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DataError(
            Diagnostic("DT101", "there is no such rule file", place=str(path), remedy="check the path")
        ) from None
    except UnicodeDecodeError as error:
        what = f"byte {error.start:,} is no text in utf-8"
        raise DataError(Diagnostic("DT130", what, place=str(path), remedy="save the file as UTF-8")) from error
