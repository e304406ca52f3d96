"""Rules and rows whose every property is a number that can be turned: the points of the sweep.

Columns hold independent uniform numbers, so that a rule matches the product of the shares of its conditions, and what
one property costs is not mixed up with another. The conditions are kept beside their text, so that NumPy can count a
rule without the language, the plan or a backend.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import gpu_target as gt

ROWS = 400_000
CONDITIONS = 3  # of a rule, each on a column of its own, as far as there are columns
LIST_RULES = 4  # one rule of so many reads a list
LISTS = 4
MOST_LISTED = 2_000_000  # values of all lists together: fewer lists where they are long
WHOLE = 1_000_000  # integers of a column are below

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """What is varied, one property at a time around these values.

    columns     read by the rules, one of them by lists; selectivity: share of the rows that a rule matches
    list_length values of each list; cuts: positions in a column at which ranges begin
    everything  share of the rules that match every row
    whole       every so many-th column holds whole numbers, the others floats; 0: all hold floats
    zero        the lowest ranges begin at 0, far below all other cut points as floats are ordered by their bits
    one_column  every rule is one range, and all are over the same column
    """

    rows: int = ROWS
    rules: int = 2_000
    columns: int = 20
    selectivity: float = 1e-3
    list_length: int = 100
    cuts: int = 64
    everything: float = 0.0
    whole: int = 3
    zero: bool = False
    one_column: bool = False


class Condition(NamedTuple):
    """Values of a column from ``low`` up to ``high``, or those of a list."""

    column: str
    low: float = 0.0
    high: float = 0.0
    listed: int = -1


@dataclass(frozen=True)
class Made:
    """A point's rows, rules and plan.

    ``rules`` has the conditions of each rule, all of which must hold; ``lists`` the values of each list, in column
    ``id``, int64[list_length] or fewer where values were drawn twice.
    """

    point: Point
    table: pa.Table
    plan: gt.Plan
    rules: list[list[Condition]]
    lists: list[npt.NDArray[np.int64]]

    def counted(self, rule: int) -> int:
        """Rows that a rule matches, by NumPy."""
        true = np.ones(self.table.num_rows, np.bool_)
        for each in self.rules[rule]:
            true &= self._true(each)
        return int(np.count_nonzero(true))

    def _true(self, condition: Condition) -> Flags:
        values = self.table[condition.column].to_numpy()
        if condition.listed >= 0:
            return np.isin(values, self.lists[condition.listed])
        return (values >= condition.low) & (values <= condition.high)


def make(point: Point) -> Made:
    """The same point always gives the same rows and rules."""
    random = np.random.default_rng(0)
    share = share_of(point)
    lists = make_lists(point, share)
    table = make_table(point, share)
    rules = [make_rule(k, point, share, len(lists), random) for k in range(point.rules)]
    with tempfile.TemporaryDirectory() as folder:
        for number, values in enumerate(lists):
            lines = ["value", *map(str, values.tolist())]
            (Path(folder) / f"l{number}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        file = Path(folder) / "rules.yaml"
        file.write_text(text_of(rules, len(lists)), encoding="utf-8")
        plan = gt.compile(gt.load_rules(file), table.schema)
    return Made(point, table, plan, rules, lists)


def share_of(point: Point) -> float:
    """Of the rows that each condition of a rule is TRUE of, so that all of them together have the selectivity."""
    return float(point.selectivity ** (1 / min(CONDITIONS, point.columns)))


def make_table(point: Point, share: float) -> pa.Table:
    """``id`` holds as many different values as give a list its share; the others lie between 0 and 1, or WHOLE."""
    domain = max(1, round(point.list_length / share))
    columns = {"id": np.random.default_rng(1).integers(0, domain, point.rows)}
    for number in range(1, point.columns):
        random = np.random.default_rng([2, number])
        if holds_whole(number, point):
            columns[f"c{number}"] = random.integers(0, WHOLE, point.rows)
        else:
            columns[f"c{number}"] = random.random(point.rows)
    return pa.table(columns)


def holds_whole(number: int, point: Point) -> bool:
    return point.whole > 0 and number % point.whole == 0


def make_lists(point: Point, share: float) -> list[npt.NDArray[np.int64]]:
    domain = max(1, round(point.list_length / share))
    count = max(1, min(LISTS, MOST_LISTED // point.list_length))
    random = np.random.default_rng(3)
    if point.list_length > domain // 2:
        return [random.permutation(domain)[: point.list_length] for _ in range(count)]
    return [np.unique(random.integers(0, domain, point.list_length)) for _ in range(count)]


def make_rule(k: int, point: Point, share: float, lists: int, random: np.random.Generator) -> list[Condition]:
    if random.random() < point.everything:
        return [Condition(f"c{1 + k % (point.columns - 1)}", 0, WHOLE)]
    if point.one_column:
        return [ranged(1, point, point.selectivity, random)]
    wanted = min(CONDITIONS, point.columns)
    of_list = k % LIST_RULES == 0 or wanted == point.columns
    conditions = [Condition("id", listed=k // LIST_RULES % lists)] if of_list else []
    free = 1 + random.permutation(point.columns - 1)[: wanted - len(conditions)]
    return conditions + [ranged(number, point, share, random) for number in free.tolist()]


def ranged(number: int, point: Point, share: float, random: np.random.Generator) -> Condition:
    """A range of this share of a column, at one of the places where ranges begin."""
    place = int(random.integers(point.cuts))
    low = 0.0 if point.zero and place == 0 else (place + 0.5) / point.cuts * (1 - share)
    high = low + share
    if holds_whole(number, point):
        low, high = round(low * WHOLE), round(high * WHOLE) - 1
    return Condition(f"c{number}", low, high)


def text_of(rules: list[list[Condition]], lists: int) -> str:
    return "\n".join([
        "ruleset: sweep",
        "lists:",
        *(f"  l{number}: l{number}.csv" for number in range(lists)),
        "rules:",
        *(f'  - {{id: R{k}, when: "{" AND ".join(map(spelled, rule))}", lane: red}}' for k, rule in enumerate(rules)),
    ]) + "\n"  # fmt: skip


def spelled(condition: Condition) -> str:
    if condition.listed >= 0:
        return f"{condition.column} IN @l{condition.listed}"
    return f"{condition.column} BETWEEN {condition.low!r} AND {condition.high!r}"
