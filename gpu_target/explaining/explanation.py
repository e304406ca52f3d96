"""What an explanation holds. ``document`` puts it in JSON."""

from __future__ import annotations

from dataclasses import dataclass

from gpu_target.explaining.conditions import Condition, Truth
from gpu_target.explaining.keys import Key
from gpu_target.explaining.nearest import Change, Miss
from gpu_target.explaining.seen import Seen
from gpu_target.explaining.selecting import Cause
from gpu_target.language.model import Rule


@dataclass(frozen=True)
class Failing:
    """A condition that was not TRUE, and what would have made it TRUE.

    computed  for each value that it computes or looks up, what that would have to be
    alone     for each column of the record, the change that is enough, the smallest first
    """

    condition: int  # its place among the rule's conditions
    computed: tuple[Change, ...]
    alone: tuple[Change, ...]


@dataclass(frozen=True)
class RuleExplained:
    """One rule on one record: its conditions, and where it did not match, how near it was."""

    rule: Rule
    truth: Truth
    conditions: tuple[Condition, ...]
    miss: Miss | None  # None where it matched
    failing: tuple[Failing, ...] = ()

    @property
    def matched(self) -> bool:
        return self.truth is True


@dataclass(frozen=True)
class Item:
    """One record. ``row`` counts from 0; ``key`` is what each key column holds."""

    row: int
    key: tuple[Seen, ...]
    matched: tuple[RuleExplained, ...]
    nearest: tuple[RuleExplained, ...]  # the nearest first; with one rule asked for, that rule
    not_shown: int  # rules that did not match and are not among ``nearest``


@dataclass(frozen=True)
class Explanation:
    """A declaration, or one item of it: the lane and its cause, and every rule that matters on the items asked for.

    items    those that have the whole key that was asked for
    shared   whether several rows have it although it names all key columns
    n_items  of the declaration in the data; the lane is that of all of them
    rows     of every item of the declaration, from 0, in the order that ``cause`` counts items by
    """

    ruleset: str
    ruleset_sha256: str
    key: Key
    seed: int
    as_of: str | None
    cause: Cause
    items: tuple[Item, ...]
    shared: bool
    rows: tuple[int, ...]
    labels: tuple[str, ...]  # of every item: the rest of its key, or its row
    rules: int  # that ran
    idle: int  # draft or retired: they do not run
