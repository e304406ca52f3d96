"""Traders: a few are large, each has its activity, its office and its declarant."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from synthetic import load_profile
from tests.synthetic.worlds import frame, imports

PARTIES = "morocco-2024"


@functools.cache
def activities() -> dict[str, str]:
    """Activity code of each chapter's sector."""
    goods = load_profile(PARTIES).goods
    codes = {each.name: each.activity for each in goods.sectors.value}
    return {each.chapter: codes[each.sector] for each in goods.chapters.value}


def headers_of_importers() -> pd.DataFrame:
    headers = frame("declarations").dropna(subset=["importer_id"])
    return headers[headers["flow"] == "IM"]


def largest_share(column: str) -> pd.Series:
    """Share of the most frequent value among the declarations of each importer with at least ten."""
    counts = headers_of_importers().value_counts(["importer_id", column]).groupby("importer_id").agg(["max", "sum"])
    frequent = counts[counts["sum"] >= 10]
    return frequent["max"] / frequent["sum"]


def test_importers_deal_in_the_goods_of_their_activity() -> None:
    items = imports().merge(frame("parties"), left_on="importer_id", right_on="party_id")
    own = items["commodity_code"].str[:2].map(activities()) == items["declared_activity_code"]
    assert len(items) == len(imports())
    assert 0.7 < own.mean() < 0.95
    shuffled = items["declared_activity_code"].sample(frac=1, random_state=1).to_numpy()
    assert (items["commodity_code"].str[:2].map(activities()) == shuffled).mean() < 0.3


def test_importers_clear_at_their_home_office() -> None:
    assert len(largest_share("customs_office_code")) > 80
    assert largest_share("customs_office_code").mean() == pytest.approx(0.945, abs=0.02)


def test_importers_have_a_main_declarant() -> None:
    assert largest_share("declarant_id").mean() == pytest.approx(0.83, abs=0.04)


def test_declarants_work_at_one_office_mostly() -> None:
    headers = frame("declarations")
    counts = headers.value_counts(["declarant_id", "customs_office_code"]).groupby("declarant_id").agg(["max", "sum"])
    busy = counts[counts["sum"] >= 20]
    assert len(busy) > 100
    assert (busy["max"] / busy["sum"]).mean() > 0.85


def test_importers_repeat_their_goods() -> None:
    """A pair of importer and code comes back, unlike in shuffled data."""
    items = imports().query("item_number == 1")
    frequent = items["importer_id"].map(items["importer_id"].value_counts()) >= 10
    pairs = items[frequent][["importer_id", "commodity_code"]]
    shuffled = pairs.assign(commodity_code=pairs["commodity_code"].sample(frac=1, random_state=1).to_numpy())
    assert pairs.drop_duplicates().shape[0] < 0.85 * shuffled.drop_duplicates().shape[0]


def test_a_few_importers_have_many_declarations() -> None:
    counts = headers_of_importers()["importer_id"].value_counts().to_numpy()
    assert counts[: len(counts) // 10].sum() / counts.sum() > 0.35
    assert (counts == 1).sum() > 0.3 * len(counts)


def test_importers_follow_the_zipf_law_of_the_profile() -> None:
    """Maximum likelihood of the exponent, ranks by true popularity being hidden behind identifiers."""
    traders = load_profile(PARTIES).traders
    ranks = np.arange(1, traders.importers.value + 1) + traders.zipf_shift.value
    expected = ranks**-traders.zipf.value
    expected /= expected.sum()
    counts = headers_of_importers()["importer_id"].value_counts().to_numpy()
    top = int(0.01 * len(expected))
    assert counts[:top].sum() / counts.sum() == pytest.approx(expected[:top].sum(), abs=0.06)


def test_no_one_declares_before_being_registered() -> None:
    headers = headers_of_importers().merge(frame("parties"), left_on="importer_id", right_on="party_id")
    registered = headers["registration_date"].astype("datetime64[s]")
    late = registered > headers["registration_ts"].astype("datetime64[s]")
    assert not late.any()
    new = registered.dt.year == 2024
    assert 0.005 < new.mean() < 0.1


def test_authorised_operators_are_few_and_declare_much() -> None:
    parties = frame("parties").query("role == 'importer'")
    headers = headers_of_importers().merge(parties, left_on="importer_id", right_on="party_id")
    assert 0.05 < (parties["aeo_status"] == "AEO").mean() < 0.15
    assert 0.25 < (headers["aeo_status"] == "AEO").mean() < 0.45


def test_exporters_are_the_countrys_own_on_exports_and_sellers_abroad_on_imports() -> None:
    headers = frame("declarations").merge(frame("parties"), left_on="exporter_id", right_on="party_id")
    home = headers["country"] == "MA"
    assert (home[headers["flow"] == "EX"]).all()
    assert not home[(headers["flow"] == "IM") & (headers["country_of_dispatch"] != "MA")].any()


def test_a_seller_is_of_the_country_of_main_origin() -> None:
    items = imports().query("item_number == 1")
    truth = frame("truth")[["declaration_id", "item_number", "true_origin"]]
    items = items.merge(truth, "left", ["declaration_id", "item_number"])
    origin = items["true_origin"].fillna(items["country_of_origin"])
    sellers = items["exporter_id"].map(frame("parties").set_index("party_id")["country"])
    there = sellers.notna()
    assert (sellers[there] == origin[there]).all()


def test_identifiers_say_nothing_of_size() -> None:
    counts = headers_of_importers()["importer_id"].value_counts()
    number = counts.index.str[3:12].astype(int)
    assert abs(stats.spearmanr(number, counts).statistic) < 0.06
