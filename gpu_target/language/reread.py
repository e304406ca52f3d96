"""A rule set read again after an edit: only the rules whose text has changed are parsed.

An edit that lies within the items of a file's ``rules:`` leaves what stands before and behind them as it was: the item
before ends where it ended, because the next line still begins an item of the same list. The items around the edit are
read by themselves, as a list of their own. Whatever is not plainly such an edit, or not plainly right, is read as a
whole, so that what is found and what is reported is always that of ``load_rules``.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gpu_target.held import no_collection
from gpu_target.language.diagnostics import Diagnostic, Passage, Source
from gpu_target.language.files import Draft, read_all
from gpu_target.language.folder import rule_files
from gpu_target.language.model import Content, Rule, RuleSet, hash_of
from gpu_target.language.reading import Reading
from gpu_target.language.rules import read_rule
from gpu_target.language.terms import Terms
from gpu_target.language.yaml_nodes import YamlList, compose

MARK = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)  # means something to YAML outside of the list
ITEM = re.compile(r" *- +")
MOST_TERMS = 4  # remembered, for each one that the rule set was read with; then all are forgotten


@dataclass(slots=True)
class RuleFile:
    """A rule file as it was read last: where the lines begin that begin an item of ``rules:``, and their indent."""

    source: Source
    starts: list[int]
    indent: int
    first: int  # position in the rule set of its first rule


@dataclass(frozen=True, slots=True)
class Edit:
    """Items ``low`` up to, and without, ``high`` of a file now stand from ``start`` up to ``end`` of ``text``."""

    text: str
    low: int
    high: int
    start: int
    end: int


class Rereader:
    """A rule file or folder that is read again and again. Rules that an edit leaves as they are stay the same objects.

    Places of rules that stay move with the text before them, also in rule sets that were read earlier.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.ruleset: RuleSet | None = None
        self.files: dict[Path, RuleFile] = {}
        self.terms: Terms = {}
        self.first_terms = 0

    def read(self) -> RuleSet:
        """The rule set as its files are now, the same object where nothing has changed. Raises as ``load_rules``."""
        again = None
        if self.ruleset is not None:
            with suppress(OSError, UnicodeDecodeError):  # reading the whole says what is wrong
                again = self._read_changes(self.ruleset)
        if again is None:
            return self._read_whole()
        self.ruleset = again
        return again

    def _read_whole(self) -> RuleSet:
        draft = Draft(terms=self.terms if len(self.terms) < MOST_TERMS * self.first_terms else {})
        self.ruleset, self.files = None, {}
        ruleset = read_all(self.path, draft)
        first = 0
        for path, source in draft.sources.items():
            items = draft.items.get(path)
            if items is None:
                break  # it is not known how many rules it has
            lines = begin_of_lines(source.text, items)
            if lines is not None:
                self.files[path] = RuleFile(source, lines[0], lines[1], first)
            first += len(items)
        if draft.terms is not self.terms:
            self.terms, self.first_terms = draft.terms, len(draft.terms)
        self.ruleset = ruleset
        return ruleset

    def _read_changes(self, ruleset: RuleSet) -> RuleSet | None:
        problems: list[Diagnostic] = []
        now = rule_files(self.path, problems)
        contents = [(each, each.path.read_bytes()) for each in ruleset.contents]
        if problems or not set(now) <= {each.path for each in ruleset.contents}:
            return None
        hashes = [hashlib.sha256(data).digest() for _, data in contents]
        changed = [
            (each.path, data) for (each, data), found in zip(contents, hashes, strict=True) if found != each.sha256
        ]
        if not changed:
            return ruleset
        if len(changed) > 1 or changed[0][0] not in self.files:
            return None
        path, data = changed[0]
        edit = find_edit(self.files[path], data.decode("utf-8-sig"))
        rules = None if edit is None else self._apply(path, edit, ruleset.rules)
        if rules is None:
            return None
        read = tuple(Content(each.path, found) for (each, _), found in zip(contents, hashes, strict=True))
        return replace(ruleset, rules=rules, contents=read, sha256=hash_of(read))

    def _apply(self, path: Path, edit: Edit, rules: tuple[Rule, ...]) -> tuple[Rule, ...] | None:
        """The rules after an edit; None where it makes anything but sound rules of the same list."""
        file = self.files[path]
        source = Source(file.source.name, edit.text)
        part = edit.text[edit.start : edit.end]
        passage = Passage(source, part, edit.start)
        new: list[Rule] = []
        items: list[int] = []
        if part:
            reading = Reading(passage, path.parent, [], terms=self.terms)
            with no_collection():
                node = compose(passage, reading.errors, inside=1)
                if type(node) is not YamlList or node.flow:
                    return None
                for item in node.items:
                    reading.source = Passage(source, part, edit.start)
                    rule = read_rule(reading, item)
                    if rule is None:
                        return None
                    new.append(rule)
            lines = begin_of_lines(part, [item.start for item in node.items])
            if reading.errors or lines is None or lines[1] != file.indent or lines[0][0] != 0:
                return None
            items = [edit.start + each for each in lines[0]]
        found = (*rules[: file.first + edit.low], *new, *rules[file.first + edit.high :])
        if len({rule.id for rule in found}) < len(found):
            return None
        self._move(file, source, edit, rules, items)
        for other in self.files.values():
            if other.first > file.first:
                other.first += len(new) - (edit.high - edit.low)
        return found

    @staticmethod
    def _move(file: RuleFile, source: Source, edit: Edit, rules: tuple[Rule, ...], items: list[int]) -> None:
        """Tell the rules that stay where they stand now."""
        by = len(source.text) - len(file.source.text)
        own = rules[file.first : file.first + len(file.starts)]
        for rule in (*own[: edit.low], *own[edit.high :]):
            rule.span.source.file = source  # type: ignore[union-attr]
        for rule in own[edit.high :]:
            rule.span.source.shift += by  # type: ignore[union-attr]
        file.source = source
        file.starts = file.starts[: edit.low] + items + [each + by for each in file.starts[edit.high :]]


def begin_of_lines(text: str, items: list[int]) -> tuple[list[int], int] | None:
    """Where the lines begin on which items begin, and their common indent; None where ``- `` does not begin each."""
    lines = [text.rfind("\n", 0, start) + 1 for start in items]
    if not items or any(not ITEM.fullmatch(text, line, start) for line, start in zip(lines, items, strict=True)):
        return None
    indents = {text.index("-", line) - line for line in lines}
    return (lines, indents.pop()) if len(indents) == 1 else None


def find_edit(file: RuleFile, text: str) -> Edit | None:
    """The items of a file that cover all that has changed; None where other parts of the file have changed too."""
    old, starts = file.source.text, file.starts
    first = common_prefix(old, text)
    same = min(common_suffix(old, text), min(len(old), len(text)) - first)
    if first < starts[0]:
        return None
    last = max(len(old) - same, first)
    low = max(bisect_left(starts, first) - 1, 0)
    high = max(bisect_left(starts, last), low + 1)
    behind = len(old) - starts[high] if high < len(starts) else 0
    start, end = starts[low], len(text) - behind
    part = text[start:end]
    if high - low == len(starts) and not part:
        return None  # no rule is left
    if MARK.search(part) or (behind and part and not part.endswith("\n")):
        return None
    return Edit(text, low, high, start, end)


def common_prefix(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(one: str, other: str) -> int:
    """How many characters two texts have in common at their ends."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
