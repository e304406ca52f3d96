"""Importers, exporters, sellers and declarants: who they are, where they clear, what they deal in.

Traders are numbered by how often they appear; 0 is the largest. Importers come first, exporters behind them.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.compiled import compiled
from synthetic.draws import SCALE, Alias, alias, share_out, threshold, to_scale, zipf
from synthetic.philox import block
from synthetic.places import Places
from synthetic.profile_model import Profile
from synthetic.streams import DECLARANT_PLACE, TRADER_AGENTS, TRADER_PLACE
from synthetic.times import EPOCH, office_shares


class Traders(NamedTuple):
    """Arrays by trader (t), office (o), declarant (d) and country (c)."""

    choice: Alias  # importers of offices with office hours, of those open always; then exporters likewise
    members: NDArray[np.int32]  # traders in the order of ``choice``
    oldest: NDArray[np.int32]  # [4] a trader of each of the four that was there before the year
    office: NDArray[np.int32]  # [t]
    sector: NDArray[np.int32]  # [t]
    registered: NDArray[np.int64]  # [t] days since 1970
    declarant: NDArray[np.int32]  # [t, 2] the main and the second
    slots: NDArray[np.int64]  # [t] kinds of goods that a trader keeps
    risk: NDArray[np.int64]  # [t] factor on the chance of fraud, 16 bits behind the point
    aeo: NDArray[np.int8]  # [t] 0 none, 1 categorised, 2 authorised
    importers: np.int64
    declarants: Alias  # [o] declarants of each office
    agents: NDArray[np.int32]  # declarants in the order of ``declarants``
    sellers: NDArray[np.int64]  # [c + 1] first seller of each country


def build(profile: Profile, places: Places, seed: np.uint64) -> Traders:
    """The traders of a world."""
    p = profile.traders
    importers, exporters = p.importers.value, p.exporters.value
    shares = np.array(to_scale(office_shares(profile)), np.int64)
    offices, sectors, weights = [], [], []
    for first, count, flow in ((0, importers, "imports"), (importers, exporters, "exports")):
        own = np.array(to_scale(zipf(count, p.zipf.value, p.zipf_shift.value)), np.int64)
        words = words_of(seed, TRADER_PLACE, first, count)
        weights.append(own)
        offices.append(share_out(own, shares, words[:, 0]))
        sectors.append(share_out(own, _sector_shares(profile, flow), words[:, 1]))
    office, sector = np.concatenate(offices), np.concatenate(sectors)
    choice, members = _choice(office, places.always, weights)
    registered = _registered(profile, seed, importers + exporters)
    declarants, agents = _declarants(profile, shares, seed)
    words = words_of(seed, TRADER_AGENTS, 0, importers + exporters)
    rank = np.concatenate([np.arange(importers), np.arange(exporters)])
    new = registered >= _first_day(profile)
    return Traders(
        choice=choice,
        members=members,
        oldest=_oldest(choice, members, new),
        office=office,
        sector=sector,
        registered=registered,
        declarant=_agents_of(office, words, declarants, agents),
        slots=np.clip(p.repeat_zipf_slots.value // (rank + 10), 3, 512).astype(np.int64),
        risk=_risk(words[:, 2], rank, new),
        aeo=_aeo(profile, words[:, 3], rank, new),
        importers=np.int64(importers),
        declarants=declarants,
        agents=agents,
        sellers=_sellers(profile),
    )


@compiled
def words_of(seed: np.uint64, group: int, first: int, count: int) -> Any:
    """The four words of rows first..first + count - 1 of a group. Returns int64[count, 4]."""
    words = np.empty((count, 4), np.int64)
    for i in range(count):
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = block(seed, first + i, 0, group, 0)
    return words


def _first_day(profile: Profile) -> int:
    return (EPOCH.replace(year=profile.calendar.year.value) - EPOCH).days


def _sector_shares(profile: Profile, flow: str) -> NDArray[np.int64]:
    """A sector's share of traders' weight is that of its chapters, so the chapters keep theirs."""
    totals = [
        sum(getattr(each, flow) for each in profile.goods.chapters.value if each.sector == sector.name)
        for sector in profile.goods.sectors.value
    ]
    if sum(totals) <= 0:
        return _sector_shares(profile, "imports")
    return np.array(to_scale(totals), np.int64)


def _choice(
    office: NDArray[np.int32], always: NDArray[np.bool_], weights: list[NDArray[np.int64]]
) -> tuple[Alias, NDArray[np.int32]]:
    """Alias tables of the traders at each kind of opening hours, and which trader each slot stands for."""
    lists, members = [], []
    first = 0
    for own in weights:
        traders = np.arange(first, first + len(own))
        for kind in (False, True):
            held = traders[always[office[traders]] == kind]
            held = held if len(held) else traders  # no office of this kind: never drawn
            lists.append(own[held - first])
            members.append(held)
        first += len(own)
    return alias(*lists), np.concatenate(members).astype(np.int32)


def _registered(profile: Profile, seed: np.uint64, count: int) -> NDArray[np.int64]:
    """Day of registration: most in the 25 years before, new ones within the year."""
    words: NDArray[np.int64] = words_of(seed, TRADER_PLACE, 0, count)[:, 3]
    limit = threshold(profile.traders.new_share.value)
    first = _first_day(profile)
    older = first - 1 - (((words - limit) * 9_000) // max(SCALE - limit, 1))
    return np.where(words < limit, first + ((words * 360) // max(limit, 1)), older).astype(np.int64)


def _oldest(choice: Alias, members: NDArray[np.int32], new: NDArray[np.bool_]) -> NDArray[np.int32]:
    found = []
    for low, high in itertools.pairwise(choice.start):
        held = members[low:high]
        old = held[~new[held]]
        found.append(old[0] if len(old) else held[0])
    return np.array(found, np.int32)


def _declarants(profile: Profile, shares: NDArray[np.int64], seed: np.uint64) -> tuple[Alias, NDArray[np.int32]]:
    """Declarants of each office. The first ones go to one office each, so that none is without."""
    count = profile.traders.declarants.value
    weights = np.array(to_scale(zipf(count, profile.traders.declarants_zipf.value)), np.int64)
    office = share_out(weights, shares, words_of(seed, DECLARANT_PLACE, 0, count)[:, 0])
    without = np.setdiff1d(np.arange(len(shares)), office)
    office[count - len(without) :] = without
    lists, agents = [], []
    for each in range(len(shares)):
        held = np.flatnonzero(office == each)
        held = held if len(held) else np.arange(count)
        lists.append(weights[held])
        agents.append(held)
    return alias(*lists), np.concatenate(agents).astype(np.int32)


@compiled
def _agents_of(office: NDArray[np.int32], words: NDArray[np.int64], declarants: Any, agents: NDArray[np.int32]) -> Any:
    """Main and second declarant of each trader, from its home office: the word picks a slot. Returns int32[t, 2]."""
    found = np.empty((len(office), 2), np.int32)
    for trader in range(len(office)):
        first = declarants.start[office[trader]]
        count = declarants.start[office[trader] + 1] - first
        for which in range(2):
            word = words[trader, which]
            slot = (word * count) >> 32
            rest = (word * count) & 0xFFFF_FFFF
            if rest >= declarants.threshold[first + slot]:
                slot = declarants.other[first + slot]
            found[trader, which] = agents[first + slot]
    return found


def _risk(words: NDArray[np.int64], rank: NDArray[np.int64], new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Four in five are nearly honest, one in twenty is not; the rare and the new offend more (DATE, table 5)."""
    nature = np.where(words < threshold(0.8), 20_000, np.where(words < threshold(0.95), 100_000, 520_000))
    size = np.where(rank < 300, 45_000, np.where(rank < 5_000, 60_000, 75_000))
    return np.where(new, 2, 1) * nature * size >> 16


def _aeo(
    profile: Profile, words: NDArray[np.int64], rank: NDArray[np.int64], new: NDArray[np.bool_]
) -> NDArray[np.int8]:
    status = np.zeros(len(rank), np.int8)
    low = 0
    for step in profile.traders.aeo_shares.value:
        inside = (rank >= low) & (rank < step.rank) & ~new
        limit = threshold(step.share)
        status[inside & (words < limit)] = 2
        status[inside & (words >= limit) & (words < limit + (SCALE - limit) // 8)] = 1
        low = step.rank
    return status


def _sellers(profile: Profile) -> NDArray[np.int64]:
    """First seller of each country; each country has at least one."""
    countries = profile.places.countries.value
    weights = [each.imports + each.exports for each in countries]
    total = sum(weights)
    spare = profile.traders.sellers.value - len(countries)
    counts = [1 + int(spare * w / total) for w in weights]
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
