"""The shape of the Harmonised System: chapters, how many headings each has, and the headings that everyone knows.

The nomenclature of the World Customs Organization, 2022 edition, in outline. Subheadings below the known headings are
made up systematically by ``catalogue``: a synthetic tariff, not a legal one.
"""

from __future__ import annotations

from typing import NamedTuple


class HsChapter(NamedTuple):
    headings: int
    title: str


HEADINGS: dict[str, HsChapter] = {
    code: HsChapter(int(count), title)
    for code, count, title in (
        line.strip().split(" ", 2)
        for line in """
        01 6 live animals
        02 10 meat
        03 9 fish and shellfish
        04 10 dairy produce
        05 11 animal products
        06 4 plants and flowers
        07 14 vegetables
        08 14 fruit and nuts
        09 10 coffee, tea and spices
        10 8 cereals
        11 9 milling products
        12 14 seeds
        13 2 gums and resins
        14 4 plaiting materials
        15 18 fats and oils
        16 5 prepared meat and fish
        17 4 sugar
        18 6 cocoa
        19 5 bakery goods
        20 9 prepared vegetables
        21 6 food preparations
        22 9 beverages
        23 9 animal feed
        24 4 tobacco
        25 30 salt, stone and cement
        26 21 ores
        27 16 mineral fuels
        28 53 inorganic chemicals
        29 42 organic chemicals
        30 6 pharmaceutical products
        31 5 fertilisers
        32 15 dyes and paints
        33 7 cosmetics
        34 7 soaps
        35 7 glues and enzymes
        36 6 explosives
        37 7 photographic goods
        38 27 chemical products
        39 26 plastics
        40 17 rubber
        41 15 hides
        42 6 leather articles
        43 4 furskins
        44 21 wood
        45 4 cork
        46 2 basketware
        47 7 pulp
        48 23 paper
        49 11 printed matter
        50 7 silk
        51 13 wool
        52 12 cotton
        53 11 vegetable fibres
        54 8 filaments
        55 16 staple fibres
        56 9 wadding and felt
        57 5 carpets
        58 11 special fabrics
        59 11 coated fabrics
        60 6 knitted fabrics
        61 17 knitted clothing
        62 17 woven clothing
        63 10 textile articles
        64 6 footwear
        65 7 headgear
        66 3 umbrellas
        67 4 feathers and artificial flowers
        68 15 stone articles
        69 14 ceramics
        70 20 glass
        71 18 precious metals
        72 29 iron and steel
        73 26 steel articles
        74 19 copper
        75 8 nickel
        76 16 aluminium
        78 6 lead
        79 7 zinc
        80 7 tin
        81 13 other base metals
        82 15 tools
        83 11 metal fittings
        84 87 machinery
        85 49 electrical equipment
        86 9 railway equipment
        87 16 vehicles
        88 7 aircraft
        89 8 ships
        90 33 instruments
        91 14 clocks
        92 9 musical instruments
        93 7 arms
        94 6 furniture
        95 8 toys and sports goods
        96 20 sundry manufactures
        97 6 works of art
        """.strip().splitlines()
    )
}


class KnownHeading(NamedTuple):
    """A heading in common use: its rank makes it frequent, its subheadings are those of the nomenclature."""

    title: str
    subheadings: tuple[str, ...]


KNOWN: dict[str, KnownHeading] = {
    heading: KnownHeading(title, tuple(subheadings.split()))
    for heading, title, subheadings in (
        ("0402", "milk powder", "10 21 29 91 99"),
        ("0805", "citrus fruit", "10 21 22 29 40 50 90"),
        ("0702", "tomatoes", "00"),
        ("0902", "tea", "10 20 30 40"),
        ("1001", "wheat", "11 19 91 99"),
        ("1701", "sugar", "12 13 14 91 99"),
        ("2204", "wine", "10 21 22 29 30"),
        ("2402", "cigarettes", "10 20 90"),
        ("2523", "cement", "10 21 29 30 90"),
        ("2709", "crude petroleum", "00"),
        ("2710", "petroleum oils", "12 19 20 91 99"),
        ("2711", "petroleum gases", "11 12 13 14 19 21 29"),
        ("3004", "medicaments", "10 20 31 32 39 41 42 43 49 50 60 90"),
        ("3304", "beauty preparations", "10 20 30 91 99"),
        ("3901", "polymers of ethylene", "10 20 30 40 90"),
        ("3926", "articles of plastics", "10 20 30 40 90"),
        ("4011", "tyres", "10 20 30 40 50 70 80 90"),
        ("4202", "bags and cases", "11 12 19 21 22 29 31 32 39 91 92 99"),
        ("4407", "sawn wood", "11 12 19 21 22 29 91 92 99"),
        ("5208", "cotton fabrics", "11 12 13 19 21 22 29 31 32 39 41 42 51 52 59"),
        ("6109", "t-shirts", "10 90"),
        ("6110", "jerseys", "11 12 19 20 30 90"),
        ("6203", "men's suits and trousers", "11 12 19 22 23 29 31 32 33 39 41 42 43 49"),
        ("6204", "women's suits and dresses", "11 12 13 19 31 32 33 39 41 42 43 44 49 61 62 63 69"),
        ("6402", "footwear of plastics", "12 19 20 91 99"),
        ("6403", "leather footwear", "12 19 20 40 51 59 91 99"),
        ("6907", "ceramic tiles", "21 22 23 30 40"),
        ("7113", "jewellery", "11 19 20"),
        ("7208", "hot-rolled steel", "10 25 26 27 36 37 38 39 40 51 52 53 54 90"),
        ("7318", "screws and bolts", "11 12 13 14 15 16 19 21 22 23 24 29"),
        ("7326", "articles of steel", "11 19 20 90"),
        ("8413", "pumps", "11 19 20 30 40 50 60 70 81 82 91 92"),
        ("8415", "air conditioners", "10 20 81 82 83 90"),
        ("8471", "computers", "30 41 49 50 60 70 80 90"),
        ("8481", "taps and valves", "10 20 30 40 80 90"),
        ("8517", "telephones", "11 13 14 18 61 62 69 71 79"),
        ("8528", "television sets", "42 49 52 59 62 69 71 72 73"),
        ("8536", "switches and connectors", "10 20 30 41 49 50 61 69 70 90"),
        ("8544", "wires and cables", "11 19 20 30 42 49 60 70"),
        ("8703", "passenger cars", "10 21 22 23 24 31 32 33 40 50 60 70 80 90"),
        ("8704", "lorries", "10 21 22 23 31 32 41 42 43 51 52 60 90"),
        ("8708", "vehicle parts", "10 21 22 29 30 40 50 70 80 91 92 93 94 95 99"),
        ("8711", "motorcycles", "10 20 30 40 50 60 90"),
        ("9018", "medical instruments", "11 12 13 14 19 20 31 32 39 41 49 50 90"),
        ("9403", "furniture", "10 20 30 40 50 60 70 82 83 89 91 99"),
        ("9503", "toys", "00"),
        ("9619", "sanitary articles", "00"),
    )
}
