"""Any slice equals the same slice of the whole; the same profile and seed give the same values, for ever."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Mapping
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthetic
from synthetic import LABEL, Profile, ProfileError, generate, load_profile, profile_sha256
from synthetic.generate import CHUNK, TABLES, VERSION, Generator, chunks
from tests.synthetic.worlds import SEED, plain, world

N = 400
FIRST_ID = 240_000_000_001  # of the year 2024
SLICED = [name for name in TABLES if name != "parties"]
# sha256 of the canonical content of each table of 2,000 declarations of ``tiny``, seed 1, by version of the generator
GOLDEN_VERSION = 2
GOLDEN: dict[str, str] = {
    "items": "279b01afe910b261bab36b502019c3ed5b94795d2009270918568743214f163e",
    "declarations": "1035f24f50f7e047d82784cf48f8abf4c0ff5e101bc633aac76ed62e6b75e089",
    "parties": "0cfeb8b1c4a17f2dc417b6012f5199dffe1ec707f6e6d90784b17e6652dff857",
    "inspections": "1e8266eec7010b88ff8acc9a5866e5c0287833efd25cbfee5f0ec005ab757030",
    "truth": "935e13037b847ba3b2beb0e24530a58494c2a31836fe25afa1fa6a21c2ebef8c",
}


def cut(tables: Mapping[str, pa.Table], start: int, stop: int) -> dict[str, pa.Table]:
    """The rows of declarations start..stop - 1 of each table but ``parties``."""
    low, high = FIRST_ID + start, FIRST_ID + stop
    found = {}
    for name in SLICED:
        ids = tables[name]["declaration_id"].to_numpy()
        found[name] = tables[name].filter(pa.array((ids >= low) & (ids < high)))
    return found


@functools.cache
def generator() -> Generator:
    return Generator("tiny", N, SEED)


def assert_same(found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table]) -> None:
    for name, table in expected.items():
        assert found[name].schema.equals(table.schema, check_metadata=True), name
        assert found[name].num_rows == table.num_rows, name
        different = [column for column in table.column_names if not found[name][column].equals(table[column])]
        assert not different, f"{name}: {different}"


def canonical(table: pa.Table) -> str:
    """Hash of names, types and values as text: no layout, no padding, no dictionary order."""
    digest = hashlib.sha256()
    for field in plain(table).schema:
        digest.update(f"{field.name} {field.type}\n".encode())
        values = [str(each) for each in table[field.name].to_pylist()]
        digest.update(json.dumps(values, ensure_ascii=False).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("table", TABLES)
def test_values_are_those_of_the_version(table: str) -> None:
    told = "values changed: raise VERSION in synthetic/generate.py, then put the new hashes and version here"
    assert VERSION == GOLDEN_VERSION, told
    assert canonical(world()[table]) == GOLDEN[table], f"{table}: {told}"


@given(st.lists(st.integers(0, N), max_size=4).map(sorted))
@settings(max_examples=30)
def test_any_partition_gives_the_rows_of_the_whole(cuts: list[int]) -> None:
    parts = [generator().slice(start, stop) for start, stop in itertools.pairwise([0, *cuts, N])]
    joined = {name: pa.concat_tables([part[name] for part in parts]) for name in SLICED}
    whole = world(declarations=N)
    assert_same(joined, {name: whole[name] for name in SLICED})


@given(
    bounds=st.tuples(st.integers(0, N), st.integers(0, N)).map(sorted),
    threads=st.integers(1, 3),
    chunk=st.integers(30, N),
)
@settings(max_examples=15)
def test_any_slice_is_that_of_the_whole_for_any_number_of_threads(bounds: list[int], threads: int, chunk: int) -> None:
    """Threads take chunks, whose size is drawn too."""
    start, stop = bounds
    with mock.patch("synthetic.generate.CHUNK", chunk):
        found = generate("tiny", N, SEED, start, stop, threads=threads)
    assert_same(found, cut(world(declarations=N), start, stop))
    assert found["parties"].equals(world(declarations=N)["parties"], check_metadata=True)


@pytest.mark.parametrize("profile", synthetic.profile_names())
def test_dictionaries_are_whole_in_every_slice(profile: str) -> None:
    whole, slice_ = world(profile, 300), generate(profile, 300, SEED, 7, 9, threads=1)
    for name in SLICED:
        coded = [f.name for f in whole[name].schema if pa.types.is_dictionary(f.type)]
        assert coded or name == "inspections"
        for column in coded:
            lists = {
                chunk.dictionary.to_pylist().__repr__() for t in (whole, slice_) for chunk in t[name][column].chunks
            }
            assert len(lists) == 1, column
            values = whole[name][column].chunk(0).dictionary
            assert values.null_count == 0
            assert len(values.unique()) == len(values), f"{column}: a code stands twice in its list"


@pytest.mark.parametrize(("declarations", "start", "stop"), [(0, 0, None), (0, 0, 0), (50, 50, 50), (50, 7, 7)])
def test_nothing_asked_for_gives_empty_tables_and_all_parties(declarations: int, start: int, stop: int | None) -> None:
    found = generate("tiny", declarations, SEED, start, stop)
    assert list(found) == list(TABLES)
    for name in SLICED:
        assert found[name].num_rows == 0
        assert found[name].schema.equals(world()[name].schema)
    assert found["parties"].equals(world()["parties"])


def test_a_single_declaration_is_a_world() -> None:
    found = generate("tiny", 1, SEED)
    assert found["declarations"]["declaration_id"].to_pylist() == [FIRST_ID]
    assert found["items"].num_rows == found["declarations"]["items_count"][0].as_py()


def test_the_seed_defaults_to_zero_and_the_slice_to_the_whole() -> None:
    assert_same(generate("tiny", 60), generate("tiny", 60, 0, 0, 60))


@pytest.mark.parametrize("table", SLICED)
def test_seeds_give_different_values(table: str) -> None:
    seeds = [world(seed=seed)[table] for seed in (1, 2, (1 << 64) - 1)]
    assert len({canonical(each) for each in seeds}) == 3


def test_the_second_half_of_a_seed_counts() -> None:
    assert not generate("tiny", 60, 1)["items"].equals(generate("tiny", 60, 1 + (1 << 32))["items"])


def test_a_profile_is_taken_by_name_by_path_or_as_it_is() -> None:
    loaded = load_profile("tiny")
    assert isinstance(loaded, Profile)
    assert_same(generate(loaded, 60), generate("tiny", 60))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_carries_the_label_and_what_made_it(table: str) -> None:
    profile = load_profile("tiny")
    assert world()[table].schema.metadata == {
        b"label": LABEL.encode(),
        b"profile": b"tiny",
        b"profile_sha256": profile_sha256(profile).encode(),
        b"seed": b"1",
        b"declarations": b"2000",
    }
    assert LABEL == "synthetic, calibrated to public aggregates"


@given(st.integers(0, 5 * CHUNK), st.integers(0, 5 * CHUNK))
def test_chunks_cover_a_range_once_and_begin_at_multiples(a: int, b: int) -> None:
    start, stop = sorted((a, b))
    found = list(chunks(start, stop))
    assert found[0][0] == start
    assert found[-1][1] == stop
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    assert all(low % CHUNK == 0 for low, _ in found[1:])
    assert all(high - low <= CHUNK for low, high in found)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"declarations": -1}, "declarations is -1, expected a whole number from 0 to 1099511627776"),
        ({"declarations": 2.5}, "declarations is 2.5, expected a whole number from 0 to 1099511627776"),
        ({"declarations": "5", "stop": 1}, "declarations is '5', expected a whole number from 0 to 1099511627776"),
        ({"declarations": True}, "declarations is True, expected a whole number from 0 to 1099511627776"),
        ({"declarations": 5, "seed": -1}, "seed is -1, expected a whole number from 0 to 18446744073709551615"),
        ({"declarations": 5, "seed": 1 << 64}, f"seed is {1 << 64}, expected a whole number from 0 to {(1 << 64) - 1}"),
        ({"declarations": 5, "stop": 6}, "stop is 6, expected a whole number from 0 to 5"),
        ({"declarations": 5, "start": 3, "stop": 2}, "start is 3, expected a whole number from 0 to 2"),
        ({"declarations": 5, "start": -1}, "start is -1, expected a whole number from 0 to 5"),
        ({"declarations": 5, "threads": 0}, "threads is 0, expected a whole number from 1 to 4096"),
    ],
)
def test_a_number_out_of_range_is_named_with_its_range(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ProfileError) as caught:
        generate("tiny", **arguments)
    (problem,) = caught.value.problems
    assert (problem.code, problem.message, problem.place) == ("PR011", told, told.split()[0])
    assert problem.remedy == f"give {told.split()[0]} a number in that range"
