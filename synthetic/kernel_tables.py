"""What the kernels read, laid out for them: records of codes, countries, offices, traders; one array of alias tables.

Records rather than tuples of arrays: Numba counts references to every array of a tuple at every call, which made the
kernels twenty times slower than their arithmetic.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.catalogue import Codes
from synthetic.choices import Choices
from synthetic.compiled import compiled
from synthetic.draws import Alias
from synthetic.places import Places
from synthetic.times import Days
from synthetic.traders import Traders

Records = NDArray[np.void]
OTHER_BITS = 20


class Tables(NamedTuple):
    """``params`` has one record: the single values of ``Choices``, counts, and where each alias set starts."""

    params: Records
    alias: NDArray[np.int64]
    codes: Records
    chapters: Records
    countries: Records
    offices: Records
    regimes: Records
    terms: Records
    agreements: Records
    sectors: Records
    traders: Records
    days: Records
    hours: NDArray[np.int64]  # [days, 25]
    always: NDArray[np.int64]  # [days, 24]
    rates: NDArray[np.int64]  # [currencies, weeks]
    members: NDArray[np.int32]
    agents: NDArray[np.int32]
    sellers: NDArray[np.int64]


def records(**fields: NDArray[np.generic]) -> Records:
    """An array of records from equally long arrays; booleans become int8."""
    columns = {k: v.astype(np.int8) if v.dtype == np.bool_ else v for k, v in fields.items()}
    dtype = np.dtype([(name, each.dtype) for name, each in columns.items()], align=True)
    found = np.zeros(len(next(iter(columns.values()))), dtype)
    for name, each in columns.items():
        found[name] = each
    return found


def pack(sets: dict[str, Alias]) -> tuple[NDArray[np.int64], dict[str, int]]:
    """All alias sets in one array, and where each begins.

    A set is the positions of its distributions' first slots and of the end, then the slots. A slot is its threshold
    and, in the lowest 20 bits, the other slot.
    """
    parts, begins, at = [], {}, 0
    for name, each in sets.items():
        begins[name] = at
        starts = each.start + at + len(each.start)
        parts += [starts, (each.threshold << OTHER_BITS) | each.other.astype(np.int64)]
        at += len(starts) + len(each.threshold)
    return np.concatenate(parts), begins


@compiled(inline=True)
def pick(alias: Any, at: Any, which: Any, u: Any, v: Any) -> Any:
    """One draw from distribution ``which`` of the set that begins at ``at``, with two 32-bit words; counted from 0."""
    first = alias[at + which]
    slot = (u * (alias[at + which + 1] - first)) >> 32
    packed = alias[first + slot]
    if v < packed >> 20:
        return slot
    return packed & 0xF_FFFF


def build(codes: Codes, places: Places, traders: Traders, choices: Choices, days: Days) -> Tables:
    """Everything the kernels read, from the parts of a world."""
    sets = {
        "at_codes": codes.popularity,
        "at_chapters": codes.chapters,
        "at_opening": places.opening,
        "at_modes": places.modes,
        "at_origins": places.origins,
        "at_destinations": places.destinations,
        "at_hubs": places.hubs,
        "at_partners": places.partners,
        "at_currencies": places.currencies,
        "at_traders": traders.choice,
        "at_declarants": traders.declarants,
        **{f"at_{name}": each for name, each in choices._asdict().items() if isinstance(each, Alias)},
    }
    alias, begins = pack(sets)
    scalars = {name: each for name, each in choices._asdict().items() if isinstance(each, np.int64)}
    nested = {name: getattr(choices, name) for name in ("freight", "fraud_rate", "degree", "mass_factor", "detection")}
    counts = {
        "home": places.home,
        "importers": traders.importers,
        "offices_count": len(places.always),
        "sellers_count": traders.sellers[-1],
        # members of the four groups of traders stand one behind the other
        "oldest": traders.oldest.astype(np.int64),
        "first_member": traders.choice.start[:4].astype(np.int64),
    }
    return Tables(
        params=_params({**scalars, **nested, **counts, **begins}),
        alias=alias,
        codes=records(
            chapter=codes.chapter, heading=codes.heading, lower_duty=codes.lower_duty, duty=codes.duty,
            mass=codes.mass, value=codes.value, piece=codes.piece, risk=codes.risk,
        ),
        chapters=records(
            first=codes.first[:-1], sector=codes.sector, sigma=codes.sigma, vat=codes.vat, excise=codes.excise,
            unit=codes.unit, package=codes.package, branded=codes.branded,
        ),
        countries=records(overland=places.overland, risk=places.risk, agreement=places.agreement),
        offices=records(border=places.border, sea=places.sea),
        regimes=records(
            flow=choices.flow, suspended=choices.suspended, earlier=choices.earlier, warehouse=choices.warehouse,
            temporary=choices.temporary,
        ),
        terms=records(without_freight=choices.without_freight),
        agreements=records(duty_left=places.duty_left, claimed=places.claimed),
        sectors=records(
            share=choices.document_share[:, 0], code=choices.document_code[:, 0],
            share_2=choices.document_share[:, 1], code_2=choices.document_code[:, 1],
        ),
        traders=records(
            office=traders.office, sector=traders.sector, registered=traders.registered, slots=traders.slots,
            declarant=traders.declarant[:, 0], declarant_2=traders.declarant[:, 1], risk=traders.risk,
        ),
        days=records(first=days.first[:-1], following=days.first[1:], date=days.date),
        hours=days.hours,
        always=days.always,
        rates=places.rates,
        members=traders.members,
        agents=traders.agents,
        sellers=traders.sellers,
    )  # fmt: skip


def _params(values: dict[str, object]) -> Records:
    arrays = {name: np.asarray(each, np.int64) for name, each in values.items()}
    found = np.zeros(1, np.dtype([(name, np.int64, each.shape) for name, each in arrays.items()]))
    for name, each in arrays.items():
        found[name] = each
    return found
