"""The cache of plans: an unchanged rule set is not compiled again, and nothing but the right plan ever comes out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gpu_target as gt
from gpu_target import cache
from gpu_target.language.diagnostics import RuleError
from gpu_target.plan.plan import Plan
from gpu_target.plan.stored import Unreadable, decode, encode
from tests.gpu_target.building import ruleset
from tests.gpu_target.plan.test_compilation import CONDITIONS, EXTRAS, SCHEMA, TABLE, World, arrays, assert_same, write


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rule file with every kind of condition, a list, a table and a name."""
    world: World = {"few": ["a", "p"], "ratio": "x / n", "floor": "1.5"}
    outcomes = ("lane: red", "relief: 10")
    world["rules"] = [
        (number, [condition, "n > 1"], outcomes[number % 7 == 0], EXTRAS[number % 8] if number % 7 else "")
        for number, condition in enumerate(CONDITIONS)
    ]
    (tmp_path / "rules").mkdir()
    write(tmp_path / "rules", world)
    return tmp_path / "rules" / "r.yaml"


def compiled(path: Path, schema: pa.Schema = SCHEMA) -> Plan:
    """Compile as a command does, and keep the plan."""
    ruleset = gt.load_rules(path)
    plan = gt.compile(ruleset, schema)
    cache.keep(path, ruleset, plan, schema, None, None)
    return plan


def found(path: Path, schema: pa.Schema = SCHEMA) -> Plan | None:
    known = cache.look(path)
    return None if known is None else cache.load(known, schema, None, None)


def test_an_unchanged_file_gives_the_plan_that_was_kept(kept: Path, rules: Path) -> None:
    assert cache.look(rules) is None
    plan = compiled(rules)
    known = cache.look(rules)
    assert known is not None
    assert (known.name, known.record, known.sha256) == ("s", None, gt.load_rules(rules).sha256)
    again = found(rules)
    assert again is not None
    assert again is not plan
    assert not again.__dict__.get("typed"), "the typed rules are read when they are asked for"
    options = {"outputs": ("counts", "lanes", "matches"), "as_of": "1980-01-01"}
    one, other = again.evaluate(TABLE, **options), plan.evaluate(TABLE, **options)
    assert one.counts.equals(other.counts)
    assert one.lanes().equals(other.lanes())
    assert one.match_keys().equals(other.match_keys())
    assert not again.__dict__.get("typed"), "no backend but the interpreter needs them"
    assert [each.head for each in again.rules] == list(again.heads)
    assert again.evaluate(TABLE, backend="interpreter", as_of="1980-01-01").counts.equals(other.counts)
    assert again._hash() == plan.sha256
    assert_same(again, plan)


def test_a_folder_is_one_rule_set(kept: Path, rules: Path) -> None:
    compiled(rules.parent)
    assert found(rules.parent) is not None
    assert found(rules) is None
    (rules.parent / "more.yaml").write_text("ruleset: s\nrules:\n  - {id: Z, when: n = 9, lane: red}\n")
    assert found(rules.parent) is None
    plan = compiled(rules.parent)
    assert found(rules.parent) == plan
    (rules.parent / "more.yaml").unlink()
    assert found(rules.parent) is None


@pytest.mark.parametrize("name", ["r.yaml", "t.csv"])
def test_any_file_that_changes_is_noticed(kept: Path, rules: Path, name: str) -> None:
    compiled(rules)
    file = rules.parent / name
    status, data = file.stat(), file.read_bytes()
    file.write_bytes(data.replace(b"1.5", b"1.6").replace(b"x = 1\n", b"x = 2\n").replace(b"[a, p]", b"[a, q]"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))  # neither time nor length says so
    assert file.stat().st_size == len(data)
    assert found(rules) is None
    file.write_bytes(data)
    assert found(rules) is not None
    file.unlink()
    assert found(rules) is None


def test_another_schema_key_or_roles_is_another_plan(kept: Path, rules: Path) -> None:
    compiled(rules)
    known = cache.look(rules)
    assert known is not None
    assert cache.load(known, SCHEMA, None, None) is not None
    wider = SCHEMA.set(1, pa.field("n", pa.int64()))
    assert cache.load(known, wider, None, None) is None
    assert cache.load(known, SCHEMA, ("n",), None) is None
    assert cache.load(known, SCHEMA, None, {"date": "at"}) is None


def test_other_code_does_not_take_the_plans_of_this_one(
    kept: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(rules)
    assert len(cache.fingerprint()) == 64
    monkeypatch.setattr(cache, "fingerprint", lambda: "other")
    assert cache.look(rules) is None
    plan = compiled(rules)
    assert found(rules) == plan


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize("ending", [cache.NOTE, cache.PLAN])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: bytes(len(data)),
        lambda data: b"PK\3\4" + data,
    ],
)
def test_a_spoilt_file_is_no_file(kept: Path, rules: Path, ending: str, spoil: Spoil) -> None:
    compiled(rules)
    (file,) = kept.glob(f"*{ending}")
    good = file.read_bytes()
    file.write_bytes(spoil(good))
    assert found(rules) is None
    compiled(rules)
    assert found(rules) is not None


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_wrong_bit_anywhere_is_noticed(rules: Path, where: float, bit: int) -> None:
    data = bytearray(encode(gt.compile(gt.load_rules(rules), SCHEMA), {}))
    data[int(where * len(data))] ^= 1 << bit
    with pytest.raises(Unreadable):
        decode(bytes(data), {}, lambda: pytest.fail("nothing asks for the rules"))


def test_a_plan_under_the_name_of_another_is_not_taken(kept: Path, rules: Path) -> None:
    compiled(rules)
    (first,) = kept.glob(f"*{cache.PLAN}")
    other = first.read_bytes()
    rules.write_text(rules.read_text().replace("x < 2.5", "x < 2.25"))
    compiled(rules)
    for file in kept.glob(f"*{cache.PLAN}"):
        file.write_bytes(other)
    again = found(rules)
    assert again is None


def test_rules_that_are_wrong_are_not_kept(kept: Path, rules: Path) -> None:
    rules.write_text(rules.read_text().replace("x < 2.5", "y < 2.5"))
    with pytest.raises(RuleError):
        compiled(rules)
    assert not kept.exists()


def test_rules_that_were_changed_after_their_plan_was_taken_are_not_explained_by_others(
    kept: Path, rules: Path
) -> None:
    compiled(rules)
    again = found(rules)
    assert again is not None
    rules.write_text(rules.read_text().replace("x < 2.5", "x < 2.25"))
    with pytest.raises(RuleError) as error:
        again.rules  # noqa: B018
    assert [each.code for each in error.value.diagnostics] == ["RT053"]


def test_the_cache_can_be_switched_off_and_moved(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.VARIABLE, "off")
    assert cache.folder() is None
    compiled(rules)
    assert found(rules) is None
    monkeypatch.setenv(cache.VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg" / "gpu-target"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.folder() == tmp_path / ".cache" / "gpu-target"


def test_where_nothing_can_be_written_nothing_is_kept(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "cache"))
    compiled(rules)
    assert found(rules) is None


def test_what_was_used_longest_ago_goes_first(kept: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled(rules)
    (first,) = kept.glob(f"*{cache.PLAN}")
    one = sum(path.stat().st_size for path in kept.iterdir())
    monkeypatch.setattr(cache, "MOST_BYTES", 3 * one)
    text = rules.read_text()
    for number in range(6):
        for path in kept.iterdir():
            os.utime(path, (path.stat().st_atime - 60, path.stat().st_mtime - 60))
        rules.write_text(text.replace("x < 2.5", f"x < 3.{number}"))
        compiled(rules)
        assert cache.size(kept)[1] <= 3 * one
        assert found(rules) is not None
    assert not first.exists()
    (kept / f"old{cache.UNFINISHED}").write_bytes(b"x")
    os.utime(kept / f"old{cache.UNFINISHED}", (0, 0))
    (kept / f"new{cache.UNFINISHED}").write_bytes(b"x")
    (kept / "of someone else").write_text("stays")
    compiled(rules)
    left = {path.name for path in kept.iterdir() if path.suffix not in (cache.NOTE, cache.PLAN)}
    assert left == {f"new{cache.UNFINISHED}", "of someone else"}


def test_a_plan_that_needs_tables_of_the_data_is_not_kept(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        "ruleset: s\ntables:\n  t: {data: parties, key: {s: id}}\nrules:\n  - {id: A, when: t.risk > 1, lane: red}\n"
    )
    ruleset = gt.load_rules(path)
    plan = gt.compile(ruleset, SCHEMA, tables={"parties": pa.table({"id": ["a"], "risk": [2.0]})})
    cache.keep(path, ruleset, plan, SCHEMA, None, None)
    assert not kept.exists()


def test_processes_that_write_at_once_leave_a_whole_file(kept: Path, rules: Path) -> None:
    program = """
import sys
from pathlib import Path
from tests.gpu_target.test_cache import compiled, found
for _ in range(5):
    compiled(Path(sys.argv[1]))
    assert found(Path(sys.argv[1])) is not None
"""
    calls = [subprocess.Popen([sys.executable, "-c", program, str(rules)]) for _ in range(3)]
    assert [call.wait(timeout=120) for call in calls] == [0, 0, 0]
    assert found(rules) is not None
    assert not list(kept.glob(f"*{cache.UNFINISHED}"))


@pytest.mark.parametrize(
    ("type_", "condition"),
    [
        (pa.decimal128(38, 2), "v BETWEEN 1.25 AND 100000000000000000000000000000"), (pa.decimal128(9, 2), "v > 1.255"),
        (pa.uint64(), "v IN (1, 18446744073709551615)"), (pa.float32(), "v > 0.1"), (pa.bool_(), "v OR v IS NULL"),
        (pa.date32(), "v < DATE '2024-02-29'"), (pa.timestamp("ns", "UTC"), "v >= TIMESTAMP '2024-02-29 12:00:00'"),
        (pa.list_(pa.int32()), "CONTAINS(v, 7)"), (pa.dictionary(pa.int8(), pa.string()), "v LIKE 'a%' OR v = 'é'"),
    ],
)  # fmt: skip
def test_columns_of_every_type_come_back(type_: pa.DataType, condition: str) -> None:
    schema = pa.schema({"v": type_})
    plan = gt.compile(ruleset(condition, f"NOT ({condition})"), schema)
    again = decode(encode(plan, {}), {}, lambda: plan.typed)
    assert arrays(again.layout) == arrays(plan.layout)
    assert again.schema == plan.schema
    assert again == plan


def test_every_part_of_a_plan_comes_back(kept: Path, rules: Path) -> None:
    plan = gt.compile(gt.load_rules(rules), SCHEMA)
    again = decode(encode(plan, {"a": "b"}), {"a": "b"}, lambda: plan.typed)
    assert arrays(again.layout) == arrays(plan.layout)
    assert arrays(again.policy) == arrays(plan.policy)
    assert (again.heads, again.schema, again.key) == (plan.heads, plan.schema, plan.key)
    (one,), (other,) = again.tables.values(), plan.tables.values()
    assert one.table.equals(other.table)
    assert (one.keys, one.date, one.types) == (other.keys, other.date, other.types)
    shared = {id(column.sets) for column in again.layout.columns if hasattr(column, "sets")}
    assert len(shared) == 1
    with pytest.raises(Unreadable):
        decode(encode(plan, {"a": "b"}), {"a": "c"}, lambda: plan.typed)
