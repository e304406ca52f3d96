"""gpu-target rules test: the tests that stand in the rule files, and what they decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpu_target.cli.faults import FOUND, INCONCLUSIVE, command
from gpu_target.cli.options import OUTPUT, AsJson, AsOf, DataOption, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    from gpu_target.coverage import Coverage
    from gpu_target.explaining.conditions import Condition
    from gpu_target.language.model import RuleSet
    from gpu_target.rule_tests import TestOutcome

TOP = 20  # rules shown that tests do not decide
GATES = "Coverage"
Percent = Annotated[
    float | None,
    typer.Option(
        "--fail-under",
        help="Exit with 1 where tests decide less of the terms; implies --coverage.",
        metavar="PERCENT",
        min=0,
        max=100,
        rich_help_panel=GATES,
    ),
]
PercentOfRules = Annotated[
    float | None,
    typer.Option(
        "--fail-under-rules",
        help="The same for rules: each is to be matched and not matched by a test.",
        metavar="PERCENT",
        min=0,
        max=100,
        rich_help_panel=GATES,
    ),
]


@command
def run_rule_tests(
    rules: Rules,
    data: DataOption = None,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Also show which rules and terms the tests decide.", rich_help_panel=GATES),
    ] = False,
    fail_under: Percent = None,
    fail_under_rules: PercentOfRules = None,
    top: Annotated[
        int,
        typer.Option("--top", help="Rules shown that tests do not decide.", metavar="N", min=0, rich_help_panel=OUTPUT),
    ] = TOP,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Run the tests of every rule, drafts included: does it match what it should, and nothing else?

    Exit code 1 where a test fails or decides too little, 2 where the rules cannot be run, 3 where the columns' types
    are not known: name a record type in the rules, or give --map or --data.
    """
    import gpu_target
    from gpu_target.cli.checking import NOT_CHECKED, check_names_and_types, columns_of
    from gpu_target.cli.coverage import facts_of, shown, too_little
    from gpu_target.cli.failed_tests import facts_of_test, told
    from gpu_target.explaining.failed import conditions_of, rules_of
    from gpu_target.rule_tests import run_tests

    screen = Screen(as_json, quiet)
    day = checked(as_of, seed)
    ruleset = gpu_target.load_rules(rules)
    columns = columns_of(ruleset, data, map_)
    outcomes: Sequence[TestOutcome] = []
    covered: Coverage | None = None
    saw: Sequence[tuple[Condition, ...]] = ()
    options: dict[str, Any] = {}
    gated = fail_under is not None or fail_under_rules is not None
    if columns is None:
        screen.note(NOT_CHECKED)
    else:
        without = check_names_and_types(ruleset, columns)
        if without:
            screen.note(f"Not run: tests of rules that read {', '.join(without)}; give the generated folder as --data.")
        options = {"as_of": day, "roles": columns.roles, "tables": columns.tables}
        outcomes = run_tests(ruleset, columns.types, without=without, **options)
        if coverage or gated:
            from gpu_target.coverage import cover

            covered = cover(ruleset, outcomes, columns.types, **options)
    failed = [each for each in outcomes if not each.passed]
    written = sum(len(rule.tests) for rule in ruleset.rules)
    if failed:
        assert columns is not None  # else no test was run
        saw = conditions_of(ruleset, failed, columns.types, **options)
        screen.problems([told(*each) for each in zip(failed, rules_of(ruleset, failed), saw, strict=True)])
    screen.show(_summary(ruleset, written, len(outcomes), len(failed)))
    short: list[str] = []
    if covered is not None:
        screen.show(*shown(covered, top))
        short = too_little(covered, fail_under, fail_under_rules)
        screen.problems(short)
    screen.document({
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "checked_against": columns.source if columns else None,
        "tests": written,
        "run": len(outcomes),
        "failed": [facts_of_test(*each) for each in zip(failed, rules_of(ruleset, failed), saw, strict=True)],
        "rules_without_tests": sum(not rule.tests for rule in ruleset.rules),
        "coverage": None if covered is None else facts_of(covered),
    })  # fmt: skip
    if failed or short:
        return FOUND
    return INCONCLUSIVE if len(outcomes) < written or (gated and covered is None) else 0


def _summary(ruleset: RuleSet, written: int, run: int, failed: int) -> str:
    if not written:
        return f"{ruleset.name}: there are no tests in its {counted(len(ruleset.rules), 'rule')}"
    found = f"{failed:,} of {counted(run, 'test')} failed" if failed else f"{counted(run, 'test')} passed"
    if not run:
        found = f"its {counted(written, 'test')} {'was' if written == 1 else 'were'} not run"
    elif run < written:
        found += f", {written - run:,} {'was' if written - run == 1 else 'were'} not run"
    return f"{ruleset.name}: {found}; {_bare(ruleset)}"


def _bare(ruleset: RuleSet) -> str:
    """How many rules have no tests, in words."""
    bare = sum(not rule.tests for rule in ruleset.rules)
    if not bare:
        return "every rule has tests"
    return f"{bare:,} of {counted(len(ruleset.rules), 'rule')} {'has' if bare == 1 else 'have'} no tests"
