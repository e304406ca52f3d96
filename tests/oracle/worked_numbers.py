"""Worked answers: whole numbers, decimals, floats and their arithmetic."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tests.oracle.worked import Worked

NAN, INF = math.nan, math.inf

BIG_INTEGERS = Worked(
    "int64 past 2**53",
    pa.table({"x": pa.array([2**53, 2**53 + 1, -(2**63), 2**63 - 1, None], pa.int64())}),
    {
        "x = 9007199254740993": "F T F F N",
        "9007199254740993 = x": "F T F F N",
        "x < 9007199254740993": "T F T F N",
        "9007199254740993 > x": "T F T F N",
        "x >= 9007199254740992.5": "F T F T N",
        "x < 9007199254740992.5": "T F T F N",
        "x > 9007199254740992.5": "F T F T N",
        "x <= 9007199254740992.5": "T F T F N",
        "x = 9007199254740992.5": "F F F F N",
        "x <> 9007199254740992.5": "T T T T N",
        "x < 1e19": "T T T T N",
        "x > 1e19": "F F F F N",
        "x > -1e308": "T T T T N",
        "x <= 9223372036854775806.9999": "T T T F N",
        "x > 9223372036854775806": "F F F T N",
        "x > 9223372036854775807": "F F F F N",
        "x < -9223372036854775808": "F F F F N",
        "x < -9223372036854775807.5": "F F T F N",
        "x = -9223372036854775808": "F F T F N",
        "x = 9223372036854775808": "F F F F N",
        "x + 0 = 9007199254740992": "T T F F N",
        "x = 9007199254740992 + 1": "T T F F N",
        "x IN (9007199254740993, 5)": "F T F F N",
        "x NOT IN (9007199254740993, 0.5)": "T F T T N",
        "x BETWEEN 9007199254740993 AND 9007199254740993": "F T F F N",
        "x NOT BETWEEN 9007199254740993 AND 9007199254740993": "T F T T N",
        "-x = 9223372036854775808": "F F T F N",
        "ABS(x) > 9223372036854775807": "F F F F N",
        "x - x = 0": "T T T T N",
        "x / 0 = 1": "N N N N N",
        "MOD(x, 2) = 0": "T T T T N",
        "MOD(x, 0) IS NULL": "T T T T T",
        "x IS NULL": "F F F F T",
        "x IS NOT NULL": "T T T T F",
        "COALESCE(x, 0) = 9007199254740992": "T T F F F",
        "GREATEST(x, 9007199254740992) = 9007199254740992": "T T T F T",
    },
)

UNSIGNED = Worked(
    "uint64 and int64",
    pa.table(
        {
            "u": pa.array([0, 2**64 - 1, 2**64 - 2, None], pa.uint64()),
            "s": pa.array([0, -1, 2**63 - 1, 5], pa.int64()),
        }
    ),
    {
        "u = 18446744073709551615": "F T F N",
        "u > 18446744073709551614": "F T F N",
        "u < 18446744073709551614.5": "T F T N",
        "u < 0": "F F F N",
        "u >= -1": "T T T N",
        "u > -0.5": "T T T N",
        "u = 18446744073709551616": "F F F N",
        "u * 1 = 18446744073709551616": "F T T N",
        "u <= 18446744073709551615.5": "T T T N",
        "u = s": "T F F N",
        "u > s": "F T T N",
        "s < u": "F T T N",
        "s <> u": "F T T N",
        "u - s > 1e19": "F T F N",
        "u IN (0, 18446744073709551614)": "T F T N",
    },
)

SMALL_INTEGERS = Worked(
    "int8 and uint8",
    pa.table({"b": pa.array([-128, 127, 0, None], pa.int8()), "w": pa.array([255, 128, 0, 1], pa.uint8())}),
    {
        "b < 128": "T T T N",
        "b = 127.0": "F T F N",
        "b = 1.27e2": "F T F N",
        "b > -129": "T T T N",
        "b = 1e-300": "F F F N",
        "b <> 1e300": "T T T N",
        "b < w": "T T F N",
        "b = w": "F F T N",
        "w - b > 300": "T F F N",
        "b * b = 16384": "T F F N",
        "-b = 128": "T F F N",
        "b + w = 127": "T F F N",
        "w > 254.999": "T F F F",
        "b / w < -0.5": "T F N N",
        "b = 0 AND w = 0": "F F T F",
        "b > 0 OR w > 0": "T T F T",
        "NOT (b > 0 AND w > 0)": "T F T N",
    },
)

FLOAT32 = Worked(
    "float32",
    pa.table({"f": pa.array(np.array([0.1, 2**24, INF, -0.0, NAN, 0, 2**-149], np.float32), mask=np.arange(7) == 5)}),
    {
        "f = 0.1": "T F F F N N F",
        "f * 1 = 0.1": "F F F F N N F",
        "f = 16777217": "F T F F N N F",
        "f < 0.1": "F F F T N N T",
        "f >= 0.1": "T T T F N N F",
        "0.1 >= f": "T F F T N N T",
        "f = 0": "F F F T N N F",
        "f = -0.0": "F F F T N N F",
        "f > 1e38": "F F T F N N F",
        "f < 1e39": "T T F T N N T",
        "f IS NULL": "F F F F T T F",
        "NOT f > 0": "F F F T N N F",
        "f IN (0.1, 3)": "T F F F N N F",
        "f NOT IN (0.1, 3)": "F T T T N N T",
        "f - f = 0": "T T N T N N T",
        "f - f IS NULL": "F F T F T T F",
        "1 / f > 0": "T T F N N N T",
        "f * 0 = 0": "T T N T N N T",
        "f <> f": "F F F F N N F",
        "f = 1e-45": "F F F F N N T",
        "f = 5e-46": "F F F T N N F",
        "f BETWEEN 0.1 AND 16777217": "T T F F N N F",
        "f + 0.0 BETWEEN 0.1 AND 0.2": "T F F F N N F",
        "COALESCE(f, 7) = 7": "F F F F T T F",
        "COALESCE(f, 0.1) = 0.1": "F F F F T T F",
    },
)

FLOAT16 = Worked(
    "float16",
    pa.table({"h": pa.array(np.array([0.1, 65504, 2048, NAN, 0, 2**-24], np.float16), mask=np.arange(6) == 4)}),
    {
        "h = 0.1": "T F F N N F",
        "h = 2049": "F F T N N F",
        "h = 2051": "F F F N N F",
        "h < 65519": "T F T N N T",
        "h <= 65520": "T T T N N T",
        "h = 65504": "F T F N N F",
        "h > 0": "T T T N N T",
        "h = 6e-8": "F F F N N T",
        "h + 0 = 0.1": "F F F N N F",
        "h + h = 131008": "F T F N N F",
    },
)

FLOAT64 = Worked(
    "float64",
    pa.table({"d": pa.array([1 - 2**-53, 1.0, 1 + 2**-52, 1e308, -INF, 5e-324, NAN, None], from_pandas=False)}),
    {
        "d < 1": "T F F F T T N N",
        "d <= 1.00000000000000011102230246251565404236316680908203125": "T T F F T T N N",
        "d <= 1.00000000000000011102230246251565404236316680908203126": "T T T F T T N N",
        "d = 1.0000000000000002": "F F T F F F N N",
        "d * 10 > 1e308": "F F F T F F N N",
        "d * 10 = d * 100": "F F F T T F N N",
        "d - d = 0": "T T T T N T N N",
        "d < 1.7976931348623157e308": "T T T T T T N N",
        "d >= -1.7976931348623157e308": "T T T T F T N N",
        "d > 0 AND d < 5e-324": "F F F F F F N N",
        "d = 4e-324": "F F F F F T N N",
        "0.1 + 0.2 = 0.3": "F F F F F F F F",
        "d > 0 OR 0.1 + 0.2 + 0.3 > 0.6": "T T T T T T T T",
        "0.1 + (0.2 + 0.3) > 0.6": "F F F F F F F F",
        "GREATEST(d, 1) = 1": "T T F F T T T T",
        "LEAST(d, 1) = 1": "F T T T F F T T",
        "LEAST(d, d) IS NULL": "F F F F F F T T",
        "COALESCE(d, -1) = -1": "F F F F F F T T",
        "ABS(d) > 1e308": "F F F F T F N N",
        "MOD(d, 1) = 0": "F T F T N F N N",
        "d IS NOT NULL": "T T T T T T F F",
        "d + 1 > d": "T T T F F T N N",
        "(d > 1) IS NULL": "F F F F F F T T",
        "(d > 1) IS NOT NULL": "T T T T T T F F",
        "NOT (d > 1)": "T T F F T T N N",
        "d = d": "T T T T T T N N",
        "-d < 0": "T T T T F T N N",
        "d / 2 = 0": "F F F F F T N N",
        "d IN (1, 1e308)": "F T F T F F N N",
        "d > 1 OR d IS NULL": "F F T T F F T T",
        "d * d * 0 = 0": "T T T N N T N N",
        "1 / (d - 1) IS NULL": "F T F F F F T T",
        "1 / (1 / d) = d": "F T T T N F N N",
    },
)

REMAINDERS = Worked(
    "remainders and quotients",
    pa.table({"a": [5.5, -5.5, 5.5, -5.5, 0.0, 7.0, INF, 3.0], "b": [2.0, 2.0, -2.0, 0.0, 3.0, None, 2.0, INF]}),
    {
        "MOD(a, b) = 1.5": "T F T N F N N F",
        "MOD(a, b) = -1.5": "F T F N F N N F",
        "MOD(a, b) >= 0": "T F T N T N N T",
        "MOD(a, b) = 3": "F F F N F N N T",
        "a / b = 2.75": "T F F N F N F F",
        "a / b > 1e308": "F F F N F N T F",
        "a / b = 0": "F F F N T N F T",
        "a * b > 0": "T F F F F N T T",
        "a / -b < 0": "T F F N F N T F",
        "1 - 2 - 3 = -4": "T T T T T T T T",
        "8 / 4 / 2 = 1": "T T T T T T T T",
        "8 / (4 / 2) = 4": "T T T T T T T T",
        "2 + 3 * 4 = 14": "T T T T T T T T",
        "(2 + 3) * 4 = 20": "T T T T T T T T",
        "a - -1 = 6.5": "T F T F F F F F",
    },
)

DECIMALS = Worked(
    "decimals",
    pa.table(
        {
            "m": pa.array(
                [Decimal("0.10"), Decimal(1), Decimal("-9999999999.99"), Decimal("9999999999.99"), None],
                pa.decimal128(12, 2),
            ),
            "p": pa.array(
                [Decimal("12345678901234567890.0000000001"), Decimal("12345678901234567890"), Decimal("1e-10"),
                 Decimal(-1), None],
                pa.decimal128(38, 10),
            ),
            "q": pa.array(
                [Decimal(10**40) + Decimal("0"), Decimal("10000000000000000000000000000000000000000.01"),
                 Decimal("-0.01"), None, Decimal(0)],
                pa.decimal256(50, 2),
            ),
        }
    ),
    {
        "m = 0.1": "T F F F N",
        "m = 0.1000000000000000055511151231257827": "F F F F N",
        "m <> 0.1000000000000000055511151231257827": "T T T T N",
        "m < 0.100000001": "T F T F N",
        "m <= 0.09999999": "F F T F N",
        "m > 9999999999.98999999999": "F F F T N",
        "m < 1e30": "T T T T N",
        "m * 10 = 1": "T F F F N",
        "m * 3 = 0.3": "F F F F N",
        "m IN (0.10, 1)": "T T F F N",
        "m BETWEEN 0.1 AND 1": "T T F F N",
        "p = 12345678901234567890": "F T F F N",
        "p > 12345678901234567890": "T F F F N",
        "p > 0.00000000009": "T T T F N",
        "p * 1 = 12345678901234567890": "T T F F N",
        "m < p": "T T T F N",
        "m > p": "F F F T N",
        "q = 1e40": "T F F N F",
        "q > 1e40": "F T F N F",
        "q >= -0.01": "T T T N T",
        "q < 0": "F F T N F",
        "q + 0 = 1e40": "T T F N F",
        "q < p": "F F T N N",
        "q IS NULL": "F F F T F",
        "-m = -0.1": "T F F F N",
        "m - p < 0": "T T T F N",
    },
)  # fmt: skip

EXACT_PAIRS = Worked(
    "whole numbers against decimals and floats",
    pa.table(
        {
            "k": pa.array([12345678901234, 1, 0, -1, 7], pa.int64()),
            "m": pa.array([Decimal("12345678901234.0001"), Decimal(1), Decimal(0), Decimal("-1.0001"), None],
                          pa.decimal128(20, 4)),
            "u": pa.array([2**64 - 1, 10, 1, 3, None], pa.uint64()),
            "v": pa.array([Decimal("9." + "9" * 37), Decimal("9." + "9" * 37), Decimal(1), None, Decimal(0)],
                          pa.decimal128(38, 37)),
            "n": pa.array([2**53 + 1, 2**53, 3, None, -1], pa.int64()),
            "d": pa.array([2.0**53, 2.0**53, 3.5, 1.0, NAN], from_pandas=False),
            "f": pa.array([0.1, 0.5, 3.0, 1.0, None], pa.float32()),
            "e": pa.array([0.1, 0.5, 3.0, 2.0, 1.0]),
        }
    ),
    {
        "k < m": "T F F F N",
        "k = m": "F T T F N",
        "k > m": "F F F T N",
        "m >= k": "T T T F N",
        "v < u": "T T F N N",
        "v = u": "F F T N N",
        "u > v": "T T F N N",
        "n = d": "T T F N N",
        "n < d": "F F T N N",
        "d >= n": "T T T N N",
        "f = e": "F T T F N",
        "f > e": "T F F F N",
        "m = e": "F F F F N",
        "k + 0 = m": "T T T F N",
        "n IN (d, 3)": "T T T N N",
        "k BETWEEN m AND u": "F T T T N",
    },
)  # fmt: skip

NULL_BOUNDS = Worked(
    "missing bounds",
    pa.table(
        {
            "x": pa.array([5, 5, 5, 1, None], pa.int32()),
            "lo": pa.array([1, None, 6, None, 1], pa.int32()),
            "hi": pa.array([None, 9, None, 0, 9], pa.int16()),
        }
    ),
    {
        "x BETWEEN lo AND hi": "N N F F N",
        "x NOT BETWEEN lo AND hi": "N N T T N",
        "x IN (lo, hi)": "N N N N N",
        "x IN (5, lo)": "T T T N N",
        "x NOT IN (5, lo)": "F F F N N",
        "LEAST(x, lo, hi) = 1": "T F F F T",
        "GREATEST(lo, hi) > 5": "F T T F T",
        "COALESCE(lo, hi) IS NULL": "F F F F F",
        "COALESCE(lo, hi, 0) + x > 5": "T T T F N",
        "COALESCE(lo, hi) = 9": "F T F F F",
        "(x BETWEEN lo AND hi) IS NULL": "T T F F T",
        "x + lo IS NULL": "F T F T T",
        "NOT (lo > 0 OR hi > 0)": "F F F N F",
    },
)

NUMBERS = (
    BIG_INTEGERS, UNSIGNED, SMALL_INTEGERS, FLOAT32, FLOAT16, FLOAT64, REMAINDERS, DECIMALS, EXACT_PAIRS, NULL_BOUNDS,
)  # fmt: skip
