"""gpu-target rules test: the tests that stand in the rule files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpu_target.cli.faults import FOUND, INCONCLUSIVE, command
from gpu_target.cli.options import AsJson, AsOf, DataOption, MapFile, Quiet, Rules, Seed, checked
from gpu_target.cli.screen import Screen

if TYPE_CHECKING:
    from gpu_target.language.model import RuleSet
    from gpu_target.rule_tests import TestOutcome

SAID = {True: "match", False: "no match", None: "no match (UNKNOWN: something it reads is missing)"}


@command
def run_rule_tests(
    rules: Rules,
    data: DataOption = None,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Run the tests of every rule, drafts included: does it match what it should, and nothing else?

    Exit code 1 where a test fails, 3 where the columns' types are not known: name a record type in the rules, or give
    --map or --data.
    """
    import gpu_target
    from gpu_target.cli.checking import NOT_CHECKED, columns_of
    from gpu_target.rule_tests import run_tests

    screen = Screen(as_json, quiet)
    day = checked(as_of, seed)
    ruleset = gpu_target.load_rules(rules)
    columns = columns_of(ruleset, data, map_)
    written = sum(len(rule.tests) for rule in ruleset.rules)
    outcomes: Sequence[TestOutcome] = []
    if columns is not None:
        outcomes = run_tests(ruleset, columns.types, as_of=day, roles=columns.roles, tables=columns.tables)
    failed = [each for each in outcomes if not each.passed]
    screen.problems([_told(each) for each in failed])
    if columns is None:
        screen.note(NOT_CHECKED)
    screen.show(_summary(ruleset, written, len(outcomes), len(failed)))
    screen.document({
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "checked_against": columns.source if columns else None,
        "tests": written,
        "run": len(outcomes),
        "failed": [_facts(each) for each in failed],
        "rules_without_tests": sum(not rule.tests for rule in ruleset.rules),
    })  # fmt: skip
    if failed:
        return FOUND
    return INCONCLUSIVE if len(outcomes) < written else 0


def _summary(ruleset: RuleSet, written: int, run: int, failed: int) -> str:
    if not written:
        return f"{ruleset.name}: there are no tests in its {len(ruleset.rules):,} rules"
    bare = sum(not rule.tests for rule in ruleset.rules)
    found = f"{failed:,} of {run:,} tests failed" if failed else f"{run:,} tests passed"
    if run < written:
        found = f"its {written:,} tests were not run"
    return f"{ruleset.name}: {found}; {bare:,} of {len(ruleset.rules):,} rules have none"


def _told(outcome: TestOutcome) -> str:
    place = "{}:{}:{}".format(*outcome.span.location()) if outcome.span else ""
    found, expected = SAID[outcome.found], SAID[outcome.expected]
    return f"failed: {outcome.rule_id}, test {outcome.index}: {found}, expected {expected}\n --> {place}"


def _facts(outcome: TestOutcome) -> dict[str, object]:
    file, line, column = outcome.span.location() if outcome.span else (None, None, None)
    return {
        "rule_id": outcome.rule_id, "test": outcome.index, "expected": SAID[outcome.expected],
        "found": {True: "match", False: "no match", None: "unknown"}[outcome.found],
        "file": file, "line": line, "column": column,
    }  # fmt: skip
