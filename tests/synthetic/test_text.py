"""Identifiers written as bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from synthetic.text import as_text, codes, put_choice, put_digits
from tests.synthetic.worlds import frame


@given(st.lists(st.integers(0, 10**12), max_size=20), st.integers(1, 12))
def test_numbers_are_written_with_leading_zeros_and_their_lowest_digits(numbers: list[int], width: int) -> None:
    cells = np.full((len(numbers), width + 2), ord("-"), np.uint8)
    put_digits(cells, 1, width, np.array(numbers, np.int64))
    assert as_text(cells).to_pylist() == [f"-{n % 10**width:0{width}d}-" for n in numbers]


@given(st.lists(st.booleans(), max_size=70))
def test_missing_cells_are_null_and_the_others_stay(valid: list[bool]) -> None:
    cells = np.full((len(valid), 3), ord("7"), np.uint8)
    found = as_text(cells, np.array(valid, np.bool_))
    found.validate(full=True)
    assert found.to_pylist() == ["777" if each else None for each in valid]


def test_codes_are_written_by_their_place_in_a_list() -> None:
    cells = np.zeros((3, 2), np.uint8)
    put_choice(cells, 0, 2, codes(["ES", "CN", "MA"]), np.array([2, 0, 1]))
    assert as_text(cells).equals(pa.array(["MA", "ES", "CN"]))


def test_a_flight_carries_the_day_of_its_declaration() -> None:
    flights = frame("declarations").query("transport_mode_border == 4").dropna(subset=["transport_means_id"])
    days = flights["registration_ts"].dt.strftime("%d%b").str.upper()
    assert len(flights) > 1_000
    assert (flights["transport_means_id"].str[5:] == days).all()


def test_ships_and_lorries_look_like_ships_and_lorries() -> None:
    headers = frame("declarations").dropna(subset=["transport_means_id"])
    ships = headers[headers["transport_mode_border"] == 1]["transport_means_id"]
    lorries = headers[headers["transport_mode_border"] == 3]
    assert ships.str.fullmatch(r"IMO9\d{6}").all()
    assert lorries["transport_means_id"].str.fullmatch(r"[A-Z]{2}\d{4}[A-Z]{3}\d").all()
    assert (lorries["transport_means_id"].str[:2] == lorries["transport_means_nationality"]).all()
