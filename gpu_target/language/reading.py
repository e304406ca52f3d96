"""One file while it is read: where problems are noted, and how a node becomes a value of its field's type.

Every reader returns None after it has noted what is wrong, so that the rest of the file is read too.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.language.lexer import KEYWORDS, is_bare_name
from gpu_target.language.model import Content, Scalar
from gpu_target.language.schema import LONGEST_ID, keys_of
from gpu_target.language.suggest import nearest, one_of
from gpu_target.language.terms import Terms
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar, span_of

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_NUMBER = 40  # characters; nobody needs more for a percentage, and long numbers cost time


@dataclass(slots=True)
class Reading:
    """``folder`` is what paths in the file are relative to; ``contents`` takes in all that is read.

    ``terms`` are the conditions met so far, in this file and in those before it.
    """

    source: Source
    folder: Path
    errors: list[Diagnostic]
    contents: list[Content] = field(default_factory=list)
    terms: Terms = field(default_factory=dict)

    def count(self, path: Path, data: bytes) -> None:
        """Note that a file was read."""
        self.contents.append(Content(path, hashlib.sha256(data).digest()))

    def span(self, node: YamlNode) -> Span:
        return span_of(self.source, node)

    def note(self, code: str, message: str, node: YamlNode, label: str = "", remedy: str = "") -> None:
        self.errors.append(Diagnostic(code, message, span_of(self.source, node), label, remedy))


def shown(text: str, limit: int = 60) -> str:
    """A text for a message: on one line, and not more of it than helps."""
    text = _CONTROL.sub("�", text)
    return text if len(text) <= limit else text[:limit] + "…"


def mapping(reading: Reading, node: YamlNode, what: str, remedy: str) -> YamlMap | None:
    """``node`` where it is a mapping (RT033 where not)."""
    if type(node) is YamlMap:
        return node
    wrong_kind(reading, node, what, "a mapping of keys and values", remedy)
    return None


def scalar(reading: Reading, node: YamlNode, what: str) -> YamlScalar | None:
    """``node`` where it is a value and there is one (RT033 and RT034 where not)."""
    if type(node) is YamlScalar:
        if not node.is_null:
            return node
        remedy = f"write {example}" if (example := _NEEDED.get(what)) else f"write a value, or delete `{what}`"
        reading.note("RT034", f"`{what}` is empty", node, "expected a value", remedy)
        return None
    remedy = "join the conditions with AND or OR, on lines below `>`" if what == "when" else "write one value"
    if type(node) is YamlMap and node.flow:
        remedy = "text that begins with { must be in quotes, such as '{origin}'"
    wrong_kind(reading, node, what, "one value", remedy)
    return None


def wrong_kind(reading: Reading, node: YamlNode, what: str, expected: str, remedy: str) -> None:
    """Note that a value, a list or a mapping stands where ``expected`` should (RT033)."""
    found = "nothing" if type(node) is YamlScalar and node.is_null else node.kind
    reading.note("RT033", f"`{what}` must be {expected}", node, f"found {found}", remedy)


def check_keys(reading: Reading, node: YamlMap, model: type[BaseModel], what: str) -> bool:
    """Whether the mapping has only keys of ``model`` (RT031) and all that it must have (RT032)."""
    keys = keys_of(model)
    entries = node.entries
    fine = True
    for name, (key, _) in entries.items():
        if name not in keys:
            fine = False
            if name == "features":
                reading.note("RT035", "`features` is reserved: history and aggregates as columns come later", key,
                             "not available yet", "delete it, and use columns that the data has")  # fmt: skip
                continue
            guess = nearest(name, keys, _OTHER_WORDS) if len(reading.errors) < 100 else None
            remedy = f"did you mean `{guess}`?" if guess in keys else "expected one of " + one_of(keys)
            reading.note("RT031", f"unknown key `{shown(name)}` in {what}", key, "not a key here", remedy)
    wanted = [name for name, needed in keys.items() if needed and name not in entries]
    mistyped = meant(node, model) if wanted else set()
    for name in wanted:
        fine = False
        if name not in mistyped:
            missing(reading, node, f"`{name}`", what)
    return fine


def meant(node: YamlMap, model: type[BaseModel]) -> set[str]:
    """The keys of ``model`` that unknown ones were probably meant to be: told there, they are not missing."""
    keys = keys_of(model)
    unknown = [name for name in node.entries if name not in keys]
    return {guess for name in unknown[:20] if (guess := nearest(name, keys, _OTHER_WORDS)) and guess in keys}


def missing(reading: Reading, node: YamlMap, name: str, what: str) -> None:
    """Note that a mapping lacks a key (RT032), at its first key."""
    first = next(iter(node.entries.values()), None)
    place = first[0] if first else node
    remedy = f"add {_NEEDED.get(name.split('`')[1], name)}"
    reading.note("RT032", f"{name} is missing in {what}", place, f"expected {name} among these keys", remedy)


# What stands there, for a reader who has left it out.
_NEEDED = {
    "ruleset": "`ruleset:` and a name, the same in every file of a folder",
    "rules": "`rules:` and below it each rule, beginning with `- id:`",
    "id": "an id that no other rule has, such as `id: UV-0001`",
    "when": "a condition, such as `when: customs_value > 1000`",
    "lane": "`lane: red` or another lane; a rule for trusted traders has `relief: 10` in its place",
    "expect": "`expect: match` or `expect: no match`",
    "table": "the decision table's file, such as `table: tables/thresholds.csv`",
    "template": "`template:` and below it the keys of a rule, with {column} for a cell",
    "file": "the file's path, such as `file: lists/importers.csv`",
    "column": "the column that holds the values, such as `column: importer_id`",
    "key": "the columns that find a row, such as `key: [commodity_code, country_of_origin]`",
}
_OTHER_WORDS = {
    "condition": "when", "if": "when", "predicate": "when", "where": "when", "expression": "when", "colour": "lane",
    "color": "lane", "channel": "lane", "name": "title", "description": "why", "comment": "why", "reason": "why",
    "score": "weight", "points": "weight", "office": "offices", "flows": "flow", "tag": "tags", "test": "tests",
    "percent": "rate", "validity": "valid", "to": "until", "path": "file", "columns": "key", "rule": "rules",
    "list": "lists", "record_type": "record", "csv": "file", "start": "from", "end": "until",
    "expected": "expect", "expects": "expect", "result": "expect", "variables": "let", "lookups": "tables",
}  # fmt: skip


def text(reading: Reading, node: YamlNode, what: str) -> str:
    """A text that may be left empty."""
    if type(node) is YamlScalar:
        return "" if node.is_null else node.value
    scalar(reading, node, what)
    return ""


def label(reading: Reading, node: YamlNode, what: str) -> str | None:
    """An id or the name of the rule set: not empty, no control characters, at most 200 characters (RT040)."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    value = found.value
    problem = None
    if not value.strip():
        problem = "is blank"
    elif _CONTROL.search(value):
        problem = f"holds the control character U+{ord(_CONTROL.search(value)[0]):04X}"  # type: ignore[index]
    elif len(value) > LONGEST_ID:
        problem = f"has {len(value)} characters, more than {LONGEST_ID}"
    if problem is None:
        return value
    reading.note("RT040", f"`{what}` {problem}", found, "found here", "write a short text on one line, such as UV-0001")
    return None


def choice(
    reading: Reading, node: YamlNode, what: str, words: Collection[str], others: Mapping[str, str], code: str = "RT043"
) -> str | None:
    """One of ``words`` (``code`` where not); ``others`` are words of other systems, for the message."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    if found.value in words:
        return found.value
    words = tuple(words)
    guess = nearest(found.value, words, others)
    remedy = f"did you mean {guess}?" if guess else "write one of them"
    expected = "expected " + ", ".join(words[:-1]) + f" or {words[-1]}"
    reading.note(code, f"`{shown(found.value)}` is not a {what}", found, expected, remedy)
    return None


def percent(reading: Reading, node: YamlNode, what: str) -> Fraction | None:
    """A percentage from 0 to 100, exact (RT044)."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    written = found.value.strip()
    value = _percentage(written)
    if value is not None:
        return value
    remedy = "write 100 for all that match, or a part of it such as 12.5"
    bare = written.removesuffix("%").strip().replace(",", ".")
    if bare != written and _percentage(bare) is not None:
        remedy = f"write {bare}" + (", with a point" if "," in written else ", without the sign")
    reading.note("RT044", f"`{what}` must be a percentage", found, f"found {shown(written)}, expected 0 to 100", remedy)
    return None


@lru_cache(maxsize=1024)
def _percentage(written: str) -> Fraction | None:
    if len(written) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(written):
        value = Fraction(written)
        if 0 <= value <= 100:
            return value
    return None


def whole(reading: Reading, node: YamlNode, what: str, largest: int) -> int | None:
    """A whole number from 0 to ``largest`` (RT044)."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    written = found.value.strip()
    value = _whole_number(written)
    if value is not None and 0 <= value <= largest:
        return value
    label = f"found {shown(written)}, expected 0 to {largest}"
    reading.note("RT044", f"`{what}` must be a whole number", found, label, "write a whole number such as 40")
    return None


@lru_cache(maxsize=1024)
def _whole_number(written: str) -> int | None:
    return int(written) if len(written) <= _LONGEST_NUMBER and _WHOLE.fullmatch(written) else None


def boolean(reading: Reading, node: YamlNode, what: str) -> bool | None:
    """``true`` or ``false`` (RT045)."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    if found.value in ("true", "false"):
        return found.value == "true"
    simple = found.value.strip().lower()
    guess = "true" if simple in _YES else "false" if simple in _NO else "true or false"
    message = f"`{what}` must be true or false"
    reading.note("RT045", message, found, f"found {shown(found.value)}", f"write {guess}")
    return None


# In other languages too: a guess that is wrong would say the opposite of what was meant.
_YES = frozenset(["yes", "y", "on", "1", "t", "true", "ja", "j", "oui", "si", "sí", "sì", "sim", "da", "tak", "ano",
                  "igen", "kyllä", "evet", "да", "نعم", "是", "はい"])  # fmt: skip
_NO = frozenset(["no", "n", "off", "0", "f", "false", "nein", "nee", "non", "não", "nao", "ne", "nej", "nei", "nie",
                 "nem", "ei", "нет", "لا", "否", "いいえ"])  # fmt: skip


def day(reading: Reading, node: YamlNode, what: str) -> datetime.date | None:
    """A day as ``2024-01-31`` (RT046)."""
    found = scalar(reading, node, what)
    if found is None:
        return None
    parts = _DAY.fullmatch(found.value)
    if parts:
        try:
            return datetime.date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            reading.note("RT046", f"`{what}` is a day that the calendar does not have", found, f"found {found.value}",
                         "write a day of the calendar, such as 2024-02-29")  # fmt: skip
            return None
    label = f"found {shown(found.value)}, expected year-month-day"
    reading.note("RT046", f"`{what}` must be a day", found, label, "write it as 2024-01-31")
    return None


def name(reading: Reading, key: YamlScalar, what: str) -> str | None:
    """The name of a list, a table or an expression, as predicates can write it (RT037)."""
    found = key.value
    if is_bare_name(found) and len(found) <= LONGEST_ID:
        return found
    why = "is a word of the rule language" if found.upper() in KEYWORDS else "is not a name that a rule can write"
    remedy = "write letters, digits and _, not beginning with a digit, such as high_risk_origins"
    reading.note("RT037", f"the name `{shown(found)}` of {what} {why}", key, "found here", remedy)
    return None


def scalars(reading: Reading, node: YamlNode, what: str) -> tuple[Scalar, ...]:
    """One value or a list of them, as written; their type is that of the column they meet."""
    items = node.items if type(node) is YamlList else [node]
    found: list[Scalar] = []
    for item in items:
        value = scalar(reading, item, what)
        if value is not None:
            found.append(Scalar(value.value, span_of(reading.source, value)))
    return tuple(found)


def words(reading: Reading, node: YamlNode, what: str) -> tuple[str, ...]:
    """One text or a list of them."""
    items = node.items if type(node) is YamlList else [node]
    found = [scalar(reading, item, what) for item in items]
    return tuple(each.value for each in found if each is not None)
