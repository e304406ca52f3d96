"""A changed version of a rule set: some rules altered, some added, everything else left as it was written.

The text is changed where it has to be and nowhere else, so comments, order and layout stay, and a comparison of the two
files shows the changes alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Never

import yaml

from synthetic.errors import Problem, ProfileError
from synthetic.generate import whole
from synthetic.rulesets import shape
from synthetic.rulesets.generate import MOST_RULES, PROFILE, Rule, RuleMaker, written, written_in_line
from synthetic.rulesets.luck import Luck
from synthetic.rulesets.sample import RATIOS, sample_of
from synthetic.rulesets.terms import Names

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RECORD = "declaration-item"
BOUND = re.compile(r"((?:[<>]=?)\s*)(\d+(?:\.\d+)?)(?![\w.])")  # a number behind a comparison
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")  # texts, and names with odd characters
ESCAPED = {"'": "''", '"': '\\"'}  # a quote inside a scalar in such quotes
COMMENT = re.compile(r"#[^\r\n]*")
UNFIT, TOO_FEW = "PR021", "PR022"  # problems of the file that is to be changed
FACTORS = (0.5, 0.8, 0.9, 1.1, 1.25, 2.0)


class Edit(NamedTuple):
    """``text`` in place of what stands from ``start`` to ``end``, counted in characters."""

    start: int
    end: int
    text: str


class Entry(NamedTuple):
    """A rule of the file: its id, whether it is written in braces, and its keys and values."""

    id: str
    in_line: bool
    keys: Mapping[str, tuple[yaml.Node, yaml.Node]]

    def scalar(self, name: str) -> yaml.ScalarNode | None:
        """The value of a key, where there is one and it is a scalar."""
        value = self.keys[name][1] if name in self.keys else None
        return value if isinstance(value, yaml.ScalarNode) else None


def change_rules(text: str, add: int = 0, change: int = 0, seed: int = 0, profile: str = PROFILE) -> str:
    """The text of a rule file with ``add`` rules more, and ``change`` of its own altered, as in a year of decisions.

    An altered rule has another threshold, rate or lane; tests of rules stay right, because no condition with tests is
    touched. New rules stand at the end, under ids that the file does not have. The same arguments give the same text.

    Errors: PR021 where ``text`` is no such file, PR022 where it has fewer rules than ``change`` that can be altered,
    PR011 for a number out of range, PR001 to PR006 for the profile.
    """
    whole("add", add, 0, MOST_RULES)
    whole("change", change, 0, MOST_RULES)
    whole("seed", seed, 0, (1 << 64) - 1)
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    root, rules = _read(text)
    entries = [_entry(node, k) for k, node in enumerate(rules.value)]
    edits = _altered(text, entries, change, Luck("change", seed))
    if add:
        edits.append(_placed(text, rules, _new_rules(root, entries, add, seed, profile)))
    return mark + _applied(text, edits)


def _applied(text: str, edits: Sequence[Edit]) -> str:
    parts, reached = [], 0
    for edit in sorted(edits):
        parts += [text[reached : edit.start], edit.text]
        reached = edit.end
    return "".join([*parts, text[reached:]])


def _read(text: str) -> tuple[Mapping[str, yaml.Node], yaml.SequenceNode]:
    """The keys of the file, and its list of rules."""
    try:
        root = yaml.compose(text, LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        _unfit(f"{place}{getattr(error, 'problem', None) or error}", "mend the YAML")
    if not isinstance(root, yaml.MappingNode):
        _unfit("the file is no mapping with a key `rules`", "give a rule file")
    keys = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
    rules = keys.get("rules")
    if not isinstance(rules, yaml.SequenceNode):
        _unfit("`rules` is no list", "give a rule file whose rules are a list; a decision table has none to change")
    return keys, rules


def _entry(node: yaml.Node, k: int) -> Entry:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    keys = {key.value: (key, value) for key, value in pairs if isinstance(key, yaml.ScalarNode)}
    found = Entry("", bool(getattr(node, "flow_style", False)), keys)
    name = found.scalar("id")
    if name is None:
        _unfit(f"line {node.start_mark.line + 1}: rule {k + 1} has no id", "give each rule an id")
    return found._replace(id=name.value)


def _unfit(message: str, remedy: str) -> Never:
    raise ProfileError(Problem(UNFIT, message, "", remedy))


def _altered(text: str, entries: Sequence[Entry], change: int, luck: Luck) -> list[Edit]:
    """One edit for each of ``change`` different rules."""
    edits: list[Edit] = []
    for entry in luck.shuffled(entries):
        if len(edits) == change:
            return edits
        for kind in luck.in_turn(shape.CHANGES):
            edit = _KINDS[kind](text, entry, luck)
            if edit is not None:
                edits.append(edit)
                break
    if len(edits) < change:
        message = f"{change:,} rules are to change, and {len(edits):,} of {len(entries):,} can"
        raise ProfileError(Problem(TOO_FEW, message, "", f"ask for {len(edits):,} or fewer"))
    return edits


def _other_threshold(text: str, entry: Entry, luck: Luck) -> Edit | None:
    """Another number behind one comparison of the condition, outside quotes; in a table's row, none."""
    node = entry.scalar("when")
    if node is None or "tests" in entry.keys:
        return None
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("|", ">"):
        start += len(text[start:end].splitlines()[0])  # the header, with numbers and a comment of its own
    searched = _unquoted(text[start:end], node.style)
    bounds = [found for found in BOUND.finditer(searched) if float(found[2])]
    if not bounds:
        return None
    chosen = luck.pick(bounds)
    return Edit(start + chosen.start(2), start + chosen.end(2), _moved(chosen[2], luck.pick(FACTORS)))


def _unquoted(scalar: str, style: str | None) -> str:
    """A condition as it is written, of the same length, without what stands in quotes; empty where unsure."""
    if style in ESCAPED:
        quote = ESCAPED[style][-1]
        scalar = f" {scalar[1:-1].replace(ESCAPED[style], ' ' + quote)} "
        if style == '"' and "\\" in scalar:
            return ""  # other escapes can stand for quotes
    return QUOTED.sub(lambda found: "'" * len(found.group()), scalar)


def _moved(number: str, factor: float) -> str:
    """Times ``factor`` with as many digits behind the point, and another number in any case."""
    digits = len(number.partition(".")[2])
    moved = f"{float(number) * factor:.{digits}f}"
    return moved if float(moved) != float(number) else f"{float(number) + 10.0**-digits:.{digits}f}"


def _other_rate(text: str, entry: Entry, luck: Luck) -> Edit | None:
    if "lane" not in entry.keys or "mandatory" in entry.keys:
        return None
    rate_now = entry.scalar("rate")
    now = _number(rate_now.value) if rate_now is not None else 100
    rates = [(rate, weight) for rate, weight in shape.RATES if rate != now]
    rate = str(luck.weighted(rates))
    if rate_now is not None:
        return Edit(rate_now.start_mark.index, rate_now.end_mark.index, rate)
    lane = entry.keys["lane"][0].start_mark
    between = ", " if entry.in_line else "\n" + " " * lane.column
    return Edit(lane.index, lane.index, f"rate: {rate}{between}")


def _number(written: str) -> Fraction | None:
    """100 for ``100.0``; None for what is no number."""
    try:
        return Fraction(written)
    except (ValueError, ZeroDivisionError):
        return None


def _other_lane(text: str, entry: Entry, luck: Luck) -> Edit | None:
    now = entry.scalar("lane")
    if now is None or "mandatory" in entry.keys:
        return None
    held = "yellow" if now.value == "orange" else now.value
    lanes = [(lane, weight) for lane, weight in shape.LANES if lane != held]
    lane = luck.weighted(lanes)
    return Edit(now.start_mark.index, now.end_mark.index, lane)


_KINDS = {"threshold": _other_threshold, "rate": _other_rate, "lane": _other_lane}


def _new_rules(
    root: Mapping[str, yaml.Node], entries: Sequence[Entry], add: int, seed: int, profile: str
) -> list[Rule]:
    """Rules over the lists and names that the file has, under ids that it does not have."""
    record = root.get("record")
    if not isinstance(record, yaml.ScalarNode) or record.value != RECORD:
        found = f"`record: {record.value}`" if isinstance(record, yaml.ScalarNode) else "no `record`"
        _unfit(f"the file has {found}", f"rules can be added to files with `record: {RECORD}`; others can be changed")
    maker = RuleMaker(sample_of(profile), _names(root), seed, len(entries) + add)
    taken = {entry.id for entry in entries}
    made: list[Rule] = []
    for k in range(len(entries), len(entries) + add):
        rule = maker.make(k)
        names = itertools.chain([rule.id], (f"{rule.id}-{number}" for number in itertools.count(2)))
        rule = rule._replace(id=next(name for name in names if name not in taken))
        taken.add(rule.id)
        made.append(rule)
    return made


def _names(root: Mapping[str, yaml.Node]) -> Names:
    """The lists of a made-up rule set that stand in the file itself, and its ratios."""
    lists = root.get("lists")
    let = root.get("let")
    found = {}
    for key, values in lists.value if isinstance(lists, yaml.MappingNode) else ():
        known = key.value.rpartition("_")[0] in shape.LISTS or key.value == "watched_containers"
        if known and isinstance(values, yaml.SequenceNode):
            found[key.value] = [each.value for each in values.value]
    pairs = let.value if isinstance(let, yaml.MappingNode) else ()
    defined = {key.value: value.value for key, value in pairs if {type(key), type(value)} == {yaml.ScalarNode}}
    same = (name for name, ratio in RATIOS.items() if "".join(defined.get(name, "").split()) == "/".join(ratio))
    return Names(found, frozenset(same))


def _placed(text: str, rules: yaml.SequenceNode, made: Sequence[Rule]) -> Edit:
    """The new rules behind the last one, in the way in which the list is written."""
    if rules.flow_style:
        at = rules.end_mark.index - 1
        behind = COMMENT.sub("", text[rules.value[-1].end_mark.index : at]) if rules.value else ","
        return Edit(at, at, ("" if "," in behind else ", ") + ", ".join(map(written_in_line, made)))
    end = _last(rules).end_mark.index
    if text[end - 1] != "\n":  # a block scalar ends behind its line
        end = text.find("\n", end) + 1 or len(text)
    lines = [line for rule in made for line in written(rule, " " * rules.start_mark.column)]
    begin = "" if text[end - 1] == "\n" else "\n"
    return Edit(end, end, begin + "\n".join(lines) + "\n")


def _last(node: yaml.Node) -> yaml.Node:
    """The last node written inside a block collection: the marks of the collection itself end later."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return node
