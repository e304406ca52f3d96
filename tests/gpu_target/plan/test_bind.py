"""Rules bound whole: ``valid``, ``flow`` and ``offices`` on the columns of their roles, and which rules are bound."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.diagnostics import RuleError, render
from gpu_target.language.model import Scalar, Validity
from gpu_target.plan.bind import bind
from gpu_target.plan.lists import Members
from tests.gpu_target.building import BACKENDS, matching_rows, rule, ruleset
from tests.gpu_target.language.loading import rule_set
from tests.gpu_target.plan.refusals import SCHEMA, refused

ROLES = "{date: lodged, flow: code, office: id}"
DAY = datetime.date(2024, 3, 1)


@pytest.mark.parametrize(
    ("rule_keys", "roles", "said"),
    [
        ("valid: {from: 2024-01-01}", "{}", ("`valid` needs to know which column holds the date", "roles: {date:")),
        ("flow: IM", "{}", ("`flow` needs to know which column holds the flow", "or set `record`")),
        ("offices: [309]", "{}", ("`offices` needs to know which column holds the office",)),
        ("flow: IM", "{flow: cod}", ("`flow` reads the column `cod`, which the data does not have", "`code`")),
        ("valid: {from: 2024-01-01}", "{date: code}", ("which is text", "give the date a column that is a date")),
        ("flow: IM", "{flow: lodged}", ("which is a timestamp", "give the flow a column that is text or a number")),
        ("offices: [309]", "{office: flag}", ("which is a boolean",)),
    ],
)
def test_a_condition_without_its_column_is_refused_at_the_id_of_its_rule(
    rule_keys: str, roles: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    text = rule_set(f"- {{id: «A», when: value > 1, lane: red, {rule_keys}}}", roles=roles)
    refused(tmp_path, text, "RT114", *said)


def test_an_office_that_is_no_value_of_its_column_is_refused_where_it_stands(tmp_path: Path) -> None:
    text = rule_set("- {id: A, when: value > 1, lane: red, offices: [309, «B5»]}", roles=ROLES)
    refused(tmp_path, text, "RT109", "`B5` does not fit the column", "expected a number such as 12.5")


def test_problems_of_the_condition_and_of_the_other_keys_are_told_together() -> None:
    with pytest.raises(RuleError) as error:
        bind(
            ruleset(rule("A", "nothing > 1", flow=(Scalar("IM"),))), dict(zip(SCHEMA.names, SCHEMA.types, strict=True))
        )
    assert [each.code for each in error.value.diagnostics] == ["RT101", "RT114"]


def conditioned(**fields: Any) -> list[Any]:
    return [rule("A", "id >= 0", **fields)]


MOMENTS = [
    None, datetime.datetime(2024, 2, 29, 23, 59, 59, 999_999), datetime.datetime(2024, 3, 1),
    datetime.datetime(2024, 3, 1, 23, 59, 59, 999_999), datetime.datetime(2024, 3, 2),
]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("validity", "rows"),
    [
        (Validity(DAY, DAY), [2, 3]),
        (Validity(DAY, None), [2, 3, 4]),
        (Validity(None, DAY), [1, 2, 3]),
    ],
)
def test_validity_holds_from_the_first_moment_of_its_first_day_to_the_last_of_its_last(
    validity: Validity, rows: list[int], backend: str
) -> None:
    table = pa.table({"id": range(5), "at": pa.array(MOMENTS, pa.timestamp("us"))})
    found = matching_rows(table, *conditioned(valid=validity), backend=backend, roles={"date": "at"})
    assert found == [rows]


@pytest.mark.parametrize("backend", BACKENDS)
def test_flows_and_offices_are_values_of_their_columns_types(backend: str) -> None:
    table = pa.table(
        {
            "id": range(4),
            "flow": pa.array(["IM", "EX", None, "NO"]).dictionary_encode(),
            "office": pa.array([309, 309, 309, 300], pa.int16()),
        }
    )
    roles = {"flow": "flow", "office": "office"}
    fields = {"flow": (Scalar("IM"), Scalar("NO")), "offices": (Scalar("0309"), Scalar("300.0"))}
    assert matching_rows(table, *conditioned(**fields), backend=backend, roles=roles) == [[0, 3]]
    text = table.set_column(2, "office", pa.array(["0309", "309", "0309", "300.0"]))
    assert matching_rows(text, *conditioned(**fields), backend=backend, roles=roles) == [[0, 3]]


def test_the_roles_given_at_compiling_win_over_those_of_the_rule_set() -> None:
    rules = ruleset(*conditioned(flow=(Scalar("IM"),)), roles={"flow": "a"})
    schema = pa.schema({"id": pa.int64(), "a": pa.string(), "b": pa.string()})
    assert "a" in gpu_target.compile(rules, schema).columns
    plan = gpu_target.compile(rules, schema, roles={"flow": "b"})
    assert ("a" in plan.columns, "b" in plan.columns) == (False, True)


def test_a_record_type_brings_its_own_roles() -> None:
    rules = ruleset(rule("A", "items_count > 1", flow=(Scalar("IM"),)), record="declaration-item")
    schema = pa.schema({"declaration_id": pa.int64(), "items_count": pa.int64(), "flow": pa.string()})
    assert gpu_target.compile(rules, schema).columns == ("declaration_id", "flow", "items_count")


def test_drafts_and_retired_rules_are_not_bound_unless_they_are_asked_for() -> None:
    rules = ruleset(
        rule("A", "value > 1"), rule("B", "nothing > 1", status="draft"), rule("C", "no > 1", status="retired")
    )
    types = dict(zip(SCHEMA.names, SCHEMA.types, strict=True))
    assert [each.rule.id for each in bind(rules, types).rules] == ["A"]
    with pytest.raises(RuleError) as error:
        bind(rules, types, rules=rules.rules)
    assert [each.code for each in error.value.diagnostics] == ["RT101", "RT101"]


def test_only_the_columns_that_rules_read_are_asked_for() -> None:
    bound = bind(ruleset("value > 1 AND code = 'x'", "value < 5"), dict(zip(SCHEMA.names, SCHEMA.types, strict=True)))
    assert bound.columns == ("value", "code")


def test_a_list_written_in_a_condition_is_kept_once_without_its_duplicates() -> None:
    bound = bind(
        ruleset("code IN ('a', 'b', 'a')", "origin IN ('a', 'b')", "code IN ('b', 'a')"),
        dict(zip(SCHEMA.names, SCHEMA.types, strict=True)),
    )
    assert list(bound.lists.values()) == [Members("text", ("a", "b")), Members("text", ("b", "a"))]


def test_the_caret_stands_under_the_word_in_the_file(tmp_path: Path) -> None:
    found = refused(
        tmp_path,
        "ruleset: s\nrules:\n  - id: A\n    when: >\n      value > 1\n      AND «orign» = 'XA'\n    lane: red\n",
        "RT101",
    )
    assert render(found).replace(str(tmp_path), "") == (
        "error[RT101]: there is no column `orign`\n"
        " --> /r.yaml:6:11\n"
        "  |\n"
        "6 |       AND orign = 'XA'\n"
        "  |           ^^^^^ neither in the data nor under `let`\n"
        "  = do: did you mean `origin`?"
    )
