"""The conditions that made-up rules are built of: for a column and an item, conditions TRUE of it, widest first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.rulesets.luck import Luck
from synthetic.rulesets.sample import RATIOS, Flags, Sample


class Condition(NamedTuple):
    """``text`` as the rule language's printer spells it, and the set of the sample's ``items`` that it is TRUE of."""

    text: str
    items: int


class Names(NamedTuple):
    """What a rule set defines, so that its conditions may name it: lists with their values, and names of ``let``."""

    lists: Mapping[str, Sequence[str]]
    let: frozenset[str]

    def holding(self, kind: str, value: str) -> list[str]:
        """Lists of a kind that hold a value."""
        return [name for name, values in self.lists.items() if name.startswith(f"{kind}_") and value in values]


Rung = Callable[[], Condition]
Ladder = Callable[[Sample, int, Luck, Names], list[Rung]]


def quoted(text: str) -> str:
    """A literal of the rule language, and a scalar of YAML."""
    return "'" + text.replace("'", "''") + "'"


def listed(values: Iterable[str]) -> str:
    """What follows IN."""
    return "(" + ", ".join(map(quoted, values)) + ")"


def of_flags(sample: Sample, text: str, flags: Callable[[], Flags], meaning: str = "") -> Rung:
    """A rung whose items are found when it is asked for, and kept under ``meaning``: the text, unless it names a list.

    Lists of the same name differ from one rule set to the next, the sample does not.
    """
    kept = meaning or text

    def rung() -> Condition:
        known = sample.known(kept)
        return Condition(text, sample.items(kept, flags()) if known is None else known)

    return rung


def is_one_of(sample: Sample, column: str, values: Sequence[str], name: str = "") -> Rung:
    """``column = 'a'`` or ``column IN ('a', 'b')``; ``column IN @name`` where that is the name of the values."""
    meaning = f"{column} IN {listed(values)}"
    text = f"{column} IN @{name}" if name else meaning if len(values) > 1 else f"{column} = {quoted(values[0])}"
    return of_flags(sample, text, lambda: sample.coded(column).one_of(values), meaning)


def text_ladder(column: str, kind: str = "", few: int = 4) -> Ladder:
    """A list of the rule set where one holds the value, some values, the value alone."""

    def ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
        value = sample.value(column, item)
        if value is None:
            return []
        held = names.holding(kind, value) if kind else []
        rungs: list[Rung] = []
        if held:
            name = luck.pick(held)
            rungs.append(is_one_of(sample, column, names.lists[name], name))
        rungs.append(is_one_of(sample, column, sorted({value, *sample.drawn(column, few, luck)})))
        rungs.append(is_one_of(sample, column, [value]))
        return rungs

    return ladder


def code_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """Chapter, heading, list of goods, subheading, national code."""
    codes = sample.coded("commodity_code")
    code = sample.value("commodity_code", item) or ""

    def begins(digits: int) -> Rung:
        start = code[:digits]
        text = f"commodity_code LIKE {quoted(start + '%')}"
        return of_flags(sample, text, lambda: codes.beginning(start))

    rungs = [begins(2), begins(4)]
    held = names.holding("goods", code)
    if held:
        name = luck.pick(held)
        rungs.append(is_one_of(sample, "commodity_code", names.lists[name], name))
    return [*rungs, begins(6), is_one_of(sample, "commodity_code", [code])]


COARSE, FINE = (8.0, 3.0, 1.6, 1.2, 1.06), (1.2, 1.1, 1.04, 1.02)  # how far the bounds lie from an item's number


def number_ladder(
    column: str, direction: str, whole: bool = False, factors: Sequence[float] = COARSE, digits: int = 2
) -> Ladder:
    """Bounds that come nearer to the item's own number: from above (``low``), from below (``high``) or both (``band``).

    ``digits`` are significant ones: rules share their bounds where they are few, as people's rules do.
    """

    def ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
        numbers = sample.numbers(column)
        own = float(numbers[item])
        if not own > 0:  # NaN too
            return []
        name = column if column not in RATIOS or column in names.let else " / ".join(RATIOS[column])
        bounds = dict.fromkeys(
            (rounded(own / factor, whole, math.floor, digits), rounded(own * factor, whole, math.ceil, digits))
            for factor in factors
        )
        found = (_bound(sample, name, numbers, direction, low, high) for low, high in bounds)
        return [rung for rung in found if rung is not None]

    return ladder


def _bound(sample: Sample, name: str, numbers: NDArray[np.float64], direction: str, low: str, high: str) -> Rung | None:
    least, most = float(low), float(high)
    if direction == "low":
        return of_flags(sample, f"{name} <= {high}", lambda: numbers <= most)
    if least == 0:
        return None
    if direction == "high":
        return of_flags(sample, f"{name} >= {low}", lambda: numbers >= least)
    return of_flags(sample, f"{name} BETWEEN {low} AND {high}", lambda: (numbers >= least) & (numbers <= most))


def rounded(value: float, whole: bool, towards: Callable[[float], int], digits: int) -> str:
    """So many significant digits, in the spelling of the printer; integers where ``whole``."""
    step = math.floor(math.log10(value)) + 1 - digits
    kept = towards(round(value / 10.0**step, 6))
    if step >= 0:
        return str(kept * 10**step)
    if whole:
        return str(towards(round(value, 6)))
    return f"{kept * 10.0**step:.{-step}f}".rstrip("0").rstrip(".")


def value_ladder(column: str, ordered: bool) -> Ladder:
    """The item's own number, for columns of few values; where they are ``ordered``, from it on, too."""

    def ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
        numbers = sample.numbers(column)
        own = numbers[item]
        if np.isnan(own) or own != int(own):
            return []
        value = f"{own:g}"
        rungs = [of_flags(sample, f"{column} = {value}", lambda: numbers == own)]
        if ordered and own > 0:
            rungs.insert(0, of_flags(sample, f"{column} >= {value}", lambda: numbers >= own))
        return rungs

    return ladder


def hours_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """Out of hours, or on the item's day of the week."""
    hours, days = sample.numbers("HOUR(registration_ts)"), sample.numbers("WEEKDAY(registration_ts)")
    day = int(days[item])
    rungs = [of_flags(sample, f"WEEKDAY(registration_ts) = {day}", lambda: days == day)]
    if not 7 <= hours[item] <= 18:
        text = "HOUR(registration_ts) NOT BETWEEN 7 AND 18"
        rungs.insert(0, of_flags(sample, text, lambda: (hours < 7) | (hours > 18)))
    return rungs


def dispatch_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """Sent from another country than the goods' own; else from the item's."""
    origins, sent = sample.coded("country_of_origin"), sample.coded("country_of_dispatch")
    if sent.places[item] < 0 or origins.places[item] < 0:
        return []
    if sample.value("country_of_dispatch", item) == sample.value("country_of_origin", item):
        return text_ladder("country_of_dispatch", "origins")(sample, item, luck, names)

    def flags() -> Flags:
        same = np.array([origins.place_of.get(country, -2) for country in sent.values])[sent.places]
        other: Flags = (sent.places >= 0) & (origins.places >= 0) & (same != origins.places)
        return other

    return [of_flags(sample, "country_of_dispatch <> country_of_origin", flags)]


def preference_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """Claimed, and which one; or not claimed."""
    places = sample.coded("preference_code").places
    value = sample.value("preference_code", item)
    if value is None:
        return [of_flags(sample, "preference_code IS NULL", lambda: places < 0)]
    claimed = of_flags(sample, "preference_code IS NOT NULL", lambda: places >= 0)
    return [claimed, is_one_of(sample, "preference_code", [value])]


def documents_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """A document that the item has, or one that it lacks."""
    own = sample.elements["document_codes"][item]
    document = luck.pick(sorted(sample.holders["document_codes"]))
    text = f"CONTAINS(document_codes, {quoted(document)})"
    if own is None:
        return []
    if document in own:
        return [of_flags(sample, text, lambda: sample.holding("document_codes", [document]))]
    filled = np.asarray(sample.table["document_codes"].is_valid())
    return [of_flags(sample, f"NOT {text}", lambda: filled & ~sample.holding("document_codes", [document]))]


def containers_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """On the list of watched containers; where the item's are not, a container that it travels in."""
    own = sample.elements["container_ids"][item]
    if not own:
        return []
    watched = names.lists.get("watched_containers", ())
    text, wanted = f"CONTAINS(container_ids, {quoted(own[0])})", own[:1]
    if not set(watched).isdisjoint(own):
        text, wanted = "CONTAINS_ANY(container_ids, @watched_containers)", list(watched)
    meaning = f"container_ids {listed(wanted)}"
    return [of_flags(sample, text, lambda: sample.holding("container_ids", wanted), meaning)]


def description_ladder(sample: Sample, item: int, luck: Luck, names: Names) -> list[Rung]:
    """The longest word of the description."""
    value = sample.value("goods_description", item)
    if value is None:
        return []
    word = max(value.replace(",", " ").split(), key=len)
    text = f"goods_description LIKE {quoted(f'%{word}%')}"
    return [of_flags(sample, text, lambda: sample.coded("goods_description").where(lambda each: word in each))]


class Column(NamedTuple):
    """``weight`` is how readily a rule reads it (assumed); ``header`` where it stands in the declaration's head."""

    name: str
    weight: float
    typology: str
    header: bool
    ladder: Ladder


COLUMNS = (
    Column("commodity_code", 1.60, "classification", False, code_ladder),
    Column("country_of_origin", 0.45, "origin", False, text_ladder("country_of_origin", "origins")),
    Column("importer_id", 0.25, "party", True, text_ladder("importer_id", "importers")),
    Column("unit_value", 0.20, "undervaluation", False, number_ladder("unit_value", "low")),
    Column("procedure_code", 0.20, "regime", False, text_ladder("procedure_code", few=2)),
    Column("customs_value", 0.15, "value", False, number_ladder("customs_value", "high")),
    Column("declarant_id", 0.12, "party", True, text_ladder("declarant_id", "declarants")),
    Column("country_of_dispatch", 0.10, "origin", True, dispatch_ladder),
    Column("duty_rate", 0.10, "classification", False, value_ladder("duty_rate", ordered=True)),
    Column("transport_mode_border", 0.08, "routing", True, value_ladder("transport_mode_border", ordered=False)),
    Column("document_codes", 0.08, "documents", False, documents_ladder),
    Column("preference_code", 0.06, "origin", False, preference_ladder),
    Column("net_mass_kg", 0.05, "mass", False, number_ladder("net_mass_kg", "band")),
    Column("registration_ts", 0.05, "routing", True, hours_ladder),
    Column("container_ids", 0.05, "containers", False, containers_ladder),
    Column("gross_net_ratio", 0.04, "mass", False, number_ladder("gross_net_ratio", "high", factors=FINE, digits=3)),
    Column("mass_per_unit", 0.04, "mass", False, number_ladder("mass_per_unit", "band")),
    Column("delivery_terms", 0.04, "value", True, text_ladder("delivery_terms", few=2)),
    Column("invoice_currency", 0.04, "value", True, text_ladder("invoice_currency", few=2)),
    Column("invoice_amount", 0.04, "value", True, number_ladder("invoice_amount", "high")),
    Column("total_gross_mass_kg", 0.04, "mass", True, number_ladder("total_gross_mass_kg", "band")),
    Column("package_count", 0.03, "mass", False, number_ladder("package_count", "high", whole=True)),
    Column("freight_share", 0.03, "value", False, number_ladder("freight_share", "low")),
    Column("items_count", 0.03, "routing", True, number_ladder("items_count", "high", whole=True)),
    Column("valuation_method", 0.03, "value", False, value_ladder("valuation_method", ordered=False)),
    Column("goods_description", 0.02, "classification", False, description_ladder),
)
