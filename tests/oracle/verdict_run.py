"""What the findings say of as many generated rule sets as are asked for, judged by the interpreter.

    python -m tests.oracle.verdict_run --sets 10000

Ends with 1 at the first verdict that a row contradicts, showing the rules and the row.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.oracle.verdicts import contradiction, judged, related_case

PARTS, RULES = 4, 12  # of a rule set: conditions, and rules put together from them


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where no verdict is contradicted."""
    options = _options().parse_args(arguments)
    started = time.perf_counter()
    never = always = covered = 0
    for seed in range(options.seed, options.seed + options.sets):
        drawn = related_case(seed, PARTS, RULES, 1 + seed % 4)
        table = drawn.source.random_table(seed, options.rows)
        verdicts = judged(drawn.ruleset, table.schema)
        wrong = contradiction(verdicts, table)
        if wrong:
            _say(f"seed {seed}: {wrong}")
            return 1
        never, always = never + len(verdicts.never), always + len(verdicts.always)
        covered += len(verdicts.covered)
        done = seed - options.seed + 1
        if done % 500 == 0 or done == options.sets:
            told = f"{never:,} never, {always:,} always, {covered:,} covered"
            _say(f"{done:,} rule sets of {RULES} rules, {told}: none contradicted on {options.rows:,} rows each")
    _say(f"{time.perf_counter() - started:.0f} s, seeds {options.seed} to {options.seed + options.sets - 1}")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.verdict_run", description=__doc__)
    parser.add_argument("--sets", type=int, default=10_000, help="rule sets")
    parser.add_argument("--rows", type=int, default=1_000, help="rows that each verdict is held against")
    parser.add_argument("--seed", type=int, default=1, help="of the first rule set; the next one adds 1")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
