"""The registry of columns: every column of ``declarations`` and ``items``, in order, and how it is made from a chunk.

The only place that lists them. Header columns come first; ``items`` repeats them on each item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic import text
from synthetic.choices import COMMON_DOCUMENTS
from synthetic.chunk import Chunk
from synthetic.headers import EXPORT, NEVER
from synthetic.items import ON_PALLETS
from synthetic.lists import container_lists, document_lists
from synthetic.places import MODE_CODES, RATE_SCALE
from synthetic.vocabularies import PALLET
from synthetic.world import World


class Source(NamedTuple):
    """What columns are made from."""

    world: World
    words: Mapping[str, pa.Array]
    chunk: Chunk


Maker = Callable[[Source], pa.Array]
Values = NDArray[Any]


def coded(codes: Values, values: pa.Array) -> pa.Array:
    """Places in a list, -1 missing, as a dictionary column with the whole list."""
    indices = np.ascontiguousarray(codes, np.int32)
    missing = indices < 0
    mask = missing if missing.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=mask), values)


def numbers(values: Values, kind: pa.DataType, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Integers or dates; ``missing`` says where there is none."""
    return pa.array(np.ascontiguousarray(values), mask=missing).cast(kind)


def decimal(values: Values, unit: int, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Integers in a ``unit``-th as float64: the nearest to the exact quotient."""
    return pa.array(np.divide(values, np.float64(unit)), pa.float64(), mask=missing)


def _header(field: str, words: str) -> Maker:
    return lambda s: coded(s.chunk.headers[field], s.words[words])


def _by_regime(words: str, part: str) -> Maker:
    def make(s: Source) -> pa.Array:
        regimes = s.world.profile.declarations.regimes.value
        place = {each: i for i, each in enumerate(s.words[words].to_pylist())}
        places = np.array([place[getattr(each, part)] for each in regimes], np.int32)
        return coded(places[s.chunk.headers["regime"][s.chunk.items["parent"]]], s.words[words])

    return make


def _importer(s: Source) -> pa.Array:
    headers = s.chunk.headers
    return coded(np.where(headers["flow"] == EXPORT, -1, headers["trader"]), s.words["importers"])


def _payment(s: Source) -> pa.Array:
    exempt = len(s.words["payments"]) - 1
    return coded(np.where(s.chunk.totals["taxes"] == 0, exempt, s.chunk.headers["payment"]), s.words["payments"])


def _trading(s: Source) -> pa.Array:
    headers = s.chunk.headers
    abroad = np.where(headers["flow"] == EXPORT, headers["destination"], headers["dispatch"])
    return coded(np.where(headers["means"] & 15 == 0, headers["means_country"], abroad), s.words["countries"])


def _reference(s: Source) -> pa.Array:
    rows = s.chunk.headers["row"]
    cells = np.full((len(rows), 12), ord("R"), np.uint8)
    text.put_digits(cells, 1, 2, np.full(len(rows), s.world.profile.calendar.year.value % 100, np.int64))
    text.put_digits(cells, 3, 9, rows + 1)
    return text.as_text(cells)


def _means(s: Source) -> pa.Array:
    cells = np.empty((len(s.chunk.headers), 10), np.uint8)
    dates = s.chunk.headers["time"].astype("datetime64[s]").astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day, month = (dates - months).astype(np.int64) + 1, months.astype(np.int64) % 12
    text.put_means(cells, s.chunk.headers, text.codes(s.world.names.countries), day, month)
    return text.as_text(cells, s.chunk.headers["means"] & 63 != 0)


CARRIERS = text.codes(["MSCX", "MAEX", "CMAX", "HLCX", "CMRE", "CMRF", "CMRM", "CMRT", "AT14", "AF05", "EK17", "TK23"])


def _transport_document(s: Source) -> pa.Array:
    headers = s.chunk.headers
    cells = np.empty((len(headers), 13), np.uint8)
    carrier = headers["mode"].astype(np.int64) * 4 + (headers["document"] & 3)
    text.put_choice(cells, 0, 4, CARRIERS, carrier)
    text.put_digits(cells, 4, 9, headers["document"] >> 2)
    return text.as_text(cells, (headers["document"] >> 10) & 127 != 0)


def _manifest(s: Source) -> pa.Array:
    headers = s.chunk.headers
    cells = np.full((len(headers), 14), ord("-"), np.uint8)
    text.put_choice(cells, 0, 3, text.codes(s.world.names.offices), headers["border"].astype(np.int64))
    text.put_digits(cells, 4, 4, np.full(len(headers), s.world.profile.calendar.year.value, np.int64))
    text.put_digits(cells, 9, 5, headers["day"] * np.int64(40) + (headers["manifest"] & 31) + 1)
    return text.as_text(cells, headers["manifest_factor"] != 0)


def _manifest_mass(s: Source) -> pa.Array:
    factor, gross = s.chunk.headers["manifest_factor"], s.chunk.totals["true_gross"]
    grams = (gross * factor + 32_768) >> 16
    return decimal((grams + 999) // 1_000, 1, factor == 0)  # manifests give whole kilograms, rounded up


def _arrival(s: Source) -> pa.Array:
    arrival = s.chunk.headers["arrival"]
    return numbers(arrival, pa.timestamp("s"), arrival == NEVER)


def _transit_deadline(s: Source) -> pa.Array:
    deadline = s.chunk.headers["deadline"]
    return numbers(deadline, pa.date32(), deadline < 0)


def _declaration_id(s: Source) -> pa.Array:
    return numbers(s.chunk.headers["row"] + s.world.tables.params["id_base"][0], pa.int64())


def _freight(field: str) -> Maker:
    return lambda s: decimal(s.chunk.totals[field], 100)


HEADER: dict[str, Maker] = {
    "declaration_id": _declaration_id,
    "registration_ts": lambda s: numbers(s.chunk.headers["time"], pa.timestamp("s")),
    "flow": _header("flow", "flows"),
    "declaration_type": _header("declaration_type", "declaration_types"),
    "customs_office_code": _header("office", "offices"),
    "entry_exit_office_code": _header("border", "offices"),
    "goods_location_code": _header("location", "locations"),
    "exporter_id": _header("exporter", "exporters"),
    "importer_id": _importer,
    "financial_party_id": _header("financial", "financials"),
    "declarant_id": _header("declarant", "declarants"),
    "items_count": lambda s: numbers(s.chunk.headers["items"], pa.int16()),
    "total_packages": lambda s: numbers(s.chunk.totals["packages"], pa.int32()),
    "reference_number": _reference,
    "trading_country": _trading,
    "country_of_dispatch": _header("dispatch", "countries"),
    "country_of_destination": _header("destination", "countries"),
    "transport_means_id": _means,
    "transport_means_nationality": _header("means_country", "countries"),
    "container_flag": lambda s: pa.array(s.chunk.headers["containerised"] != 0),
    "delivery_terms": _header("terms", "terms"),
    "invoice_currency": _header("currency", "currencies"),
    "invoice_amount": lambda s: decimal(s.chunk.totals["price"], 100),
    "exchange_rate": lambda s: decimal(s.chunk.headers["rate"], RATE_SCALE),
    "nature_of_transaction": _header("nature", "natures"),
    "transport_mode_border": lambda s: numbers(MODE_CODES[s.chunk.headers["mode"]], pa.int8()),
    "transport_mode_inland": lambda s: numbers(MODE_CODES[s.chunk.headers["inland"]], pa.int8()),
    "manifest_number": _manifest,
    "transport_document_number": _transport_document,
    "warehouse_code": _header("warehouse", "warehouses"),
    "guarantee_code": _header("guarantee", "guarantees"),
    "transit_destination_office": _header("transit_office", "offices"),
    "transit_deadline": _transit_deadline,
    "seal_count": lambda s: numbers(s.chunk.headers["seals"], pa.int8()),
    "freight_amount": _freight("freight"),
    "insurance_amount": _freight("insurance"),
    "total_gross_mass_kg": lambda s: decimal(s.chunk.totals["gross"], 1_000),
    "total_taxes": lambda s: decimal(s.chunk.totals["taxes"], 100),
    "payment_mode": _payment,
    "arrival_ts": _arrival,
    "manifest_mass_kg": _manifest_mass,
    "amendments_before_exam": lambda s: numbers(s.chunk.headers["amendments"], pa.int8()),
    "prior_lane": _header("prior_lane", "lanes"),
}


def _item(field: str, words: str) -> Maker:
    return lambda s: coded(s.chunk.items[field], s.words[words])


def _particular(field: str, words: str) -> Maker:
    return lambda s: coded(s.chunk.particulars[field], s.words[words])


def _money(field: str) -> Maker:
    return lambda s: decimal(s.chunk.items[field], 100)


def _package(s: Source) -> pa.Array:
    pallet = s.world.catalogue.packages.index(PALLET)
    kind = s.chunk.items["package"]
    return coded(np.where(kind == ON_PALLETS, pallet, kind), s.words["packages"])


def _unit(s: Source) -> pa.Array:
    tables = s.world.tables
    return coded(tables.chapters["unit"][tables.codes["chapter"][s.chunk.items["code"]]], s.words["units"])


def _quantity(s: Source) -> pa.Array:
    quantity = s.chunk.items["quantity"]
    return decimal(quantity, 1, quantity < 0)


def _reexport(s: Source) -> pa.Array:
    quantity = s.chunk.particulars["reexport"]
    return decimal(quantity, 1, quantity < 0)


def _previous_document(s: Source) -> pa.Array:
    word = s.chunk.particulars["previous"]
    cells = np.empty((len(word), 12), np.uint8)
    text.put_choice(cells, 0, 3, text.codes(["DUM"]), np.zeros(len(word), np.int64))
    text.put_digits(cells, 3, 9, np.maximum(word, 0))
    return text.as_text(cells, word >= 0)


def _documents(s: Source) -> pa.Array:
    chunk, names = s.chunk, text.codes(s.words["documents"].to_pylist())
    needs = len(names) - COMMON_DOCUMENTS - len(s.world.names.proofs)
    return document_lists(chunk.headers, chunk.items, chunk.particulars, s.world.tables, names, needs)


def _containers(s: Source) -> pa.Array:
    chunk = s.chunk
    return container_lists(s.world.seed, chunk.headers, chunk.items, chunk.totals, chunk.first)


def _ta_deadline(s: Source) -> pa.Array:
    deadline = s.chunk.particulars["ta_deadline"]
    return numbers(deadline, pa.date32(), deadline < 0)


ITEM: dict[str, Maker] = {
    "item_number": lambda s: numbers(s.chunk.items["line"], pa.int16()),
    "commodity_code": _item("code", "codes"),
    "goods_description": _particular("description", "descriptions"),
    "country_of_origin": _item("origin", "countries"),
    "gross_mass_kg": lambda s: decimal(s.chunk.items["gross"], 1_000),
    "net_mass_kg": lambda s: decimal(s.chunk.items["net"], 1_000),
    "preference_code": _item("preference", "preferences"),
    "procedure_code": _by_regime("procedures", "procedure"),
    "previous_procedure_code": _by_regime("previous_procedures", "previous"),
    "additional_procedure_code": _particular("additional", "additional"),
    "quota_number": _particular("quota", "quotas"),
    "previous_document": _previous_document,
    "supplementary_quantity": _quantity,
    "supplementary_unit": _unit,
    "item_price": _money("price"),
    "valuation_method": lambda s: numbers(s.chunk.items["method"], pa.int8()),
    "document_codes": _documents,
    "value_adjustment": _money("adjustment"),
    "customs_value": _money("value"),
    "statistical_value": _money("value"),
    "duty_rate": lambda s: decimal(s.chunk.items["duty_rate"], 100).cast(pa.float32(), safe=False),
    "duty_amount": _money("duty"),
    "vat_amount": _money("vat"),
    "excise_amount": _money("excise"),
    "package_count": lambda s: numbers(s.chunk.items["packages"], pa.int32()),
    "package_type": _package,
    "container_ids": _containers,
    "brand_or_model": _particular("brand", "brands"),
    "exporter_site_id": _particular("site", "sites"),
    "reexport_quantity": _reexport,
    "ta_deadline": _ta_deadline,
    "authorisation_id": _particular("authorisation", "authorisations"),
}
