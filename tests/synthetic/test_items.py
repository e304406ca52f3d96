"""Items: masses, values and duties that belong together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synthetic import load_profile
from tests.synthetic.worlds import frame, imports, milli


def honest(items: pd.DataFrame) -> pd.DataFrame:
    """Items that are declared as they are."""
    marked = items.merge(frame("truth")[["declaration_id", "item_number", "typology"]], "left")
    return marked[marked["typology"].isna()]


def test_net_mass_is_above_zero_and_at_most_gross_mass() -> None:
    items = frame("items")
    assert (items["net_mass_kg"] > 0).all()
    assert (items["net_mass_kg"] <= items["gross_mass_kg"]).all()


def test_packing_adds_a_few_percent() -> None:
    items = honest(frame("items").query("net_mass_kg > 10"))
    packing = items["gross_mass_kg"] / items["net_mass_kg"] - 1
    assert packing.median() == pytest.approx(0.06, abs=0.005)
    assert packing.mean() == pytest.approx(0.08, abs=0.01)


def test_amounts_are_whole_centimes_and_masses_whole_grams() -> None:
    items = frame("items")
    for column in ("customs_value", "item_price", "duty_amount", "vat_amount", "excise_amount", "value_adjustment"):
        assert (milli(items[column], 100) / 100 == items[column]).all(), column
    for column in ("net_mass_kg", "gross_mass_kg"):
        assert (milli(items[column]) / 1_000 == items[column]).all(), column
    assert (items["customs_value"] > 0).all()
    assert (items["item_price"] > 0).all()


def test_the_value_follows_from_price_rate_and_adjustment() -> None:
    """Freight and insurance add to it where the terms leave them out."""
    items = frame("items")
    included = items[~items["delivery_terms"].isin(["FOB", "FCA", "EXW"])]
    price = included["item_price"] * included["exchange_rate"] + included["value_adjustment"]
    assert np.abs(included["customs_value"] - price).max() < 0.011
    left_out = imports()[imports()["delivery_terms"].isin(["FOB", "FCA", "EXW"])]
    freight = left_out["customs_value"] - left_out["item_price"] * left_out["exchange_rate"]
    assert (freight > 0).mean() > 0.99
    assert (included["freight_amount"] == 0).all()
    assert (left_out.query("customs_value > 100")["freight_amount"] > 0).all()


def test_duties_and_taxes_follow_from_the_value_half_a_centime_up() -> None:
    items = imports()[imports()["total_taxes"] > 0]
    value, duty = milli(items["customs_value"], 100), milli(items["duty_amount"], 100)
    excise, tax = milli(items["excise_amount"], 100), milli(items["vat_amount"], 100)
    rate = milli(items["duty_rate"], 100)
    assert (duty == (value * rate + 5_000) // 10_000).all()
    assert ((excise > 0) <= items["commodity_code"].str[:2].isin(["22", "24", "27"])).all()
    chapters = {each.chapter: round(each.vat * 100) for each in load_profile("morocco-2024").goods.chapters.value}
    vat = items["commodity_code"].str[:2].map(chapters).to_numpy()
    assert (tax == ((value + duty + excise) * vat + 5_000) // 10_000).all()


def test_chapters_keep_their_masses_and_unit_values() -> None:
    items = honest(imports()).assign(chapter=lambda each: each["commodity_code"].str[:2])
    items["unit_value"] = items["customs_value"] / items["net_mass_kg"]
    medians = items.groupby("chapter")[["net_mass_kg", "unit_value"]].median()
    counts = items["chapter"].value_counts()
    known = {each.chapter: each for each in load_profile("morocco-2024").goods.chapters.value}
    large = [chapter for chapter in counts.index if counts[chapter] >= 200]
    assert len(large) > 25
    for column, given in (("net_mass_kg", "mass_kg"), ("unit_value", "value_per_kg")):
        expected = [getattr(known[chapter], given) for chapter in large]
        assert stats.spearmanr(medians.loc[large, column], expected).statistic > 0.9, column
        ratio = np.log(medians.loc[large, column] / expected)
        assert abs(ratio.mean()) < 0.6, column
    # what is dear is sent in small amounts
    assert stats.spearmanr(medians.loc[large, "net_mass_kg"], medians.loc[large, "unit_value"]).statistic < -0.5


def test_value_grows_with_mass() -> None:
    items = honest(imports())
    assert np.corrcoef(np.log(items["net_mass_kg"]), np.log(items["customs_value"]))[0, 1] > 0.6


def test_packages_and_units_are_those_of_the_chapter() -> None:
    known = {each.chapter: each for each in load_profile("morocco-2024").goods.chapters.value}
    items = frame("items")
    chapter = items["commodity_code"].str[:2]
    assert (items["package_count"] >= 1).all()
    assert ((items["package_type"] == chapter.map(lambda c: known[c].package)) | (items["package_type"] == "PX")).all()
    unit = chapter.map(lambda c: known[c].unit)
    assert (items["supplementary_unit"].fillna("") == unit.fillna("")).all()
    assert (items["supplementary_quantity"].dropna() >= 1).all()


def test_goods_by_air_are_lighter_and_dearer() -> None:
    items = honest(imports())
    per_kg = items["customs_value"] / items["net_mass_kg"]
    air = items["transport_mode_border"] == 4
    assert items["net_mass_kg"][air].median() < items["net_mass_kg"][~air].median() / 3
    assert per_kg[air].median() > per_kg[~air].median() * 1.2


def test_most_values_are_transaction_values() -> None:
    methods = frame("items")["valuation_method"].value_counts(normalize=True)
    assert set(methods.index) == {1, 2, 3, 4, 5, 6}
    assert methods[1] == pytest.approx(0.92, abs=0.01)
