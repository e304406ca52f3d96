"""Two rule sets over the same declarations."""

from __future__ import annotations

import pyarrow as pa
import pytest

from gpu_target.language.diagnostics import DataError
from gpu_target.selection.compare import lane_moves, lanes_by_group

BEFORE = pa.table({"id": [1, 2, 3, 4], "lane": ["green", "green", "yellow", "red"]})
AFTER = pa.table({"id": [4, 3, 2, 1], "lane": ["red", "red", "green", "blue"]})  # the order does not matter
OFFICES = pa.table({"id": [1, 2, 3, 3], "office": pa.array(["309", "309", "300", "300"]).dictionary_encode()})


def test_every_declaration_moves_from_one_lane_to_one() -> None:
    moves = lane_moves(BEFORE, AFTER)
    assert moves.loc["green"].to_dict() == {"green": 1, "blue": 1, "yellow": 0, "red": 0}
    assert moves.loc["yellow", "red"] == moves.loc["red", "red"] == 1
    assert moves.to_numpy().sum() == 4


def test_groups_are_ordered_by_their_declarations() -> None:
    table = lanes_by_group(BEFORE, AFTER, OFFICES)
    assert list(table.index) == ["309", "", "300"]
    assert table.loc["309", "before"].to_dict() == {"green": 2, "blue": 0, "yellow": 0, "red": 0}
    assert table.loc["300", ("after", "red")] == 1
    assert table.loc["", ("before", "red")] == 1


def test_no_declarations_are_no_error() -> None:
    empty = pa.table({"id": pa.array([], pa.int64()), "lane": pa.array([], pa.string())})
    assert lane_moves(empty, empty).to_numpy().sum() == 0
    assert len(lanes_by_group(empty, empty, OFFICES)) == 0


def test_results_about_different_declarations_are_refused() -> None:
    with pytest.raises(DataError, match=r"DT160.*4 and 3, 3 in both"):
        lane_moves(BEFORE, AFTER.slice(0, 3))
