"""The hidden truth: how many items are false, in which way, and what it costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthetic import generate, load_profile
from tests.synthetic.worlds import SEED, frame, imports, milli, write_profile

KEY = ["declaration_id", "item_number"]


@pytest.fixture(scope="module")
def false() -> pd.DataFrame:
    """False items with what was declared."""
    return frame("truth").merge(frame("items"), on=KEY, how="left", validate="one_to_one")


def of(false: pd.DataFrame, typology: str, flow: str = "IM") -> pd.DataFrame:
    found = false[(false["typology"] == typology) & (false["flow"] == flow)]
    assert len(found) > 10
    return found


def import_rate(profile: Path | str, declarations: int) -> float:
    """Share of import items that are false."""
    tables = generate(profile, declarations, SEED, threads=1)
    items = tables["items"].select([*KEY, "flow"]).to_pandas().query("flow == 'IM'")
    truth = tables["truth"].select(KEY).to_pandas()
    return len(items.merge(truth, on=KEY)) / len(items)


def test_truth_is_about_items_that_are_there(false: pd.DataFrame) -> None:
    assert false["commodity_code"].notna().all()
    assert not false.duplicated(KEY).any()


def test_about_as_many_import_items_are_false_as_the_profile_says(false: pd.DataFrame) -> None:
    rate = false["flow"].eq("IM").sum() / len(imports())
    assert load_profile("morocco-2024").fraud.base_rate.value == 0.035
    assert rate == pytest.approx(0.035, rel=0.2)


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.08, 0.3, 1.0])
def test_any_base_rate_is_kept(tmp_path: Path, rate: float) -> None:
    path = write_profile(tmp_path, f"fraud:\n  base_rate: {{value: {rate}, source: assumed}}\n")
    assert import_rate(path, 8_000) == pytest.approx(rate, rel=0.12)


def test_exports_have_a_rate_of_their_own_and_transit_has_none(false: pd.DataFrame) -> None:
    exports = frame("items").query("flow == 'EX'")
    assert 0 < false["flow"].eq("EX").sum() / len(exports) < 0.02
    assert false[false["flow"] == "EX"]["typology"].eq("T3").all()
    assert not false["flow"].eq("TR").any()


def test_undervalued_items_declare_a_part_of_their_value(false: pd.DataFrame) -> None:
    items = of(false, "T1")
    share = items["customs_value"] / items["true_value"]
    assert share.between(0.18, 0.96).all()
    assert share.mean() == pytest.approx(0.6, abs=0.03)
    assert (items["true_mass_kg"] == items["net_mass_kg"]).all()
    assert (items["true_commodity_code"] == items["commodity_code"]).all()
    assert (items["true_origin"] == items["country_of_origin"]).all()


def test_misclassified_items_declare_a_code_of_lower_duty_in_the_chapter(false: pd.DataFrame) -> None:
    items = of(false, "T2")
    assert (items["true_commodity_code"] != items["commodity_code"]).all()
    assert (items["true_commodity_code"].str[:2] == items["commodity_code"].str[:2]).all()
    plain = imports().query("preference_code.isna()").groupby("commodity_code")["duty_rate"].first()
    true_rate = items["true_commodity_code"].map(plain)
    known = true_rate.notna()
    assert known.sum() > 10
    assert (true_rate[known] > items["duty_rate"][known]).all()
    assert (items["true_value"] == items["customs_value"]).all()


def test_items_of_less_mass_declare_a_part_of_mass_and_value(false: pd.DataFrame) -> None:
    for flow in ("IM", "EX"):
        items = of(false, "T3", flow)
        heavy = items[items["true_mass_kg"] > 1]
        share = heavy["net_mass_kg"] / heavy["true_mass_kg"]
        assert share.between(0.599, 0.901).all()
        assert (heavy["customs_value"] < heavy["true_value"]).all()


def test_items_of_false_origin_claim_a_preference(false: pd.DataFrame) -> None:
    items = of(false, "T4")
    agreements = {each.code: each.agreement for each in load_profile("morocco-2024").places.countries.value}
    assert (items["true_origin"] != items["country_of_origin"]).all()
    assert items["true_origin"].map(agreements).isna().all()
    assert items["preference_code"].notna().all()


def test_undervaluation_is_the_most_common(false: pd.DataFrame) -> None:
    shares = false[false["flow"] == "IM"]["typology"].value_counts(normalize=True)
    assert set(shares.index) == {"T1", "T2", "T3", "T4"}
    assert shares["T1"] > 0.5
    assert shares["T4"] < shares["T2"] < shares["T1"]


def test_an_import_evades_what_its_true_value_would_have_cost_more(false: pd.DataFrame) -> None:
    """For undervaluation, duty and value added tax are known from what is declared."""
    assert (false["evaded_duty"] >= 0).all()
    items = of(false, "T1")
    items = items[(items["total_taxes"] > 0) & ~items["commodity_code"].str[:2].isin(["22", "24", "27"])]
    paid = items["duty_amount"] + items["vat_amount"]
    expected = paid / items["customs_value"] * (items["true_value"] - items["customs_value"])
    assert np.abs(items["evaded_duty"] - expected).max() < 0.01 + expected.max() * 1e-3
    assert items["evaded_duty"].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.01, abs=0.5)


def test_every_false_import_evades_something_and_no_export_does(false: pd.DataFrame) -> None:
    worth = false["true_value"] > 100
    assert false[worth & (false["flow"] == "IM")]["evaded_duty"].gt(0).mean() > 0.98
    assert false[false["flow"] == "EX"]["evaded_duty"].eq(0).all()


def test_the_fine_is_the_profiles_part_of_what_is_evaded(false: pd.DataFrame) -> None:
    part = round(load_profile("morocco-2024").fraud.fine_share.value * 65_536)
    assert (milli(false["fine"], 100) == (milli(false["evaded_duty"], 100) * part + 32_768) >> 16).all()


def test_fraud_can_be_learned_from_importer_code_and_origin(false: pd.DataFrame) -> None:
    """The dishonest offend again, and high duty and risky origins tempt."""
    items = imports().merge(frame("truth")[[*KEY, "typology"]], "left", KEY)
    marked = items["typology"].notna()
    by_importer = marked.groupby(items["importer_id"]).agg(["sum", "size"])
    worst = by_importer.sort_values("sum", ascending=False).head(len(by_importer) // 20)
    assert worst["sum"].sum() / marked.sum() > 0.5
    risk = {each.code: each.risk for each in load_profile("morocco-2024").places.countries.value}
    risky = items["country_of_origin"].map(risk) >= 1.3
    assert marked[risky].mean() > 1.3 * marked[~risky].mean()


def test_part_of_the_fraud_strikes_everyone_alike(tmp_path: Path) -> None:
    """With nothing to learn, the rate of the most and the least tempted is the same."""
    path = write_profile(
        tmp_path,
        "fraud:\n  base_rate: {value: 0.2, source: assumed}\n  learnable_share: {value: 0, source: assumed}\n",
    )
    tables = generate(path, 8_000, SEED, threads=1)
    items = tables["items"].select([*KEY, "flow", "country_of_origin"]).to_pandas().query("flow == 'IM'")
    truth = tables["truth"].select([*KEY, "true_origin", "typology"]).to_pandas()
    items = items.merge(truth, "left", KEY)
    origin = items["true_origin"].astype(object).fillna(items["country_of_origin"].astype(object))
    rate = items["typology"].notna().groupby(origin == "CN").mean()
    assert rate.to_numpy() == pytest.approx([0.2, 0.2], abs=0.03)
