"""Offices, countries, currencies and agreements as the kernels know them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import Alias, alias, threshold
from synthetic.fixed_point import ONE, normal
from synthetic.philox import block
from synthetic.profile_model import MODES, Country, Profile
from synthetic.streams import EXCHANGE_RATE
from synthetic.times import office_shares

WEEKS = 54
RATE_SCALE = 1_000_000  # exchange rates are millionths of the national currency


class Places(NamedTuple):
    """Arrays by office (o), country (c), sector (s), currency (m) and agreement (a)."""

    opening: Alias  # 0: offices with office hours; 1: open round the clock; weights over all offices
    always: NDArray[np.bool_]  # [o]
    border: NDArray[np.int32]  # [o] the office where goods cross the border: the nearest port for an inland office
    modes: Alias  # [o] over MODE_CODES
    sea: NDArray[np.bool_]  # [o] goods can come by sea
    home: np.int64  # the profile's own country
    overland: NDArray[np.bool_]  # [c]
    risk: NDArray[np.int64]  # [c] 16 bits behind the point
    agreement: NDArray[np.int32]  # [c] -1: none
    origins: Alias  # [s] countries that goods of a sector come from
    destinations: Alias  # one distribution
    hubs: Alias  # 0: over countries; 1: those that goods come from overland
    partners: Alias  # one distribution: countries with an agreement, by imports
    currencies: Alias  # [c] over currencies
    rates: NDArray[np.int64]  # [m, weeks] RATE_SCALE-ths of the national currency per unit
    duty_left: NDArray[np.int64]  # [a] 16 bits behind the point
    claimed: NDArray[np.int64]  # [a] threshold


class PlaceNames(NamedTuple):
    offices: tuple[str, ...]
    countries: tuple[str, ...]
    currencies: tuple[str, ...]
    preferences: tuple[str, ...]
    proofs: tuple[str, ...]
    cities: tuple[str, ...]  # of the offices


MODE_CODES = np.array(list(MODES.values()), np.int8)


def build(profile: Profile, seed: np.uint64) -> tuple[PlaceNames, Places]:
    """Names and tables of a profile's places; only exchange rates depend on the seed."""
    places = profile.places
    offices, countries = places.offices.value, places.countries.value
    agreements = places.agreements.value
    codes = [each.code for each in countries]
    names = [each.name for each in agreements]
    currencies = sorted(places.exchange_rates.value)
    shares = office_shares(profile)
    by_opening = [
        [s if (each.opening == "always") is always else 0.0 for s, each in zip(shares, offices, strict=True)]
        for always in (False, True)
    ]
    foreign = [0.0 if each.code == profile.country else each.imports for each in countries]
    abroad = [0.0 if each.code == profile.country else each.exports for each in countries]
    preferred = [w if each.agreement is not None else 0.0 for w, each in zip(foreign, countries, strict=True)]
    hub_share = {each.code: each.share for each in places.hubs.value}
    hubs = [hub_share.get(code, 0.0) for code in codes]
    by_road = [share if each.overland else 0.0 for share, each in zip(hubs, countries, strict=True)]
    tables = Places(
        opening=alias(*[weights if sum(weights) > 0 else shares for weights in by_opening]),
        always=np.array([each.opening == "always" for each in offices]),
        border=_border(profile, shares),
        modes=alias(*[[each.sea, each.road, each.air] for each in offices]),
        sea=np.array([each.sea > 0 for each in offices]),
        home=np.int64(codes.index(profile.country)),
        overland=np.array([each.overland for each in countries]),
        risk=np.array([round(each.risk * 65_536) for each in countries], np.int64),
        agreement=np.array(
            [-1 if each.agreement is None else names.index(each.agreement) for each in countries], np.int32
        ),
        origins=alias(*_origins(profile, foreign)),
        destinations=alias(abroad if sum(abroad) > 0 else foreign),
        hubs=alias(hubs, by_road if sum(by_road) > 0 else hubs),
        partners=alias(preferred if sum(preferred) > 0 else foreign),
        currencies=alias(*[_currency_weights(profile, each, currencies) for each in countries]),
        rates=_rates(profile, currencies, seed),
        duty_left=np.array([round(each.duty_left * 65_536) for each in agreements] or [65_536], np.int64),
        claimed=np.array([threshold(each.claimed) for each in agreements] or [0], np.int64),
    )
    return PlaceNames(
        tuple(each.code for each in offices),
        tuple(codes),
        tuple(currencies),
        tuple(each.code for each in agreements),
        tuple(each.proof for each in agreements),
        tuple(each.name for each in offices),
    ), tables


def _border(profile: Profile, shares: list[float]) -> NDArray[np.int32]:
    """Ports, airports and land posts are their own border; inland offices take the region's largest, or the largest."""
    offices = profile.places.offices.value
    crossing = [i for i, each in enumerate(offices) if each.kind != "inland"] or list(range(len(offices)))
    found = []
    for i, office in enumerate(offices):
        near = [j for j in crossing if offices[j].region == office.region and offices[j].kind == "port"] or crossing
        found.append(i if i in crossing else max(near, key=lambda j: shares[j]))
    return np.array(found, np.int32)


def _origins(profile: Profile, foreign: list[float]) -> list[list[float]]:
    """Countries by sector: affinities apply, and every country's share over all sectors stays that of the profile.

    Iterative proportional fitting. Only products, quotients and exactly rounded sums occur, so every machine finds the
    same weights.
    """
    countries = profile.places.countries.value
    sectors = [each.name for each in profile.goods.sectors.value]
    chapters = profile.goods.chapters.value
    total = math.fsum(each.imports for each in chapters)
    rows = [math.fsum(each.imports for each in chapters if each.sector == s) / total for s in sectors]
    columns = [w / math.fsum(foreign) for w in foreign]
    affinity = profile.goods.origin_affinity.value
    cells = []
    for sector, row in zip(sectors, rows, strict=True):
        factors = affinity.get(sector, {})
        cells.append(
            [row * w * factors.get(c.code, factors.get(c.area, 1.0)) for w, c in zip(columns, countries, strict=True)]
        )
    for _ in range(60):
        for j, column in enumerate(columns):
            held = math.fsum(row[j] for row in cells)
            if held > 0:
                for line in cells:
                    line[j] *= column / held
        for i, row in enumerate(rows):
            held = math.fsum(cells[i])
            if held > 0:
                cells[i] = [cell * row / held for cell in cells[i]]
    return [line if math.fsum(line) > 0 else foreign for line in cells]


def _currency_weights(profile: Profile, country: Country, currencies: list[str]) -> list[float]:
    places = profile.places
    weights = dict.fromkeys(currencies, 0.0)
    if country.currency == "EUR":
        dollars = places.euro_area_dollar_share.value
        weights["EUR"] += 1 - dollars
        weights["USD"] += dollars
    else:
        own = 0.0 if country.currency == "USD" else places.own_currency_share.value
        weights[country.currency] += own
        weights["EUR"] += (1 - own) * places.euro_share.value
        weights["USD"] += (1 - own) * (1 - places.euro_share.value)
    return list(weights.values())


def _rates(profile: Profile, currencies: list[str], seed: np.uint64) -> NDArray[np.int64]:
    """Weekly rates that move around their mean independently; the national currency and pegs to 1 stay."""
    move = round(profile.places.exchange_rate_weekly_move.value * 65_536)
    table = np.empty((len(currencies), WEEKS), np.int64)
    for m, currency in enumerate(currencies):
        mean = round(profile.places.exchange_rates.value[currency] * RATE_SCALE)
        for week in range(WEEKS):
            step = int(normal(block(seed, m, week, EXCHANGE_RATE, 0)[0])) * move >> 16
            table[m, week] = mean if currency == profile.currency else max(mean + (mean * step // ONE), 1)
    return table
