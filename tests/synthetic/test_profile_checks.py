"""Parts of a profile that do not fit each other: PR005, with the line of the part."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic import ProfileError, generate, load_profile
from tests.synthetic.worlds import write_profile

PORT = "['309', north, a, port, always, 1, 1, 0, 0]"
AGRIFOOD = "[agrifood, '1010', food]"
CHAPTER = "['08', 5, 20, agrifood, 6000, 1.4, 16, food, 20, null, 0, CT]"


def offices(*rows: str, regions: str = "north: 1") -> str:
    return (
        f"places:\n  offices: {{value: [{', '.join(rows)}], source: assumed}}\n"
        f"  region_shares: {{value: {{{regions}}}, source: assumed}}\n"
    )


def goods(chapters: str, sectors: str = AGRIFOOD, more: str = "") -> str:
    return (
        f"goods:\n  sectors: {{value: [{sectors}], source: assumed}}\n"
        f"  chapters: {{value: [{chapters}], source: assumed}}\n"
        f"  origin_affinity: {{value: {{}}, source: assumed}}\n  documents: {{value: [], source: assumed}}\n{more}"
    )


def one(part: str, name: str, value: str) -> str:
    return f"{part}:\n  {name}: {{value: {value}, source: assumed}}\n"


CASES = {  # what the message says -> text behind a head of three lines, line of the problem
    "the region south has a share or offices, but not both": (offices(PORT, regions="north: 1, south: 1"), 6),
    "the region north has a share, but none of its offices has": (
        offices(PORT.replace("always, 1,", "always, 0,"), "['300', south, b, port, always, 1, 1, 0, 0]",
                regions="north: 1, south: 1"), 6),
    "the office 309 has no mode of transport": (offices("['309', north, a, port, always, 1, 0, 0, 0]"), 5),
    "309 stands twice among the offices": (offices(PORT, PORT), 5),
    "the shares of places.offices are all 0": (offices("['309', north, a, port, always, 0, 1, 0, 0]"), 5),
    "the shares of places.region_shares are all 0": (offices(PORT, regions="north: 0"), 6),
    "EUR has no exchange rate": (one("places", "exchange_rates", "{MAD: 1, USD: 10}"), 5),
    "the hub ZZ is not among the countries": (one("places", "hubs", "[[ZZ, 1]]"), 5),
    "the shares of places.hubs are all 0": (one("places", "hubs", "[[ES, 0]]"), 5),
    "the profile's own country MA is not among the countries": (
        one("places", "countries", "[[ES, 1, 1, europe, EUR, null, true, 1], [FR, 1, 1, europe, EUR, null, true, 1]]"),
        5),
    "ES stands twice among the countries": (
        one("places", "countries", "[[ES, 1, 1, e, EUR, null, true, 1], [ES, 1, 1, e, EUR, null, true, 1],"
            " [MA, 0, 0, e, MAD, null, true, 1]]"), 5),
    "ES pays in XYZ, which has no exchange rate": (
        one("places", "countries", "[[ES, 1, 1, e, XYZ, null, true, 1], [MA, 0, 0, e, MAD, null, true, 1]]"), 5),
    "ES belongs to the agreement NAFTA, which is not described": (
        one("places", "countries", "[[ES, 1, 1, e, EUR, NAFTA, true, 1], [MA, 0, 0, e, MAD, null, true, 1]]"), 5),
    "the shares of places.countries.imports are all 0": (
        one("places", "countries", "[[ES, 0, 1, e, EUR, null, true, 1], [MA, 5, 0, e, MAD, null, true, 1]]"), 5),
    "the Harmonised System has no chapter 77": (goods(CHAPTER.replace("08", "77")), 6),
    "chapter 08 belongs to the sector toys, which is not listed": (goods(CHAPTER.replace("agrifood", "toys")), 6),
    "chapter 08 has the duty dear, which is not listed": (goods(CHAPTER.replace(" food", " dear")), 6),
    "chapter 08 is counted in NAR, but piece_kg is 0": (goods(CHAPTER.replace("null", "NAR")), 6),
    "08 stands twice among the chapters": (goods(f"{CHAPTER}, {CHAPTER}"), 6),
    "the sector toys has no chapter": (goods(CHAPTER, f"{AGRIFOOD}, [toys, '3', toys]"), 5),
    "the shares of goods.chapters are all 0": (goods(CHAPTER.replace("5, 20", "0, 20")), 6),
    "the shares of goods.chapters.exports are all 0": (goods(CHAPTER.replace("5, 20", "5, 0")), 6),
    "the sector toys is not listed": (one("goods", "documents", "[[toys, N851, 0.6]]"), 5),
    "the sector pharma asks for 3 documents, 2 at most are generated": (
        one("goods", "documents", "[[pharma, N851, 0.6], [pharma, N852, 0.6], [pharma, N853, 0.6]]"), 5),
    "the sector games is not listed": (one("goods", "origin_affinity", "{games: {far: 2}}"), 5),
    "the weights of low are all 0": (
        one("goods", "duty_bands", "{low: {2.5: 0}, mid: {10: 1}, high: {30: 1}, food: {30: 1}, energy: {0: 1}}"), 5),
    "the shares of declarations.payment_modes are all 0": (one("declarations", "payment_modes", "[[cash, 0]]"), 5),
    "the shares of fraud.typologies are all 0": (one("fraud", "typologies", "{T1: 0}"), 5),
    "the steps start at 1 item and rise": (one("declarations", "items_per_declaration", "[[2, 1], [3, 1]]"), 5),
    "the shares of main and second declarant exceed 1": (one("declarations", "second_declarant_share", "0.5"), 5),
    "importers are fewer than the 4 offices": (one("traders", "importers", "3"), 5),
    "declarants are fewer than the 4 offices": (one("traders", "declarants", "3"), 5),
    "sellers are fewer than the 105 countries": (one("traders", "sellers", "3"), 5),
    "the lower factor stands first": (one("fraud", "mass_factor", "[0.9, 0.6]"), 5),
    "low is above high": (one("fraud", "undervaluation", "{mean: 0.5, sigma: 0.1, low: 0.9, high: 0.5}"), 5),
}  # fmt: skip


@pytest.mark.parametrize("message", CASES)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, message: str) -> None:
    text, line = CASES[message]
    path = write_profile(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    found = {problem.message: problem for problem in caught.value.problems}
    assert {problem.code for problem in found.values()} == {"PR005"}
    assert message in found
    assert (found[message].place, found[message].remedy) == (f"{path}:{line}", "make the two agree")


@pytest.mark.parametrize(
    "text",
    [
        offices(PORT),
        goods(CHAPTER),
        one("declarations", "regimes", "[['060', '000', EX, 1, false, export]]"),
        one("declarations", "regimes", "[['010', '000', IM, 1, false, import]]"),
        one("declarations", "regimes", "[['080', '000', TR, 1, true, transit]]"),
        one("declarations", "items_per_declaration", "[[1, 0], [30, 1]]"),
        one("places", "agreements", "[]")
        + "  countries: {value: [[ES, 1, 1, e, EUR, null, false, 0], [MA, 0, 0, e, MAD, null, true, 1]], source: x}\n"
        + "  hubs: {value: [[ES, 1]], source: x}\n",
        one("calendar", "hours", str([0] * 24))
        + "  month_factors: {value: [0,0,0,0,0,0,0,0,0,0,0,0], source: assumed}\n",
        one("traders", "importers", "4") + "  new_share: {value: 0.5, source: assumed}\n",
        one("fraud", "typologies", "{T4: 1}"),
        one("fraud", "detection", "{}"),
    ],
    ids=lambda text: text.split("{")[0].replace("\n", " "),
)
def test_a_profile_of_extremes_that_fits_makes_a_world(tmp_path: Path, text: str) -> None:
    found = generate(write_profile(tmp_path, text), 60, 1, threads=1)
    assert found["declarations"].num_rows == 60
    assert found["items"].num_rows >= 60
