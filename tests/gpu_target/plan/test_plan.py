"""A plan depends on rules and schema alone: its hash, its pickle, and the columns and key that it asks for."""

from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gpu_target
from gpu_target.language.diagnostics import DataError, RuleError
from gpu_target.language.model import RuleSet, Scalar
from gpu_target.plan.plan import Plan
from gpu_target.plan.process import compiling
from tests.architecture.tree import ROOT
from tests.gpu_target.building import BACKENDS, lookup, rule, ruleset
from tests.gpu_target.plan.refusals import condition, refused

SCHEMA = pa.schema({"id": pa.int64(), "code": pa.string(), "value": pa.float64(), "mass": pa.float64()})
RULES = (
    "code LIKE '87%' AND value / mass < 3",
    "code IN @watched AND NOT t.floor > value",
    "value IS NULL OR unit > 2",
)


def rich(**changes: Any) -> RuleSet:
    """A rule set with a list, a table and a definition."""
    made = ruleset(
        *(rule(f"R{n}", text, lane="yellow", rate=Fraction(50)) for n, text in enumerate(RULES)),
        lists={"watched": ["8703", "0207"]},
        tables={"t": lookup({"code": ["8703", "02"], "floor": [10.0, 5.0]}, {"code": "code"})},
        let={"unit": "value / mass"},
        key=("id",),
    )
    return replace(made, **changes)


def table_of(n: int = 2000, seed: int = 1) -> pa.Table:
    random = np.random.default_rng(seed)
    codes = np.array(["8703", "870332", "0207", "02", "99"])[random.integers(0, 5, n)]
    mask = random.random(n) < 0.1
    value = pa.array(random.integers(0, 40, n) / 2, mask=mask)
    return pa.table(
        {"id": np.arange(n) // 2, "code": codes, "value": value, "mass": random.integers(0, 9, n) * 1.0}
    ).cast(SCHEMA)


def found_by(plan: Plan, table: pa.Table, backend: str = "cpu") -> list[Any]:
    result = plan.evaluate(table, backend=backend, outputs=("counts", "lanes", "matches"), seed=5)
    return [result.counts.to_dict(), result.lanes().to_pylist(), result.matches().to_pylist()]


def first_rule(made: RuleSet, **changes: Any) -> RuleSet:
    """The rule set with its first rule changed."""
    return replace(made, rules=(replace(made.rules[0], **changes), *made.rules[1:]))


def floors(made: RuleSet, codes: list[str], values: list[float], **fields: Any) -> RuleSet:
    """The rule set with another lookup table."""
    return replace(made, tables={"t": lookup({"code": codes, "floor": values}, {"code": "code"}, **fields)})


# -- equal plans ------------------------------------------------------------------------------------------------------


def test_the_same_rules_and_schema_give_the_same_plan() -> None:
    first, second = gpu_target.compile(rich(), SCHEMA), gpu_target.compile(rich(), SCHEMA)
    assert (first.sha256, hash(first), first) == (second.sha256, hash(second), second)
    assert len(first.sha256) == 64


@pytest.mark.parametrize(
    "change",
    [
        lambda made: replace(made, rules=made.rules[::-1]),
        lambda made: replace(made, rules=made.rules[:2]),
        lambda made: first_rule(made, id="other"),
        lambda made: first_rule(made, lane="red"),
        lambda made: first_rule(made, lane=None, relief=Fraction(50)),
        lambda made: first_rule(made, rate=Fraction(50) + Fraction(1, 10**9)),
        lambda made: first_rule(made, weight=2),
        lambda made: first_rule(made, mandatory=True, rate=Fraction(100)),
        lambda made: first_rule(made, status="draft"),
        lambda made: first_rule(replace(made, roles={"flow": "code"}), flow=(Scalar("IM"),)),
        lambda made: replace(made, let=ruleset(let={"unit": "value / mass + 0"}).let),
        lambda made: replace(made, lists=ruleset(lists={"watched": ["8703", "0208"]}).lists),
        lambda made: replace(made, key=("id", "code")),
        lambda made: floors(made, ["8703", "02"], [10.0, 6.0]),
        lambda made: floors(made, ["8703", "03"], [10.0, 5.0]),
        lambda made: floors(made, ["8703", "02"], [10.0, 5.0], prefix="code"),
    ],
)  # fmt: skip
def test_whatever_changes_what_rules_do_changes_the_hash(change: Callable[[RuleSet], RuleSet]) -> None:
    before = gpu_target.compile(rich(), SCHEMA)
    after = gpu_target.compile(change(rich()), SCHEMA)
    assert before.sha256 != after.sha256
    assert before != after


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("code = 'a' AND value > 1", "code='a'  and value>1"),
        ("value BETWEEN 1 AND 2", "( value between 1 and 2 )"),
        ("code = 'a' AND value BETWEEN 1 AND 2 AND mass > 1", "code = 'a'\nAND value BETWEEN 1 AND 2 AND mass > 1"),
        ("(code = 'a' OR mass > 1) AND value > 1", "(code = 'a' or mass>1)\nAND value > 1"),
    ],
)
def test_how_a_condition_is_spelled_leaves_the_hash_as_it_is(one: str, other: str, tmp_path: Path) -> None:
    """Conditions in the usual spelling are cut into terms when they are read, others are not."""
    hashes = set()
    for text in (one, other):
        file = {"ruleset": "s", "rules": [{"id": "A", "when": text, "lane": "red"}]}
        (tmp_path / "r.yaml").write_text(json.dumps(file))
        hashes.add(gpu_target.compile(gpu_target.load_rules(tmp_path / "r.yaml"), SCHEMA).sha256)
    assert len(hashes) == 1


def test_the_days_on_which_rows_of_a_table_hold_change_the_hash() -> None:
    days = pa.array([0, 9], pa.date32())
    columns = {"code": ["8703", "02"], "floor": [1.0, 2.0], "first": days, "until": days}
    schema = SCHEMA.append(pa.field("made", pa.date32()))
    hashes = {
        gpu_target.compile(
            replace(rich(), roles={"date": "made"}, tables={"t": lookup(columns, {"code": "code"}, valid=valid)}),
            schema,
        ).sha256
        for valid in (("first", "until"), ("first", None), (None, "until"))
    }
    assert len(hashes) == 3


def test_the_types_of_the_columns_change_the_hash() -> None:
    narrow = SCHEMA.set(2, SCHEMA.field("value").with_type(pa.float32()))
    assert gpu_target.compile(rich(), SCHEMA) != gpu_target.compile(rich(), narrow)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: replace(made, name="another name"),
        lambda made: first_rule(made, title="T", why="because", tags=("x",)),
        lambda made: first_rule(made, when=ruleset(f"({RULES[0]})").rules[0].when),
        lambda made: replace(made, rules=(*made.rules, rule("D", "value > 1", status="draft"))),
        lambda made: replace(made, lists={**made.lists, **ruleset(lists={"unused": ["x"]}).lists}),
        lambda made: replace(made, lists=ruleset(lists={"watched": ["8703", "0207", "8703"]}).lists),
    ],
)  # fmt: skip
def test_what_is_only_written_about_a_rule_leaves_the_hash_as_it_is(change: Callable[[RuleSet], RuleSet]) -> None:
    assert gpu_target.compile(rich(), SCHEMA) == gpu_target.compile(change(rich()), SCHEMA)


# -- pickling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_plan_that_was_pickled_finds_the_same(backend: str) -> None:
    plan = gpu_target.compile(rich(), SCHEMA)
    copy = pickle.loads(pickle.dumps(plan))
    assert copy == plan
    assert copy.layout.columns is not plan.layout.columns
    assert found_by(copy, table_of(300), backend) == found_by(plan, table_of(300), backend)


def test_a_plan_can_be_sent_to_a_process_that_has_never_seen_the_rules(tmp_path: Path) -> None:
    plan = gpu_target.compile(rich(), SCHEMA)
    (tmp_path / "plan").write_bytes(pickle.dumps(plan))
    pq.write_table(table_of(), tmp_path / "data.parquet")
    program = """
import pickle, sys
from pathlib import Path
folder = Path(sys.argv[1])
plan = pickle.loads((folder / "plan").read_bytes())
import pyarrow.parquet as pq
result = plan.evaluate(pq.read_table(folder / "data.parquet"), outputs=("counts", "lanes"), seed=5)
print(plan.sha256, result.counts.tolist(), result.lanes()["lane"].to_pylist() == sys.argv[2].split())
"""
    result = plan.evaluate(table_of(), outputs=("counts", "lanes"), seed=5)
    expected = result.lanes()["lane"].to_pylist()
    call = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), " ".join(expected)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert call.stdout.strip() == f"{plan.sha256} {result.counts.tolist()} True", call.stderr[-2000:]
    assert len(set(expected)) > 1


def test_a_plan_of_the_deepest_rules_is_pickled() -> None:
    deep = ruleset("NOT " * 199 + "value > 1", " + ".join(["value"] * 200) + " > 3")
    plan = gpu_target.compile(deep, SCHEMA)
    assert pickle.loads(pickle.dumps(plan)) == plan
    nested = ruleset("b > 3", let={"a": " + ".join(["value"] * 190), "b": "a + " + " + ".join(["value"] * 190)})
    plan = gpu_target.compile(nested, SCHEMA)
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_compiling_leaves_the_interpreter_as_it_was() -> None:
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    with suppress(ValueError), compiling():
        assert not gc.isenabled()
        assert sys.getrecursionlimit() > limit
        raise ValueError
    assert (sys.getrecursionlimit(), gc.isenabled()) == (limit, collects)


# -- independence of the data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_never_seen_before_are_classified_exactly(backend: str) -> None:
    plan = gpu_target.compile(ruleset("code = 'Q' OR value > 1e300", key=("id",)), SCHEMA)
    plan.evaluate(table_of(50), backend=backend)
    unseen = pa.table({"id": [1, 2, 3], "code": ["Q", "QQ", None], "value": [None, 1.7e308, 1e300], "mass": [0.0] * 3})
    assert [each["row"] for each in found_by(plan, unseen, backend)[2]] == [0, 1]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.int32(), pa.int64()], ids=str)
@pytest.mark.parametrize("entries", [pa.string(), pa.large_string()], ids=str)
def test_coded_text_and_plain_text_find_the_same(index: pa.DataType, entries: pa.DataType, backend: str) -> None:
    table = table_of(400)
    coded = table.set_column(
        1, "code", table["code"].cast(entries).dictionary_encode().cast(pa.dictionary(index, entries))
    )
    plain, other = gpu_target.compile(rich(), table.schema), gpu_target.compile(rich(), coded.schema)
    assert found_by(other, coded, backend) == found_by(plain, table, backend)


def test_a_plan_for_one_form_of_text_reads_the_others() -> None:
    table = table_of(400)
    plan = gpu_target.compile(rich(), table.schema)
    expected = found_by(plan, table)
    for type_ in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        assert found_by(plan, table.set_column(1, "code", table["code"].cast(type_))) == expected


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_dictionary_with_repeated_and_missing_entries_finds_the_same(backend: str) -> None:
    entries = pa.array(["8703", None, "0207", "8703"])
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3, None, 0], pa.int8()), entries)
    columns = {"id": range(6), "value": [1.0] * 6, "mass": [1.0] * 6}
    table, plain = pa.table({**columns, "code": coded}), pa.table({**columns, "code": coded.cast(pa.string())})
    plan = gpu_target.compile(rich(), table.schema)
    assert found_by(plan, table, backend) == found_by(gpu_target.compile(rich(), plain.schema), plain, backend)


# -- schema, key and record type --------------------------------------------------------------------------------------


def test_a_plan_reads_its_key_and_what_rules_and_tables_need() -> None:
    assert gpu_target.compile(rich(), SCHEMA).columns == ("id", "code", "mass", "value")
    assert gpu_target.compile(ruleset("t.floor > 1", tables=rich().tables), SCHEMA).columns == ("code",)


def test_a_key_that_the_data_lack_is_refused_where_it_stands(tmp_path: Path) -> None:
    refused(
        tmp_path, condition("value > 1", key="«[idd]»"), "RT113", "the key names no column of the data: `idd`",
        "did you mean `id`?", schema=SCHEMA,
    )  # fmt: skip
    with pytest.raises(RuleError, match="RT113"):
        gpu_target.compile(rich(), SCHEMA, key=("nothing",))


def test_the_key_given_wins_over_the_rule_sets_and_that_over_the_record_types() -> None:
    assert gpu_target.compile(rich(), SCHEMA, key=("code",)).key == ("code",)
    assert gpu_target.compile(rich(), SCHEMA).key == ("id",)
    items = pa.schema({"declaration_id": pa.int64(), "item_number": pa.int16(), "customs_value": pa.float64()})
    of_record = ruleset("customs_value > 1", record="declaration-item")
    assert gpu_target.compile(of_record, items).key == ("declaration_id", "item_number")
    assert gpu_target.compile(of_record, items.remove(0)).key == ()
    assert gpu_target.compile(ruleset("value > 1"), SCHEMA).key == ()


def test_columns_of_other_types_than_the_record_has_are_all_told() -> None:
    wrong = pa.schema({"declaration_id": pa.int64(), "commodity_code": pa.int64(), "customs_value": pa.string()})
    with pytest.raises(DataError) as error:
        gpu_target.compile(ruleset("declaration_id > 1", record="declaration-item"), wrong)
    first, second = sorted(error.value.diagnostics, key=lambda each: each.message)
    assert (first.code, second.code) == ("DT150", "DT150")
    assert (
        first.message
        == "the column `commodity_code` is int64 in the data, and text in the record type declaration-item"
    )
    assert first.remedy == "convert it with a map: columns: {commodity_code: {from: commodity_code, type: text}}"
    assert "`customs_value` is string" in second.message


def test_columns_of_the_same_family_fit_the_record() -> None:
    fitting = pa.schema({"declaration_id": pa.uint32(), "commodity_code": pa.dictionary(pa.int8(), pa.string())})
    gpu_target.compile(ruleset("declaration_id > 1", record="declaration-item"), fitting)


def test_what_is_kept_is_made_once_for_all_threads() -> None:
    plan = gpu_target.compile(rich(), SCHEMA)
    made: list[object] = []

    def make() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: plan.keep("something", make), range(4)))
    assert len(made) == 1
    assert all(each is made[0] for each in kept)
    assert "something" not in pickle.loads(pickle.dumps(plan)).kept
