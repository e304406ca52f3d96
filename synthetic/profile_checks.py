"""What pydantic cannot see: the parts of a profile that name each other must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from synthetic.harmonised import HEADINGS
from synthetic.profile_model import FLOWS, Profile

Wrong = tuple[tuple[int | str, ...], str]


def contradictions(profile: Profile) -> list[Wrong]:
    """Every contradiction: the path of the parameter and what is wrong with it."""
    return [*_places(profile), *_goods(profile), *_shares(profile), *_traders(profile)]


def _places(profile: Profile) -> Iterator[Wrong]:
    places = profile.places
    countries = {each.code for each in places.countries.value}
    rates = places.exchange_rates.value
    agreements = {each.name for each in places.agreements.value}
    path = ("places", "countries", "value")
    for i, country in enumerate(places.countries.value):
        if country.currency not in rates:
            yield (*path, i), f"{country.code} pays in {country.currency}, which has no exchange rate"
        if country.agreement is not None and country.agreement not in agreements:
            yield (*path, i), f"{country.code} belongs to the agreement {country.agreement}, which is not described"
    if profile.country not in countries:
        yield path, f"the profile's own country {profile.country} is not among the countries"
    for currency in ("EUR", "USD", profile.currency):
        if currency not in rates:
            yield ("places", "exchange_rates"), f"{currency} has no exchange rate"
    for i, hub in enumerate(places.hubs.value):
        if hub.code not in countries:
            yield ("places", "hubs", "value", i), f"the hub {hub.code} is not among the countries"
    regions = {each.region for each in places.offices.value}
    for region in sorted(regions ^ set(places.region_shares.value)):
        yield ("places", "region_shares"), f"the region {region} has a share or offices, but not both"
    for region, share in places.region_shares.value.items():
        inside = [each.share for each in places.offices.value if each.region == region]
        if share > 0 and inside and sum(inside) <= 0:
            yield ("places", "region_shares"), f"the region {region} has a share, but none of its offices has"
    for i, office in enumerate(places.offices.value):
        if office.sea + office.road + office.air <= 0:
            yield ("places", "offices", "value", i), f"the office {office.code} has no mode of transport"
    yield from _twice("offices", (each.code for each in places.offices.value), ("places", "offices"))
    yield from _twice("countries", (each.code for each in places.countries.value), path)


def _goods(profile: Profile) -> Iterator[Wrong]:
    goods = profile.goods
    sectors = {each.name for each in goods.sectors.value}
    used = {each.sector for each in goods.chapters.value}
    for i, chapter in enumerate(goods.chapters.value):
        where = ("goods", "chapters", "value", i)
        if chapter.chapter not in HEADINGS:
            yield where, f"the Harmonised System has no chapter {chapter.chapter}"
        if chapter.sector not in sectors:
            yield where, f"chapter {chapter.chapter} belongs to the sector {chapter.sector}, which is not listed"
        if chapter.duty not in goods.duty_bands.value:
            yield where, f"chapter {chapter.chapter} has the duty {chapter.duty}, which is not listed"
        if chapter.unit is not None and chapter.piece_kg <= 0:
            yield where, f"chapter {chapter.chapter} is counted in {chapter.unit}, but piece_kg is 0"
    for sector in sorted(sectors - used):
        yield ("goods", "sectors"), f"the sector {sector} has no chapter"
    needs = Counter(each.sector for each in goods.documents.value)
    for sector, count in needs.items():
        if sector not in sectors:
            yield ("goods", "documents"), f"the sector {sector} is not listed"
        if count > 2:
            yield ("goods", "documents"), f"the sector {sector} asks for {count} documents, 2 at most are generated"
    for sector in sorted(set(goods.origin_affinity.value) - sectors):
        yield ("goods", "origin_affinity"), f"the sector {sector} is not listed"
    yield from _twice("chapters", (each.chapter for each in goods.chapters.value), ("goods", "chapters"))
    for band, rates in goods.duty_bands.value.items():
        if sum(rates.values()) <= 0:
            yield ("goods", "duty_bands", "value", band), f"the weights of {band} are all 0"


def _shares(profile: Profile) -> Iterator[Wrong]:
    declarations, goods, places = profile.declarations, profile.goods, profile.places
    sums: dict[tuple[str, ...], list[float]] = {
        ("declarations", "regimes"): [each.share for each in declarations.regimes.value],
        ("declarations", "delivery_terms"): [each.share for each in declarations.delivery_terms.value],
        ("declarations", "declaration_types"): [each.share for each in declarations.declaration_types.value],
        ("declarations", "natures_of_transaction"): [each.share for each in declarations.natures_of_transaction.value],
        ("declarations", "payment_modes"): [each.share for each in declarations.payment_modes.value],
        ("declarations", "items_per_declaration"): [each.weight for each in declarations.items_per_declaration.value],
        ("places", "offices"): [each.share for each in places.offices.value],
        ("places", "hubs"): [each.share for each in places.hubs.value],
        ("places", "region_shares"): list(places.region_shares.value.values()),
        ("goods", "chapters"): [each.imports for each in goods.chapters.value],
        ("fraud", "typologies"): list(profile.fraud.typologies.value.values()),
    }
    if any(each.flow == FLOWS[1] for each in declarations.regimes.value):
        sums[("goods", "chapters", "exports")] = [each.exports for each in goods.chapters.value]
        sums[("places", "countries", "exports")] = [
            each.exports for each in places.countries.value if each.code != profile.country
        ]
    sums[("places", "countries", "imports")] = [
        each.imports for each in places.countries.value if each.code != profile.country
    ]
    for where, shares in sums.items():
        if sum(shares) <= 0:
            yield where, f"the shares of {'.'.join(where)} are all 0"
    steps = [each.items for each in declarations.items_per_declaration.value]
    if steps != sorted(set(steps)) or steps[0] != 1:
        yield ("declarations", "items_per_declaration"), "the steps start at 1 item and rise"
    if declarations.main_declarant_share.value + declarations.second_declarant_share.value > 1:
        yield ("declarations", "second_declarant_share"), "the shares of main and second declarant exceed 1"


def _traders(profile: Profile) -> Iterator[Wrong]:
    offices = len(profile.places.offices.value)
    for name in ("importers", "exporters", "declarants"):
        if getattr(profile.traders, name).value < offices:
            yield ("traders", name), f"{name} are fewer than the {offices} offices"
    countries = len(profile.places.countries.value)
    if profile.traders.sellers.value < countries:
        yield ("traders", "sellers"), f"sellers are fewer than the {countries} countries"
    low, high = profile.fraud.mass_factor.value
    if low > high:
        yield ("fraud", "mass_factor"), "the lower factor stands first"
    if profile.fraud.undervaluation.value.low > profile.fraud.undervaluation.value.high:
        yield ("fraud", "undervaluation"), "low is above high"


def _twice(what: str, codes: Iterable[str], where: tuple[str, ...]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            yield where, f"{code} stands twice among the {what}"
        seen.add(code)
