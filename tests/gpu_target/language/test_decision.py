"""Decision tables: one rule per row."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.language import ast
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import DataError, Diagnostic, RuleError, Span, render
from gpu_target.language.files import load_rules
from gpu_target.language.model import Rule
from gpu_target.language.printer import to_text
from tests.gpu_target.language.loading import fault, load, problems, write

TEMPLATE = """\
ruleset: s
rules:
  table: t.csv
  template:
    id: UV
    when: >
      code LIKE '{prefix}%'
      AND customs_value < {floor}
    lane: '{lane}'
    rate: '{rate}'
    valid: {from: '{from}', until: '{until}'}
    title: '{prefix} at {{{floor}}}'
    offices: ['{office}', '300']
    tests:
      - {code: '{prefix}01', customs_value: 0, expect: match}
"""
HEADER = "prefix,floor,lane,rate,from,until,office\n"
ROWS = "8703,12.5,red,50,2024-01-01,2024-12-31,309\nO'B,-3,orange,,,,\n"


def rules(folder: Path, csv: str, text: str = TEMPLATE) -> tuple[Rule, ...]:
    return load(folder, text, **{"t.csv": csv}).rules


def small(when: str, csv: str, folder: Path) -> tuple[Rule, ...]:
    text = f"ruleset: s\nrules:\n  table: t.csv\n  template:\n    id: R\n    when: |-\n      {when}\n    lane: red\n"
    return rules(folder, csv, text)


def small_problems(when: str, csv: str, folder: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises((RuleError, DataError)) as error:
        small(when, csv, folder)
    return error.value.diagnostics


def test_each_row_is_a_rule(tmp_path: Path) -> None:
    first, second = rules(tmp_path, HEADER + ROWS)
    assert (first.id, second.id) == ("UV-t.csv-2", "UV-t.csv-3")
    assert to_text(first.when.tree) == "code LIKE '8703%' AND customs_value < 12.5"
    assert to_text(second.when.tree) == "code LIKE 'O''B%' AND customs_value < -3"
    assert (first.lane, second.lane) == ("red", "yellow")
    assert (first.rate, second.rate) == (50, 100)  # an empty cell leaves the key out
    assert first.valid is not None
    assert str(first.valid.until) == "2024-12-31"
    assert second.valid is None
    assert first.title == "8703 at {12.5}"
    assert [each.text for each in first.offices] == ["309", "300"]
    assert [each.text for each in second.offices] == ["300"]
    value = first.tests[0].values["code"]
    assert not isinstance(value, tuple)
    assert value.text == "870301"


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    found = small("a = {x}", 'x,y\n1,"two\nlines"\n\n2,\n', tmp_path)
    assert [rule.id for rule in found] == ["R-t.csv-2", "R-t.csv-3"]


def test_a_template_needs_no_id(tmp_path: Path) -> None:
    text = "ruleset: s\nrules:\n  table: sub/t.csv\n  template: {when: 'a = {x}', lane: red}\n"
    (rule,) = load(tmp_path, text, **{"sub/t.csv": "x\n1\n"}).rules
    assert rule.id == "t.csv-2"
    assert rule.span is not None
    assert rule.span.location()[1:] == (4, 14)


def test_an_id_may_hold_cells(tmp_path: Path) -> None:
    text = "ruleset: s\nrules:\n  table: t.csv\n  template: {id: 'X-{x}', when: 'a = {x}', lane: red}\n"
    assert [rule.id for rule in rules(tmp_path, "x\n7\n7\n", text)] == ["X-7-t.csv-2", "X-7-t.csv-3"]


def test_two_tables_that_give_the_same_ids_are_told(tmp_path: Path) -> None:
    text = "ruleset: s\nrules:\n  table: t.csv\n  template: {when: 'a = {x}', lane: red}\n"
    write(tmp_path, {"a/r.yaml": text, "b/r.yaml": text, "a/t.csv": "x\n1\n", "b/t.csv": "x\n1\n"})
    (found,) = problems(tmp_path)
    assert (found.code, found.message) == ("RT039", "two rules have the id `t.csv-2`")


def test_a_table_without_rows_gives_no_rules(tmp_path: Path) -> None:
    assert small("a = {x}", "x\n", tmp_path) == ()


@pytest.mark.parametrize(
    ("cell", "tree"),
    [
        ("7", ast.Number("7")),
        ("1e-05", ast.Number("1e-05")),
        (" 7 ", ast.Number("7")),
        ("-7", ast.Negate(ast.Number("7"))),
        ("true", ast.Boolean(True)),
        ("2024-01-31", ast.Date(19753)),
        ("DATE '2024-01-31'", ast.Date(19753)),
    ],
)
def test_a_cell_outside_quotes_is_a_literal(cell: str, tree: ast.Expr, tmp_path: Path) -> None:
    (rule,) = small("a = {x}", f"x\n{cell}\n", tmp_path)
    assert rule.when.tree == ast.Compare("=", ast.Name("a"), tree)


def test_a_negative_cell_behind_a_minus_sign_is_read(tmp_path: Path) -> None:
    (rule,) = small("a -{x} > 0", "x\n-3\n", tmp_path)
    assert to_text(rule.when.tree) == "a - -3 > 0"


@pytest.mark.parametrize("cell", ["FR", "1 OR 1 = 1", "a", "'x'", "1--", "(1)", "@list", "2024-02-30", "0x1F", "1,2"])
def test_any_other_cell_outside_quotes_is_refused_at_its_cell(cell: str, tmp_path: Path) -> None:
    (found,) = small_problems("a = {x}", f'n,x\n1,5\n2,"{cell}"\n', tmp_path)
    assert found.code == "DT215"
    assert found.location() == (str(tmp_path / "t.csv"), 3, 3)
    assert found.message.startswith(f"row 3, column `x`: `{cell}` cannot stand outside quotes")
    assert f"`when` uses {{x}} at {tmp_path / 'r.yaml'}, line 7, column 11" in found.message
    assert "'{x}'" in found.remedy


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=12))
def test_a_cell_inside_quotes_is_only_ever_text(tmp_path_factory: pytest.TempPathFactory, cell: str) -> None:
    if not cell.strip():
        return
    folder = tmp_path_factory.getbasetemp() / "inside"
    quoted = cell.replace('"', '""')
    (rule,) = small("a = '{x}' AND b = 1", f'x\n"{quoted}"\n', folder)
    a, b = ast.Name("a"), ast.Name("b")
    assert rule.when.tree == ast.And((ast.Compare("=", a, ast.String(cell)), ast.Compare("=", b, ast.Number("1"))))


def test_a_cell_inside_double_quotes_is_only_ever_a_name(tmp_path: Path) -> None:
    (rule,) = small('"{x}" = 1', 'x\n"a"" = 1 OR ""b"\n', tmp_path)
    assert rule.when.tree == ast.Compare("=", ast.Name('a" = 1 OR "b'), ast.Number("1"))


def test_quotes_that_are_doubled_in_the_template_do_not_end_a_text(tmp_path: Path) -> None:
    (rule,) = small("a = 'it''s {x}' AND b = {y}", "x,y\nO'B,1\n", tmp_path)
    assert to_text(rule.when.tree) == "a = 'it''s O''B' AND b = 1"


def test_braces_are_written_twice(tmp_path: Path) -> None:
    (rule,) = small("a = '{{{x}}}'", "x\n1\n", tmp_path)
    assert rule.when.tree == ast.Compare("=", ast.Name("a"), ast.String("{1}"))


@pytest.mark.parametrize("when", ["a = {x}", "a LIKE '{x}%'"])
def test_an_empty_cell_in_a_condition_is_told_at_its_cell(when: str, tmp_path: Path) -> None:
    (found,) = small_problems(when, "x,y\n,1\n", tmp_path)
    assert (found.code, found.location()) == ("DT216", (str(tmp_path / "t.csv"), 2, 1))
    assert "would match too much" in found.remedy


def test_a_fault_inside_an_expanded_condition_is_told_at_the_template_with_its_row(tmp_path: Path) -> None:
    text = TEMPLATE.replace("customs_value < {floor}", "customs_value < {floor} {floor}")
    write(tmp_path, {"r.yaml": text, "t.csv": HEADER + ROWS.split("\n", 1)[0] + "\n"})
    (found,) = problems(tmp_path / "r.yaml")
    assert found.code == "RT004"
    assert found.location() == (str(tmp_path / "r.yaml"), 8, 35)
    assert "AND customs_value < {floor} {floor}" in render(found)
    assert "^^^^^^^" in render(found)
    assert found.notes[-1] == f"with the cells of row 2 of {tmp_path / 't.csv'}"


def test_a_cell_of_the_wrong_kind_is_told_with_its_row(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": TEMPLATE, "t.csv": HEADER + ROWS + "1,2,rot,50,,,\n"})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.location()) == ("RT043", (str(tmp_path / "r.yaml"), 9, 11))
    assert found.message == "`rot` is not a lane"
    assert found.notes == (f"with the cells of row 4 of {tmp_path / 't.csv'}",)


def test_a_rule_set_can_be_pickled_with_its_places(tmp_path: Path) -> None:
    found = load(tmp_path, TEMPLATE, **{"t.csv": HEADER + ROWS})
    again = pickle.loads(pickle.dumps(found))
    assert [rule.id for rule in again.rules] == [rule.id for rule in found.rules]
    start = found.rules[0].when.source.text.index("12.5")
    assert Span(again.rules[0].when.source, start, start + 1).location()[1:] == (8, 27)


def test_the_source_of_a_condition_names_its_row(tmp_path: Path) -> None:
    (rule,) = small("a = {x}", "x\n1\n", tmp_path)
    assert isinstance(rule.when.source, RowSource)
    assert rule.when.source.note == f"row 2 of {tmp_path / 't.csv'}"
    assert rule.when.source.text == "a = 1"


FAULTS = {
    "RT031 table": (
        "«tabel»: t.csv, table: t.csv, template: {when: 'a = {x}', lane: red}",
        "RT031",
        "did you mean `table`?",
    ),
    "RT031 template": ("table: t.csv, template: {when: 'a = {x}', «lan»: red, lane: red}", "RT031", "in the template"),
    "RT032 template": ("«table»: t.csv", "RT032", "`template` is missing in `rules`"),
    "RT032 when": ("table: t.csv, template: {«lane»: red}", "RT032", "`when` is missing in the template"),
    "RT033 template": ("table: t.csv, template: «red»", "RT033", "`template` must be a mapping"),
    "RT033 when": ("table: t.csv, template: {when: «[a]», lane: red}", "RT033", "`when` must be one value"),
    "RT051 open": (
        "table: t.csv, template: {when: 'a = «{»x', lane: red}",
        "RT051",
        "a `{` stands alone",
        "{{ for a brace",
    ),
    "RT051 close": (
        "table: t.csv, template: {when: 'a = {x}', title: 'b«}» c', lane: red}",
        "RT051",
        "a `}` stands alone",
    ),
    "RT052": (
        "table: t.csv, template: {when: 'a = «{orgin}»', lane: red}",
        "RT052",
        "no column `orgin`",
        "did you mean {origin}?",
    ),
    "RT052 empty": ("table: t.csv, template: {when: 'a = «{}»', lane: red}", "RT052", "its columns are x, origin"),
    "RT033 not quoted": ("table: t.csv, template: {when: 'a = {x}', lane: «{x}»}", "RT033", "such as '{origin}'"),
    "DT203": ("table: «tt.csv», template: {when: 'a = {x}', lane: red}", "DT203", "did you mean t.csv?"),
    "DT211": ("table: «t.parquet», template: {when: 'a = {x}', lane: red}", "DT211", "ends in .csv"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_decision_table_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    text, code, *said = FAULTS[name]
    write(tmp_path, {"t.csv": "x,origin\n1,FR\n", "t.parquet": ""})
    fault(tmp_path, f"ruleset: s\nrules: {{{text}}}\n", code, *said)


def test_a_ragged_row_is_told_and_the_others_are_still_checked(tmp_path: Path) -> None:
    found = small_problems("a = {x}", "x,y\n1\n2,3\nb,4\n", tmp_path)
    assert [(each.code, each.location()) for each in found] == [
        ("DT206", (str(tmp_path / "t.csv"), 2, 1)),
        ("DT215", (str(tmp_path / "t.csv"), 4, 1)),
    ]


def test_five_thousand_rows_are_expanded_quickly(tmp_path: Path) -> None:
    rows = "".join(f"{n:04d},{n}.5,red,50,2024-01-01,2024-12-31,309\n" for n in range(5_000))
    write(tmp_path, {"r.yaml": TEMPLATE, "t.csv": HEADER + rows})
    start = time.perf_counter()
    found = load_rules(tmp_path / "r.yaml")
    assert time.perf_counter() - start < 5  # a few tenths of a second where nothing else runs
    assert found.rules[-1].id == "UV-t.csv-5001"


def test_what_every_row_has_is_told_once_with_the_number_of_rows(tmp_path: Path) -> None:
    text = "ruleset: s\nrules: {table: t.csv, template: {id: A, when: 'x > {x}', lane: {red}}}\n"
    with pytest.raises(RuleError) as error:
        rules(tmp_path, "x\n" + "1\n" * 50, text)
    (found,) = error.value.diagnostics
    assert found.code == "RT033"
    assert found.notes == (
        f"with the cells of row 2 of {tmp_path / 't.csv'}",
        "and so in 49 more rows of the decision table",
    )


@pytest.mark.parametrize(
    ("cell", "plain"),
    [("400,000", "400000"), ("1 234 567.5", "1234567.5"), ("1.234,5", "1234.5"), ("12,5", "12.5"), ("-4'000", "-4000")],
)
def test_a_number_with_separators_is_offered_without_them(cell: str, plain: str, tmp_path: Path) -> None:
    (found,) = small_problems("a > {x}", f'x\n"{cell}"\n', tmp_path)
    assert found.code == "DT215"
    assert found.remedy.startswith(f"write {plain} in the table")
