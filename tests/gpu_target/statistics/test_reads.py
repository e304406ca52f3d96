"""What rules read, by name."""

from __future__ import annotations

import pyarrow as pa

import gpu_target
from gpu_target.language.model import Scalar
from gpu_target.statistics.reads import uses_of
from gpu_target.statistics.tables import reads_table
from tests.gpu_target.building import lookup, rule, ruleset

SCHEMA = pa.schema([("code", pa.string()), ("value", pa.float64()), ("mass", pa.float64()), ("flow", pa.string())])


def test_columns_lists_tables_and_names_of_let_are_counted_once_for_each_rule() -> None:
    rules = ruleset(
        "code IN @goods AND per_kg > 1 AND value > 0",
        "floors.floor > 2",
        rule("F", "value > 3", flow=(Scalar("IM"),)),
        rule("D", "mass > 3", status="draft"),
        lists={"goods": ["a"], "unread": ["b"]},
        tables={"floors": lookup({"code": ["a"], "floor": ["1"]}, {"code": "code"}, types={"floor": "number"})},
        let={"per_kg": "value / mass", "never": "mass + 1"},
        roles={"flow": "flow"},
    )
    plan = gpu_target.compile(rules, SCHEMA, key=())
    found = {tuple(each.read): each.rules for each in uses_of(rules, plan)}
    assert found == {
        ("column", "value"): (0, 2), ("column", "code"): (0, 1), ("column", "mass"): (0,), ("column", "flow"): (2,),
        ("list", "goods"): (0,), ("list", "unread"): (), ("table", "floors"): (1,),
        ("let", "per_kg"): (0,), ("let", "never"): (),
    }  # fmt: skip
    assert [name for kind, name in found if kind == "column"] == ["code", "value", "flow", "mass"]
    table = reads_table(plan, uses_of(rules, plan)).to_pylist()
    assert {"kind": "list", "name": "unread", "rule_id": None} in table
    assert {"kind": "column", "name": "value", "rule_id": "F"} in table
