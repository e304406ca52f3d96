"""gpu-target explain: why a record took its lane, and how near the rules were that did not match."""

from __future__ import annotations

from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, AsOf, Data, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen


@command
def explain(
    rules: Rules,
    data: Data,
    key: Annotated[
        str,
        typer.Option(
            "--key", help="Values of the key in order, as in 240001,2; the declaration alone means all its items.",
            metavar="KEY", show_default=False,
        ),
    ],
    rule: Annotated[
        str | None,
        typer.Option("--rule", help="Look at this rule alone; it may be a draft or retired.", metavar="ID"),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", help="How many of the rules that did not match.", metavar="N", min=0)
    ] = 5,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Say of one record which rules matched and why, which came nearest, and what decided the lane.

    Of a rule that did not match every condition is shown with what it saw, and
    the smallest change that would have made it match.

    Nearest is the rule with the fewest conditions that were not TRUE, and of
    those the one whose change is smallest: d / (value + d) for numbers that
    keep their sign, d / (1 year + d) for times, 1 for all else. A change is
    shown only where the record so changed does match.
    """
    from gpu_target.cli.explaining import explained
    from gpu_target.cli.explanation import summary
    from gpu_target.explaining.document import document

    screen = Screen(as_json, quiet)
    day = checked(as_of, seed)
    found, opened = explained(rules, data, key, screen, rule=rule, top=top, map_=map_, as_of=day, seed=seed)
    screen.show(*summary(found, opened, one=rule is not None))
    screen.document({**document(found), "data": str(opened.path), "label": opened.label})
