"""The canonical form by example: what is written in one way only, and what becomes of comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_target.formatting import rule_file
from gpu_target.formatting.rule_set import format_rules, format_text
from gpu_target.language.diagnostics import GpuTargetError

RULE = "ruleset: s\nrules:\n  - id: A\n    when: a = 1\n    lane: red\n"

FORMS: dict[str, tuple[str, str]] = {
    "keys of a rule and of the file have one order": (
        "rules:\n- lane: red\n  weight: 3\n  when: a = 1\n  id: A\nlists: {x: [1]}\nruleset: s\n",
        "ruleset: s\nlists:\n  x: [1]\nrules:\n  - id: A\n    when: a = 1\n    lane: red\n    weight: 3\n",
    ),
    "conditions have one spelling": (
        RULE.replace("a = 1", "\"a!=1   and not(b in('x','y'))or c  is not null\""),
        RULE.replace("a = 1", "(a <> 1 AND NOT b IN ('x', 'y')) OR c IS NOT NULL"),
    ),
    "a long condition has a line for each term": (
        RULE.replace("a = 1", " AND ".join(f"column_{k} = 'value {k}'" for k in range(5))),
        RULE.replace(
            "a = 1",
            ">\n      column_0 = 'value 0'" + "".join(f"\n      AND column_{k} = 'value {k}'" for k in range(1, 5)),
        ),
    ),
    "alternatives that do not fit on a line stand between parentheses": (
        RULE.replace("a = 1", "a = 1 AND (" + " OR ".join(f"column_{k} = 'a value {k}'" for k in range(5)) + ")"),
        RULE.replace(
            "a = 1",
            ">\n      a = 1\n      AND (\n        column_0 = 'a value 0'"
            + "".join(f"\n        OR column_{k} = 'a value {k}'" for k in range(1, 5))
            + "\n      )",
        ),
    ),
    "a long list of values is filled in": (
        RULE.replace("a = 1", "code IN (" + ", ".join(f"'{k}'" for k in range(1000, 1016)) + ")"),
        RULE.replace(
            "a = 1",
            ">\n      code IN (\n        "
            + ", ".join(f"'{k}'" for k in range(1000, 1014))
            + ",\n        '1014', '1015'\n      )",
        ),
    ),
    "a condition that begins with a quote needs none around it": (
        RULE.replace("a = 1", "'\"Item Price\" > 1'"),
        RULE.replace("a = 1", '>\n      "Item Price" > 1'),
    ),
    "codes that YAML would change are quoted, others are not": (
        RULE + "    tags: [NO, 'XA', 0309, '0309', \"309\", 309, 12:30]\n",
        RULE + "    tags: ['NO', XA, '0309', '0309', '309', 309, '12:30']\n",
    ),
    "words and numbers of the language are plain": (
        RULE.replace("red", "'red'") + '    weight: "4"\n    valid: {from: "2024-01-01"}\n',
        RULE + "    weight: 4\n    valid: {from: 2024-01-01}\n",
    ),
    "values of tests are quoted as their columns ask": (
        "record: declaration-item\n"
        + RULE.replace("a = 1", "duty_rate > 1")
        + "    tests:\n    -   expect: match\n        duty_rate: '2'\n        commodity_code: 870323\n"
        + "        other: '1'\n",
        "ruleset: s\nrecord: declaration-item\n" + RULE.removeprefix("ruleset: s\n").replace("a = 1", "duty_rate > 1")
        + "    tests:\n      - {duty_rate: 2, commodity_code: '870323', other: '1', expect: match}\n",
    ),
    "a long text is folded": (
        RULE + f"    why: '{'many ' * 30}words'\n",
        RULE + f"    why: >-\n      {' '.join(['many'] * 23)}\n      {'many ' * 7}words\n",
    ),
    "lines of a text are kept": (
        RULE + '    why: "one\\ntwo\\n"\n',
        RULE + "    why: |\n      one\n      two\n",
    ),
    "a comment behind an entry stays there": (
        RULE.replace("a = 1", "a = 1   # why").replace("rules:", "rules:   # all"),
        RULE.replace("a = 1", "a = 1  # why").replace("rules:", "rules:  # all"),
    ),
    "a comment above an entry goes with it": (
        RULE + "    # how much\n    weight: 3\n    # for people\n    title: T\n",
        RULE.replace("    when", "    # for people\n    title: T\n    when") + "    # how much\n    weight: 3\n",
    ),
    "a comment above the first key of a rule stands above the rule": (
        RULE.replace("- id: A", "- # first\n    # second\n    id: A"),
        RULE.replace("  - id: A", "  # first\n  # second\n  - id: A"),
    ),
    "what is commented out at the end of a rule stays in it": (
        RULE
        + "    # weight: 3\n  -   id: B\n      when: b = 1\n      lane: red\n      # weight: 4\n"
        + "  # - id: C\n# the end\n",
        RULE + "    # weight: 3\n  - id: B\n    when: b = 1\n    lane: red\n    # weight: 4\n  # - id: C\n# the end\n",
    ),
    "a comment at the end stays there where the keys change their order": (
        "ruleset: s\nrules:\n  - id: A\n    lane: red\n    when: a = 1\n    # of A\n  # of B\n"
        + "  - id: B\n    lane: red\n    when: b = 1\nkey: [k]\n# the end\n",
        "ruleset: s\nkey: [k]\n"
        + RULE.split("\n", 1)[1]
        + "    # of A\n  # of B\n  - id: B\n    when: b = 1\n    lane: red\n# the end\n",
    ),
    "a comment behind the end of the document stands at the end of the file": (
        RULE + "    # of A\n... # one\n  # two\n# three\n",
        RULE + "    # of A\n# one\n# two\n# three\n",
    ),
    "a list with comments in it has a line for each item": (
        "ruleset: s\nlists:\n  x: [XA, # Alpha\n    # not XC\n    XB]\nrules: []\n",
        "ruleset: s\nlists:\n  x:\n    - XA  # Alpha\n    # not XC\n    - XB\nrules: []\n",
    ),
    "a comment behind the sign of a block stays there": (
        RULE.replace("a = 1", ">-   # because\n      " + "a = 1 AND " * 20 + "a = 1"),
        RULE.replace("a = 1", ">  # because\n      " + "a = 1\n      AND " * 20 + "a = 1"),
    ),
    "what stands at the top of the file stays at the top": (
        "# yaml-language-server: $schema=rules.schema.json\n# ours\n\nrules: [] # none\nruleset: s\n",
        "# yaml-language-server: $schema=rules.schema.json\n# ours\n\nruleset: s\nrules: []  # none\n",
    ),
    "one blank line is kept between rules, none inside": (
        RULE.replace("    lane", "\n    lane") + "\n\n\n  - id: B\n    when: b = 1\n    lane: red\n\n",
        RULE + "\n  - id: B\n    when: b = 1\n    lane: red\n",
    ),
    "nothing is an empty value": (
        RULE + "    title: ~\n    why: null\n",
        RULE.replace("    when", "    title:\n    when") + "    why:\n",
    ),
    "line ends and document signs are those of every file": (
        "---\r\n" + RULE.replace("\n", "\r\n") + "...\r\n", RULE
    ),
}  # fmt: skip


def formatted(folder: Path, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    return format_text(folder / "r.yaml", data)[1].after.decode()


@pytest.mark.parametrize("form", FORMS)
def test_there_is_one_form(form: str, tmp_path: Path) -> None:
    before, after = FORMS[form]
    assert formatted(tmp_path, before) == after
    assert formatted(tmp_path, after) == after


def test_a_mark_at_the_beginning_of_the_file_is_left_out(tmp_path: Path) -> None:
    _, found = format_text(tmp_path / "r.yaml", b"\xef\xbb\xbf" + RULE.encode())
    assert (found.after.decode(), found.changes) == (RULE, True)


def test_the_condition_of_a_template_is_spelled_with_its_cells_in_their_places(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y,lane\n1,a,red\n")
    text = """rules:
  template:
    lane: '{lane}'
    when: "x>{x}  and(y like '{y}%' or y is null) and z<>'{{'"
    title: of {y}
  table: t.csv
ruleset: s
"""
    assert (
        formatted(tmp_path, text)
        == """ruleset: s
rules:
  table: t.csv
  template:
    title: of {y}
    when: x > {x} AND (y LIKE '{y}%' OR y IS NULL) AND z <> '{{'
    lane: '{lane}'
"""
    )


def test_a_condition_that_only_its_cells_make_whole_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2\n")
    text = "ruleset: s\nrules:\n  table: t.csv\n  template:\n    when: x  > 5{x}\n    lane: red\n"
    assert formatted(tmp_path, text) == text


def test_the_files_of_a_folder_are_formatted_in_their_order_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/r.yaml", "a.yaml"):
        (tmp_path / name).write_text(RULE.replace("id: A", f"id: '{name[0]}'"))
    ruleset, files = format_rules(tmp_path)
    assert ruleset.name == "s"
    assert [(each.path.name, each.changes) for each in files] == [("a.yaml", True), ("r.yaml", True)]
    assert files[0].before == (tmp_path / "a.yaml").read_bytes()


def test_a_file_whose_new_text_says_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drop_a_rule(self: object, entries: object) -> str:
        return "ruleset: s\nrules: []\n"

    monkeypatch.setattr(rule_file.Writer, "text", drop_a_rule)
    with pytest.raises(GpuTargetError) as error:
        formatted(tmp_path, RULE)
    (problem,) = error.value.diagnostics
    assert (problem.code, problem.place) == ("RT054", str(tmp_path / "r.yaml"))
