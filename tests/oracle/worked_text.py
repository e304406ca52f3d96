"""Worked answers: booleans and three-valued logic, text, lists."""

from __future__ import annotations

import math
from decimal import Decimal

import pyarrow as pa

from tests.oracle.worked import Worked

LOGIC = Worked(
    "three-valued logic",
    pa.table(
        {
            "a": pa.array([True, True, True, False, False, False, None, None, None]),
            "b": pa.array([True, False, None, True, False, None, True, False, None]),
        }
    ),
    {
        "a": "T T T F F F N N N",
        "NOT a": "F F F T T T N N N",
        "a AND b": "T F N F F F N F N",
        "a OR b": "T T T T F N T N N",
        "NOT (a AND b)": "F T N T T T N T N",
        "NOT (a OR b)": "F F F F T N F N N",
        "NOT a OR NOT b": "F T N T T T N T N",
        "(a AND b) IS NULL": "F F T F F F T F T",
        "(a OR b) IS NOT NULL": "T T T T T F T F F",
        "(a AND b) IS NULL OR a": "T T T F F F T N T",
        "a = b": "T F N F T N N N N",
        "a <> b": "F T N T F N N N N",
        "a = TRUE": "T T T F F F N N N",
        "a <> FALSE": "T T T F F F N N N",
        "NOT a = b": "F T N T F N N N N",
        "a AND NOT a": "F F F F F F N N N",
        "a OR NOT a": "T T T T T T N N N",
        "(a IS NULL) = (b IS NULL)": "T T F T T F F F T",
        "a AND b IS NULL": "F F T F F F F F N",
        "NOT a AND b": "F F F T F N N F N",
        "a OR b AND FALSE": "T T T F F F N N N",
        "a IN (b, TRUE)": "T T T F T N N N N",
        "a NOT IN (FALSE)": "T T T F F F N N N",
        "COALESCE(a, b)": "T T T F F F T F N",
        "COALESCE(a, b, TRUE)": "T T T F F F T F T",
        "TRUE": "T T T T T T T T T",
        "FALSE OR a": "T T T F F F N N N",
        "a AND FALSE": "F F F F F F F F F",
        "(NOT a) IS NULL": "F F F F F F T T T",
        "NOT NOT a": "T T T F F F N N N",
    },
)

TEXT = Worked(
    "text",
    pa.table({"s": ["", "a", "A", "aé", "z", "é", "🎉", "a%b", None]}),
    {
        "s = ''": "T F F F F F F F N",
        "s <> ''": "F T T T T T T T N",
        "s < 'a'": "T F T F F F F F N",
        "s > 'z'": "F F F F F T T F N",
        "'z' < s": "F F F F F T T F N",
        "s >= 'a' AND s < 'b'": "F T F T F F F T N",
        "LENGTH(s) = 0": "T F F F F F F F N",
        "LENGTH(s) = 1": "F T T F T T T F N",
        "LENGTH(s) * 2 > 3": "F F F T F F F T N",
        "s LIKE '_'": "F T T F T T T F N",
        "s LIKE '__'": "F F F T F F F F N",
        "s LIKE '%'": "T T T T T T T T N",
        "s LIKE '%_%'": "F T T T T T T T N",
        "s LIKE 'a%'": "F T F T F F F T N",
        "s LIKE '%é'": "F F F T F T F F N",
        "s LIKE 'a!%%' ESCAPE '!'": "F F F F F F F T N",
        "s LIKE 'a!%b' ESCAPE '!'": "F F F F F F F T N",
        r"s LIKE 'a\%b'": "F F F F F F F F N",
        "s LIKE 'aé%_' ESCAPE 'é'": "F F F F F F F T N",
        "s NOT LIKE '%a%'": "T F T F T T T F N",
        "NOT s LIKE '%a%'": "T F T F T T T F N",
        "s LIKE '%_b'": "F F F F F F F T N",
        "s LIKE ''": "T F F F F F F F N",
        "s LIKE 'A'": "F F T F F F F F N",
        "UPPER(s) = 'A'": "F T T F F F F F N",
        "UPPER(s) = 'AÉ'": "F F F T F F F F N",
        "UPPER(s) LIKE 'A%'": "F T T T F F F T N",
        "LEFT(s, 1) = 'a'": "F T F T F F F T N",
        "LEFT(s, 1) = 'é'": "F F F F F T F F N",
        "LEFT(s, 0) = ''": "T T T T T T T T N",
        "LEFT(s, 5) = 'a%b'": "F F F F F F F T N",
        "LENGTH(LEFT(s, 2)) = 2": "F F F T F F F T N",
        "s IN ('a', 'é', '')": "T T F F F T F F N",
        "s NOT IN ('a', 'é', '')": "F F T T T F T T N",
        "s BETWEEN 'a' AND 'z'": "F T F T T F F T N",
        "COALESCE(s, 'x') = 'x'": "F F F F F F F F T",
        "LEAST(s, 'a') = 'a'": "F T F T T T T T T",
        "GREATEST(s, 'z') = 'z'": "T T T T T F F T T",
        "s = 'it''s'": "F F F F F F F F N",
        "s IS NULL": "F F F F F F F F T",
        "(s LIKE 'a%') IS NULL": "F F F F F F F F T",
    },
)

ODD_TEXT = Worked(
    "text that trips implementations",
    pa.table(
        {
            "s": ["a\0b", "ß", "\u0131", "e\u0301", "a\nb", "it's", "\\", "aaaaaaaaaaaaaaaaaaaaaaab"],
            "t": ["a", "ß", "i", "é", "a\nb", "its", "\\\\", "aaaaaaaaaaaaaaaaaaaaaaaa"],
        }
    ),
    {
        "s = t": "F T F F T F F F",
        "s > t": "T F T F F F F T",
        "s LIKE 'a_b'": "T F F F T F F F",
        "UPPER(s) = 'I'": "F F T F F F F F",
        "LENGTH(s) = 2": "F F F T F F F F",
        "LENGTH(UPPER(s)) = LENGTH(s)": "T T T T T T T T",
        "s = 'it''s'": "F F F F F T F F",
        r"s = '\'": "F F F F F F T F",
        r"s LIKE '\'": "F F F F F F T F",
        "s LIKE 'a%b'": "T F F F T F F T",
        "s LIKE '%a%a%b'": "F F F F F F F T",
        "s > 'aaaaaaaaaaaaaaaaaaaaaaaa'": "F T T T F T F T",
        "s IN (t, 'it''s')": "F T F F T T F F",
        "LEFT(s, 1) = LEFT(t, 1)": "T T F F T T T T",
    },
)

LISTS = Worked(
    "columns of lists",
    pa.table(
        {
            "l": pa.array([["a", "b"], [], [None, "c"], None, ["a"]], pa.list_(pa.string())),
            "x": ["b", "a", "b", "a", None],
            "n": pa.array([[1, 2], [], [None], [2**63 - 1], None], pa.large_list(pa.int64())),
            "k": pa.array([2, 0, None, 2**63 - 1, 1], pa.int64()),
            "m": pa.array(
                [Decimal(1), Decimal(0), Decimal(5), Decimal("9223372036854775807.00"), None], pa.decimal128(38, 2)
            ),
            "f": pa.array([[0.1, math.nan], [-0.0], [math.inf], [], None], pa.list_(pa.float64())),
            "g": pa.array([[0.1], [2.0**24], [], None, [None]], pa.list_(pa.float32())),
        }
    ),
    {
        "CONTAINS(l, 'a')": "T F F N T",
        "CONTAINS(l, x)": "T F F N N",
        "NOT CONTAINS(l, 'a')": "F T T N F",
        "CONTAINS(l, '')": "F F F N F",
        "l IS NULL": "F F F T F",
        "CONTAINS(l, 'a') IS NULL": "F F F T F",
        "CONTAINS_ANY(l, @cd)": "F F T N F",
        "NOT CONTAINS_ANY(l, @cd)": "T T F N T",
        "CONTAINS_ANY(l, @none)": "F F F N F",
        "CONTAINS_ANY(l, @cd) OR CONTAINS(l, 'b')": "T F T N F",
        "CONTAINS(n, 1)": "T F F F N",
        "CONTAINS(n, 1.0)": "T F F F N",
        "CONTAINS(n, 1.5)": "F F F F N",
        "CONTAINS(n, 9223372036854775807)": "F F F T N",
        "CONTAINS(n, 9223372036854775806)": "F F F F N",
        "CONTAINS(n, 9223372036854775808)": "F F F F N",
        "CONTAINS(n, k)": "T F N T N",
        "CONTAINS(n, m)": "T F F T N",
        "CONTAINS(n, k + 0)": "T F N T N",
        "CONTAINS(f, k)": "F T N F N",
        "CONTAINS_ANY(n, @numbers)": "T F F F N",
        "CONTAINS(f, 0.1)": "T F F F N",
        "CONTAINS(f, 0)": "F T F F N",
        "CONTAINS(g, 0.1)": "T F F N F",
        "CONTAINS(g, 16777217)": "F T F N F",
    },
    lists={
        "cd": pa.array(["c", "d"], pa.large_string()),
        "none": pa.array([], pa.large_string()),
        "numbers": pa.array(["2", "77"], pa.large_string()),
    },
)

NAMED_LISTS = Worked(
    "IN @list",
    pa.table(
        {
            "x": ["XA", "xb", "", None],
            "n": pa.array([5, 0, 2**53 + 1, None], pa.int64()),
            "f": pa.array([0.1, 0.5, 2.0, None], pa.float32()),
            "w": pa.array([1, 255, None, 0], pa.uint8()),
        }
    ),
    {
        "x IN @high": "T F F N",
        "x NOT IN @high": "F T T N",
        "NOT x IN @high": "F T T N",
        "x IN @nothing": "F F F N",
        "x NOT IN @nothing": "T T T N",
        "UPPER(x) IN @high": "T T F N",
        "LEFT(x, 0) IN @blank": "T T T N",
        "x IN @blank": "F F T N",
        "x IN @many OR x = 'xb'": "T T F N",
        "n IN @numbers": "T F T N",
        "n IN @whole": "T F F N",
        "n + 0 IN @numbers": "T F T N",
        "n + 1 IN @whole": "F F T N",
        "f IN @tenths": "T T F N",
        "f NOT IN @tenths": "F F T N",
        "f + 0 IN @tenths": "F T F N",
        "w IN @whole": "F F N F",
        "w NOT IN @whole": "T T N T",
    },
    lists={
        "high": pa.array(["XA", "XB", "XA"], pa.large_string()),
        "nothing": pa.array([], pa.large_string()),
        "blank": pa.array([""], pa.large_string()),
        "many": pa.array([f"X{chr(65 + k % 26)}{k // 26 or ''}" for k in range(300)], pa.large_string()),
        "numbers": pa.array(["5", "9007199254740993"], pa.large_string()),
        "whole": pa.array([5, 2**53, 300, -1], pa.int64()),
        "tenths": pa.array(["0.1", "0.5"], pa.large_string()),
    },
)

TEXTS = (LOGIC, TEXT, ODD_TEXT, LISTS, NAMED_LISTS)
