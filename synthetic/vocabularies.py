"""The lists behind dictionary-encoded columns: every code that a column can hold, in one order, in every slice.

They depend on the profile alone, identifiers of parties included, so rules and lists that name them fit every world of
a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from synthetic.choices import document_names
from synthetic.headers import FINANCIALS, GUARANTEES, LOCATIONS, WAREHOUSES
from synthetic.particulars import ADDITIONAL, AUTHORISATIONS, BRANDS, QUOTAS, SITES
from synthetic.profile_model import FLOWS, TYPOLOGIES
from synthetic.world import World

PALLET = "PX"
LANES = ("green", "blue", "yellow", "red")
AEO = ("none", "categorised", "AEO")
ROLES = ("importer", "exporter", "declarant")


def importer_ids(world: World) -> list[str]:
    """Company identifiers of the importers: 15 digits that say nothing of a company's size."""
    return [f"ICE{_scatter(i, 29):09d}000045" for i in range(int(world.traders.importers))]


def exporter_ids(world: World) -> list[str]:
    """Foreign sellers, then the country's own exporters."""
    count = int(world.traders.sellers[-1]) + len(world.traders.office) - int(world.traders.importers)
    return [f"X{_scatter(i, 23):07d}" for i in range(count)]


def declarant_ids(world: World) -> list[str]:
    """Agreement numbers of the declarants."""
    return [f"AG{_scatter(i, 19):06d}" for i in range(world.profile.traders.declarants.value)]


def _scatter(number: int, bits: int) -> int:
    """One to one on numbers of so many bits: an odd multiple, so that the largest companies are not the first."""
    return (number * 387_420_489 + 12_345) % (1 << bits)


def build(world: World) -> Mapping[str, pa.Array]:
    """All lists by name, as Arrow text."""
    profile, names, known = world.profile, world.names, world.catalogue
    d = profile.declarations
    lists: dict[str, Iterable[str]] = {
        "flows": FLOWS,
        "procedures": _unique(each.procedure for each in d.regimes.value),
        "previous_procedures": _unique(each.previous for each in d.regimes.value),
        "declaration_types": (each.code for each in d.declaration_types.value),
        "offices": names.offices,
        "locations": (f"MEAD-{i:03d}" for i in range(1, LOCATIONS + 1)),
        "importers": importer_ids(world),
        "exporters": exporter_ids(world),
        "declarants": declarant_ids(world),
        "financials": (f"RC{i * 37 % 90_000 + 10_000}" for i in range(FINANCIALS)),
        "countries": names.countries,
        "terms": (each.term for each in d.delivery_terms.value),
        "currencies": names.currencies,
        "natures": (each.code for each in d.natures_of_transaction.value),
        "warehouses": (f"W{i:03d}" for i in range(1, WAREHOUSES + 1)),
        "guarantees": (str(i) for i in range(1, GUARANTEES + 1)),
        "payments": [*(each.code for each in d.payment_modes.value), "exempt"],
        "codes": known.codes,
        "descriptions": known.descriptions,
        "preferences": names.preferences,
        "additional": (f"E{i:02d}" for i in range(1, ADDITIONAL + 1)),
        "quotas": (f"09.{i:04d}" for i in range(1, QUOTAS + 1)),
        "units": known.units,
        "packages": known.packages,
        "brands": (f"BRAND-{i:03d}" for i in range(1, BRANDS + 1)),
        "sites": (f"S{i:04d}" for i in range(1, SITES + 1)),
        "authorisations": (f"AUT{i * 7_919 % 90_000 + 10_000}" for i in range(AUTHORISATIONS)),
        "lanes": LANES,
        "typologies": TYPOLOGIES,
        "reasons": ("RANDOM", "CRITERIA"),
        "results": ("CONFORM", "INFRACTION"),
        "aeo": AEO,
        "roles": ROLES,
        "activities": (each.activity for each in profile.goods.sectors.value),
        "legal_forms": ("SARL", "SA", "SNC", "EI", "COOP"),
        "cities": _unique(names.cities),
        "documents": document_names(profile, names),
    }
    return {name: pa.array(list(values), pa.string()) for name, values in lists.items()}


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
