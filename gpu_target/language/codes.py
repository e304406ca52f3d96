"""The table of codes: the only place that lists them. Codes are never reused.

RT0xx syntax of rules and their files, RT1xx names and types, RT2xx logic, RT3xx cost, RT4xx style, DT data and maps,
EN environment, US usage. Each entry: a short title and what a reader should know.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    title: str
    explanation: str


CODES: dict[str, Code] = {
    # DT201-DT249: types, lists, lookup tables and the files of decision tables
    "DT201": Code("unknown type", "text, integer, number, decimal(p, s), boolean, date, timestamp, list(text)."),
    "DT202": Code("decimal digits out of range", "decimal(p, s) has p from 1 to 76 digits, s of them after the point."),
}
