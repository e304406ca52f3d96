"""The tables of the matching kernels, read here in NumPy: they say what the layout says, however they are cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from gpu_target.backends.cuda.tables import (
    CLOSES,
    LOOK_AGAIN,
    MAP_FROM,
    NARROWS,
    NONE,
    PER_ROW,
    STAGED,
    TILE,
    Clause,
    Tables,
    by_likeness,
    chosen,
    groups_of,
    make_tables,
    narrowed,
    ordered,
    steps_of,
)
from gpu_target.plan.layout import OR, Layout, starts
from tests.cuda_on_cpu.board import layout_mask, random_layout

HEAD = PER_ROW


def node_columns(tables: Tables, classes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """The columns that the nodes fill, below those of the classes."""
    nodes, values = tables.nodes, []
    for k, is_and in enumerate(nodes.is_and):
        terms = []
        for term in nodes.operands[nodes.start[k] : nodes.start[k + 1]].tolist():
            if term >= len(nodes.leaf_column):
                terms.append(values[term - len(nodes.leaf_column)])
                continue
            ids = classes[nodes.leaf_column[term]].astype(np.int64)
            terms.append(nodes.bits[nodes.leaf_bits[term] + (ids >> 5)] >> (ids & 31) & 1 == 1)
        values.append(np.logical_and.reduce(terms) if is_and else np.logical_or.reduce(terms))
    columns = np.zeros((nodes.n_columns, classes.shape[1]), np.uint16)
    for k, value in enumerate(values):
        columns[k // 4] |= value.astype(np.uint16) << np.uint16(k % 4)
    return np.concatenate([classes, columns])


def tables_mask(tables: Tables, n_rules: int, classes: npt.NDArray[np.uint16]) -> npt.NDArray[np.bool_]:
    """bool[rows, rules]: every step of every tile, none skipped."""
    rows = node_columns(tables, classes).astype(np.int64)
    n = classes.shape[1]
    mask = np.zeros((n, n_rules), bool)
    ends = [*tables.tile[1:, 0].tolist(), len(tables.data)]
    for number, ((begin, n_steps, *_), end) in enumerate(zip(tables.tile.tolist(), ends, strict=True)):
        data = tables.data[begin:end]
        maps = data.reshape(-1).view(np.uint16)
        alive = np.broadcast_to(data[:PER_ROW], (n, PER_ROW, 4)).copy()
        clause = np.zeros_like(alive)
        for column, map_, table, flags in data[HEAD : HEAD + n_steps].tolist():
            ids = rows[column] if map_ == NONE else maps[map_ + rows[column]].astype(np.int64)
            clause |= data[(table + ids * PER_ROW)[:, None] + np.arange(PER_ROW)]
            if flags & CLOSES:
                alive &= clause
                clause[:] = 0
        bits = np.unpackbits(alive.reshape(n, -1).view(np.uint8), axis=1, bitorder="little").astype(bool)
        slots = tables.rules[number * TILE : (number + 1) * TILE]
        assert not bits[:, slots == NONE].any()
        mask[:, slots[slots != NONE]] = bits[:, slots != NONE]
    return mask


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shared_bytes", [0, 5_000, 10**6])
def test_tables_say_what_the_layout_says(seed: int, shared_bytes: int) -> None:
    random = np.random.default_rng(seed)
    widths = random.integers(2, 400, random.integers(1, 12)).tolist()
    layout = random_layout(seed, 700, widths, nodes=int(random.integers(0, 60)))
    classes = np.stack([random.integers(0, width, 40) for width in widths]).astype(np.uint16)
    tables = make_tables(layout, shared_bytes)
    assert (tables_mask(tables, 700, classes) == layout_mask(layout, classes)).all()
    assert tables.shared_bytes <= shared_bytes


def test_every_rule_that_can_match_has_one_slot() -> None:
    layout = random_layout(3, 900, (5, 9))
    slots = make_tables(layout).rules
    assert sorted(slots[slots != NONE].tolist()) == np.flatnonzero(~layout.never).tolist()
    assert len(slots) % TILE == 0


def test_no_rules_make_no_tiles() -> None:
    tables = make_tables(empty())
    assert (len(tables.tile), len(tables.data), tables.shared_bytes) == (0, 0, 0)


def empty() -> Layout:
    none = np.zeros(0, np.int64)
    first = np.zeros(1, np.int64)
    return Layout((), none, first, none.astype(np.uint16), none, first, none, first, none, none.astype(bool))


def of_ors(shapes: list[tuple[int, ...]]) -> Layout:
    """A rule for each: an OR of one class in each of these columns, another class in each rule."""
    leaves = [(column, rule) for rule, shape in enumerate(shapes) for column in shape]
    sizes = [len(shape) for shape in shapes]
    template = random_layout(1, 1, (50,) * 6)
    return Layout(
        columns=template.columns,
        leaf_column=np.array([column for column, _ in leaves], np.int64),
        leaf_start=starts([1] * len(leaves)),
        leaf_classes=np.array([class_ for _, class_ in leaves], np.uint16),
        node_kind=np.full(len(shapes), OR, np.int64),
        node_start=starts(sizes),
        node_terms=np.arange(len(leaves)),
        rule_start=starts([1] * len(shapes)),
        rule_terms=len(leaves) + np.arange(len(shapes)),
        never=np.zeros(len(shapes), bool),
    )


def test_clauses_of_a_common_shape_are_steps_and_others_nodes() -> None:
    layout = of_ors([(0, 3)] * 5 + [(1, 2, 4)] * 2)
    tables = make_tables(layout)
    assert len(tables.nodes.is_and) == 2
    assert tables.tile[0, 1] == 2 + 1  # two columns of the clause, and one of the nodes
    steps = tables.data[HEAD : HEAD + 3]
    assert (steps[:, 3] & CLOSES).sum() == 2


def test_steps_come_in_the_order_in_which_they_dismiss_rules() -> None:
    rules = [[clause((2,), 0.9), clause((1,), 0.01)], [clause((1,), 0.5), clause((0,), 0.2)]] * 50
    groups, narrowing = ordered(groups_of(rules), len(rules))
    assert [group.shape for group in groups] == [(1,), (0,), (2,)]
    assert narrowing.tolist() == [False, True, False]  # 25 are expected to be alive after the first, then 5


def clause(shape: tuple[int, ...], share: float) -> Clause:
    return Clause(shape, tuple(np.zeros(1, np.uint16) for _ in shape), share)


def test_rules_dismissed_by_the_same_columns_are_neighbours() -> None:
    rules = [[clause((0,), 0.9), clause((k % 2 + 1,), 0.1)] for k in range(6)]
    order = by_likeness(rules)
    assert [rules[k][1].shape for k in order] == [(1,)] * 3 + [(2,)] * 3


def test_a_slot_names_the_steps_of_its_rule() -> None:
    groups = groups_of([[clause((0,), 0.1), clause((1, 2), 0.2)], [clause((1, 2), 0.3)]])
    assert steps_of(groups)[:, :3].tolist() == [[0b111, 0b110, 0]]


def test_a_clause_that_goes_on_in_the_next_word_is_named_by_all() -> None:
    groups = groups_of([[*(clause((k,), 0.1) for k in range(31)), clause((200, 201), 0.1)], []])
    first, second = steps_of(groups)
    assert (int(first[0]), int(second[0])) == (2**32 - 1, 1)
    assert (int(first[1]), int(second[1])) == (1 << 31, 1)


def test_tables_are_staged_while_they_fit() -> None:
    assert chosen(np.array([5, 9, 3, 1]), 9).tolist() == [True, False, True, True]
    assert chosen(np.array([1]), -4).tolist() == [False]


def test_flags_say_what_is_staged() -> None:
    layout = random_layout(8, 256, (300, 200), fewest=2, share=0.3)
    tables = make_tables(layout, shared_bytes=11_000)
    ((_, n_steps, n_staged, _),) = tables.tile.tolist()
    for column, map_, table, flags in tables.data[HEAD : HEAD + n_steps].tolist():
        within = table < n_staged
        assert bool(flags & STAGED) == within, column
        assert map_ == NONE or (map_ // 8 < n_staged) == within


def test_a_row_looks_which_steps_it_needs_every_few_clauses() -> None:
    layout = random_layout(8, 200, (9,) * 40, fewest=6, per_rule=9, share=0.3)
    tables = make_tables(layout)
    ((_, n_steps, *_),) = tables.tile.tolist()
    looks = np.flatnonzero(tables.data[HEAD : HEAD + n_steps, 3] & NARROWS)
    assert 1 < len(looks) < n_steps
    assert set(np.diff(looks)) == {LOOK_AGAIN}


@pytest.mark.parametrize("n", [MAP_FROM - 1, MAP_FROM, 1_000])
def test_repeated_rows_of_a_table_are_kept_once(n: int) -> None:
    words = np.random.default_rng(1).integers(0, 2**64, (7, TILE // 64), dtype=np.uint64)[np.arange(n) % 7]
    map_, rows = narrowed(words)
    if n < MAP_FROM:
        assert len(map_) == 0
        assert rows is words
    else:
        assert len(rows) == 7
        assert (rows[map_] == words).all()


def test_a_map_that_saves_little_is_not_made() -> None:
    words = np.arange(400, dtype=np.uint64).reshape(100, 4)
    map_, rows = narrowed(words)
    assert len(map_) == 0
    assert rows is words
