"""The table of parties: everyone whom a declaration names, once."""

from __future__ import annotations

import pandas as pd
import pytest

from synthetic import load_profile
from tests.synthetic.worlds import frame


@pytest.fixture(scope="module")
def parties() -> pd.DataFrame:
    return frame("parties", "tiny", 2_000)


def test_there_are_as_many_as_the_profile_says(parties: pd.DataFrame) -> None:
    traders = load_profile("tiny").traders
    counts = parties["role"].value_counts()
    assert counts["importer"] == traders.importers.value
    assert counts["declarant"] == traders.declarants.value
    abroad = parties["role"].eq("exporter") & parties["country"].ne("MA")
    assert abroad.sum() <= traders.sellers.value
    assert parties["role"].eq("exporter").sum() >= traders.exporters.value


def test_identifiers_are_unique(parties: pd.DataFrame) -> None:
    assert parties["party_id"].is_unique
    assert frame("parties")["party_id"].is_unique


@pytest.mark.parametrize("column", ["importer_id", "exporter_id", "declarant_id"])
def test_every_party_that_a_declaration_names_is_there_in_its_role(parties: pd.DataFrame, column: str) -> None:
    named = frame("declarations", "tiny", 2_000)[column].dropna()
    roles = parties.set_index("party_id")["role"].reindex(named)
    assert len(named) > 500
    assert roles.eq(column.removesuffix("_id")).all()


def test_what_only_traders_of_the_country_have_is_missing_for_others(parties: pd.DataFrame) -> None:
    own = parties["role"].eq("importer") | (parties["role"].eq("exporter") & parties["city"].notna())
    for column in ("city", "legal_form", "declared_activity_code", "aeo_status", "infractions_3y", "tax_id_valid"):
        assert parties[column].notna().equals(own.rename(column)), column


def test_authorisations_have_a_date_and_a_bond(parties: pd.DataFrame) -> None:
    authorised = parties["aeo_status"].isin(["AEO", "categorised"])
    assert (parties["aeo_since"].notna() == authorised).all()
    assert (parties["bond_amount"].notna() == authorised).all()
    dates = parties[authorised]
    assert (dates["aeo_since"] > dates["registration_date"]).all()


def test_registrations_lie_in_the_past_but_for_new_traders(parties: pd.DataFrame) -> None:
    dates = pd.to_datetime(parties["registration_date"])
    new = dates.dt.year >= 2024
    assert dates.max() <= pd.Timestamp("2024-12-31")
    assert new[parties["role"] == "importer"].mean() == pytest.approx(0.1, abs=0.05)
    assert not new[parties["role"] == "declarant"].any()


def test_a_few_tax_numbers_are_invalid_and_a_few_have_offended() -> None:
    traders = frame("parties").query("role == 'importer'")
    assert (~traders["tax_id_valid"].astype(bool)).mean() == pytest.approx(0.006, abs=0.002)
    assert traders["infractions_3y"].between(0, 3).all()
    assert 0.02 < (traders["infractions_3y"] > 0).mean() < 0.2
