"""The table of parties: importers, exporters and sellers, declarants; one row each, whatever the slice.

Names are made of common nouns and numbers: no person and no company is meant.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic.columns import coded, decimal, numbers
from synthetic.draws import threshold
from synthetic.streams import DECLARANT_PLACE, SELLER_PERSON, TRADER_PERSON, TRADER_RECORD
from synthetic.times import EPOCH
from synthetic.traders import words_of
from synthetic.world import World

FIRST = (
    "ATLAS", "RIF", "OASIS", "DELTA", "HORIZON", "CEDRE", "JASMIN", "SAFRAN", "ARGAN", "CORAIL", "PERLE", "NORD", "SUD",
    "AZUR", "OCEAN", "DUNE",
)  # fmt: skip
SECOND = (
    "NEGOCE", "IMPORT", "TRADING", "INDUSTRIE", "DISTRIBUTION", "LOGISTIQUE", "SERVICES", "EQUIPEMENT", "MATERIAUX",
    "TEXTILE",
)  # fmt: skip
Words = NDArray[np.int64]


def _names(words: Words) -> list[str]:
    first, second = (words[:, 0] * len(FIRST)) >> 32, (words[:, 1] * len(SECOND)) >> 32
    number = words[:, 0] % 9_973 + 1
    return [f"{FIRST[a]} {SECOND[b]} {c}" for a, b, c in zip(first, second, number, strict=True)]


def parties_table(world: World, words: Mapping[str, pa.Array]) -> pa.Table:
    """Importers, sellers abroad, the country's exporters, declarants: in this order, with unique ``party_id``."""
    traders = world.traders
    importers, sellers = int(traders.importers), int(traders.sellers[-1])
    declarants = len(words["declarants"])
    home = world.names.countries.index(world.profile.country)
    everyone = words_of(world.seed, TRADER_PERSON, 0, len(traders.office))
    record = words_of(world.seed, TRADER_RECORD, 0, len(traders.office))
    abroad = words_of(world.seed, SELLER_PERSON, 0, sellers)
    agents = words_of(world.seed, DECLARANT_PLACE, 0, declarants)

    def laid_out(of_traders: Words, of_sellers: Words, of_declarants: Words) -> Words:
        return np.concatenate([of_traders[:importers], of_sellers, of_traders[importers:], of_declarants])

    none_abroad, none_agents = np.full(sellers, -1, np.int64), np.full(declarants, -1, np.int64)
    first_day = (EPOCH.replace(year=world.profile.calendar.year.value) - EPOCH).days
    seller_country = np.repeat(np.arange(len(world.names.countries)), np.diff(traders.sellers))
    city = np.array([words["cities"].index(each).as_py() for each in world.names.cities])[traders.office]
    role = laid_out(
        np.where(np.arange(len(traders.office)) < importers, 0, 1), np.full(sellers, 1), np.full(declarants, 2)
    )
    registered = laid_out(
        traders.registered,
        first_day - 30 - ((abroad[:, 2] * 9_000) >> 32),
        first_day - 200 - ((agents[:, 3] * 10_000) >> 32),
    )
    aeo = laid_out(traders.aeo.astype(np.int64), none_abroad, none_agents)
    since = np.where(aeo > 0, np.minimum(registered + 900, first_day - 1), -1)
    bond = laid_out(
        np.where(traders.aeo > 0, 100_000 + ((record[:, 0] * 4_900_000) >> 32) // 1_000 * 1_000, -1),
        none_abroad,
        none_agents,
    )
    address = laid_out(record[:, 2] >> 8, abroad[:, 3], agents[:, 1])
    return pa.table({
        "party_id": pa.array(_ids(words), pa.string()),
        "role": coded(role, words["roles"]),
        "party_name": pa.array(
            [
                *_names(everyone[:importers]),
                *_names(abroad),
                *_names(everyone[importers:]),
                *(f"TRANSIT {name}" for name in _names(agents[:, 1:])),
            ],
            pa.string(),
        ),
        "country": coded(
            laid_out(np.full(len(traders.office), home), seller_country, np.full(declarants, home)), words["countries"]
        ),
        "city": coded(laid_out(city, none_abroad, none_agents), words["cities"]),
        "registration_date": numbers(registered.astype(np.int32), pa.date32()),
        "legal_form": coded(laid_out((everyone[:, 2] * 5) >> 32, none_abroad, none_agents), words["legal_forms"]),
        "declared_activity_code": coded(
            laid_out(_activity(world, record[:, 3]), none_abroad, none_agents), words["activities"]
        ),
        "aeo_status": coded(aeo, words["aeo"]),
        "aeo_since": numbers(since.astype(np.int32), pa.date32(), since < 0),
        "bond_amount": decimal(bond, 1, bond < 0),
        "infractions_3y": _infractions(laid_out(_found_before(world, everyone[:, 3]), none_abroad, none_agents)),
        "tax_id_valid": _flags(laid_out((record[:, 1] >= threshold(0.006)).astype(np.int64), none_abroad, none_agents)),
        "address_hash": pa.array([f"{each:08x}" for each in address], pa.string()),
    })  # fmt: skip


def _ids(words: Mapping[str, pa.Array]) -> list[str]:
    return [*words["importers"].to_pylist(), *words["exporters"].to_pylist(), *words["declarants"].to_pylist()]


def _activity(world: World, word: Words) -> Words:
    """The sector's activity; a few declare another."""
    count = len(world.profile.goods.sectors.value)
    limit = threshold(world.profile.traders.wrong_activity_share.value)
    other = (word * count) // max(limit, 1) % count
    return np.where(word < limit, other, world.traders.sector).astype(np.int64)


def _found_before(world: World, word: Words) -> Words:
    """Infractions of the three years before: more where the nature that tempts is worse."""
    chance = np.minimum(world.traders.risk, 400_000) * 4_000  # at most 37 %
    return np.where(word < chance, 1 + word % 3, 0).astype(np.int64)


def _infractions(values: Words) -> pa.Array:
    return numbers(values, pa.int16(), values < 0)


def _flags(values: Words) -> pa.Array:
    return pa.array(values == 1, mask=values < 0)
