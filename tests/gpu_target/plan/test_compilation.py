"""A plan made again after an edit is the plan that is made afresh: hash, classes, layout, policy and results."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpu_target as gt
from gpu_target.language.diagnostics import GpuTargetError, RuleError
from gpu_target.plan import compilation
from gpu_target.plan.plan import Plan

SCHEMA = pa.schema(
    {"id": pa.int64(), "n": pa.int32(), "x": pa.float64(), "s": pa.string(), "l": pa.list_(pa.string()),
     "at": pa.timestamp("s"), "office": pa.string()}
)  # fmt: skip
TABLE = pa.table(
    {
        "id": range(8),
        "n": [0, 1, 2, 3, 5, 7, None, -1],
        "x": [0.5, 1.0, None, 2.5, 3.0, -1.0, 99.0, 2.0],
        "s": ["a", "ab", "b", "c", None, "abc", "x", "a"],
        "l": [["p"], ["p", "q"], [], None, ["r"], ["q"], ["p", "r"], ["z"]],
        "at": [0, 86_400, 86_401, None, 10**8, 10**9, 1, 2],
        "office": ["1", "2", "1", None, "3", "2", "1", "1"],
    },
    SCHEMA,
)
CONDITIONS = [
    "n > 1", "n > 2", "n BETWEEN 1 AND 5", "n IN (1, 3)", "NOT n = 2", "x < 2.5", "x = 1", "x IS NULL", "s = 'a'",
    "s LIKE 'a%'", "s LIKE '%b%'", "s IN @few", "s NOT IN @few", "s IN ('a', 'b')", "(s = 'a' OR x > 2)", "ratio > 1",
    "t.floor > x", "t.floor IS NULL", "CONTAINS(l, 'p')", "CONTAINS_ANY(l, @few)", "n = x", "at >= DATE '1970-01-02'",
    "(n > 1) IS NULL", "COALESCE(n > 1, TRUE)", "(n = 1 OR (s = 'b' AND x > 0))", "FALSE", "TRUE", "x > 1 AND x < 0",
    "AS_OF > at", "n + 1 > 3", "UPPER(s) = 'A'", "CONTAINS(l, s)", "s < 'b'",
]  # fmt: skip
EXTRAS = [
    "", "", "    flow: [a, b]\n", "    offices: ['1', '2']\n", "    valid: {from: 1970-01-01, until: 1970-01-01}\n",
    "    weight: 7\n", "    rate: 25\n", "    status: draft\n",
]  # fmt: skip
rules = st.tuples(
    st.integers(0, 30),
    st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4),
    st.sampled_from(["lane: red", "lane: green", "relief: 10", "relief: 50"]),
    st.sampled_from(EXTRAS),
)
Rule = tuple[int, list[str], str, str]
World = dict[str, Any]
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 12), rules),
        st.tuples(st.just("change"), st.integers(0, 12), rules),
        st.tuples(st.just("remove"), st.integers(0, 12), st.none()),
        st.tuples(st.just("reorder"), st.integers(0, 12), st.integers(0, 12)),
        st.tuples(st.just("few"), st.just(0), st.lists(st.sampled_from("abcpqr"), min_size=1, unique=True)),
        st.tuples(st.just("ratio"), st.just(0), st.sampled_from(["x / n", "n / x", "x * 2"])),
        st.tuples(st.just("floor"), st.just(0), st.sampled_from(["1.5", "2", ""])),
    ),
    min_size=1,
    max_size=6,
)


def write(folder: Path, world: World) -> None:
    text = f"""ruleset: s
key: [id]
roles: {{date: at, flow: s, office: office}}
lists:
  few: [{", ".join(world["few"])}]
tables:
  t: {{file: t.csv, key: s, types: {{floor: number}}}}
let:
  ratio: {world["ratio"]}
rules:
"""
    seen = set()
    for number, conditions, outcome, extra in world["rules"]:
        if number not in seen and not (outcome.startswith("relief") and "rate" in extra):
            seen.add(number)
            text += f"  - id: R{number}\n    when: >-\n      {' AND '.join(conditions)}\n    {outcome}\n{extra}"
    (folder / "r.yaml").write_text(text if seen else text.replace("rules:\n", "rules: []\n"))
    (folder / "t.csv").write_text(f"s,floor\na,{world['floor']}\nb,3\n")


def apply(world: World, edit: tuple[str, int, Any]) -> None:
    kind, at, what = edit
    own: list[Rule] = world["rules"]
    if kind in ("few", "ratio", "floor"):
        world[kind] = what
    elif kind == "add":
        own.insert(at, what)
    elif own and kind == "change":
        own[at % len(own)] = what
    elif own and kind == "remove":
        del own[at % len(own)]
    elif own and kind == "reorder":
        own.insert(what % len(own), own.pop(at % len(own)))


def arrays(part: Any) -> dict[str, Any]:
    """Everything in a class column, a layout or a policy that can be compared."""
    found: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            found[field.name] = (value.dtype.str, value.tolist())
        elif isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
            found[field.name] = [arrays(each) for each in value]
        elif hasattr(value, "__dataclass_fields__"):
            found[field.name] = (type(value).__name__, arrays(value))
        else:
            found[field.name] = repr(value)
    return found


def assert_same(again: Plan, fresh: Plan) -> None:
    assert again.sha256 == fresh.sha256
    assert arrays(again.layout) == arrays(fresh.layout)
    assert arrays(again.policy) == arrays(fresh.policy)
    assert (again.schema, again.key, again.reads_as_of) == (fresh.schema, fresh.key, fresh.reads_as_of)
    assert list(again.lists) == list(fresh.lists)
    assert list(again.tables) == list(fresh.tables)
    options: dict[str, Any] = {"outputs": ("counts", "lanes"), "as_of": "1980-01-01", "threads": 1}
    one, other = again.evaluate(TABLE, **options), fresh.evaluate(TABLE, **options)
    assert one.counts.equals(other.counts)
    assert one.lanes().equals(other.lanes())


@given(start=st.lists(rules, min_size=1, max_size=8), edits=edits)
@settings(max_examples=60)
def test_a_plan_made_again_is_the_plan_made_afresh(
    tmp_path_factory: pytest.TempPathFactory, start: list[Rule], edits: list[tuple[str, int, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    world: World = {"rules": list(start), "few": ["a", "p"], "ratio": "x / n", "floor": "1.5"}
    write(folder, world)
    again = gt.Recompiler(folder / "r.yaml", SCHEMA)
    assert_same(again.compile(), gt.compile(gt.load_rules(folder / "r.yaml"), SCHEMA))
    for edit in edits:
        apply(world, edit)
        write(folder, world)
        assert_same(again.compile(), gt.compile(gt.load_rules(folder / "r.yaml"), SCHEMA))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    world: World = {"few": ["a", "p"], "ratio": "x / n", "floor": "1.5"}
    world["rules"] = [(number, [CONDITIONS[number], "n > 1"], "lane: red", "") for number in range(20)]
    write(tmp_path, world)
    return tmp_path / "r.yaml"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_columns_that_an_edit_does_not_touch_are_the_same_objects(files: Path) -> None:
    again = gt.Recompiler(files, SCHEMA)
    first = again.compile()
    assert again.compile() is first
    change(files, "x < 2.5", "x < 2.25")
    second = again.compile()
    same = {column.values for column in first.layout.columns if any(column is each for each in second.layout.columns)}  # type: ignore[union-attr]
    cut = {column.values for column in second.layout.columns} - same  # type: ignore[union-attr]
    assert {str(each) for value in cut for each in value} == {"Column(name='x', type=DataType(double))"}
    assert sum(a is b for a, b in zip(first.bound, second.bound, strict=True)) == len(first.bound) - 1


def test_what_is_wrong_is_told_as_afresh_and_forgotten_once_it_is_mended(files: Path) -> None:
    again = gt.Recompiler(files, SCHEMA)
    first = again.compile()
    change(files, "x < 2.5", "y < 2.5 AND s > 3")
    with pytest.raises(RuleError) as fresh:
        gt.compile(gt.load_rules(files), SCHEMA)
    with pytest.raises(RuleError) as found:
        again.compile()
    assert str(found.value) == str(fresh.value)
    assert [each.code for each in found.value.diagnostics] == ["RT101", "RT105"]
    change(files, "y < 2.5 AND s > 3", "x < 2.5 AND (")
    with pytest.raises(GpuTargetError, match="RT005"):
        again.compile()
    change(files, "x < 2.5 AND (", "x < 2.5")
    assert_same(again.compile(), first)


def test_what_rules_that_are_no_more_had_is_forgotten(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "MOST_TERMS", 2)
    again = gt.Recompiler(files, SCHEMA)
    again.compile()
    known = again.known
    written = "x < 2.5"
    for number in range(30):
        new = f"x < {number}.5 AND n <> {number}"
        change(files, written, new)
        written = new
        plan = again.compile()
    assert again.known is not known
    assert again.known is not None
    assert len(again.known.binder.terms) < 2 * len(plan.rules) + 60
    assert_same(plan, gt.compile(gt.load_rules(files), SCHEMA))
