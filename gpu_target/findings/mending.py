"""Safe mends, put into the text of the rule files: nothing else in them is touched, and what the rules do stays.

After the mends the files are read and compiled again, from a copy. Where the plan of all rules or anything that their
keys say has changed, or the files cannot be read any more, nothing is written.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gpu_target.findings.finding import Finding, Mend
from gpu_target.language.diagnostics import GpuTargetError, Source
from gpu_target.language.model import RuleSet, Scalar
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar, compose

Meaning = Callable[[RuleSet], str]  # a hash of what a rule set does


class Edit(NamedTuple):
    """Characters ``start`` up to ``end`` of a file become ``text``."""

    start: int
    end: int
    text: str


class Mended(NamedTuple):
    """A file with its text before and after, and what was mended in it, in words."""

    path: Path
    before: str
    after: str
    what: list[str]


def mend(ruleset: RuleSet, findings: Iterable[Finding]) -> list[Mended]:
    """The files as the mends of the findings leave them; nothing is written. Of two that overlap, one is made."""
    wanted: dict[str, list[tuple[list[Edit], str]]] = {}
    sources: dict[str, Source] = {}
    for each in findings:
        if each.mend is None:
            continue
        edits, source = _edits(each.mend)
        if edits:
            is_told = any(source.text[edit.start : edit.end].lstrip().startswith("#") for edit in edits)
            words = f"{each.mend.what}, with the comment above it" if is_told else each.mend.what
            wanted.setdefault(source.name, []).append((edits, words))
            sources[source.name] = source
    paths = {str(each.path): each.path for each in ruleset.contents}
    return [_apply(paths[name], sources[name].text, edits) for name, edits in wanted.items() if name in paths]


def _edits(found: Mend) -> tuple[list[Edit], Source]:
    source, start, _ = found.span.source.resolve(found.span.start, found.span.end)
    if found.entry is not None:
        return _without_entry(source, *found.entry), source
    # the character behind the last one: where that is an escape, it has more characters in the file than one
    _, end, _ = found.span.source.resolve(found.span.end, found.span.end)
    return [Edit(start, max(start, end), found.text)], source


def _apply(path: Path, text: str, mends: Sequence[tuple[list[Edit], str]]) -> Mended:
    parts: list[str] = []
    what: list[str] = []
    edits: list[Edit] = []
    for own, words in sorted(mends):
        if not any(one.start < other.end and other.start < one.end for one in own for other in edits):
            edits += own
            what.append(words)
    place = 0
    for edit in sorted(edits):
        parts += [text[place : edit.start], edit.text]
        place = edit.end
    return Mended(path, text, "".join(parts) + text[place:], what)


# -- entries of lists, tables and let ---------------------------------------------------------------------------------


def _without_entry(source: Source, section: str, name: str) -> list[Edit]:
    """Deletes an entry of ``lists``, ``tables`` or ``let``, and the line of the key itself where it is the only one."""
    node = compose(source, [])
    if type(node) is not YamlMap or section not in node.entries:
        return []
    key, entries = node.entries[section]
    if type(entries) is not YamlMap or name not in entries.entries:
        return []
    inner = entries.entries[name]
    if len(entries.entries) > 1:
        if entries.flow:
            return [_in_braces(source.text, entries, name)]
        return [_with_comment(source.text, inner[0], _lines(source.text, *inner))]
    if node.flow:
        return [_in_braces(source.text, node, section)]
    if entries.flow:
        return [_lines(source.text, key, entries)]
    return [_lines(source.text, key, key), _with_comment(source.text, inner[0], _lines(source.text, *inner))]


def _lines(text: str, key: YamlScalar, value: YamlNode) -> Edit:
    """From the line where a key begins to the end of the line where its value does."""
    end = text.find("\n", _end(text, value, key.end))
    return Edit(text.rfind("\n", 0, key.start) + 1, len(text) if end < 0 else end + 1, "")


def _with_comment(text: str, key: YamlScalar, edit: Edit) -> Edit:
    """With the comment directly above, which is about the entry; one moved in otherwise may be about another.

    Lines that are moved in as far as the key are in no value of the entry before it, so that a ``#`` begins a comment.
    """
    margin = text[edit.start : key.start]
    start = edit.start
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text.startswith(f"{margin}#", line):
            break
        start = line
    return Edit(start, edit.end, edit.text)


def _in_braces(text: str, node: YamlMap, name: str) -> Edit:
    """With the comma before it, or behind it where it is the first."""
    names = list(node.entries)
    position = names.index(name)
    key, value = node.entries[name]
    if position:
        before = node.entries[names[position - 1]]
        return Edit(_end(text, before[1], before[0].end), _end(text, value, key.end), "")
    return Edit(key.start, node.entries[names[1]][0].start, "")


def _end(text: str, node: YamlNode, least: int) -> int:
    """Where what is written of a node ends, blanks and comments behind it left out."""
    if isinstance(node, (YamlMap, YamlList)) and not node.flow:
        inner = [value for _, value in node.entries.values()] if isinstance(node, YamlMap) else node.items
        return _end(text, inner[-1], least) if inner else least
    if isinstance(node, YamlScalar) and node.is_null:
        return max(least, node.start)
    return max(least, node.start + len(text[node.start : node.end].rstrip()))


# -- what must stay ---------------------------------------------------------------------------------------------------


def keeps_meaning(
    ruleset: RuleSet, mended: Sequence[Mended], load: Callable[[Path], RuleSet], meaning: Meaning
) -> bool:
    """Whether the mended files say the same: read from a copy beside the files that they name."""
    assert ruleset.path is not None
    after = _read_copy(ruleset, mended, load)
    return after is not None and keys_of(after) == keys_of(ruleset) and meaning(after) == meaning(ruleset)


def _read_copy(ruleset: RuleSet, mended: Sequence[Mended], load: Callable[[Path], RuleSet]) -> RuleSet | None:
    """The rule set with the mended files in place of its own; None where it cannot be read."""
    assert ruleset.path is not None
    texts = {each.path.resolve(): each.after for each in mended}
    root = Path(os.path.commonpath([each.path.resolve().parent for each in ruleset.contents]))
    with tempfile.TemporaryDirectory(prefix="gpu-target-") as folder:
        for each in ruleset.contents:
            path = each.path.resolve()
            copy = Path(folder, path.relative_to(root))
            copy.parent.mkdir(parents=True, exist_ok=True)
            if path in texts:
                copy.write_bytes(texts[path].encode())
            else:
                try:
                    copy.symlink_to(path)
                except OSError:  # where links are not allowed
                    shutil.copyfile(path, copy)
        try:
            return load(Path(folder, ruleset.path.resolve().relative_to(root)))
        except GpuTargetError:
            return None


def keys_of(ruleset: RuleSet) -> list[object]:
    """What the keys of all rules say, without places: the plan knows nothing of titles, owners and tests."""
    found: list[object] = [ruleset.name, ruleset.record, ruleset.key, sorted(ruleset.roles.items())]
    for rule in ruleset.rules:
        tests = [
            ({name: _plain(value) for name, value in test.values.items()}, test.matches, tuple(test.values))
            for test in rule.tests
        ]
        words = (rule.status, rule.tags, rule.owner, rule.origin, rule.why)
        days = (rule.valid.first, rule.valid.until) if rule.valid else None
        found.append((rule.head, rule.rate, rule.weight, days, words, tests))
    return found


def _plain(value: Scalar | tuple[Scalar, ...]) -> object:
    if isinstance(value, Scalar):
        return value.text, value.is_null
    return [(each.text, each.is_null) for each in value]


def all_active(ruleset: RuleSet) -> RuleSet:
    """The rule set with drafts and retired rules run too, so that a plan knows them all."""
    return replace(ruleset, rules=tuple(replace(rule, status="active") for rule in ruleset.rules))
