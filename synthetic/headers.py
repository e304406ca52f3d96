"""The header of each declaration: when, where, who, by which regime, from where, how and on which terms."""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled
from synthetic.draws import SCALE
from synthetic.fixed_point import exp2, log2, normal, sigma_bits
from synthetic.kernel_tables import pick
from synthetic.philox import block
from synthetic.streams import (
    HEADER_CHANGES,
    HEADER_KIND,
    HEADER_MONEY,
    HEADER_PAPERS,
    HEADER_PARTIES,
    HEADER_REDRAW,
    HEADER_TRADE,
    HEADER_TRANSIT,
    HEADER_TRANSPORT,
    HEADER_WHEN,
    HEADER_WHERE,
    SLOT_GOODS,
    SLOT_ORIGIN,
)

IMPORT, EXPORT, TRANSIT = 0, 1, 2
SEA, ROAD, AIR = 0, 1, 2  # places in ``places.MODE_CODES``
NEVER = np.iinfo(np.int64).min  # a time that is missing
FREIGHT_SIGMA = sigma_bits(0.5)
FIRST_NEW_SLOT = 512  # slots below belong to the trader's usual goods
LOCATIONS, WAREHOUSES, GUARANTEES, FINANCIALS = 120, 160, 6, 2_000


class Header:
    """One record per declaration; -1 is missing. ``mode`` and ``inland`` are places in ``places.MODE_CODES``."""

    row: np.int64
    time: np.int64  # seconds since 1970
    rate: np.int64  # of exchange
    freight: np.int64  # share of freight in the value, 16 bits behind the point
    means: np.int64  # a 32-bit word that names the ship, lorry or flight
    document: np.int64  # words that number the transport document and the manifest
    manifest: np.int64
    manifest_factor: np.int64  # mass in the manifest over the true mass, 16 bits; 0 is missing
    arrival: np.int64  # seconds since 1970, NEVER is missing
    day: np.int32  # of the year, from 0
    regime: np.int32
    trader: np.int32
    office: np.int32
    border: np.int32
    declarant: np.int32
    items: np.int32
    slot: np.int32  # the main goods
    partner: np.int32  # country of main origin, or of destination
    dispatch: np.int32
    destination: np.int32
    exporter: np.int32  # sellers first, exporters behind them
    terms: np.int32
    currency: np.int32
    declaration_type: np.int32
    nature: np.int32
    payment: np.int32
    means_country: np.int32
    location: np.int32
    warehouse: np.int32
    guarantee: np.int32
    transit_office: np.int32
    deadline: np.int32  # days since 1970, -1 is missing
    financial: np.int32
    amendments: np.int32
    prior_lane: np.int32
    flow: np.int8
    mode: np.int8
    inland: np.int8
    containerised: np.int8
    seals: np.int8


@compiled(inline=True)
def swap(word):
    """A second word from one whose low bits an alias table of few slots leaves unused: odd multiples, mixed."""
    mixed = ((word ^ (word >> 15)) * 739_982_445) & 0xFFFF_FFFF
    return ((mixed ^ (mixed >> 12)) * 695_872_825) & 0xFFFF_FFFF


@compiled
def slot_of(seed, trader, sector, slot, is_export, p, alias, codes, chapters):
    """What a trader keeps in one slot: commodity code, country it comes from or goes to, and a word for the seller."""
    a, b, c, d = block(seed, trader, slot, SLOT_GOODS, 0)
    e, f, seller, off = block(seed, trader, slot, SLOT_ORIGIN, 0)
    which = is_export if off < p.off_activity else 2 + 2 * sector + is_export
    chapter = pick(alias, p.at_chapters, which, a, b)
    code = chapters[chapter].first + pick(alias, p.at_codes, chapter, c, d)
    if is_export:
        country = pick(alias, p.at_destinations, 0, e, f)
    else:
        country = pick(alias, p.at_origins, chapters[chapter].sector, e, f)
    return code, country, seller


@compiled(inline=True)
def usual_slot(word, count):
    """A slot of the trader's usual goods: the density falls with the square root, so the first are the most common."""
    return (((word * (word >> 1)) >> 31) * count) >> 32


@compiled
def place_in_time(n, word, days, hours):
    """Day of the year, hour, and second within the hour, of declaration n. Returns three int64."""
    low, high = 0, len(days) - 1
    while low < high:  # the last day that begins at or before n
        middle = (low + high + 1) >> 1
        if days[middle].first <= n:
            low = middle
        else:
            high = middle - 1
    day = days[low]
    at = (((n - day.first) << 32) + word) // (day.following - day.first)
    hour = 0
    while hour < 23 and hours[low, hour + 1] <= at:
        hour += 1
    begin, end = hours[low, hour], hours[low, hour + 1]
    return low, hour, ((at - begin) * 3_600) // max(end - begin, 1)


@compiled
def choose_trader(seed, n, time, which, u, v, p, alias, members, traders):
    """A trader registered by the time of the declaration; three redraws, then one that was always there."""
    for attempt in range(4):
        if attempt:
            u, v, _, _ = block(seed, n, 0, HEADER_REDRAW, attempt)
        trader = np.int64(members[p.first_member[which] + pick(alias, p.at_traders, which, u, v)])
        if traders[trader].registered * 86_400 <= time:
            return trader
    return p.oldest[which]


@compiled
def who_and_when(seed, start, tables, out):
    """Fill time, regime, trader, office, declarant and the number of items, for declarations from ``start`` on.

    tables ``Tables``; out ``Header`` records, written.
    """
    p, alias, traders, offices = tables.params[0], tables.alias, tables.traders, tables.offices
    days, hours, always_of, regimes = tables.days, tables.hours, tables.always, tables.regimes
    members, agents = tables.members, tables.agents
    for i in range(len(out)):
        n = start + i
        second, opening, trade_u, trade_v = block(seed, n, 0, HEADER_WHEN, 0)
        regime_word, items_u, items_v, away = block(seed, n, 0, HEADER_KIND, 0)
        office_u, office_v, agent_u, agent_v = block(seed, n, 0, HEADER_WHERE, 0)
        day, hour, inside = place_in_time(n, second, days, hours)
        always = 1 if opening < always_of[day, hour] else 0
        time = days[day].date * 86_400 + hour * 3_600 + inside
        regime = pick(alias, p.at_regimes, 0, regime_word, swap(regime_word))
        flow = regimes[regime].flow
        which = always + (2 if flow == EXPORT else 0)
        trader = choose_trader(seed, n, time, which, trade_u, trade_v, p, alias, members, traders)
        office = np.int64(traders[trader].office)
        if away >= p.home_office:
            office = pick(alias, p.at_opening, always, office_u, office_v)
        if agent_u < p.main_declarant:
            agent = traders[trader].declarant
        elif agent_u < p.second_declarant:
            agent = traders[trader].declarant_2
        else:
            u = (((agent_u - p.second_declarant) << 30) // max(SCALE - p.second_declarant, 1)) << 2
            held = alias[p.at_declarants + office] - alias[p.at_declarants]
            agent = agents[held + pick(alias, p.at_declarants, office, u, agent_v)]
        header = out[i]
        header.row, header.time, header.day = n, time, day
        header.regime, header.flow, header.trader = regime, flow, trader
        header.office, header.border, header.declarant = office, offices[office].border, agent
        header.items = 1 + pick(alias, p.at_items, 0, items_u, items_v)


@compiled
def trade_and_transport(seed, tables, out):
    """Fill main goods, countries, seller, mode of transport, terms, currency and rate.

    tables ``Tables``; out ``Header`` records, written.
    """
    p, alias, codes, chapters = tables.params[0], tables.alias, tables.codes, tables.chapters
    traders, countries, offices = tables.traders, tables.countries, tables.offices
    sellers, rates = tables.sellers, tables.rates
    for i in range(len(out)):
        header = out[i]
        n, flow, trader = header.row, header.flow, header.trader
        slot_word, hub_word, hub_v, new_word = block(seed, n, 0, HEADER_TRADE, 0)
        mode_word, terms_word, means, means_word = block(seed, n, 0, HEADER_TRANSPORT, 0)
        money_word, payment, nature, freight = block(seed, n, 0, HEADER_MONEY, 0)
        slot = usual_slot(slot_word, traders[trader].slots)
        if new_word < p.new_goods:
            slot = FIRST_NEW_SLOT + (slot_word >> 17)
        is_export = 1 if flow == EXPORT else 0
        _, partner, seller = slot_of(seed, trader, traders[trader].sector, slot, is_export, p, alias, codes, chapters)
        mode = pick(alias, p.at_modes, header.office, mode_word, swap(mode_word))
        hub = pick(alias, p.at_hubs, 1 if mode == ROAD else 0, hub_v, swap(hub_v))
        by_hub = hub_word >= p.same_dispatch
        if mode == ROAD and not countries[partner].overland:
            if offices[header.office].sea:
                mode = np.int64(SEA)
            else:
                by_hub = True
        if is_export:
            header.dispatch, header.destination = p.home, partner
            header.exporter = p.sellers_count + trader - p.importers
        else:
            header.dispatch = hub if by_hub else partner
            header.destination = p.home
            header.exporter = sellers[partner] + usual_slot(seller, sellers[partner + 1] - sellers[partner])
        header.slot, header.partner, header.mode = slot, partner, mode
        header.inland = mode if mode == AIR and means_word < SCALE // 5 else ROAD
        header.terms = pick(alias, p.at_terms, 0, terms_word, swap(terms_word))
        currency = pick(alias, p.at_currencies, partner, money_word, swap(money_word))
        header.currency, header.rate = currency, rates[currency, header.day // 7]
        header.freight = freight_share(freight, p.freight[mode])
        header.payment = pick(alias, p.at_payments, 0, payment, swap(payment))
        header.nature = pick(alias, p.at_natures, 0, nature, swap(nature))
        header.means = means
        header.means_country = header.dispatch if means_word < SCALE // 2 else hub


@compiled
def freight_share(word, median):
    """A lognormal share with 16 bits behind the point, at most a half."""
    if median == 0:
        return np.int64(0)
    return min(exp2(log2(median) + ((normal(word) * FREIGHT_SIGMA) >> 16)), np.int64(32_768))


@compiled
def papers(seed, tables, out):
    """Fill documents, arrival, guarantee, warehouse, transit and what happened since registration.

    tables ``Tables``; out ``Header`` records, written.
    """
    p, alias, days, regimes = tables.params[0], tables.alias, tables.days, tables.regimes
    for i in range(len(out)):
        header = out[i]
        n, flow, mode, regime = header.row, header.flow, header.mode, regimes[header.regime]
        arrival, mass, location, document = block(seed, n, 0, HEADER_PAPERS, 0)
        deadline, seals, transit_office, guarantee = block(seed, n, 0, HEADER_TRANSIT, 0)
        financial, missing, warehouse, kind = block(seed, n, 0, HEADER_PARTIES, 0)
        amendments, lane, container, manifest = block(seed, n, 0, HEADER_CHANGES, 0)
        if flow != EXPORT and missing < p.exporter_missing:
            header.exporter = -1
        header.document, header.manifest = document, manifest
        header.containerised = 1 if mode == SEA and container < p.container else 0
        header.location = -1 if location < SCALE // 20 else (location * LOCATIONS) >> 32
        arrives = flow != EXPORT and arrival >= SCALE // 10  # one in ten is lodged before the goods arrive
        header.arrival = header.time - ((arrival * 432_000) >> 32) if arrives else NEVER
        header.manifest_factor = 0
        if flow != EXPORT and mode != ROAD:  # a ship's or aircraft's manifest; most agree with the scales
            noise = (normal(mass) * 400) >> 24 if mass & 7 else (normal(swap(mass)) * 4_000) >> 24
            header.manifest_factor = max(65_536 + noise, 6_554)
        header.warehouse = (warehouse * WAREHOUSES) >> 32 if regime.warehouse else -1
        header.guarantee = (guarantee * GUARANTEES) >> 32 if regime.suspended else -1
        header.transit_office, header.deadline = -1, -1
        header.seals = (seals * 3) >> 32 if header.containerised else 0
        if flow == TRANSIT:
            header.transit_office = (transit_office * p.offices_count) >> 32
            header.deadline = days[header.day].date + 2 + ((deadline * 14) >> 32)
            header.seals = (seals * 5) >> 32
        header.financial = (swap(financial) * FINANCIALS) >> 32 if financial & 31 == 0 else -1
        header.amendments = 0 if amendments >= SCALE // 16 else 1 + ((amendments * 48) >> 32)
        header.prior_lane = -1 if header.amendments == 0 else (lane * 4) >> 32
        header.declaration_type = pick(alias, p.at_declaration_types, 0, kind, swap(kind))
