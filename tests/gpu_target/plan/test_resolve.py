"""Names and types in conditions: what is refused, where the caret stands, and what the message tells to write."""

from __future__ import annotations

from pathlib import Path

import pytest

import gpu_target
from gpu_target.language import ast
from gpu_target.language.diagnostics import RuleError, Source, render
from gpu_target.language.model import Predicate, Rule
from gpu_target.plan import names
from tests.gpu_target.building import ruleset
from tests.gpu_target.language.loading import rule_set
from tests.gpu_target.plan.refusals import SCHEMA, compile_file, condition, marked_text, problems, refused


@pytest.mark.parametrize(
    ("when", "code", "said"),
    [
        # names
        ("«cod» = 'x'", "RT101", ("there is no column `cod`", "did you mean `code`?")),
        ("code = 'x' AND «Value» > 1", "RT101", ("there is no column `Value`", "did you mean `value`?")),
        # a text whose quotes were forgotten, or are those of a name
        ("origin = «XB»", "RT101", ("there is no column `XB`", "do: write 'XB': a text stands in single quotes")),
        ('origin = «"XB"»', "RT101", ("write 'XB'", "double quotes are for the names of columns")),
        ("origin IN ('XA', «XB»)", "RT101", ("write 'XB'",)),
        ("code = «IMP-0003-A»", "RT101", ("there is no column `IMP-0003-A`", "write 'IMP-0003-A'")),
        ("CONTAINS(papers, «N380»)", "RT101", ("write 'N380'",)),
        ("code = «orign»", "RT101", ("did you mean `origin`? If a text is meant, write 'orign'",)),
        ("value = «XB»", "RT101", ("do: the columns are",)),
        ("«floors.low» > 1", "RT103", ("there is no table `floors`",)),
        # types of comparisons: the literal is blamed
        ("code = «8703»", "RT105", ("`code` is text", "found a number, expected text", "write '8703' in quotes")),
        ("code = «0203»", "RT105", ("write '0203' in quotes",)),
        ("code IN ('1', «007»)", "RT105", ("write '007' in quotes",)),
        ("code BETWEEN «01» AND '02'", "RT105", ("write '01' in quotes",)),
        ("code = «-07.50»", "RT105", ("write '-07.50' in quotes",)),
        ("CONTAINS(papers, «0203»)", "RT105", ("write '0203' in quotes",)),
        ("code = «0.5»", "RT105", ("write '0.5' in quotes",)),
        ("«8703» = origin", "RT105", ("`origin` is text", "write '8703' in quotes")),
        ("value > «'900'»", "RT105", ("`value` is a number", "write 900 without quotes")),
        ("value > «'many'»", "RT105", ("write a number",)),
        ("value > «TRUE»", "RT105", ("cannot be compared",)),
        ("made >= «'2024-01-31'»", "RT105", ("`made` is a date", "write DATE '2024-01-31'")),
        ("lodged >= «20240131»", "RT105", ("`lodged` is a timestamp", "write DATE '2024-01-31'")),
        ("code >= «DATE '2024-01-31'»", "RT105", ("write a text in single quotes",)),
        ("flag = «1»", "RT105", ("write TRUE or FALSE",)),
        ("code = «value»", "RT105", ("the language converts none",)),
        ("value IN (1, «'2'»)", "RT105", ("write 2 without quotes",)),
        ("value BETWEEN 1 AND «'2'»", "RT105", ("write 2 without quotes",)),
        ("LEAST(value, «code») > 1", "RT105", ("cannot be compared with text",)),
        ("«papers» = papers", "RT105", ("a list cannot be compared", "write CONTAINS(column, value)")),
        ("CONTAINS(papers, «1»)", "RT105", ("the list holds text", "this is a number")),
        # arguments
        ("«value» LIKE '1%'", "RT106", ("text is expected here", "this is a number")),
        ("LENGTH(«value») > 1", "RT106", ("text is expected here",)),
        ("ABS(«code») > 1", "RT106", ("a number is expected here", "this is text")),
        ("YEAR(«value») > 1", "RT106", ("a date or time is expected here",)),
        ("value + «made» > 1", "RT106", ("a number is expected here", "this is a date")),
        ("made - «value» > 1", "RT106", ("a date or time is expected here",)),
        ("-«code» > 1", "RT106", ("a number is expected here",)),
        ("GREATEST(«papers», papers) = 1", "RT106", ("GREATEST takes numbers, text or dates",)),
        ("LEAST(«flag», value) = 1", "RT106", ("LEAST takes numbers, text or dates", "this is a boolean")),
        ("«flag» IN @l", "RT106", ("a number or text or a date or time is expected here", "this is a boolean")),
        ("(«value > 1») + 1 > 1", "RT106", ("this is a condition",)),
        ("CONTAINS(«code», 'x')", "RT106", ("a list is expected here", "this is text")),
        # conditions
        ("«value»", "RT110", ("a condition is expected here", "this is a number", "compare it with something")),
        ("NOT «code»", "RT110", ("this is text",)),
        ("flag AND «value + 1»", "RT110", ("this is a number",)),
        ("COALESCE(flag, «1»)", "RT110", ("this is a number",)),
        # types of columns
        ("«raw» IS NULL", "RT111", ("rules cannot read the column `raw`", "its type is binary")),
        ("«parts» IS NULL", "RT111", ("its type is list",)),
    ],
)  # fmt: skip
def test_a_condition_that_does_not_fit_the_columns_is_refused_in_its_place(
    when: str, code: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    refused(tmp_path, condition(when, lists="{l: [a]}"), code, *said)


def test_a_number_that_no_file_can_hold_is_refused_in_a_tree_built_by_hand() -> None:
    tree = ast.Compare(">", ast.Name("value"), ast.Number("1e1001", (8, 14)))
    by_hand = Rule("A", Predicate(tree, Source("when", "value > 1e1001")), lane="red")
    with pytest.raises(RuleError) as error:
        gpu_target.compile(ruleset(by_hand), SCHEMA)
    (found,) = error.value.diagnostics
    assert (found.code, found.location()) == ("RT107", ("when", 1, 9))
    assert "expected a number between 1e-1000 and 1e1000" in render(found)


def test_a_column_of_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("code,floor\n8703,5\n")
    tables = "{floors: {file: t.csv, key: code, types: {floor: number}}}"
    refused(tmp_path, condition("value < «floors.flor»", tables=tables), "RT104", "`floors` has no column `flor`",
            "did you mean `floor`?")  # fmt: skip
    refused(tmp_path, condition("value < 2 * «floors.code»", tables=tables), "RT106", "this is text")
    refused(tmp_path, condition("«flors.floor» > 1", tables=tables), "RT103", "did you mean `floors`?")


def test_every_problem_of_every_rule_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, rule_set("""
        - {id: A, when: cod = 'x' AND value = '1' OR NOT flags, lane: red}
        - {id: B, when: value > 1, lane: red}
        - {id: C, when: made = 1, lane: red}
        """))  # fmt: skip
    assert [(each.code, marked_text(each)) for each in found] == [
        ("RT101", "cod"), ("RT105", "'1'"), ("RT101", "flags"), ("RT105", "1"),
    ]  # fmt: skip


# -- names of let -----------------------------------------------------------------------------------------------------


def test_a_problem_in_a_definition_is_told_once_and_there_however_many_rules_use_it(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "ruleset: s\nlet:\n  unit: value / «mas»\nrules:\n"
        "  - {id: A, when: unit > 1, lane: red}\n  - {id: B, when: unit > 2, lane: red}\n",
        "RT101",
        "there is no column `mas`",
    )


def test_a_number_of_let_keeps_its_zeros_in_the_message(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "ruleset: s\nlet: {meat: 0203}\nrules:\n  - {id: A, when: code = «meat», lane: red}\n",
        "RT105",
        "write '0203' in quotes",
    )


def test_each_value_of_in_that_lost_its_quotes_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, rule_set('- {id: A, when: "origin IN (XA, XB)", lane: red}'))
    assert [marked_text(each) for each in found] == ["XA", "XB"]


def test_definitions_in_a_circle_are_refused_with_the_whole_circle(tmp_path: Path) -> None:
    refused(
        tmp_path,
        "ruleset: s\nlet:\n  a: b + 1\n  b: c + 1\n  c: «a» + 1\nrules:\n  - {id: A, when: a > 1, lane: red}\n",
        "RT108",
        "`a` is defined by itself",
        "a -> b -> c -> a",
        "define one of them without the others",
    )


def test_a_definition_that_no_rule_uses_is_not_bound(tmp_path: Path) -> None:
    compile_file(tmp_path, rule_set("- {id: A, when: value > 1, lane: red}", let="{a: nothing_here + 1}"))


def test_a_definition_goes_before_a_column_of_its_name(tmp_path: Path) -> None:
    plan = compile_file(tmp_path, rule_set("- {id: A, when: value > 1, lane: red}", let="{value: price * 2}"))
    assert "value" not in plan.columns
    assert "price" in plan.columns


def chain(levels: int) -> dict[str, str]:
    """Each name uses the last one twice: 2^levels terms when written out."""
    return {"l0": "value + 1"} | {f"l{k}": f"l{k - 1} + l{k - 1}" for k in range(1, levels)}


def test_definitions_that_grow_beyond_measure_are_refused_at_once() -> None:
    with pytest.raises(RuleError) as error:
        gpu_target.compile(ruleset("l59 > 1", let=chain(60)), SCHEMA)
    codes = {each.code for each in error.value.diagnostics}
    assert codes == {"RT116"}
    assert "more than 400 levels or 1,000,000 terms" in render(error.value.diagnostics[0])
    assert "name less inside names" in render(error.value.diagnostics[0])


def test_definitions_as_deep_as_allowed_bind_and_one_more_does_not() -> None:
    let = {"l0": "-value"} | {f"l{k}": f"-l{k - 1}" for k in range(1, 200)}  # each is two levels: a minus and a name
    deepest = names.DEEPEST // 2 - 2  # the comparison and the column are levels too
    gpu_target.compile(ruleset(f"l{deepest} > 1", let=let), SCHEMA)
    with pytest.raises(RuleError, match="RT116"):
        gpu_target.compile(ruleset(f"l{deepest + 1} > 1", let=let), SCHEMA)
