"""Worked answers: dates, timestamps, lookup tables and names of ``let``."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa

from gpu_target.language.model import LookupTable
from tests.oracle.worked import Worked


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


DATES = Worked(
    "dates and timestamps",
    pa.table(
        {
            "d": pa.array(
                [_day("2024-02-29"), _day("2024-03-01"), _day("1969-12-31"), _day("0001-01-01"), None], pa.date32()
            ),
            "t": pa.array(
                [
                    _moment("2024-02-29"),
                    _moment("2024-02-29T23:59:59.999999"),
                    _moment("1970-01-01"),
                    None,
                    _moment("2024-03-01T12:00"),
                ],
                pa.timestamp("us"),
            ),
        }
    ),
    {
        "d = DATE '2024-02-29'": "T F F F N",
        "d <> DATE '2024-02-29'": "F T T T N",
        "d < DATE '2024-03-01'": "T F T T N",
        "d = TIMESTAMP '2024-02-29 00:00:00'": "T F F F N",
        "d < TIMESTAMP '2024-02-29 00:00:00.000001'": "T F T T N",
        "d > TIMESTAMP '2024-02-29 12:00:00'": "F T F F N",
        "d = TIMESTAMP '2024-02-29 12:00:00'": "F F F F N",
        "d = t": "T F F N N",
        "d <= t": "T F T N N",
        "t < d": "F T F N N",
        "t >= DATE '2024-02-29'": "T T F N T",
        "t = DATE '2024-02-29'": "T F F N F",
        "t > DATE '2024-02-29'": "F T F N T",
        "d - DATE '2024-02-28' = 1": "T F F F N",
        "DATE '2024-03-01' - d = 1": "T F F F N",
        "t - d = 0": "T F F N N",
        "t - d > -0.001 AND t - d < 0": "F T F N N",
        "t - d = 1": "F F T N N",
        "t - TIMESTAMP '2024-02-29 12:00:00' = -0.5": "T F F N F",
        "t - t = 0": "T T T N T",
        "YEAR(d) = 2024": "T T F F N",
        "YEAR(d) = 1": "F F F T N",
        "YEAR(t) = 1970": "F F T N F",
        "MONTH(d) = 2": "T F F F N",
        "MONTH(t) + 1 = 3": "T T F N F",
        "DAY(d) = 31": "F F T F N",
        "HOUR(t) = 23": "F T F N F",
        "HOUR(t) BETWEEN 6 AND 18": "F F F N T",
        "WEEKDAY(d) = 4": "T F F F N",
        "WEEKDAY(d) = 1": "F F F T N",
        "WEEKDAY(t) = 4": "T T T N F",
        "d IN (DATE '2024-02-29', DATE '0001-01-01')": "T F F T N",
        "t IN (DATE '2024-02-29', TIMESTAMP '2024-03-01 12:00:00')": "T F F N T",
        "d IN @days": "F T F F N",
        "t IN @days": "F F T N F",
        "d BETWEEN DATE '1969-12-31' AND DATE '2024-02-29'": "T F T F N",
        "COALESCE(d, t) > DATE '2024-03-01'": "F F F F T",
        "LEAST(d, t) = d": "T F T T N",
        "GREATEST(d, t) = t": "T F T N T",
        "d - AS_OF < 0": "T F T T N",
        "AS_OF = DATE '2024-03-01'": "T T T T T",
        "t < AS_OF": "T T T N F",
        "AS_OF - d = 1": "T F F F N",
        "YEAR(AS_OF) = 2024 AND d < AS_OF": "T F T T N",
        "d IS NULL OR t IS NULL": "F F F T T",
    },
    lists={"days": pa.array(["2024-03-01", "1970-01-01"], pa.large_string())},
    as_of=_day("2024-03-01"),
)

UNITS = Worked(
    "timestamps of every unit and zone",
    pa.table(
        {
            "s": pa.array([1, -1, 0, None], pa.timestamp("s")),
            "ms": pa.array([1000, -1000, 1, 5], pa.timestamp("ms")),
            "ns": pa.array([1_000_000_000, -1, 0, 1], pa.timestamp("ns")),
            "z": pa.array([1706713200_000000, 1706713199_999999, None, 0], pa.timestamp("us", "Asia/Seoul")),
            "c": pa.array([1706713200_000, 1706713199_999, 0, 0], pa.timestamp("ms", "UTC")),
        }
    ),
    {
        "s = ms": "T T F N",
        "s < ns": "F T F N",
        "s = ns": "T F T N",
        "ms > ns": "F F T T",
        "s = TIMESTAMP '1970-01-01 00:00:01'": "T F F N",
        "s < TIMESTAMP '1970-01-01 00:00:00.5'": "F T T N",
        "s <> TIMESTAMP '1970-01-01 00:00:00.5'": "T T T N",
        "ns < TIMESTAMP '1970-01-01 00:00:00'": "F T F F",
        "ns = TIMESTAMP '1970-01-01 00:00:00.000000001'": "F F F T",
        "ns > DATE '1970-01-01'": "T F F T",
        "ms > TIMESTAMP '1970-01-01 00:00:00.0005'": "T F T T",
        "ms < TIMESTAMP '1970-01-01 00:00:00.0015'": "F T T F",
        "YEAR(s) = 1969": "F T F N",
        "HOUR(s) = 23": "F T F N",
        "WEEKDAY(s) = 3": "F T F N",
        "DAY(ns) = 31": "F T F F",
        "z = DATE '2024-02-01'": "T F N F",
        "z < DATE '2024-02-01'": "F T N T",
        "MONTH(z) = 2": "T F N F",
        "HOUR(z) = 9": "F F N T",
        "HOUR(c) = 15": "T F F F",
        "c < DATE '2024-02-01'": "T T T T",
        "z - c = 0.375": "T F N T",
        "ms - s > 0": "F F T N",
    },
)

FLOORS = pa.table(
    {
        "code": pa.array(["87", "8703", "8703", "9"], pa.large_string()),
        "origin": pa.array(["XA", "XA", "XB", "XA"], pa.large_string()),
        "floor": pa.array(["10", "20", "30", ""], pa.large_string()),
        "note": pa.array(["car", "sedan", "van", "other"], pa.large_string()),
    }
)
RATES = pa.table(
    {
        "currency": pa.array(["USD", "USD", "EUR"], pa.large_string()),
        "first": pa.array(["2024-01-01", "2024-02-01", ""], pa.large_string()),
        "last": pa.array(["2024-01-31", "", "2024-01-15"], pa.large_string()),
        "rate": pa.array(["9.9", "10.1", "11"], pa.large_string()),
    }
)
OFFICES = pa.table(
    {
        "id": pa.array(["0300", "309"], pa.large_string()),
        "port": pa.array(["true", "false"], pa.large_string()),
    }
)

LOOKUPS = Worked(
    "lookup tables and let",
    pa.table(
        {
            "commodity": ["870323", "8704", "9999", "8703", None, "8703"],
            "origin": ["XA", "XA", "XA", "XZ", "XA", "XB"],
            "currency": ["USD", "USD", "EUR", "EUR", "USD", None],
            "office": pa.array([300, 309, 300, 1, None, 309], pa.int32()),
            "at": pa.array(
                [_moment("2024-01-31T23:59:59"), _moment("2024-02-01"), _moment("2023-06-01"),
                 _moment("2024-01-16"), _moment("2024-01-01"), None],
                pa.timestamp("us"),
            ),
            "amount": pa.array([Decimal(5), Decimal(10), Decimal(15), Decimal(20), None, Decimal(31)],
                               pa.decimal128(10, 0)),
        }
    ),
    {
        "floors.floor > 15": "T F N N N T",
        "floors.floor IS NULL": "F F T T T F",
        "floors.floor * 2 = 20": "F T N N N F",
        "amount < 0.5 * floors.floor": "T F N N N F",
        "amount > floors.floor": "F F N N N T",
        "floors.note = 'other'": "F F T N N F",
        "floors.note IS NULL": "F F F T T F",
        "rates.rate = 9.9": "T F F N T N",
        "rates.rate > 10": "F T T N F N",
        "offices.port": "T F T N N F",
        "NOT offices.port": "F T F N N T",
        "local > 100": "F T T N N N",
        "local IS NULL": "F F F T T T",
        "cheap": "T F N N N F",
        "NOT cheap OR large": "F T T T N T",
        "large": "F T T T N T",
    },
    tables={
        "floors": LookupTable(
            "floors", FLOORS, {"commodity": "code", "origin": "origin"}, prefix="commodity", types={"floor": "number"}
        ),
        "rates": LookupTable(
            "rates", RATES, {"currency": "currency"}, valid=("first", "last"), types={"rate": "number"}
        ),
        "offices": LookupTable("offices", OFFICES, {"office": "id"}, types={"port": "boolean"}),
    },
    let={"local": "amount * rates.rate", "large": "amount >= 10", "cheap": "amount < 0.5 * floors.floor"},
    roles={"date": "at"},
)  # fmt: skip

TIMES = (DATES, UNITS, LOOKUPS)
