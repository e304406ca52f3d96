"""A rule set from its file or folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language.ast import And, ListName
from gpu_target.language.diagnostics import DataError, GpuTargetError, RuleError
from gpu_target.language.files import load_rules
from gpu_target.language.yaml_nodes import MOST_PROBLEMS
from tests.gpu_target.language.loading import fault, load, problems, rule_set, write

DESIGN = """\
ruleset: ma-imports
record: declaration-item
key: [declaration_id, item_number]
lists:
  high_risk_origins: [XA, XB]
  watched_importers: lists/watched_importers.csv
tables:
  value_indicators: {file: tables/value_indicators.csv, key: [commodity_code, country_of_origin],
                     prefix: commodity_code, types: {floor: number}}
let:
  unit_value: customs_value / net_mass_kg
rules:
  - id: UV-0001
    title: Undervalued passenger cars
    when: >
      commodity_code LIKE '8703%' AND country_of_origin IN @high_risk_origins
      AND unit_value < 0.8 * value_indicators.floor
    lane: red                  # green | blue | yellow (or its alias orange) | red
    rate: 100
    mandatory: false
    weight: 40
    valid: {from: 2024-03-01, until: 2024-12-31}
    flow: IM
    offices: [309, 300]
    tags: [undervaluation]
    why: Sector study 12/2024
    tests:
      - {commodity_code: '8703231000', country_of_origin: XA, customs_value: 900, net_mass_kg: 1500, expect: match}
      - {commodity_code: '8703231000', country_of_origin: FR, customs_value: 900, net_mass_kg: 1500, expect: no match}
"""
BESIDE = {
    "lists/watched_importers.csv": "importer_id\n001\n002\n",
    "tables/value_indicators.csv": "commodity_code,country_of_origin,floor\n8703,XA,12.5\n",
}
RULE = "- {id: %s, when: a = 1, lane: red}"


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    found = load(tmp_path, DESIGN, **BESIDE)
    assert (found.name, found.record, found.key) == (
        "ma-imports",
        "declaration-item",
        ("declaration_id", "item_number"),
    )
    assert list(found.lists) == ["high_risk_origins", "watched_importers"]
    assert found.lists["watched_importers"].values.to_pylist() == ["001", "002"]
    assert found.tables["value_indicators"].types == {"floor": "number"}
    assert list(found.let) == ["unit_value"]
    (rule,) = found.rules
    assert isinstance(rule.when.tree, And)
    assert ListName("high_risk_origins") in [getattr(each, "items", None) for each in rule.when.tree.operands]
    assert found.path == tmp_path / "r.yaml"


def test_a_rule_set_without_rules_is_one(tmp_path: Path) -> None:
    assert load(tmp_path, rule_set()).rules == ()


def test_a_folder_is_read_in_byte_order_of_relative_paths(tmp_path: Path) -> None:
    names = ["b.yaml", "a/z.yaml", "a.yaml", "a/b/c.yaml", "B.yaml", "é.yaml", "a-1.yaml"]
    write(tmp_path, {name: rule_set(RULE % f"'{name}'") for name in names})
    expected = sorted(names, key=os.fsencode)
    assert [rule.id for rule in load_rules(tmp_path).rules] == expected
    assert expected[:3] == ["B.yaml", "a-1.yaml", "a.yaml"]


def test_files_of_a_folder_share_what_they_define(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "sub/a.yaml": rule_set(lists="\n  one: l.csv", let="\n  x: a + 1"),
            "b.yaml": rule_set("- {id: R, when: b IN @one AND x > 1, lane: blue}", record="traveller"),
            "sub/l.csv": "code\nA\n",
            "l.csv": "code\nB\n",
        },
    )
    found = load_rules(tmp_path)
    assert found.lists["one"].values.to_pylist() == ["A"]  # the path is relative to its own file
    assert (found.record, list(found.let), len(found.rules)) == ("traveller", ["x"], 1)


def test_hidden_files_are_no_part_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": rule_set(RULE % "A"), ".b.yaml": "nonsense", ".git/c.yaml": "nonsense"})
    assert [rule.id for rule in load_rules(tmp_path).rules] == ["A"]


def test_a_link_that_leads_back_is_followed_once(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.yaml": rule_set(RULE % "A")})
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert [rule.id for rule in load_rules(tmp_path).rules] == ["A"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    (found,) = problems(tmp_path / "none.yaml")
    assert found.code == "RT020"
    assert found.message == f"{tmp_path / 'none.yaml'} does not exist"
    assert found.place == str(tmp_path / "none.yaml")


def test_what_is_no_ordinary_file_is_not_read() -> None:
    (found,) = problems(Path("/dev/null"))
    assert (found.code, found.message) == ("RT020", "/dev/null is not an ordinary file")


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_a_path_that_cannot_be_is_told(path: str) -> None:
    (found,) = problems(Path(path))
    assert found.code == "RT020"
    assert len(found.message) < 400


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set()})
    (tmp_path / "r.yaml").chmod(0)
    (found,) = problems(tmp_path / "r.yaml")
    assert found.code == "RT020"
    assert "permission denied" in found.message


def test_a_folder_without_rule_files_is_told(tmp_path: Path) -> None:
    (found,) = problems(tmp_path)
    assert (found.code, found.message) == ("RT021", f"{tmp_path} has no *.yaml file")


def test_a_file_with_another_ending_is_not_left_out_in_silence(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": rule_set(), "b.yml": rule_set()})
    (found,) = problems(tmp_path)
    assert found.code == "RT022"
    assert found.place == str(tmp_path / "b.yml")
    assert "rename it b.yaml" in found.remedy


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"ruleset: s\nrules: []\n# caf\xe9\n", "byte 0xE9 at line 3, column 6"),
        ("ruleset: é\n".encode("utf-16"), "byte 0xFF at line 1, column 1; it begins like UTF-16"),
        ("# é\nruleset: ".encode() + b"\x80", "byte 0x80 at line 2, column 10"),
    ],
)
def test_text_that_is_not_utf8_is_told_with_byte_and_line(data: bytes, said: str, tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": data})
    (found,) = problems(tmp_path / "r.yaml")
    assert found.code == "RT023"
    assert said in found.message
    assert found.remedy == "save the file as UTF-8"


def test_a_file_that_is_no_text_is_not_shown(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": b"PK\x03\x04\0\x80"})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.span, found.remedy) == ("RT023", None, "give a text file")


TOP = {
    "RT031 unknown key": (
        "ruleset: s\n«ruels»: []\nrules: []\n",
        "RT031",
        "unknown key `ruels`",
        "did you mean `rules`?",
    ),
    "RT031 other word": ("ruleset: s\nrules: []\n«lookups»: {}\n", "RT031", "did you mean `tables`?"),
    "RT031 far away": ("ruleset: s\nrules: []\n«zzz»: 1\n", "RT031", "expected one of ruleset, rules, record"),
    "RT031 merge key": ("ruleset: s\nrules: []\n«<<»: {}\n", "RT031", "unknown key `<<`"),
    "RT032 no rules": ("«ruleset»: s\n", "RT032", "`rules` is missing in the rule file", "add `rules:`"),
    "RT032 no name": ("«rules»: []\n", "RT032", "`ruleset` is missing"),
    "RT033 a list": ("«- a»\n- b\n", "RT033", "found a list", "begin with `ruleset:`"),
    "RT033 a word": ("«hello»\n", "RT033", "`the file` must be a mapping"),
    "RT033 rules a word": ("ruleset: s\nrules: «all»\n", "RT033", "`rules` must be a list of rules", "- id:"),
    "RT033 rules nothing": ("ruleset: s\nrules:«»\n", "RT033", "found nothing"),
    "RT033 a rule is a word": ("ruleset: s\nrules: [«a»]\n", "RT033", "begin each rule with `- id:`"),
    "RT033 key empty": ("ruleset: s\nkey: «[]»\nrules: []\n", "RT033", "at least one column"),
    "RT033 lists a list": ("ruleset: s\nlists: «[a]»\nrules: []\n", "RT033", "`lists` must be a mapping"),
    "RT034 name empty": ("ruleset:«»\nrules: []\n", "RT034", "`ruleset` is empty"),
    "RT034 key with nothing": ("ruleset: s\nkey: [a, «~»]\nrules: []\n", "RT034", "`key` is empty"),
    "RT035 features": (
        "ruleset: s\n«features»: {}\nrules: []\n",
        "RT035",
        "`features` is reserved",
        "columns that the data has",
    ),
    "RT037 bad name": (
        "ruleset: s\nlists: {«a-b»: [x]}\nrules: []\n",
        "RT037",
        "the name `a-b` of `lists`",
        "high_risk_origins",
    ),
    "RT037 keyword": ("ruleset: s\nlet: {«like»: a + 1}\nrules: []\n", "RT037", "a word of the rule language"),
    "RT037 empty name": ("ruleset: s\nlet: {«''»: a + 1}\nrules: []\n", "RT037", "not a name that a rule can write"),
    "RT042 record": (
        "ruleset: s\nrecord: «declaration»\nrules: []\n",
        "RT042",
        "`declaration` is not a record type",
        "did you mean declaration-item?",
    ),
    "RT031 role": ("ruleset: s\nroles: {«offices»: x}\nrules: []\n", "RT031", "did you mean `office`?"),
    "RT004 let": ("ruleset: s\nlet: {x: a +« »}\nrules: []\n", "RT004", "expression"),
    "RT034 let": ("ruleset: s\nlet: {x:« »}\nrules: []\n", "RT034", "`let: x` is empty"),
    "RT033 let": ("ruleset: s\nlet: {x: «[1]»}\nrules: []\n", "RT033", "`let: x` must be one value"),
}


@pytest.mark.parametrize("name", TOP)
def test_a_fault_at_the_top_of_the_file_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    marked, code, *said = TOP[name]
    if name in ("RT004 let", "RT034 let"):  # the place of what is missing: only code and words are held
        write(tmp_path, {"r.yaml": marked.replace("«", "").replace("»", "")})
        (found,) = problems(tmp_path / "r.yaml")
        assert found.code == code
        assert found.location() == (str(tmp_path / "r.yaml"), 2, 13 if code == "RT004" else 10)
        return
    fault(tmp_path, marked, code, *said)


def test_the_files_of_a_folder_belong_to_one_rule_set(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "ruleset: one\nrules: []\n", "b.yaml": "rules: []\nruleset: two\n"})
    (found,) = problems(tmp_path)
    assert (found.code, found.location()) == ("RT038", (str(tmp_path / "b.yaml"), 2, 10))
    assert f"as at {tmp_path / 'a.yaml'}, line 1" in found.label


def test_an_id_stands_once_in_all_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": rule_set(RULE % "A"), "b.yaml": rule_set(RULE % "B" + "\n" + RULE % "A")})
    (found,) = problems(tmp_path)
    assert (found.code, found.location()) == ("RT039", (str(tmp_path / "b.yaml"), 4, 10))
    assert found.message == "two rules have the id `A`"
    assert found.label == f"first at {tmp_path / 'a.yaml'}, line 3"


def test_an_id_counts_also_where_its_rule_has_other_problems(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set("- {id: A, when: a = 1, lane: rde}\n- {id: A, when: a = 1, lane: red}")})
    assert [each.code for each in problems(tmp_path / "r.yaml")] == ["RT043", "RT039"]


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [
        ("lists", "{x: [a]}", "{x: [b]}"),
        ("let", "{x: a + 1}", "{x: a + 1}"),
        ("tables", "{x: {data: parties, key: [a]}}", "{x: {data: parties, key: [a]}}"),
        ("record", "traveller", "declaration-item"),
        ("key", "[a]", "[b]"),
        ("roles", "{date: a}", "{date: b}"),
    ],
)
def test_nothing_is_defined_twice_in_a_folder(what: str, first: str, second: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": rule_set(**{what: first}), "b.yaml": rule_set(**{what: second})})
    (found,) = problems(tmp_path)
    assert found.code == "RT041"
    location = found.location()
    assert location is not None
    assert location[:2] == (str(tmp_path / "b.yaml"), 2)
    assert f"{tmp_path / 'a.yaml'}, line 2" in found.label


def test_the_same_record_key_and_roles_may_be_repeated(tmp_path: Path) -> None:
    same = rule_set(record="traveller", key="[crossing_id]", roles="{date: crossing_ts}")
    write(tmp_path, {"a.yaml": same, "b.yaml": same})
    found = load_rules(tmp_path)
    assert (found.key, found.roles) == (("crossing_id",), {"date": "crossing_ts"})


def test_all_problems_of_all_files_come_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": rule_set("- {id: A, when: a = = 1, lane: rde, rate: 101, weight: x}"),
            "b.yaml": "ruleset: s\nrules: [\n",
            "c.yaml": rule_set("- {id: C, when: a = 1}", lists="{x: none.csv}"),
        },
    )
    with pytest.raises(RuleError) as error:
        load_rules(tmp_path)
    found = error.value.diagnostics
    assert [each.code for each in found] == ["RT004", "RT043", "RT044", "RT044", "RT025", "DT203", "RT032"]
    files = [each.span.source.name[-6:] for each in found if each.span]
    assert files == ["a.yaml"] * 4 + ["b.yaml"] + ["c.yaml"] * 2


def test_a_rule_set_of_which_only_a_list_is_wrong_raises_a_data_error(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(lists="{x: none.csv}")})
    with pytest.raises(DataError):
        load_rules(tmp_path / "r.yaml")


def test_a_file_with_too_many_problems_is_given_up(tmp_path: Path) -> None:
    rules = "\n".join(f"- {{id: {n}, when: a = 1, lane: rde}}" for n in range(3 * MOST_PROBLEMS))
    write(tmp_path, {"a.yaml": rule_set(rules), "b.yaml": "rules: []\n"})
    found = problems(tmp_path)
    assert [each.code for each in found[-2:]] == ["RT050", "RT032"]  # the next file is still read
    assert len(found) == MOST_PROBLEMS + 2


def test_the_hash_is_that_of_all_files_and_their_order(tmp_path: Path) -> None:
    def hashed(folder: str, **changes: str) -> str:
        files = {"a.yaml": rule_set(RULE % "A", lists="{x: l.csv}"), "b.yaml": rule_set(RULE % "B"), "l.csv": "c\nA\n"}
        write(tmp_path / folder, files | changes)
        return load_rules(tmp_path / folder).sha256

    first = hashed("one")
    assert len(first) == 64
    assert hashed("two") == first  # where it lies does not matter
    assert hashed("three", **{"l.csv": "c\nB\n"}) != first
    assert hashed("four", **{"b.yaml": rule_set(RULE % "C")}) != first
    swapped = {"a.yaml": rule_set(RULE % "B"), "b.yaml": rule_set(RULE % "A", lists="{x: l.csv}")}
    assert hashed("five", **swapped) != first


PIECES = [
    "ruleset: s\n",
    "rules:\n",
    "  - id: A\n",
    "    when: a = 1\n",
    "    lane: red\n",
    "    when: >\n      a = 'x\n",
    "    tests:\n      - {a: [1, ~], expect: match}\n",
    "lists: {x: [a]}\n",
    "lists: {x: nothing.csv}\n",
    "let:\n  y: a +\n",
    "tables: {t: {file: /, key: {a: b}}}\n",
    "    valid: {from: 2024-13-01}\n",
    "    rate: 1e999999\n",
    "    weight: 9e9\n",
    "rules: {table: x, template: {id: '{'}}\n",
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "!!x ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "- ",
    "? ",
    "'",
    '"',
    "|\n",
    ">\n",
    "  ",
    "\t",
    "\n",
    "\r",
    "\0",
    "é",
    "\u2028",
    "#",
    "%",
    "@",
    "`",
    "\\",
    "null",
    "~",
    "key: [a]\n",
    "record: traveller\n",
    "features: 1\n",
    "<<: ",
    "    relief: 10\n",
    "    mandatory: true\n",
    "    tags: [[a]]\n",
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=25).map("".join))
def test_whatever_text_a_stranger_sends_there_is_a_rule_set_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "stranger.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_rules(path)
    except GpuTargetError as error:
        told = str(error)
        codes = [each.code for each in error.diagnostics]
        assert told.count("error[") >= len(codes) > 0


@given(st.binary(max_size=60))
def test_whatever_bytes_a_stranger_sends_there_is_a_rule_set_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "stranger.yaml"
    path.write_bytes(data)
    with pytest.raises(GpuTargetError):
        load_rules(path)
