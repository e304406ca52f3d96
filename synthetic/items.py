"""The items of each declaration: goods, origin, masses, value, duties; what was declared and, behind it, the truth.

Money is int64 centimes, mass int64 grams, rates basis points; products are rounded half up. The truth about an item
differs from its declaration only where ``typology`` is not 0.
"""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled
from synthetic.draws import SCALE
from synthetic.fixed_point import exp2, log2, normal, sigma_bits
from synthetic.fraud import FALSE_ORIGIN, UNDERVALUED, UNDERWEIGHT, WHOLE, chance, misdeclare
from synthetic.headers import AIR, EXPORT, FIRST_NEW_SLOT, IMPORT, slot_of, swap, usual_slot
from synthetic.kernel_tables import pick
from synthetic.philox import block
from synthetic.places import RATE_SCALE
from synthetic.streams import ITEM_FRAUD, ITEM_GOODS, ITEM_ORIGIN, ITEM_QUANTITY, ITEM_VALUE

LIGHTER, DEARER = 3 << 24, 11_376_086  # by air: an eighth of the mass, 1.6 times the value per kilogram
MASS_LIMIT, VALUE_LIMIT = 36 << 24, 43 << 24  # 69,000 t; 88 thousand million centimes
PACKAGE = int(log2(15_000))  # grams of a package, by median
QUANTITY_SIGMA, PACKAGE_SIGMA = sigma_bits(0.25), sigma_bits(0.9)
ON_PALLETS = -2


class Item:
    """One record per item; -1 is missing."""

    gross: np.int64
    net: np.int64
    quantity: np.int64
    price: np.int64  # hundredths of the invoice currency
    adjustment: np.int64
    value: np.int64
    duty_rate: np.int64
    duty: np.int64
    vat: np.int64
    excise: np.int64
    true_value: np.int64
    true_mass: np.int64
    evaded: np.int64
    risk: np.int64  # factor on the chance of fraud before scaling, 16 bits behind the point
    parent: np.int32  # declaration, counted inside the chunk
    code: np.int32
    origin: np.int32
    preference: np.int32
    packages: np.int32
    package: np.int32
    true_code: np.int32
    true_origin: np.int32
    line: np.int16
    method: np.int8
    typology: np.int8  # 0: as declared


class Total:
    """One record per declaration: sums over its items."""

    packages: np.int64
    price: np.int64
    freight: np.int64
    insurance: np.int64
    gross: np.int64
    true_gross: np.int64
    taxes: np.int64


@compiled(inline=True)
def part(amount, basis_points):
    """Basis points of an amount, rounded half up."""
    return (amount * basis_points + 5_000) // 10_000


@compiled
def assess(value, net, chapter, duty_rate):
    """Duty, excise and value added tax of an item, in centimes, were it released for home use."""
    duty = part(value, duty_rate)
    excise = (chapter.excise * net + 500) // 1_000
    return duty, excise, part(value + duty + excise, chapter.vat)


@compiled
def preference_of(agreement, rate, word, agreements):
    """Agreement claimed, -1 for none, and the rate of duty that is left, in basis points."""
    if agreement < 0 or rate == 0 or word >= agreements[agreement].claimed:
        return np.int64(-1), rate
    return np.int64(agreement), (rate * agreements[agreement].duty_left) >> 16


@compiled
def goods(seed, n, line, header, origin_words, p, alias, codes, chapters, traders):
    """What an item truly is: code, origin, and exponents of mass in grams and of value in centimes."""
    slot_word, new_word, mass_word, value_word = block(seed, n, line, ITEM_GOODS, 0)
    same, origin_u, origin_v, _ = origin_words
    trader = traders[header.trader]
    slot = usual_slot(slot_word, trader.slots)
    if new_word < p.new_goods:
        slot = FIRST_NEW_SLOT + (slot_word >> 17)
    if line == 1:
        slot = np.int64(header.slot)
    is_export = 1 if header.flow == EXPORT else 0
    number, country, _ = slot_of(seed, header.trader, trader.sector, slot, is_export, p, alias, codes, chapters)
    code = codes[number]
    chapter = chapters[code.chapter]
    if is_export:
        origin = p.home
        if same >= SCALE - SCALE // 14:
            origin = pick(alias, p.at_origins, chapter.sector, origin_u, origin_v)
    else:
        origin = np.int64(header.partner) if line == 1 or same < p.same_origin else country
    mass = code.mass + ((normal(mass_word) * chapter.sigma) >> 16)
    per_gram = code.value + ((normal(value_word) * p.unit_value_sigma) >> 16)
    if header.mode == AIR:
        mass -= LIGHTER
        per_gram += DEARER
    mass = min(max(mass, np.int64(0)), np.int64(MASS_LIMIT))
    return number, origin, mass, min(max(mass + per_gram, np.int64(0)), np.int64(VALUE_LIMIT))


@compiled
def price_of(value, rate, freight, insurance):
    """Invoice price in hundredths of its currency for a value in centimes, and the value that follows from it."""
    price = max(((value - freight - insurance) * RATE_SCALE + rate // 2) // rate, np.int64(1))
    return price, (price * rate + RATE_SCALE // 2) // RATE_SCALE + freight + insurance


@compiled
def fill_items(seed, header_of, first, tables, fraud_scale, out, totals):
    """Fill all items of a chunk and the sums of its declarations.

    header_of ``Header`` records; first int64[declarations + 1], first item of each; tables ``Tables``; fraud_scale
    int64, 32 bits behind the point, brings the mean of ``risk`` over imports to 1; out ``Item`` and totals ``Total``
    records, written.
    """
    p, alias, codes, chapters = tables.params[0], tables.alias, tables.codes, tables.chapters
    countries, agreements, traders = tables.countries, tables.agreements, tables.traders
    regimes, terms = tables.regimes, tables.terms
    for i in range(len(header_of)):
        header, total = header_of[i], totals[i]
        n, flow, trader = header.row, header.flow, header.trader
        total.packages = total.price = total.freight = total.insurance = 0
        total.gross = total.true_gross = total.taxes = 0
        for k in range(first[i], first[i + 1]):
            line = k - first[i] + 1
            item = out[k]
            item.parent, item.line = i, line
            origin_words = block(seed, n, line, ITEM_ORIGIN, 0)
            code, origin, mass, value_exponent = goods(
                seed, n, line, header, origin_words, p, alias, codes, chapters, traders
            )
            piece_words = block(seed, n, line, ITEM_QUANTITY, 0)
            net, value = max(exp2(mass), np.int64(1)), max(exp2(value_exponent), np.int64(100))
            gross = net + packing_of(net, piece_words[0], p)
            item.risk = (((traders[trader].risk * codes[code].risk) >> 16) * countries[origin].risk) >> 16
            limit = chance(item.risk, fraud_scale, p.fraud_rate[flow], p.learnable)
            claim = origin_words[3]
            typology, d_code, d_origin, kept = misdeclare(
                block(seed, n, line, ITEM_FRAUD, 0), limit, flow, trader, code, origin, claim, p, alias, codes,
                countries, agreements,
            )  # fmt: skip
            d_net, d_gross, d_value, kept_quantity = net, gross, value, np.int64(WHOLE)
            if typology in (UNDERVALUED, UNDERWEIGHT):
                d_value = max((value >> 24) * kept + (((value & 0xFF_FFFF) * kept) >> 24), np.int64(1))
            if typology == UNDERWEIGHT:
                d_net = max((net * (kept >> 8)) >> 16, np.int64(1))
                d_gross = max((gross * (kept >> 8)) >> 16, d_net)
                kept_quantity = kept
            item.code, item.origin, item.net, item.gross = d_code, d_origin, d_net, d_gross
            item.typology, item.true_code, item.true_origin, item.true_mass = typology, code, origin, net
            chapter = chapters[codes[d_code].chapter]
            quantities(item, mass, codes[d_code].piece, chapter, kept_quantity, piece_words)
            d_claim = np.int64(0) if typology == FALSE_ORIGIN else claim
            agreement, rate = preference_of(countries[d_origin].agreement, codes[d_code].duty, d_claim, agreements)
            taxed = flow == IMPORT and not regimes[header.regime].suspended
            without_freight = flow != EXPORT and terms[header.terms].without_freight
            item.preference, item.duty_rate = agreement, rate
            if flow == EXPORT:
                item.preference, item.duty_rate = -1, 0
            money(seed, n, line, item, d_value, header, taxed, without_freight, chapter, p, total)
            item.true_value = item.value + value - d_value
            item.evaded = 0
            if typology and flow == IMPORT:
                _, true_rate = preference_of(countries[origin].agreement, codes[code].duty, claim, agreements)
                due = assess(item.true_value, net, chapters[codes[code].chapter], true_rate)
                said = assess(item.value, d_net, chapter, rate)
                item.evaded = max(due[0] + due[1] + due[2] - said[0] - said[1] - said[2], np.int64(0))
            total.gross += d_gross
            total.true_gross += gross
            total.packages += item.packages


@compiled
def packing_of(net, word, p):
    """Grams of packing around a net mass: a lognormal share of it, at most ten times."""
    spread = (normal(word) * p.packing_sigma) >> 16
    return (net * min(exp2(log2(max(p.packing_median, np.int64(1))) + spread), np.int64(655_360))) >> 16


@compiled
def quantities(item, mass, piece, chapter, kept, words):
    """Fill supplementary quantity and packages, from the true mass (an exponent) and the part declared (24 bits)."""
    item.quantity = -1
    if chapter.unit >= 0:
        pieces = exp2(mass - piece + ((normal(words[1]) * QUANTITY_SIGMA) >> 16))
        item.quantity = max((pieces * (kept >> 8)) >> 16, np.int64(1))
    packages = exp2(mass - PACKAGE + ((normal(words[2]) * PACKAGE_SIGMA) >> 16))
    item.packages = min(max(packages, np.int64(1)), np.int64(2_000_000))
    item.package = chapter.package if words[3] >= SCALE // 5 else ON_PALLETS


@compiled
def money(seed, n, line, item, target, header, taxed, without_freight, chapter, p, total):
    """Fill price, value, duties and taxes of what is declared; ``target`` is its value before rounding to a price."""
    adjust, method, _, _ = block(seed, n, line, ITEM_VALUE, 0)
    freight = insurance = np.int64(0)
    if without_freight:
        freight = (target * header.freight) >> 16
        insurance = (target * p.insurance) >> 16
    price, value = price_of(target, header.rate, freight, insurance)
    adjustment = np.int64(0)
    if adjust < SCALE // 50:  # royalties and other additions
        adjustment = part(value, 100 + ((adjust * 45_000) >> 32))
    value += adjustment
    duty = excise = vat = np.int64(0)
    if taxed:
        duty, excise, vat = assess(value, item.net, chapter, item.duty_rate)
    item.price, item.value, item.adjustment = price, value, adjustment
    item.duty, item.excise, item.vat = duty, excise, vat
    item.method = 1 if method < SCALE // 100 * 92 else 2 + ((swap(method) * 5) >> 32)
    total.price += price
    total.freight += freight
    total.insurance += insurance
    total.taxes += duty + excise + vat
