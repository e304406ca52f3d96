"""The synthetic tariff: commodity codes with duty, unit value, mass and popularity. It depends on the profile alone.

The seed plays no part, so value tables and rules that name codes fit every world of a profile.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import Alias, alias, threshold, zipf
from synthetic.fixed_point import log2, normal, sigma_bits
from synthetic.harmonised import HEADINGS, KNOWN
from synthetic.philox import block
from synthetic.profile_model import Chapter, Profile
from synthetic.streams import CODE_GOODS, HEADING_GOODS

FIXED_SEED = np.uint64(0)


class Codes(NamedTuple):
    """What the kernels know of commodity codes, chapters and sectors; n codes in ascending order, h chapters.

    Exponents are of base 2 with 24 bits behind the point; sigmas have 16.
    """

    popularity: Alias  # within each chapter
    first: NDArray[np.int64]  # [h + 1] first code of each chapter
    chapter: NDArray[np.int32]  # [n]
    heading: NDArray[np.int32]  # [n]
    duty: NDArray[np.int64]  # [n] basis points
    lower_duty: NDArray[np.int32]  # [n] the nearest code with a lower duty in the chapter, -1 where there is none
    mass: NDArray[np.int64]  # [n] exponent of the median in grams
    value: NDArray[np.int64]  # [n] exponent of the median in centimes per gram
    piece: NDArray[np.int64]  # [n] exponent of the mass of one supplementary unit in grams
    risk: NDArray[np.int64]  # [n] factor on the chance of fraud, 16 bits behind the point
    sector: NDArray[np.int32]  # [h]
    sigma: NDArray[np.int64]  # [h] of an item's mass
    vat: NDArray[np.int64]  # [h] basis points
    excise: NDArray[np.int64]  # [h] centimes per kg
    unit: NDArray[np.int32]  # [h] -1: counted in kilograms alone
    package: NDArray[np.int32]  # [h]
    branded: NDArray[np.bool_]  # [h]
    chapters: Alias  # 0: imports over all chapters; 1: exports; then imports, exports of each sector


class Catalogue(NamedTuple):
    codes: tuple[str, ...]
    headings: tuple[str, ...]
    descriptions: tuple[str, ...]  # three of each heading
    units: tuple[str, ...]
    packages: tuple[str, ...]
    tables: Codes


VARIANTS = ("{}", "{}, other", "parts of {}")
BRANDED = frozenset(["33", "42", "61", "62", "64", "84", "85", "87", "90", "91", "95"])


def subheadings(heading: str) -> tuple[str, ...]:
    """Two digits each, ascending: those of a known heading, else 1 to 7 made up from the heading's number."""
    if heading in KNOWN:
        return KNOWN[heading].subheadings
    word = block(FIXED_SEED, int(heading), 0, HEADING_GOODS, 0)[2]
    count = 1 + ((word * 6) >> 32) + ((word * 36) >> 32) % 2
    if count == 1:
        return ("00",)
    return (*(f"{tens}0" for tens in range(1, count)), "90")


def nationals(hs6: str) -> tuple[str, ...]:
    """Four digits each: one for most, two where the tariff splits a subheading."""
    word = block(FIXED_SEED, int(hs6), 1, HEADING_GOODS, 0)[3]
    split = hs6[:4] in {"8703", "8517", "3004", "2710"} or word < threshold(0.12)
    return ("1000", "9000") if split else ("0000",)


def _codes(chapters: list[Chapter]) -> tuple[list[str], list[str]]:
    codes, headings = [], []
    for chapter in chapters:
        for number in range(1, HEADINGS[chapter.chapter].headings + 1):
            heading = f"{chapter.chapter}{number:02d}"
            headings.append(heading)
            codes += [heading + sub + end for sub in subheadings(heading) for end in nationals(heading + sub)]
    return codes, headings


def build(profile: Profile) -> Catalogue:
    """The catalogue of a profile: some 5,600 codes where all chapters are there."""
    goods = profile.goods
    chapters = sorted(goods.chapters.value)
    codes, headings = _codes(chapters)
    chapter_of = np.array([[c.chapter for c in chapters].index(code[:2]) for code in codes], np.int32)
    place = {heading: i for i, heading in enumerate(headings)}
    heading_of = np.array([place[code[:4]] for code in codes], np.int32)
    first = np.searchsorted(chapter_of, np.arange(len(chapters) + 1)).astype(np.int64)
    words = np.array([block(FIXED_SEED, int(code), 0, CODE_GOODS, 0) for code in codes], np.int64)
    by_heading = np.array([block(FIXED_SEED, int(heading), 0, HEADING_GOODS, 0) for heading in headings], np.int64)
    duty = np.array(
        [_duty(goods.duty_bands.value[chapters[c].duty], w) for c, w in zip(chapter_of, words[:, 0], strict=True)],
        np.int64,
    )
    value, mass, piece = _amounts(profile, chapters, chapter_of, words, by_heading[heading_of])
    units = tuple(sorted({each.unit for each in chapters if each.unit is not None}))
    packages = tuple(sorted({each.package for each in chapters} | {"PX"}))
    sectors = [each.name for each in goods.sectors.value]
    tables = Codes(
        popularity=alias(*_popularity(goods.codes_zipf.value, codes, words[:, 3], first)),
        first=first,
        chapter=chapter_of,
        heading=heading_of,
        duty=duty,
        lower_duty=_lower_duty(duty, first),
        mass=mass,
        value=value,
        piece=piece,
        risk=_risk(duty, words[:, 3]),
        sector=np.array([sectors.index(each.sector) for each in chapters], np.int32),
        sigma=np.array([sigma_bits(each.sigma) for each in chapters], np.int64),
        vat=np.array([round(each.vat * 100) for each in chapters], np.int64),
        excise=np.array([round(goods.excise.value.get(each.chapter, 0) * 100) for each in chapters], np.int64),
        unit=np.array([-1 if each.unit is None else units.index(each.unit) for each in chapters], np.int32),
        package=np.array([packages.index(each.package) for each in chapters], np.int32),
        branded=np.array([each.chapter in BRANDED for each in chapters]),
        chapters=_chapter_choice(chapters, sectors),
    )
    return Catalogue(tuple(codes), tuple(headings), _descriptions(headings), units, packages, tables)


def _duty(bands: dict[float, float], word: np.int64) -> int:
    """Basis points of the band that a 32-bit word falls into."""
    reached, total = 0.0, sum(bands.values())
    for rate, weight in sorted(bands.items()):
        reached += weight
        if word < threshold(reached / total):
            return round(rate * 100)
    return round(max(bands) * 100)


def _amounts(
    profile: Profile,
    chapters: list[Chapter],
    chapter_of: NDArray[np.int32],
    words: NDArray[np.int64],
    heading_words: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Exponents of unit value, mass and piece mass of each code: the chapter's, moved by heading and by code."""
    goods = profile.goods
    by_heading, by_code = sigma_bits(goods.headings_spread.value), sigma_bits(goods.codes_spread.value)
    by_mass = sigma_bits(goods.masses_spread.value)
    scale = round(goods.value_scale.value * 1000)
    value, mass, piece = [], [], []
    for c, code, heading in zip(chapter_of, words, heading_words, strict=True):
        chapter = chapters[c]
        # centimes per gram = MAD per kg / 10; both factors are integers so that the logarithm is one of integers
        middle = int(log2(round(chapter.value_per_kg * 1000) * scale)) - int(log2(10_000_000))
        moved = (int(normal(heading[0])) * by_heading + int(normal(code[1])) * by_code) >> 16
        lighter = (int(normal(heading[1])) * (by_mass >> 1) + int(normal(code[2])) * by_mass) >> 16
        value.append(middle + moved)
        # what costs more per kilogram is sent in smaller amounts: half of the move in value is taken back in mass
        mass.append(int(log2(round(chapter.mass_kg * 1000))) + lighter - (moved >> 1))
        piece.append(int(log2(max(1, round(chapter.piece_kg * 1000)))) - (moved >> 2))
    return np.array(value, np.int64), np.array(mass, np.int64), np.array(piece, np.int64)


def _popularity(
    exponent: float, codes: list[str], words: NDArray[np.int64], first: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Zipf weights of the codes of each chapter; codes of known headings come first, the others in made-up order."""
    weights = []
    for low, high in itertools.pairwise(first):
        inside = range(low, high)
        order = sorted(inside, key=lambda i: (codes[i][:4] not in KNOWN, int(words[i])))
        rank = np.empty(high - low, np.int64)
        rank[np.array(order) - low] = np.arange(high - low)
        weights.append(zipf(high - low, exponent)[rank])
    return weights


def _lower_duty(duty: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int32]:
    lower = np.full(len(duty), -1, np.int32)
    for low, high in itertools.pairwise(first):
        for code in range(low, high):
            cheaper = np.flatnonzero(duty[low:high] < duty[code]) + low
            if len(cheaper):
                lower[code] = cheaper[np.argmin(np.abs(cheaper - code))]
    return lower


def _risk(duty: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """High duty tempts; besides, each code has a factor of its own between 1/4 and 4."""
    tempts = np.select([duty >= 3000, duty >= 1750, duty >= 1000], [120_000, 85_000, 60_000], 36_000)
    own = np.array([1 << (14 + int(word >> 30)) for word in words], np.int64)  # 1/4, 1/2, 1, 2
    return tempts * own * 2 >> 16


def _chapter_choice(chapters: list[Chapter], sectors: list[str]) -> Alias:
    imports = [each.imports for each in chapters]
    exports = [each.exports for each in chapters]
    exports = exports if sum(exports) > 0 else imports
    lists = [imports, exports]
    for sector in sectors:
        for weights in (imports, exports):
            own = [w if each.sector == sector else 0.0 for w, each in zip(weights, chapters, strict=True)]
            lists.append(own if sum(own) > 0 else weights)
    return alias(*lists)


def _descriptions(headings: list[str]) -> tuple[str, ...]:
    found = []
    for heading in headings:
        title = KNOWN[heading].title if heading in KNOWN else HEADINGS[heading[:2]].title
        found += [variant.format(title) + f" ({heading})" for variant in VARIANTS]
    return tuple(found)
