"""A rule set from its file or folder: everything that is wrong with it is told at once, in the order of the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gpu_target.held import no_collection
from gpu_target.language.decision import read_decision_table
from gpu_target.language.diagnostics import DataError, Diagnostic, Passage, RuleError, Source, Span
from gpu_target.language.folder import open_file, open_text, rule_files
from gpu_target.language.lists import read_list
from gpu_target.language.model import Content, LookupTable, Predicate, Rule, RuleSet, ValueList, hash_of
from gpu_target.language.reading import (
    Reading,
    check_keys,
    choice,
    label,
    mapping,
    name,
    scalar,
    shown,
    words,
    wrong_kind,
)
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.rules import read_predicate, read_rule
from gpu_target.language.schema import Roles, RuleFile
from gpu_target.language.tables import read_table
from gpu_target.language.terms import Terms
from gpu_target.language.yaml_nodes import (
    MOST_PROBLEMS,
    YamlList,
    YamlMap,
    YamlNode,
    YamlScalar,
    compose,
)

Named = TypeVar("Named", ValueList, LookupTable, Predicate)
_OTHER_RECORDS = {"item": "declaration-item", "declaration": "declaration-item", "items": "declaration-item",
                  "crossing": "traveller", "crossings": "traveller", "traveler": "traveller"}  # fmt: skip

_MAP_KEYS = frozenset(["columns", "key", "roles", "null_values", "csv"])


@dataclass(slots=True)
class Draft:
    """The rule set while its files are read; ``where`` remembers the place of all that may stand once only.

    ``items`` holds, of every file, where each item of ``rules:`` begins, if that is a list and the last key. ``roots``
    takes the nodes of every file where it is a mapping.
    """

    contents: list[Content] = field(default_factory=list)
    terms: Terms = field(default_factory=dict)
    items: dict[Path, list[int]] = field(default_factory=dict)
    sources: dict[Path, Source] = field(default_factory=dict)
    roots: dict[Path, YamlNode] | None = None
    rules: list[Rule] = field(default_factory=list)
    ids: dict[str, Span] = field(default_factory=dict)
    lists: dict[str, ValueList] = field(default_factory=dict)
    tables: dict[str, LookupTable] = field(default_factory=dict)
    let: dict[str, Predicate] = field(default_factory=dict)
    where: dict[str, Span] = field(default_factory=dict)
    name: str | None = None
    record: str | None = None
    key: tuple[str, ...] | None = None
    roles: dict[str, str] = field(default_factory=dict)


def load_rules(path: str | Path) -> RuleSet:
    """The rule set of a YAML file, or of a folder with the ``*.yaml`` files in it and in its subfolders.

    Names and types of columns are not known yet: they are checked when the rule set is bound to a schema. Raises
    RuleError with every problem of every file (RT001 to RT052, and DT201 to DT216 of lists and tables), or DataError
    where nothing but lists and tables is wrong.
    """
    return read_all(Path(path), Draft())


def read_all(path: Path, draft: Draft) -> RuleSet:
    """The rule set of a file or folder, read into an empty ``draft``; raises as ``load_rules`` does."""
    errors: list[Diagnostic] = []
    with no_collection():
        for file in rule_files(path, errors):
            _read_one(file, open_file(file, errors), draft, errors)
    return _finished(path, draft, errors)


def read_text(path: Path, data: bytes, draft: Draft) -> RuleSet:
    """The rule set of one file, were ``data`` what it holds: the text of an editor. Raises as ``load_rules`` does."""
    errors: list[Diagnostic] = []
    with no_collection():
        _read_one(path, open_text(path, data, errors), draft, errors)
    return _finished(path, draft, errors)


def _finished(path: Path, draft: Draft, errors: list[Diagnostic]) -> RuleSet:
    if errors:
        only_data = all(error.code.startswith("DT") or error.code == "RT050" for error in errors)
        raise (DataError if only_data else RuleError)(*errors)
    assert draft.name is not None
    return RuleSet(
        name=draft.name,
        rules=tuple(draft.rules),
        lists=draft.lists,
        tables=draft.tables,
        let=draft.let,
        record=draft.record,
        record_span=draft.where.get("record"),
        key=draft.key,
        key_span=draft.where.get("key"),
        roles=draft.roles,
        path=path,
        contents=tuple(draft.contents),
        sha256=hash_of(draft.contents),
    )


def _read_one(file: Path, reading: Reading | None, draft: Draft, errors: list[Diagnostic]) -> None:
    before = len(errors)
    if reading is None:
        return
    draft.contents += reading.contents
    draft.sources[file] = reading.source
    reading.contents, reading.terms = draft.contents, draft.terms
    node = compose(reading.source, errors)
    if node is not None and draft.roots is not None:
        draft.roots[file] = node
    if node is not None and len(errors) - before <= MOST_PROBLEMS:
        _read_file(reading, node, draft)
        if type(node) is YamlMap and list(node.entries)[-1:] == ["rules"]:
            rules = node.entries["rules"][1]
            if type(rules) is YamlList and not rules.flow:
                draft.items[file] = [item.start for item in rules.items]
    if len(errors) - before > MOST_PROBLEMS:
        _stop(reading, before)


def _stop(reading: Reading, before: int) -> None:
    place = reading.errors[before + MOST_PROBLEMS].span
    message = f"{reading.source.name} has more than {MOST_PROBLEMS} problems; the rest of it was not read"
    del reading.errors[before + MOST_PROBLEMS :]
    reading.errors.append(
        Diagnostic("RT050", message, place, "the next would be here", "mend the first ones, then try again")
    )


def _read_file(reading: Reading, node: YamlNode, draft: Draft) -> None:
    if type(node) is YamlScalar and node.is_null:
        reading.note("RT034", "the file is empty", node, "expected a rule set", "begin with `ruleset:`")
        return
    entry = mapping(reading, node, "the file", "begin with `ruleset:` and `rules:`")
    if entry is None:
        return
    if "columns" in entry.entries and entry.entries.keys() <= _MAP_KEYS:
        remedy = f"give it behind --map {Path(reading.source.name).name}; name the rules without it, by their own path"
        reading.note("RT031", "this is a map, not a rule file", entry.entries["columns"][0],
                     "a map of columns stands here", remedy)  # fmt: skip
        return
    if Path(reading.source.name).name == "manifest.json" and "rules" not in entry.entries:
        remedy = "name the rules first and the folder of the data second"
        reading.note("RT031", "this is the manifest of a folder of data, not a rule file", entry,
                     "data are described here", remedy)  # fmt: skip
        return
    check_keys(reading, entry, RuleFile, "the rule file")
    found = {key: value for key, (_, value) in entry.entries.items()}
    if "ruleset" in found:
        _read_name(reading, found["ruleset"], draft)
    if "record" in found:
        record = choice(reading, found["record"], "record type", RECORD_TYPES, _OTHER_RECORDS, "RT042")
        if record is not None and _agrees(reading, "record", draft.record, record, found["record"], draft):
            draft.record = record
    if "key" in found:
        key = words(reading, found["key"], "key")
        if not key:
            wrong_kind(reading, found["key"], "key", "at least one column", "write [declaration_id, item_number]")
        elif _agrees(reading, "key", draft.key, key, found["key"], draft):
            draft.key = key
    if "roles" in found:
        _read_roles(reading, found["roles"], draft)
    if "lists" in found:
        _read_named(reading, "lists", found["lists"], read_list, draft.lists, draft)
    if "tables" in found:
        _read_named(reading, "tables", found["tables"], read_table, draft.tables, draft)
    if "let" in found:
        _read_named(reading, "let", found["let"], _read_let, draft.let, draft)
    if "rules" in found:
        _read_rules(reading, found["rules"], draft)


def _read_name(reading: Reading, node: YamlNode, draft: Draft) -> None:
    written = label(reading, node, "ruleset")
    if written is None:
        return
    if draft.name is None:
        draft.name = written
        draft.where["ruleset"] = reading.span(node)
    elif draft.name != written:
        file, line, _ = draft.where["ruleset"].location()
        reading.note("RT038", f"this file belongs to the rule set `{shown(written)}`", node,
                     f"expected {shown(draft.name)}, as at {file}, line {line}",
                     f"write {shown(draft.name)}, or move the file to a folder of its own")  # fmt: skip


def _agrees(reading: Reading, what: str, first: object, found: object, node: YamlNode, draft: Draft) -> bool:
    """Whether this is the first value or the same again (RT041 where it is another)."""
    if first is None:
        draft.where[what] = reading.span(node)
        return True
    if first != found:
        file, line, _ = draft.where[what].location()
        reading.note("RT041", f"`{what}` has another value in another file", node,
                     f"differs from {file}, line {line}", "write it once, or the same in each file")  # fmt: skip
    return False


def _read_roles(reading: Reading, node: YamlNode, draft: Draft) -> None:
    entry = mapping(reading, node, "roles", "write {date: column, flow: column, office: column}")
    if entry is None or not check_keys(reading, entry, Roles, "`roles`"):
        return
    for role, (_, value) in entry.entries.items():
        column = scalar(reading, value, role)
        if column is not None and _agrees(reading, f"roles: {role}", draft.roles.get(role), column.value, value, draft):
            draft.roles[role] = column.value


def _read_named(
    reading: Reading,
    what: str,
    node: YamlNode,
    read: Callable[[Reading, str, YamlScalar, YamlNode], Named | None],
    into: dict[str, Named],
    draft: Draft,
) -> None:
    """The entries of ``lists``, ``tables`` or ``let``; a name stands once in the whole rule set (RT041)."""
    if type(node) is YamlScalar and node.is_null:
        return
    entry = mapping(reading, node, what, "write a name, a colon and what it stands for")
    if entry is None:
        return
    for key, value in entry.entries.values():
        identifier = name(reading, key, f"`{what}`")
        place = f"{what}: {key.value}"
        if place in draft.where:
            file, line, _ = draft.where[place].location()
            reading.note("RT041", f"`{shown(key.value)}` of `{what}` is defined twice", key,
                         f"first at {file}, line {line}", "delete one, or give it another name")  # fmt: skip
            continue
        draft.where[place] = reading.span(key)
        found = read(reading, key.value, key, value)
        if found is not None and identifier is not None:
            into[key.value] = found


def _read_let(reading: Reading, identifier: str, key: YamlScalar, node: YamlNode) -> Predicate | None:
    return read_predicate(reading, node, f"let: {shown(identifier)}")


def _read_rules(reading: Reading, node: YamlNode, draft: Draft) -> None:
    if type(node) is YamlMap and node.entries.keys() & {"table", "template"}:
        for rule in read_decision_table(reading, node):
            _add(reading, rule, draft)
        return
    if type(node) is not YamlList:
        remedy = "begin each rule with `- id:`, or write {table: file.csv, template: {...}}"
        wrong_kind(reading, node, "rules", "a list of rules or a decision table", remedy)
        return
    before = len(reading.errors)
    file = reading.source
    for item in node.items:
        reading.source = Passage(file, file.text)
        found = read_rule(reading, item)
        if found is not None:
            _add(reading, found, draft)
        elif type(item) is YamlMap and "id" in item.entries:
            _remember(reading, item.entries["id"][1], draft)
        if len(reading.errors) - before > MOST_PROBLEMS:
            break
    reading.source = file


def _remember(reading: Reading, node: YamlNode, draft: Draft) -> None:
    """A rule that has other problems still takes its id, so that a second one of the same id is noticed now."""
    if type(node) is YamlScalar and not node.is_null:
        if node.value in draft.ids:
            _note_twice(reading, node.value, reading.span(node), draft)
        draft.ids.setdefault(node.value, reading.span(node))


def _add(reading: Reading, rule: Rule, draft: Draft) -> None:
    assert rule.span is not None
    if rule.id in draft.ids:
        _note_twice(reading, rule.id, rule.span, draft)
        return
    draft.ids[rule.id] = rule.span
    draft.rules.append(rule)


def _note_twice(reading: Reading, identity: str, span: Span, draft: Draft) -> None:
    file, line, _ = draft.ids[identity].location()
    message = f"two rules have the id `{shown(identity)}`"
    label = f"first at {file}, line {line}"
    reading.errors.append(Diagnostic("RT039", message, span, label, "give each rule an id of its own"))
