"""Logarithms, powers of two and normal variates in integers: the same bits on every machine.

An exponent is an int64 with 24 bits behind the point, base 2. ``exp`` and ``log`` of the machine's own mathematics
library are avoided because their last bit differs between libraries.
"""

from __future__ import annotations

import math
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.compiled import compiled

POINT = 24  # bits behind the point of an exponent and of a normal variate
ONE = 1 << POINT
LOG2_E = 24_204_406  # log2(e) * 2^24, rounded: a lognormal's sigma is given in natural units
CELLS = 4_096  # of the table of powers; straight lines between them err by 4e-9 of the value
MANTISSA = 40


def _powers() -> NDArray[np.int64]:
    """2^(i/4096) for i = 0..4096 with 40 bits behind the point, by repeated exact square roots."""
    guard = 120
    root = 2 << guard
    for _ in range(CELLS.bit_length() - 1):
        root = math.isqrt(root << guard)
    table, power = [], 1 << guard
    for _ in range(CELLS + 1):
        table.append((power + (1 << (guard - MANTISSA - 1))) >> (guard - MANTISSA))
        power = power * root >> guard
    return np.array(table, np.int64)


def _normal_knots() -> NDArray[np.int64]:
    """Standard normal quantiles with 24 bits behind the point; see ``normal`` for the grid."""
    text = resources.files("synthetic").joinpath("tables/normal_quantiles.txt").read_text(encoding="ascii")
    return np.array([int(line) for line in text.split()], np.int64)


POWERS = _powers()
NORMAL_KNOTS = _normal_knots()
BODY = 512  # cells of half the distribution
TAIL = 16  # halvings of its last cell


@compiled(inline=True)
def exp2(exponent: Any) -> Any:
    """2^exponent as an integer, rounded down to the table's 40 bits; int64 with 24 bits behind the point, below 62."""
    whole = exponent >> POINT
    part = exponent & (ONE - 1)
    cell = part >> 12
    value = POWERS[cell] + (((POWERS[cell + 1] - POWERS[cell]) * (part & 4_095)) >> 12)
    if whole >= MANTISSA:
        return value << (whole - MANTISSA)
    shift = min(MANTISSA - whole, 62)
    return (value + (np.int64(1) << (shift - 1))) >> shift


@compiled
def log2(value: Any) -> Any:
    """log2 of an int64 above 0, with 24 bits behind the point, rounded down: digit by digit, by squaring."""
    whole = 0
    while value >> (whole + 1):
        whole += 1
    mantissa = value << (30 - whole) if whole <= 30 else value >> (whole - 30)
    result = whole
    for _ in range(POINT):
        mantissa = (mantissa * mantissa) >> 30
        bit = mantissa >> 31
        mantissa >>= bit
        result = (result << 1) | bit
    return result


@compiled(inline=True)
def normal(word: Any) -> Any:
    """A standard normal variate, 24 bits behind the point, from a 32-bit word.

    The highest bit is the sign. The rest is the distance from the middle, in 512 cells of equal probability with a
    straight line in each; the last cell is halved 16 times, so the tail reaches 6.2 standard deviations.
    """
    upper = word >> 31
    rest = word & 0x7FFF_FFFF
    if not upper:
        rest = 0x7FFF_FFFF - rest
    cell = rest >> 22
    within = rest & 0x3F_FFFF
    if cell < BODY - 1:
        low, high = NORMAL_KNOTS[cell], NORMAL_KNOTS[cell + 1]
        value = low + (((high - low) * within) >> 22)
    else:
        left = 0x3F_FFFF - within
        level = 0
        while level < TAIL - 1 and left < (1 << (21 - level)):
            level += 1
        low, high = NORMAL_KNOTS[BODY - 1 + level], NORMAL_KNOTS[BODY + level]
        if level == TAIL - 1:
            span, inside = np.int64(1 << 7), np.int64((1 << 7) - 1 - left)
        else:
            span, inside = np.int64(1 << (21 - level)), np.int64((1 << (22 - level)) - 1 - left)
        value = low + (high - low) * inside // span
    return value if upper else -value


def sigma_bits(sigma: float) -> int:
    """A lognormal's sigma (natural logarithm) as a factor on ``normal``, in exponents, 16 bits behind the point."""
    return round(sigma * LOG2_E / (1 << 8))
