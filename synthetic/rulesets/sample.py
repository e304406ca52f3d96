"""A sample of declarations, on which made-up conditions are tried: which of its items make a condition TRUE.

A set of items is a whole number with one bit for each: AND, OR and counting are then single operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synthetic.generate import Generator
from synthetic.profile import Profile, load_profile, profile_sha256
from synthetic.rulesets.luck import Luck

YEAR = 2_000_000  # declarations of the world that the sample is taken from
PARTS, PART = 24, 800  # ranges of declarations, spread over the year
SEED = 0
MOST_KNOWN = 20_000  # sets of items kept, of 7 kB each
MOST_SAMPLES = 4
Flags = NDArray[np.bool_]


class Coded(NamedTuple):
    """A column of text: int32[size] positions in its values, -1 where it is missing; the values; where each stands."""

    places: NDArray[np.int32]
    values: list[str]
    place_of: Mapping[str, int]

    def spread(self, flags: Flags) -> Flags:
        """What holds of the values, for each item; FALSE where the column is missing."""
        return np.append(flags, False)[self.places]

    def one_of(self, values: Iterable[str]) -> Flags:
        """Which items have one of ``values``."""
        flags = np.zeros(len(self.values), np.bool_)
        flags[[self.place_of[each] for each in values if each in self.place_of]] = True
        return self.spread(flags)

    def beginning(self, start: str) -> Flags:
        """Which items have a value of digits that begins so; the values ascend."""
        flags = np.zeros(len(self.values), np.bool_)
        flags[bisect_left(self.values, start) : bisect_left(self.values, start + ":")] = True  # ":" comes after 9
        return self.spread(flags)

    def where(self, test: Callable[[str], bool]) -> Flags:
        """The items whose value passes a test."""
        return self.spread(np.array([test(each) for each in self.values], np.bool_))


class Sample:
    """Items of a year, by column. ``size`` counts them."""

    def __init__(self, profile: Profile) -> None:
        world = Generator(profile, YEAR, SEED)
        step = YEAR // PARTS
        parts = [world.slice(k * step, k * step + PART)["items"] for k in range(PARTS)]
        self.table: pa.Table = pa.concat_tables(parts).combine_chunks()
        self.size: int = self.table.num_rows
        self.year: int = world.profile.calendar.year.value
        self.all = (1 << self.size) - 1
        self._coded: dict[str, Coded] = {}
        self._numbers: dict[str, NDArray[np.float64]] = {}
        self._known: dict[str, int] = {}
        self._flows: dict[str, Sequence[int]] = {}

    def share(self, items: int) -> float:
        return items.bit_count() / self.size

    def items(self, name: str, flags: Flags) -> int:
        """The set of the items for which ``flags`` holds; ``name``, a condition's text, is where it is kept."""
        if name not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[name] = int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
        return self._known[name]

    def known(self, name: str) -> int | None:
        return self._known.get(name)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """float64[size] of a column of numbers or of a name of RATIOS; NaN where there is none."""
        if column not in self._numbers:
            self._numbers[column] = self._read(column)
        return self._numbers[column]

    def _read(self, column: str) -> NDArray[np.float64]:
        if column in RATIOS:
            left, right = (self.numbers(each) for each in RATIOS[column])
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(right == 0, np.nan, left / right)
        if column in CLOCK:
            return np.asarray(CLOCK[column](self.table["registration_ts"]), np.float64)
        return np.asarray(self.table[column].cast(pa.float64()).fill_null(np.nan), np.float64)

    def coded(self, column: str) -> Coded:
        """A column of text."""
        if column not in self._coded:
            array = self.table[column].combine_chunks()
            found = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
            values = found.dictionary.to_pylist()
            places = np.asarray(found.indices.fill_null(-1)).astype(np.int32)
            self._coded[column] = Coded(places, values, {value: place for place, value in enumerate(values)})
        return self._coded[column]

    def value(self, column: str, item: int) -> str | None:
        """An item's value in a column of text; None where it is missing."""
        coded = self.coded(column)
        place = coded.places[item]
        return None if place < 0 else coded.values[place]

    def of_flow(self, flow: str) -> Sequence[int]:
        """Items of a flow, or all where there are none."""
        if flow not in self._flows:
            found = np.flatnonzero(self.coded("flow").one_of([flow])).tolist()
            self._flows[flow] = found or range(self.size)
        return self._flows[flow]

    def drawn(self, column: str, count: int, luck: Luck) -> list[str]:
        """At most ``count`` different values, as likely as they are in the column."""
        found = {self.value(column, luck.whole(0, self.size - 1)) for _ in range(count)}
        return sorted(each for each in found if each is not None)

    @cached_property
    def elements(self) -> Mapping[str, list[list[str] | None]]:
        """The elements of each item, by column of lists."""
        return {column: self.table[column].to_pylist() for column in ("document_codes", "container_ids")}

    @cached_property
    def holders(self) -> Mapping[str, Mapping[str, list[int]]]:
        """The items that hold an element, by column of lists and element."""
        found: dict[str, dict[str, list[int]]] = {}
        for column, lists in self.elements.items():
            of = found.setdefault(column, {})
            for item, elements in enumerate(lists):
                for element in dict.fromkeys(elements or ()):
                    of.setdefault(element, []).append(item)
        return found

    def holding(self, column: str, elements: Iterable[str]) -> Flags:
        """Which items hold one of ``elements``."""
        flags = np.zeros(self.size, np.bool_)
        for each in elements:
            flags[self.holders[column].get(each, [])] = True
        return flags


RATIOS = {
    "unit_value": ("customs_value", "net_mass_kg"),
    "gross_net_ratio": ("gross_mass_kg", "net_mass_kg"),
    "mass_per_unit": ("net_mass_kg", "supplementary_quantity"),
    "freight_share": ("freight_amount", "customs_value"),
}
CLOCK = {
    "HOUR(registration_ts)": pc.hour,
    "WEEKDAY(registration_ts)": lambda times: pc.day_of_week(times, count_from_zero=False, week_start=1),
    "MONTH(registration_ts)": pc.month,
}


SAMPLES: dict[str, Sample] = {}  # by the hash of what a profile says: its file may be edited


def sample_of(profile: str) -> Sample:
    """The sample of a profile, made once."""
    loaded = load_profile(profile)
    key = profile_sha256(loaded)
    if key not in SAMPLES:
        if len(SAMPLES) >= MOST_SAMPLES:
            SAMPLES.clear()
        SAMPLES[key] = Sample(loaded)
    return SAMPLES[key]
