"""Origin, dispatch, mode of transport, currency and preference hang together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthetic import load_profile
from synthetic.profile_model import Country
from tests.synthetic.worlds import frame, imports


def countries() -> dict[str, Country]:
    return {each.code: each for each in load_profile("morocco-2024").places.countries.value}


def honest_imports() -> pd.DataFrame:
    items = imports().merge(frame("truth")[["declaration_id", "item_number", "typology"]], "left")
    return items[items["typology"].isna()]


def test_origins_have_their_shares() -> None:
    known = {code: each.imports for code, each in countries().items() if code != "MA"}
    expected = pd.Series(known) / sum(known.values())
    found = imports()["country_of_origin"].value_counts(normalize=True).reindex(expected.index).fillna(0)
    assert (found - expected).abs().sum() / 2 < 0.12
    assert set(found.nlargest(3).index) == {"ES", "CN", "FR"}


def test_one_import_in_five_is_sent_from_a_country_that_is_not_its_origin() -> None:
    items = imports()
    other = items["country_of_dispatch"] != items["country_of_origin"]
    assert other.mean() == pytest.approx(0.2, abs=0.04)
    hubs = [each.code for each in load_profile("morocco-2024").places.hubs.value]
    first = items[other & (items["item_number"] == 1)]
    assert first["country_of_dispatch"].isin(hubs).mean() > 0.95


def test_goods_come_by_road_from_countries_overland_or_by_way_of_a_hub() -> None:
    overland = {code for code, each in countries().items() if each.overland}
    items = honest_imports()
    items = items[items["item_number"] == 1]
    by_road = items["transport_mode_border"] == 3
    near = items["country_of_origin"].isin(overland)
    assert by_road[near].mean() > 2 * by_road[~near].mean()
    assert by_road[~near].sum() > 20
    assert items[by_road]["country_of_dispatch"].isin(overland).all()


def test_modes_are_those_of_the_office() -> None:
    offices = {each.code: each for each in load_profile("morocco-2024").places.offices.value}
    headers = frame("declarations")
    for mode, name in ((1, "sea"), (3, "road"), (4, "air")):
        at = headers[headers["transport_mode_border"] == mode]["customs_office_code"].unique()
        assert len(at) > 5
        assert all(getattr(offices[code], name) > 0 for code in at), name


def test_the_border_is_the_office_itself_or_a_port_for_an_inland_one() -> None:
    offices = {each.code: each for each in load_profile("morocco-2024").places.offices.value}
    headers = frame("declarations")
    inland = headers["customs_office_code"].map(lambda code: offices[code].kind == "inland")
    same = headers["customs_office_code"] == headers["entry_exit_office_code"]
    assert same[~inland].all()
    assert not same[inland].any()
    assert headers["entry_exit_office_code"].map(lambda code: offices[code].kind != "inland").all()


def test_regions_have_their_shares() -> None:
    regions = {each.code: each.region for each in load_profile("morocco-2024").places.offices.value}
    shares = frame("declarations")["customs_office_code"].map(regions).value_counts(normalize=True)
    assert shares["tangier"] == pytest.approx(0.51, abs=0.02)
    assert shares["casablanca"] == pytest.approx(0.37, abs=0.02)


@pytest.mark.parametrize(("origins", "currency", "low", "high"), [
    (["ES", "FR", "DE", "IT"], "EUR", 0.8, 0.97),
    (["CN"], "CNY", 0.2, 0.45),
    (["TR"], "TRY", 0.2, 0.45),
    (["US", "SA"], "USD", 0.6, 0.85),
])  # fmt: skip
def test_the_currency_is_that_of_the_partner_or_a_common_one(
    origins: list[str], currency: str, low: float, high: float
) -> None:
    items = honest_imports().query("item_number == 1")
    used = items["invoice_currency"] == currency
    here = items["country_of_origin"].isin(origins)
    assert low < used[here].mean() < high
    assert used[~here].mean() < used[here].mean() / 1.3


def test_rates_move_by_the_week_around_their_mean() -> None:
    headers = frame("declarations")
    means = load_profile("morocco-2024").places.exchange_rates.value
    week = headers["registration_ts"].dt.day_of_year.sub(1) // 7
    assert headers.groupby(["invoice_currency", week])["exchange_rate"].nunique().max() == 1
    ratio = headers["exchange_rate"] / headers["invoice_currency"].map(means)
    assert ratio.between(0.93, 1.07).all()
    euro = headers[headers["invoice_currency"] == "EUR"]
    assert euro.groupby(week)["exchange_rate"].first().nunique() > 45
    assert headers[headers["invoice_currency"] == "MAD"]["exchange_rate"].eq(1).all()


def test_a_preference_is_claimed_for_origins_of_its_agreement_alone() -> None:
    profile = load_profile("morocco-2024")
    code_of = {each.name: each.code for each in profile.places.agreements.value}
    entitled = {code: code_of[each.agreement] for code, each in countries().items() if each.agreement}
    items = frame("items")
    claimed = items[items["preference_code"].notna()]
    assert len(claimed) > 5_000
    assert (claimed["preference_code"] == claimed["country_of_origin"].map(entitled)).all()
    assert claimed["flow"].ne("EX").all()
    assert items[items["quota_number"].notna()]["preference_code"].notna().all()


def test_a_preference_leaves_its_part_of_the_duty() -> None:
    items = imports()
    assert items[items["preference_code"].isin(["EU", "US", "AG", "UK"])]["duty_rate"].eq(0).all()
    turkish = items[items["preference_code"] == "TR"]["duty_rate"]
    allowed = [rate / 10 for rate in (2.5, 10, 17.5, 30, 40)]
    assert len(turkish) > 100
    assert np.abs(turkish.to_numpy()[:, None] - allowed).min(axis=1).max() < 0.006


def test_about_a_third_of_imports_claims_a_preference() -> None:
    assert imports()["preference_code"].notna().mean() == pytest.approx(0.3, abs=0.04)


def test_sectors_have_their_own_origins() -> None:
    items = honest_imports()
    far = {code for code, each in countries().items() if each.area == "far"}
    from_far = items["country_of_origin"].isin(far)
    chapter = items["commodity_code"].str[:2]
    assert from_far[chapter == "85"].mean() > 1.5 * from_far[chapter.isin(["07", "08", "30"])].mean()
    saudi = items["country_of_origin"] == "SA"
    assert saudi[chapter == "27"].mean() > 3 * saudi[chapter != "27"].mean()
