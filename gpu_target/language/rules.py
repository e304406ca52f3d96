"""One mapping of ``rules:`` to a rule: every key read by its declared type, the condition parsed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from gpu_target.language.diagnostics import Source
from gpu_target.language.model import LANES, STATUSES, Predicate, Rule, RuleTest, Scalar, Validity
from gpu_target.language.parser import parse_predicate
from gpu_target.language.reading import (
    Reading,
    boolean,
    check_keys,
    choice,
    day,
    label,
    mapping,
    meant,
    missing,
    percent,
    scalar,
    scalars,
    shown,
    text,
    whole,
    words,
    wrong_kind,
)
from gpu_target.language.schema import HEAVIEST, Valid, keys_of
from gpu_target.language.schema import Rule as RuleKeys
from gpu_target.language.terms import parse_terms
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar, embedded

SourceOf = Callable[[YamlScalar], Source]  # the text of a condition and the way back to its file

ALL = Fraction(100)
_KEYS = frozenset(keys_of(RuleKeys))
_LANE_WORDS = (*LANES[:3], "orange", LANES[3])
_OTHER_LANES = {"amber": "yellow", "rouge": "red", "vert": "green", "bleu": "blue", "jaune": "yellow"}
_OTHER_STATUSES = {"enabled": "active", "on": "active", "live": "active", "disabled": "retired", "off": "retired",
                   "inactive": "retired", "new": "draft", "test": "draft"}  # fmt: skip
_OTHER_VERDICTS = {"true": "match", "yes": "match", "hit": "match", "matches": "match", "false": "no match",
                   "no": "no match", "miss": "no match", "nomatch": "no match", "none": "no match"}  # fmt: skip
_REFUSED = frozenset("!&*")  # begins what YAML takes for its own: that was told, the rest is no whole condition
_COMMENT = re.compile(r"[ \t]+#")


def read_rule(reading: Reading, node: YamlNode, source_of: SourceOf | None = None) -> Rule | None:
    """A rule, or None with what is wrong with it noted (RT001 to RT016 of its condition, RT031 to RT049)."""
    before = len(reading.errors)
    entry = mapping(reading, node, "rules", "begin each rule with `- id:`")
    if entry is None:
        return None
    entries = entry.entries
    if not entries.keys() <= _KEYS or "id" not in entries or "when" not in entries:
        check_keys(reading, entry, RuleKeys, "a rule")
    identity = label(reading, entries["id"][1], "id") if "id" in entries else None
    when = read_predicate(reading, entries["when"][1], "when", source_of) if "when" in entries else None
    lane, relief = _outcome(reading, entry)
    rate, mandatory = _rate(reading, entry)
    weight = whole(reading, entries["weight"][1], "weight", HEAVIEST) if "weight" in entries else 1
    valid = _validity(reading, entries["valid"][1]) if "valid" in entries else None
    status: str | None = "active"
    if "status" in entries:
        status = choice(reading, entries["status"][1], "status", STATUSES, _OTHER_STATUSES)
    flow = scalars(reading, entries["flow"][1], "flow") if "flow" in entries else ()
    offices = scalars(reading, entries["offices"][1], "offices") if "offices" in entries else ()
    tags = words(reading, entries["tags"][1], "tags") if "tags" in entries else ()
    title = text(reading, entries["title"][1], "title") if "title" in entries else ""
    owner = text(reading, entries["owner"][1], "owner") if "owner" in entries else ""
    origin = text(reading, entries["source"][1], "source") if "source" in entries else ""
    why = text(reading, entries["why"][1], "why") if "why" in entries else ""
    tests = _tests(reading, entries["tests"][1]) if "tests" in entries else ()
    if len(reading.errors) > before or identity is None or when is None:
        return None
    assert weight is not None  # else a problem was noted
    assert status is not None
    return Rule(
        id=identity,
        when=when,
        title=title,
        lane=lane,
        relief=relief,
        rate=rate,
        mandatory=mandatory,
        weight=weight,
        valid=valid,
        flow=flow,
        offices=offices,
        tags=tags,
        status=status,
        owner=owner,
        origin=origin,
        why=why,
        tests=tests,
        span=reading.span(entries["id"][1]),
    )


def read_predicate(reading: Reading, node: YamlNode, what: str, source_of: SourceOf | None = None) -> Predicate | None:
    """A condition, or an expression of ``let``. Places inside it are places in the file, also where it is folded."""
    written = scalar(reading, node, what)
    if written is None or reading.source.text[written.start : written.start + 1] in _REFUSED:
        return None
    source = source_of(written) if source_of else embedded(reading.source, written)
    if what == "when":
        shared = parse_terms(source.text, reading.terms)
        if shared is not None:
            return Predicate(shared, source, located=False)
    before = len(reading.errors)
    tree = parse_predicate(source, errors=reading.errors)
    if len(reading.errors) > before and not written.style and _COMMENT.match(reading.source.text, written.end):
        note = (
            "to YAML the text ends before ` #`: what follows is a comment; write the condition on the lines below `>`"
        )
        last = reading.errors[-1]
        reading.errors[-1] = replace(last, notes=(*last.notes, note))
    return None if tree is None else Predicate(tree, source)


def _outcome(reading: Reading, entry: YamlMap) -> tuple[str | None, Fraction | None]:
    """The lane of a rule, or the relief it grants."""
    found = entry.entries
    if "lane" in found and "relief" in found:
        reading.note("RT048", "a rule has either `lane` or `relief`", found["relief"][0],
                     "found both", "delete one, or make two rules")  # fmt: skip
        return None, None
    if "relief" in found:
        return None, percent(reading, found["relief"][1], "relief")
    if "lane" not in found:
        if not meant(entry, RuleKeys).isdisjoint(("lane", "relief")):
            return None, None  # told as an unknown key
        missing(reading, entry, "`lane` (or `relief`)", "a rule")
        return None, None
    lane = choice(reading, found["lane"][1], "lane", _LANE_WORDS, _OTHER_LANES)
    return ("yellow" if lane == "orange" else lane), None


def _rate(reading: Reading, entry: YamlMap) -> tuple[Fraction, bool]:
    found = entry.entries
    if "relief" in found and "lane" not in found:
        for key in ("rate", "mandatory"):
            if key in found:
                reading.note("RT049", f"a relief rule has no `{key}`", found[key][0], "of no effect here",
                             f"delete `{key}`; `relief` is the percentage that is kept")  # fmt: skip
        return ALL, False
    rate = percent(reading, found["rate"][1], "rate") if "rate" in found else ALL
    mandatory = boolean(reading, found["mandatory"][1], "mandatory") if "mandatory" in found else False
    if mandatory and rate is not None and rate != ALL:
        reading.note("RT049", "a mandatory rule selects all that it matches", found["rate"][1],
                     "expected 100", "delete `rate`, or delete `mandatory`")  # fmt: skip
    return (ALL if rate is None else rate), bool(mandatory)


def _validity(reading: Reading, node: YamlNode) -> Validity | None:
    entry = mapping(reading, node, "valid", "write {from: 2024-03-01, until: 2024-12-31}")
    if entry is None or not check_keys(reading, entry, Valid, "`valid`"):
        return None
    entries = entry.entries
    if not entries:
        wrong_kind(reading, node, "valid", "a mapping with `from`, `until` or both", "write a day, or delete `valid`")
        return None
    first = day(reading, entries["from"][1], "from") if "from" in entries else None
    until = day(reading, entries["until"][1], "until") if "until" in entries else None
    if first and until and until < first:
        reading.note("RT047", f"`until` is before `from`, {first}", entries["until"][1], f"found {until}",
                     "exchange the two days; both are included")  # fmt: skip
    return Validity(first, until, reading.span(node))


def _tests(reading: Reading, node: YamlNode) -> tuple[RuleTest, ...]:
    if type(node) is not YamlList:
        if not (type(node) is YamlScalar and node.is_null):
            wrong_kind(reading, node, "tests", "a list", "begin each test with `- {`")
        return ()
    found = [_test(reading, item) for item in node.items]
    return tuple(test for test in found if test is not None)


def _test(reading: Reading, node: YamlNode) -> RuleTest | None:
    entry = mapping(reading, node, "tests", "write {column: value, expect: match}")
    if entry is None:
        return None
    values: dict[str, Scalar | tuple[Scalar, ...]] = {}
    spans = {}
    for column, (key, value) in entry.entries.items():
        if column == "expect":
            continue
        spans[column] = reading.span(key)
        if type(value) is YamlMap:
            remedy = "write a value, or [a, b] for a column of lists"
            wrong_kind(reading, value, shown(column), "a value or a list of values", remedy)
        elif type(value) is YamlList:
            values[column] = tuple(_test_value(reading, item, column) for item in value.items)
        else:
            values[column] = _test_value(reading, value, column)
    if "expect" not in entry.entries:
        missing(reading, entry, "`expect`", "a test")
        return None
    verdict = choice(reading, entry.entries["expect"][1], "verdict", ("match", "no match"), _OTHER_VERDICTS)
    return RuleTest(values, verdict == "match", reading.span(node), spans)


def _test_value(reading: Reading, node: YamlNode, column: str) -> Scalar:
    if type(node) is not YamlScalar:
        wrong_kind(reading, node, shown(column), "a list of values", "write [a, b]")
        return Scalar("", reading.span(node), is_null=True)
    return Scalar("" if node.is_null else node.value, reading.span(node), node.is_null)
