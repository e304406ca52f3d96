"""gpu-target demo: a year of declarations, a rule set and its changed version, and the lanes under both."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import Diagnostic, UsageError

PROFILE = "morocco-2024"
ADDED, CHANGED = 434, 199  # rules added to and changed in Morocco's targeting in 2024
ENOUGH = 250  # rules, so that as many can be changed: prohibitions and reliefs often cannot


@command
def demo(
    declarations: Annotated[int, typer.Option(help="Declarations of the year.", metavar="N")] = 2_000_000,
    rules: Annotated[int, typer.Option(help="Rules of the first rule set.", metavar="N")] = 3_000,
    seed: Annotated[int, typer.Option(help="Seed of the year, the rules and the draws.", metavar="S")] = 1,
    out: Annotated[Path, typer.Option("--out", help="Folder for everything that is made.", metavar="DIR")] = Path(
        "gpu-target-demo"
    ),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run the whole chain on this machine: a synthetic year, two rule sets, and the lanes under both.

    The second rule set is the first with 434 rules added and 199 changed, as in Morocco in 2024. A year that an earlier
    run left in the folder is used again where it is the same.
    """
    from gpu_target.cli.evaluation import Options, evaluated
    from gpu_target.cli.summary import demo_summary, files_written
    from gpu_target.cli.worlds import made_year, say_what_is_compiled
    from gpu_target.selection.compare import lane_moves, lanes_by_group

    screen, began = Screen(as_json, quiet), time.perf_counter()
    year = out / "year"
    say_what_is_compiled(screen)
    files = _rule_sets(out, rules, seed)  # before the year, which can take minutes
    reused = made_year(PROFILE, declarations, seed, year, screen)
    runs = {name: evaluated(file, year, Options(seed=seed, out=out / name), screen) for name, file in files.items()}
    before, after = (run.result.lanes() for run in runs.values())
    offices = runs["before"].data.tables("declarations").select(["declaration_id", "customs_office_code"])
    moves, by_office = lane_moves(before, after), lanes_by_group(before, after, offices)
    seconds = time.perf_counter() - began
    written = sorted(str(path) for path in out.rglob("*") if path.is_file())
    screen.show(
        f"{declarations:,} declarations of {PROFILE}, seed {seed}", f"Data: {runs['before'].facts['label']}", ""
    )
    screen.show(*demo_summary(runs["before"], runs["after"], moves, by_office))
    screen.show(f"Written to {out}:", *files_written(out), f"The whole took {seconds:.1f} s.")
    screen.document({
        "profile": PROFILE, "declarations": declarations, "seed": seed, "out": str(out), "year_reused": reused,
        "runs": {name: run.facts for name, run in runs.items()},
        "moves": moves.to_dict(orient="index"),
        "offices": [
            {"office": office, "before": row["before"].to_dict(), "after": row["after"].to_dict()}
            for office, row in by_office.iterrows()
        ],
        "files": written,
        "seconds": round(seconds, 6),
    })  # fmt: skip


def _rule_sets(out: Path, rules: int, seed: int) -> dict[str, Path]:
    """The files of the two rule sets. US023 where the first has too few rules to change."""
    from gpu_target.cli.worlds import two_rule_sets
    from synthetic.errors import ProfileError
    from synthetic.rulesets.changes import TOO_FEW

    try:
        return two_rule_sets(out, rules, ADDED, CHANGED, seed)
    except ProfileError as error:
        if error.problems[0].code != TOO_FEW:
            raise
        message = f"of {rules:,} rules too few can be changed: the demonstration changes {CHANGED}"
        remedy = f"make more: --rules {ENOUGH} or more"
        raise UsageError(Diagnostic("US023", message, place="gpu-target demo", remedy=remedy)) from error
