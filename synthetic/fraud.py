"""Planted fraud: who is tempted, and what is declared in place of the truth.

T1 undervaluation, T2 misclassification, T3 mass and quantity, T4 false origin. The chance of fraud is the profile's
base rate times a mixture: a learnable part that grows with the importer's nature, the code and the origin, and a part
that strikes everyone alike. A kind that would not pay (no lower duty near, no duty to save) becomes undervaluation.
"""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled
from synthetic.fixed_point import normal
from synthetic.headers import EXPORT, swap
from synthetic.kernel_tables import pick

UNDERVALUED, MISCLASSIFIED, UNDERWEIGHT, FALSE_ORIGIN = 1, 2, 3, 4
HIGHEST = 12 << 16  # a chance is at most 12 times the base rate, give or take the unlearnable part
WHOLE = 1 << 24


@compiled(inline=True)
def chance(risk, scale, rate, learnable):
    """Threshold on a 32-bit word. risk and learnable have 16 bits behind the point, scale 32."""
    relative = min((risk * (scale >> 16)) >> 16, np.int64(HIGHEST))
    mixed = ((relative * learnable) >> 16) + 65_536 - learnable
    return (rate * mixed) >> 16


@compiled
def misdeclare(fraud_words, limit, flow, trader, code, origin, claim, p, alias, codes, countries, agreements):
    """Typology (0 honest), declared code, declared origin, and the part of value or mass declared (24 bits).

    fraud_words four int64; limit int64, below which the first of them is a fraud; claim int64, the word that decides
    whether a preference is claimed.
    """
    fraud_word, type_word, degree, means = fraud_words
    if fraud_word >= limit:
        return 0, code, origin, np.int64(WHOLE)
    if flow == EXPORT:
        return UNDERWEIGHT, code, origin, mass_part(degree, p)
    kind_word = type_word
    if means < p.habit:
        kind_word = swap((np.int64(trader) * 2_654_435_761) & 0xFFFF_FFFF)
    typology = 1 + pick(alias, p.at_typologies, 0, kind_word, swap(kind_word))
    agreement = countries[origin].agreement
    prefers = agreement >= 0 and claim < agreements[agreement].claimed
    if typology == MISCLASSIFIED and codes[code].lower_duty >= 0 and not prefers:
        return MISCLASSIFIED, np.int64(codes[code].lower_duty), origin, np.int64(WHOLE)
    if typology == UNDERWEIGHT:
        return UNDERWEIGHT, code, origin, mass_part(degree, p)
    if typology == FALSE_ORIGIN and agreement < 0 and codes[code].duty > 0:
        other = pick(alias, p.at_partners, 0, swap(means), swap(type_word))
        if countries[other].agreement >= 0:
            return FALSE_ORIGIN, code, other, np.int64(WHOLE)
    kept = p.degree[0] + ((normal(degree) * p.degree[1]) >> 24)
    return UNDERVALUED, code, origin, min(max(kept, p.degree[2]), p.degree[3])


@compiled(inline=True)
def mass_part(word, p):
    """The part of mass and quantity that is declared, evenly between the profile's bounds, 24 bits."""
    return (p.mass_factor[0] + (((p.mass_factor[1] - p.mass_factor[0]) * word) >> 32)) << 8
