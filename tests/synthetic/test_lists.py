"""Containers and documents of each item."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.synthetic.worlds import frame, imports

LETTERS = {
    letter: value
    for letter, value in zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (number for number in range(10, 39) if number % 11),
        strict=True,
    )
}


def check_digit(container: str) -> int:
    """ISO 6346: letters count 10, 12, 13 ... without multiples of 11; place n weighs 2^n; modulo 11, then 10."""
    values = [LETTERS[c] if c in LETTERS else int(c) for c in container[:10]]
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def carried() -> pd.DataFrame:
    items = frame("items")
    return items[items["container_ids"].notna()]


def test_the_check_digit_here_is_that_of_the_standards_own_example() -> None:
    assert check_digit("CSQU3054383") == 3


def test_every_container_has_a_valid_check_digit() -> None:
    numbers = carried()["container_ids"].explode()
    assert numbers.str.fullmatch(r"[A-Z]{3}U\d{7}").all()
    wrong = [number for number in numbers.unique() if check_digit(number) != int(number[10])]
    assert numbers.nunique() > 3_000
    assert not wrong


def test_containers_are_there_where_the_flag_says_so_and_by_sea_alone() -> None:
    items = frame("items")
    assert (items["container_ids"].notna() == items["container_flag"]).all()
    assert carried()["container_ids"].str.len().min() == 1
    assert carried()["transport_mode_border"].eq(1).all()


def test_a_container_stands_once_on_an_item_and_heavy_consignments_have_more() -> None:
    by_declaration = carried().groupby("declaration_id")
    count = by_declaration["container_ids"].agg(lambda lists: len({each for one in lists for each in one}))
    mass = by_declaration["total_gross_mass_kg"].first()
    assert all(len(set(each)) == len(each) for each in carried()["container_ids"])
    assert count[mass < 15_000].max() == 1
    assert count[mass > 100_000].min() >= 4
    assert count.max() == 24


def test_documents_are_codes_and_none_stands_twice() -> None:
    documents = frame("items")["document_codes"]
    assert documents.explode().dropna().str.fullmatch(r"[A-Z0-9]{4}").all()
    assert all(len(set(each)) == len(each) for each in documents)
    assert documents.notna().all()


@pytest.mark.parametrize(("mode", "paper"), [(1, "N705"), (3, "N730"), (4, "N740")])
def test_the_transport_document_is_that_of_the_mode(mode: int, paper: str) -> None:
    items = frame("items")
    has = items["document_codes"].map(lambda codes: paper in codes)
    by_mode = items["transport_mode_border"] == mode
    assert 0.97 < has[by_mode].mean() < 1  # rules about missing papers find some
    assert not has[~by_mode].any()


def test_proof_of_origin_goes_with_a_preference_alone() -> None:
    proofs = {"EUR1", "USFT", "EURM", "ARAB", "AFCF"}
    items = imports()
    has = items["document_codes"].map(lambda codes: bool(proofs & set(codes)))
    claimed = items["preference_code"].notna()
    assert not has[~claimed].any()
    assert 0.95 < has[claimed].mean() < 1


def test_sectors_ask_for_their_papers() -> None:
    items = imports()
    medicaments = items["commodity_code"].str.startswith("30")
    has = items["document_codes"].map(lambda codes: "C673" in codes)
    assert has[medicaments].mean() == pytest.approx(0.9, abs=0.05)
    assert not has[~medicaments].any()
