"""gpu-target rules check: everything that is wrong with a rule set, at once."""

from __future__ import annotations

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, AsOf, DataOption, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen
from gpu_target.language.wording import counted


@command
def check(
    rules: Rules,
    data: DataOption = None,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a rule set, drafts included, and show every problem with its place and what to write instead.

    Names and types are checked against --data, else --map, else the record type that the rules name. Exit code 2 where
    the rules cannot be run.
    """
    import gpu_target
    from gpu_target.cli.checking import NOT_CHECKED, check_names_and_types, columns_of

    screen = Screen(as_json, quiet)
    checked(as_of, seed)
    ruleset = gpu_target.load_rules(rules)
    columns = columns_of(ruleset, data, map_)
    missing = check_names_and_types(ruleset, columns) if columns else []
    idle = len(ruleset.rules) - len(ruleset.active)
    resting = f", {idle:,} of them draft or retired" if idle else ""
    screen.show(f"{ruleset.name}: {counted(len(ruleset.rules), 'rule')}{resting}")
    screen.show(f"Names and types checked against {columns.source}." if columns else NOT_CHECKED)
    if missing:
        screen.show(f"Not checked: what reads {', '.join(missing)}; give the generated folder as --data.")
    screen.show("Nothing wrong was found.")
    screen.document({
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "rules": len(ruleset.rules),
        "active": len(ruleset.active),
        "checked_against": columns.source if columns else None,
        "tables_not_checked": missing,
        "findings": [],
    })  # fmt: skip
