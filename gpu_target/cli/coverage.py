"""What tests decide, for ``rules test --coverage``: shares and a table within 80 columns, gates, and facts."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import shorten
from typing import TYPE_CHECKING

from gpu_target.cli.summary import plain_table

if TYPE_CHECKING:
    from rich.table import Table

    from gpu_target.coverage import Coverage, RuleCoverage, Share

LONGEST = 150  # characters shown of a term


def shown(covered: Coverage, top: int) -> Iterable[Table | str]:
    """Shares of rules and terms, and at most ``top`` rules that are not wholly decided."""
    yield f"Rules that one test matches and another does not: {_share(covered.of_rules)}"
    yield f"Terms that decide a match and a miss: {_share(covered.of_terms)}"
    lacking = [each for each in covered.rules if not _is_complete(each)]
    if lacking and top:
        yield ""
        yield _lacking_table(lacking[:top])
        if len(lacking) > top:
            more = len(lacking) - top
            yield f"and {more:,} more rule{'s' if more > 1 else ''}: --top {len(lacking)} shows them, --json has all"


def _share(share: Share) -> str:
    return f"{share.decided:,} of {share.whole:,} ({share.percent:.1f} %)"


def _is_complete(each: RuleCoverage) -> bool:
    return each.decided and all(term.decided for term in each.terms)


def _lacking_table(rules: Iterable[RuleCoverage]) -> Table:
    """What tests still have to show: of a rule that they do not both match and miss, then of its undecided terms."""
    table = plain_table("Not decided", "rule", "matched", "missed", "by")
    table.columns[-1].justify = "left"
    for each in rules:
        rows = []
        if not each.decided:
            rows.append((each.matched, each.missed, "any test" if each.rule.tests else "any test: there is none"))
        if each.rule.tests:
            undecided = [term for term in each.terms if not term.decided]
            rows += [(term.matches, term.misses, shorten(term.text, LONGEST, placeholder=" …")) for term in undecided]
        for place, (matched, missed, what) in enumerate(rows):
            table.add_row("" if place else each.rule.id, *("yes" if test else "no" for test in (matched, missed)), what)
    return table


def too_little(covered: Coverage, terms: float | None, rules: float | None) -> list[str]:
    """What the gates say, nothing where tests decide enough."""
    asked = (
        ("terms", covered.of_terms, terms, "--fail-under"),
        ("rules", covered.of_rules, rules, "--fail-under-rules"),
    )
    return [
        f"failed: tests decide {share.decided:,} of {share.whole:,} {what}, {share.percent:.1f} %; "
        f"{option} asks for {least:g} %"
        for what, share, least, option in asked
        if least is not None and share.percent < least
    ]


def facts_of(covered: Coverage) -> dict[str, object]:
    """The same for ``--json``, of every rule; tests count from 1."""

    def share(of: Share) -> dict[str, object]:
        return {"decided": of.decided, "whole": of.whole, "percent": round(of.percent, 2)}

    return {
        "rules": share(covered.of_rules),
        "terms": share(covered.of_terms),
        "by_rule": [
            {
                "rule_id": each.rule.id,
                "tests": len(each.rule.tests),
                "matched_by": each.matched or None,
                "missed_by": each.missed or None,
                "terms": [
                    {
                        "term": term.text,
                        "true_in": term.true or None,
                        "matches_thanks_to_it": term.matches or None,
                        "misses_because_of_it": term.misses or None,
                    }
                    for term in each.terms
                ],
            }
            for each in covered.rules
        ],
    }
