"""Mixed rules: every kind of predicate over some thirty columns, each rule fitted to a share of the rows.

Customs rules match very few items. These match 0.54 % of all pairs of a rule and a row, which is 22 rules a row of
4,096, so what matching, lanes and lists of matches cost is seen where there is something to find.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SAMPLE = 65_536  # rows from all over the table, in which thresholds are looked up: rows are in the order of their days
SHARES = (1e-4, 0.031)  # of the rows that a rule matches, log-uniform: the mean is 0.54 %
CONDITIONS = {1: 0.04, 2: 0.16, 3: 0.31, 4: 0.30, 5: 0.14, 6: 0.05}  # predicates of a rule, 3.5 in the mean
DISJUNCTIONS, NEGATIONS = 0.10, 0.08  # of rules that have an OR of two columns; of predicates under a NOT
TRIES = 20  # conditions drawn for one place in a rule, until one leaves rows enough
CUTS, LISTS = 64, 16  # thresholds that rules share, of a number; named lists of a column
LANES, TOP_WEIGHT, PARTIAL, PARTIAL_RATES = ("green", "blue", "yellow", "red"), 100, 0.03, (5, 10, 25, 50, 75)

CONTINUOUS = (
    "customs_value", "item_price", "invoice_amount", "net_mass_kg", "gross_mass_kg", "total_gross_mass_kg",
    "customs_value / net_mass_kg", "gross_mass_kg / net_mass_kg", "invoice_amount / total_gross_mass_kg",
)  # fmt: skip
RANGES = (
    *CONTINUOUS[:6], "freight_amount", "package_count", "supplementary_quantity", "items_count", "duty_rate",
)  # fmt: skip
RATIOS = (*CONTINUOUS[6:], "net_mass_kg / package_count")
LISTED = {  # how many values a list has
    "country_of_origin": (3, 20), "country_of_dispatch": (3, 20), "importer_id": (5, 200), "exporter_id": (5, 200),
    "declarant_id": (3, 40), "customs_office_code": (2, 10),
}  # fmt: skip
CODES = ("transport_mode_border", "delivery_terms", "invoice_currency", "procedure_code", "package_type")
EQUAL = ("flow", "nature_of_transaction", "payment_mode", "valuation_method", "transport_mode_border")
PERHAPS_NULL = ("preference_code", "guarantee_code", "supplementary_quantity", "importer_id")
READ = (
    *RANGES, *LISTED, *CODES, "flow", "nature_of_transaction", "payment_mode", "valuation_method", "preference_code",
    "guarantee_code", "commodity_code", "container_flag", "registration_ts",
)  # fmt: skip

Flags = npt.NDArray[np.bool_]
Random = np.random.Generator


class Condition(NamedTuple):
    """Its text, and the rows of the sample of which it is TRUE and FALSE; NULL makes it neither."""

    text: str
    true: Flags
    false: Flags


class Sample:
    """Rows of a table as conditions ask for them: numbers with NaN for NULL, texts as codes with -1 for NULL."""

    def __init__(self, items: pa.Table) -> None:
        places = np.unique(np.linspace(0, max(0, items.num_rows - 1), min(SAMPLE, items.num_rows)).astype(np.int64))
        self.table = items.take(pa.array(places)).combine_chunks()
        self.size = self.table.num_rows

    @functools.cache  # noqa: B019 - one sample for each set of rules
    def numbers(self, expression: str) -> npt.NDArray[np.float64]:
        """float64[sample]: a column, or one divided by another; NaN for NULL and where it is divided by 0."""
        left, _, right = expression.partition(" / ")
        values = self.table[left].cast(pa.float64()).to_numpy()
        if not right:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            below = self.numbers(right)
            return np.where(below == 0, np.nan, values / below)

    @functools.cache  # noqa: B019
    def cuts(self, expression: str) -> list[str]:
        """At most CUTS thresholds at quantiles, in three digits: people's rules share theirs, too."""
        numbers = self.numbers(expression)
        quantiles = np.nanquantile(numbers, (np.arange(CUTS) + 0.5) / CUTS)
        return list(dict.fromkeys(spelled(each, 3) for each in quantiles.tolist()))

    @functools.cache  # noqa: B019
    def coded(self, column: str) -> tuple[npt.NDArray[np.int64], list[str]]:
        """int64[sample] of codes, -1 for NULL, and the values that occur, by code, as the rule language spells them."""
        array = self.table[column].combine_chunks()
        text = pa.types.is_dictionary(array.type)
        encoded = (array.cast(pa.string()) if text else array).dictionary_encode()
        values = [quoted(str(each)) if text else str(each) for each in encoded.dictionary.to_pylist()]
        return encoded.indices.fill_null(-1).to_numpy().astype(np.int64), values

    @functools.cache  # noqa: B019
    def code_of(self, column: str) -> dict[str, int]:
        return {value: code for code, value in enumerate(self.coded(column)[1])}

    @functools.cache  # noqa: B019
    def times(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """int64[sample] each: days since 1970, and hours of the day, 0 to 23."""
        seconds = self.table["registration_ts"].cast(pa.int64()).to_numpy()
        return seconds // 86_400, seconds % 86_400 // 3600


def mixed_rules(items: pa.Table, rules: int, seed: int = 0) -> str:
    """The text of a rule file over a table of generated items, with the columns READ.

    The same rows and seed give the same text, and fewer rules are the first ones of more.
    """
    sample, random = Sample(items), np.random.default_rng([seed, 1])
    lists = make_lists(sample, np.random.default_rng([seed, 2]))
    return "\n".join([
        f"# {rules:,} mixed rules made up with seed {seed} over {items.num_rows:,} synthetic items; they mean nothing.",
        "ruleset: mixed",
        "record: declaration-item",
        "lists:",
        *(f"  {name}: [{', '.join(values)}]" for name, values in lists.items()),
        "rules:",
        *(make_rule(k, sample, lists, random) for k in range(rules)),
    ]) + "\n"  # fmt: skip


def make_lists(sample: Sample, random: Random) -> dict[str, list[str]]:
    """Named lists, whose values are as likely as they are among the rows."""
    found: dict[str, list[str]] = {}
    for column, (least, most) in LISTED.items():
        codes, values = sample.coded(column)
        held = codes[codes >= 0]
        for number in range(LISTS):
            size = round(np.exp(random.uniform(np.log(least), np.log(most))))
            found[f"{column}_{number:02d}"] = [values[each] for each in np.unique(random.choice(held, size))]
    return found


def make_rule(k: int, sample: Sample, lists: dict[str, list[str]], random: Random) -> str:
    rate = 100 if random.random() >= PARTIAL else random.choice(PARTIAL_RATES)
    return (
        f'  - {{id: M-{k + 1:05d}, when: "{make_condition(sample, lists, random)}", lane: {random.choice(LANES)}, '
        f"rate: {rate}, weight: {random.integers(1, TOP_WEIGHT + 1)}}}"
    )


def make_condition(sample: Sample, lists: dict[str, list[str]], random: Random) -> str:
    """Conditions of every kind, and a range at quantiles of the rows they leave, so that the rule matches its share."""
    wanted = max(1, round(sample.size * np.exp(random.uniform(*np.log(SHARES)))))
    left = int(random.choice(list(CONDITIONS), p=list(CONDITIONS.values()))) - 1
    either = random.random() < DISJUNCTIONS
    rows, texts = np.ones(sample.size, np.bool_), list[str]()
    while left > 0:
        pair = either and left >= 2
        for _ in range(TRIES):
            drawn = one_of_two(sample, lists, random) if pair else leaf(sample, lists, random)
            if drawn.text not in texts and np.count_nonzero(rows & drawn.true) >= wanted:
                rows, either = rows & drawn.true, False
                texts.append(drawn.text)
                break
        left -= 2 if pair else 1
    texts.append(fitted(sample, rows, wanted, random))
    return " AND ".join(texts)


def fitted(sample: Sample, rows: Flags, wanted: int, random: Random) -> str:
    """A range of some continuous number that ``wanted`` of ``rows`` are in."""
    expression = str(random.choice(CONTINUOUS))
    values = np.sort(sample.numbers(expression)[rows])
    values = values[~np.isnan(values)]
    if not len(values):
        return f"{expression} IS NOT NULL"
    wanted = min(wanted, len(values))
    form = random.integers(3)
    if form == 0:
        return f"{expression} <= {spelled(values[wanted - 1], 6)}"
    if form == 1:
        return f"{expression} >= {spelled(values[-wanted], 6)}"
    first = random.integers(len(values) - wanted + 1)
    return f"{expression} BETWEEN {spelled(values[first], 6)} AND {spelled(values[first + wanted - 1], 6)}"


def one_of_two(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    a, b = leaf(sample, lists, random), leaf(sample, lists, random)
    return Condition(f"({a.text} OR {b.text})", a.true | b.true, a.false & b.false)


def leaf(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    kind = KINDS[int(random.choice(len(KINDS), p=WEIGHTS))]
    found = kind(sample, lists, random)
    if random.random() < NEGATIONS:
        return Condition(f"NOT ({found.text})", found.false, found.true)
    return found


def ranged(sample: Sample, expression: str, random: Random) -> Condition:
    """A number below, above or between two of its thresholds."""
    numbers, cuts = sample.numbers(expression), sample.cuts(expression)
    known = ~np.isnan(numbers)
    a, b = sorted((random.choice(cuts), random.choice(cuts)), key=float)
    form = random.integers(3)
    if form == 0:
        text, true = f"{expression} < {b}", numbers < float(b)
    elif form == 1:
        text, true = f"{expression} >= {a}", numbers >= float(a)
    else:
        text, true = f"{expression} BETWEEN {a} AND {b}", (numbers >= float(a)) & (numbers <= float(b))
    return Condition(text, true, known & ~true)


def of_list(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    name = str(random.choice(list(lists)))
    column = name.rpartition("_")[0]
    return among(sample, column, lists[name], f"{column} IN @{name}")


def of_codes(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    column = str(random.choice(CODES))
    values = sample.coded(column)[1]
    picked = sorted(random.choice(values, random.integers(1, max(2, min(6, len(values)))), replace=False).tolist())
    return among(sample, column, picked, f"{column} IN ({', '.join(picked)})")


def equal(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    column = str(random.choice((*EQUAL, "container_flag")))
    if column == "container_flag":
        true = sample.table[column].to_numpy()
        return Condition(column, true, ~true)
    value = str(random.choice(sample.coded(column)[1]))
    return among(sample, column, [value], f"{column} = {value}")


def among(sample: Sample, column: str, values: Sequence[str], text: str) -> Condition:
    codes, known = sample.coded(column)
    wanted = np.zeros(len(known) + 1, np.bool_)  # code -1, of NULL, is the last
    wanted[[sample.code_of(column)[each] for each in values]] = True
    true = wanted[codes]
    return Condition(text, true, (codes >= 0) & ~true)


def of_goods(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    """A chapter, or a heading, of the goods of some row."""
    codes, known = sample.coded("commodity_code")
    beginning = known[random.choice(codes)][1 : 1 + int(random.choice((2, 2, 4)))]
    true = np.strings.startswith(np.array(known), beginning, 1)[codes]
    return Condition(f"commodity_code LIKE '{beginning}%'", true, ~true)


def of_time(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    days, hours = sample.times()
    if random.random() < 0.3:
        hour = int(random.integers(6, 20))
        return Condition(f"HOUR(registration_ts) >= {hour}", hours >= hour, hours < hour)
    day = int(random.choice(days))
    date = f"registration_ts < DATE '{np.datetime64(day, 'D')}'"
    if random.random() < 0.5:
        return Condition(date, days < day, days >= day)
    return Condition(date.replace("<", ">="), days >= day, days < day)


def of_null(sample: Sample, lists: dict[str, list[str]], random: Random) -> Condition:
    column = str(random.choice(PERHAPS_NULL))
    null = np.asarray(sample.table[column].is_null())
    return Condition(f"{column} IS NULL", null, ~null)


Kind = Callable[[Sample, dict[str, list[str]], Random], Condition]
KINDS_BY_WEIGHT: tuple[tuple[float, Kind], ...] = (
    (0.30, lambda sample, lists, random: ranged(sample, str(random.choice(RANGES)), random)),
    (0.12, lambda sample, lists, random: ranged(sample, str(random.choice(RATIOS)), random)),
    (0.18, of_list), (0.10, of_goods), (0.11, of_codes), (0.08, equal), (0.06, of_time), (0.05, of_null),
)  # fmt: skip
WEIGHTS, KINDS = zip(*KINDS_BY_WEIGHT, strict=True)


def spelled(number: float, digits: int) -> str:
    """So many significant digits, as the rule language spells numbers."""
    kept = float(f"{number:.{digits}g}")
    return str(int(kept)) if kept.is_integer() else repr(kept)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
