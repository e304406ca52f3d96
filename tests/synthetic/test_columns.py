"""The columns of declarations and items: names, types, sums, and what is missing where real data lack it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gpu_target.language.record import RECORD_TYPES
from synthetic.columns import HEADER, ITEM
from tests.synthetic.worlds import frame, imports, milli, world

RECORD = RECORD_TYPES["declaration-item"]
NEVER_MISSING = [
    "declaration_id", "registration_ts", "flow", "customs_office_code", "entry_exit_office_code", "declarant_id",
    "items_count", "total_packages", "country_of_dispatch", "country_of_destination", "invoice_currency",
    "invoice_amount", "exchange_rate", "transport_mode_border", "total_gross_mass_kg", "total_taxes", "item_number",
    "commodity_code", "country_of_origin", "gross_mass_kg", "net_mass_kg", "procedure_code", "item_price",
    "customs_value", "duty_rate", "duty_amount", "vat_amount", "package_count", "document_codes",
]  # fmt: skip
SOMETIMES_MISSING = {  # column -> lowest and highest share of items without it
    "exporter_id": (0.02, 0.12),
    "importer_id": (0.3, 0.5),
    "goods_location_code": (0.02, 0.1),
    "financial_party_id": (0.9, 0.99),
    "transport_means_id": (0.005, 0.05),
    "transport_document_number": (0.001, 0.05),
    "arrival_ts": (0.3, 0.6),
    "manifest_mass_kg": (0.4, 0.7),
    "preference_code": (0.6, 0.95),
    "previous_document": (0.5, 0.9),
    "supplementary_quantity": (0.2, 0.6),
    "container_ids": (0.4, 0.8),
    "brand_or_model": (0.5, 0.9),
    "exporter_site_id": (0.4, 0.8),
    "warehouse_code": (0.9, 0.99),
    "prior_lane": (0.85, 0.99),
}


KINDS = {
    "text": pa.types.is_string,
    "integer": pa.types.is_integer,
    "number": pa.types.is_floating,
    "boolean": pa.types.is_boolean,
    "date": pa.types.is_date,
    "timestamp": pa.types.is_timestamp,
    "list": lambda kind: pa.types.is_list(kind) and pa.types.is_string(kind.value_type),
}


def test_every_field_of_the_record_type_is_there_with_a_fitting_type() -> None:
    schema = world()["items"].schema
    assert len(RECORD.fields) > 70
    assert set(RECORD.fields) == set(schema.names)
    wrong = []
    for name, kind in RECORD.fields.items():
        found = schema.field(name).type
        found = found.value_type if pa.types.is_dictionary(found) else found
        if not KINDS[kind.kind](found):
            wrong.append(f"{name}: {found}, expected {kind}")
    assert not wrong


def test_items_repeat_the_header_of_their_declaration() -> None:
    headers, items = frame("declarations", "tiny", 2_000), frame("items", "tiny", 2_000)
    assert list(headers) == list(HEADER)
    assert list(items) == [*HEADER, *ITEM]
    repeated = items.merge(headers, "left", "declaration_id", suffixes=("", "_header"))
    for name in HEADER:
        if name != "declaration_id":
            assert repeated[name].equals(repeated[f"{name}_header"].rename(name)), name


def test_items_are_numbered_from_one_to_their_count() -> None:
    items = frame("items")
    assert (items["item_number"] == items.groupby("declaration_id").cumcount() + 1).all()
    assert (items.groupby("declaration_id")["item_number"].transform("size") == items["items_count"]).all()
    assert set(items["declaration_id"]) == set(frame("declarations")["declaration_id"])


def test_declarations_are_numbered_in_sequence() -> None:
    headers = frame("declarations")
    assert (headers["declaration_id"] == 240_000_000_001 + np.arange(len(headers))).all()
    assert headers["reference_number"].is_unique
    assert headers["reference_number"].str.fullmatch(r"R24\d{9}").all()


@pytest.mark.parametrize("profile", ["tiny", "morocco-2024"])
def test_most_declarations_are_short_and_a_few_are_long(profile: str) -> None:
    """The profile: 55 % with one item, 2.6 on average, 99 % with 25 at most."""
    counts = frame("declarations", profile)["items_count"]
    assert (counts == 1).mean() == pytest.approx(0.55, abs=0.015)
    assert counts.mean() == pytest.approx(2.6, abs=0.1)
    assert counts.quantile(0.99) == pytest.approx(25, abs=2)


@pytest.mark.parametrize(
    ("total", "parts", "unit"),
    [
        ("total_packages", ["package_count"], 1),
        ("total_gross_mass_kg", ["gross_mass_kg"], 1_000),
        ("total_taxes", ["duty_amount", "vat_amount", "excise_amount"], 100),
        ("invoice_amount", ["item_price"], 100),
    ],
)
def test_sums_of_the_header_are_those_of_its_items(total: str, parts: list[str], unit: int) -> None:
    items, headers = frame("items"), frame("declarations")
    exact = sum(milli(items[part], unit) for part in parts)
    summed = np.bincount(items["declaration_id"] - headers["declaration_id"][0], exact)
    assert (summed == milli(headers[total], unit)).all()


@pytest.mark.parametrize("column", NEVER_MISSING)
def test_columns_that_every_declaration_has_are_never_missing(column: str) -> None:
    assert world("morocco-2024", len(frame("declarations")))["items"][column].null_count == 0


@pytest.mark.parametrize("column", SOMETIMES_MISSING)
def test_columns_are_missing_about_as_often_as_in_real_data(column: str) -> None:
    low, high = SOMETIMES_MISSING[column]
    assert low < frame("items")[column].isna().mean() < high


def test_fields_of_a_procedure_are_there_with_it_alone() -> None:
    items = frame("items")
    transit, export = items["flow"] == "TR", items["flow"] == "EX"
    temporary = items["procedure_code"].isin(["022", "040"])
    assert (items["transit_deadline"].notna() == transit).all()
    assert (items["transit_destination_office"].notna() == transit).all()
    assert (items["importer_id"].isna() == export).all()
    assert (items["ta_deadline"].notna() == temporary).all()
    assert (items["authorisation_id"].notna() == temporary).all()
    assert not items[export]["arrival_ts"].notna().any()
    assert (items["prior_lane"].notna() == (items["amendments_before_exam"] > 0)).all()
    assert (items["supplementary_unit"].isna() == items["supplementary_quantity"].isna()).all()
    warehouse = (items["procedure_code"] == "070") | (items["previous_procedure_code"] == "070")
    assert (items["warehouse_code"].notna() == warehouse).all()


def test_nothing_is_paid_but_on_imports_for_home_use() -> None:
    items = frame("items")
    paid = items["duty_amount"] + items["vat_amount"] + items["excise_amount"] > 0
    home = items["procedure_code"].isin(["010", "014"])
    assert not paid[~home].any()
    assert paid[home].mean() > 0.95
    assert ((items["payment_mode"] == "exempt") == (items["total_taxes"] == 0)).all()
    assert (items["guarantee_code"].notna() == items["procedure_code"].isin(["022", "040", "070", "080"])).all()


def test_dates_stand_in_order() -> None:
    items = frame("items")
    registered = items["registration_ts"]
    arrived = items["arrival_ts"].dropna()
    assert (arrived <= registered[arrived.index]).all()
    for deadline in ("transit_deadline", "ta_deadline"):
        last = items[deadline].dropna()
        assert (last.astype("datetime64[s]") > registered[last.index].astype("datetime64[s]")).all()


def test_a_manifest_gives_about_the_true_mass_in_whole_kilograms() -> None:
    headers = frame("declarations").dropna(subset=["manifest_mass_kg"])
    honest = headers[~headers["declaration_id"].isin(frame("truth")["declaration_id"])]
    assert (honest["manifest_mass_kg"] % 1 == 0).all()
    heavy = honest[honest["total_gross_mass_kg"] > 1_000]
    ratio = heavy["manifest_mass_kg"] / heavy["total_gross_mass_kg"]
    assert len(heavy) > 500
    assert ratio.median() == pytest.approx(1, abs=0.01)
    assert ratio.between(0.9, 1.1).mean() > 0.9
    assert headers["manifest_number"].notna().all()


def test_regimes_have_their_shares() -> None:
    shares = (
        frame("declarations")
        .merge(frame("items").query("item_number == 1")[["declaration_id", "procedure_code"]], on="declaration_id")[
            "procedure_code"
        ]
        .value_counts(normalize=True)
    )
    profile = {"010": 0.32, "060": 0.22, "062": 0.17, "022": 0.12, "080": 0.08}
    assert shares[list(profile)].to_numpy() == pytest.approx(list(profile.values()), abs=0.015)


def test_imports_are_of_all_columns_that_rules_ask_for() -> None:
    assert imports()["importer_id"].str.fullmatch(r"ICE\d{15}").all()
    assert imports()["country_of_destination"].eq("MA").all()
    assert frame("items").query("flow == 'EX'")["country_of_dispatch"].eq("MA").all()
