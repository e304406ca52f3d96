"""The synthetic tariff: ten digits, duties of the profile, and the same for every seed."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pytest

from synthetic import load_profile
from synthetic.catalogue import Catalogue, build
from synthetic.draws import SCALE
from synthetic.harmonised import HEADINGS, KNOWN
from tests.synthetic.worlds import frame, imports, world


@functools.cache
def catalogue(profile: str = "morocco-2024") -> Catalogue:
    return build(load_profile(profile))


def test_codes_are_ten_digits_in_ascending_order() -> None:
    codes = catalogue().codes
    assert 5_000 < len(codes) < 7_000
    assert all(len(code) == 10 and code.isdigit() for code in codes)
    assert list(codes) == sorted(set(codes))


def test_a_leading_zero_stays_because_codes_are_text() -> None:
    column = world("morocco-2024", 20_000)["items"]["commodity_code"]
    assert column.type.value_type == pa.string()
    codes = frame("items")["commodity_code"]
    assert codes.str.fullmatch(r"\d{10}").all()
    assert codes.str.startswith("0").mean() > 0.01


def test_known_headings_have_the_subheadings_of_the_nomenclature() -> None:
    codes = {code[:6] for code in catalogue().codes}
    chapters = {code[:2] for code in codes}
    expected = {
        heading + sub for heading, known in KNOWN.items() if heading[:2] in chapters for sub in known.subheadings
    }
    assert len(expected) > 300
    assert {code for code in codes if code[:4] in KNOWN} == expected


def test_every_chapter_has_its_headings() -> None:
    headings = catalogue().headings
    for chapter in {heading[:2] for heading in headings}:
        held = [heading for heading in headings if heading.startswith(chapter)]
        assert held == [f"{chapter}{number:02d}" for number in range(1, HEADINGS[chapter].headings + 1)]


def test_rates_of_duty_are_those_of_the_bands() -> None:
    profile, tables = load_profile("morocco-2024"), catalogue().tables
    chapters = sorted(profile.goods.chapters.value)
    for number, chapter in enumerate(chapters):
        allowed = {round(rate * 100) for rate in profile.goods.duty_bands.value[chapter.duty]}
        assert set(tables.duty[tables.chapter == number].tolist()) <= allowed, chapter.chapter
    assert set(tables.duty.tolist()) == {0, 250, 1_000, 1_750, 3_000, 4_000}


def test_a_lower_duty_is_found_in_the_same_chapter_or_nowhere() -> None:
    tables = catalogue().tables
    for code, other in enumerate(tables.lower_duty):
        rates = tables.duty[tables.chapter == tables.chapter[code]]
        if other < 0:
            assert rates.min() == tables.duty[code]
        else:
            assert tables.duty[other] < tables.duty[code]
            assert tables.chapter[other] == tables.chapter[code]


def test_the_tariff_is_the_same_for_every_seed() -> None:
    lists = [world(seed=seed)["items"]["commodity_code"].chunk(0).dictionary for seed in (1, 2)]
    assert lists[0].equals(lists[1])
    items = imports("tiny").query("preference_code.isna()")
    assert items.groupby("commodity_code")["duty_rate"].nunique().max() == 1


def test_a_few_codes_are_most_of_the_items() -> None:
    """KORD: the top tenth of codes is 59 % of rows; here within chapters."""
    counts = imports()["commodity_code"].value_counts()
    top = counts.iloc[: len(catalogue().codes) // 10].sum() / counts.sum()
    assert 0.5 < top < 0.85


def test_chapters_have_their_shares_of_imports() -> None:
    chapters = load_profile("morocco-2024").goods.chapters.value
    total = sum(each.imports for each in chapters)
    found = imports()["commodity_code"].str[:2].value_counts(normalize=True)
    expected = np.array([each.imports / total for each in chapters])
    drawn = found.reindex([each.chapter for each in chapters]).fillna(0).to_numpy()
    assert np.abs(drawn - expected).sum() / 2 < 0.12  # importers that repeat their goods weigh on a small sample


@pytest.mark.parametrize("profile", ["tiny", "example"])
def test_popularity_is_given_within_each_chapter(profile: str) -> None:
    tables = catalogue(profile).tables
    assert (tables.popularity.start == tables.first).all()
    assert (tables.popularity.threshold <= SCALE).all()
    assert (tables.popularity.threshold >= 0).all()


def test_descriptions_name_the_heading_of_the_code_unless_it_is_misdeclared() -> None:
    items = frame("items").merge(frame("truth")[["declaration_id", "item_number", "typology"]], "left")
    told = items["goods_description"].str.extract(r"\((\d{4})\)$")[0] == items["commodity_code"].str[:4]
    assert told[items["typology"] != "T2"].all()
    assert 0 < (~told[items["typology"] == "T2"]).mean() < 1
