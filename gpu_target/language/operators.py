"""The functions and operators of the predicate language: one table that parser, checker, oracle and reference read.

Every entry says what it takes and gives, what a missing value does, what it means, and shows it on one row. The
examples are run by the tests, so they cannot drift from the engine.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool | datetime.date | datetime.datetime | list[str] | None


@dataclass(frozen=True, slots=True)
class Example:
    """A predicate, the row it is asked of, and what it is there: TRUE, FALSE or, as None, UNKNOWN."""

    predicate: str
    row: Mapping[str, Value]
    value: bool | None
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """A function. ``most`` is None where any number of arguments from ``fewest`` on is taken."""

    name: str
    fewest: int
    most: int | None
    takes: tuple[str, ...]  # the kind of each argument, in words; the last one stands for all further ones
    gives: str
    missing: str
    meaning: str
    example: Example

    def arity(self) -> str:
        """``1 argument``, ``2 arguments`` or ``2 or more arguments``."""
        if self.most is None:
            return f"{self.fewest} or more arguments"
        return f"{self.fewest} argument{'s' if self.fewest > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator. One of higher ``power`` is applied first."""

    spelling: str  # as it is written between or before its operands
    power: int
    form: str  # with x, y, z for the operands
    takes: str
    gives: str
    missing: str
    meaning: str
    example: Example


# Powers. Comparisons, BETWEEN, IN, LIKE and IS stand at one level and do not chain.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN = range(1, 8)

_ANY_NULL = "NULL where an argument is NULL"
_EITHER_NULL = "UNKNOWN where either side is NULL"
_NUMBER_NULL = "NULL where either side is NULL"
_MIDNIGHT = datetime.date(2024, 3, 1)
_MORNING = datetime.datetime(2024, 3, 1, 8, 30)

_FUNCTIONS = (
    Function(
        "MOD", 2, 2, ("number", "number"), "number", "NULL where an argument is NULL or the second is 0",
        "What is left over when the first number is divided by the second; it has the sign of the first.",
        Example("MOD(package_count, 12) = 3", {"package_count": 27}, True),
    ),
    Function(
        "ABS", 1, 1, ("number",), "number", _ANY_NULL,
        "The number without its sign.",
        Example("ABS(gross_mass_kg - net_mass_kg) > 5", {"gross_mass_kg": 90.0, "net_mass_kg": 100.0}, True),
    ),
    Function(
        "COALESCE", 2, None, ("anything", "the same kind"), "the kind of its arguments",
        "NULL only where every argument is NULL",
        "The first argument that is not NULL.",
        Example("COALESCE(discount, 0) = 0", {"discount": None}, True),
    ),
    Function(
        "LEAST", 2, None, ("number, text, date or timestamp", "the same kind"), "the kind of its arguments",
        "ignores arguments that are NULL; NULL only where every argument is NULL",
        "The smallest argument.",
        Example("LEAST(invoice_value, customs_value) = 80", {"invoice_value": 80, "customs_value": None}, True),
    ),
    Function(
        "GREATEST", 2, None, ("number, text, date or timestamp", "the same kind"), "the kind of its arguments",
        "ignores arguments that are NULL; NULL only where every argument is NULL",
        "The largest argument.",
        Example("GREATEST(invoice_value, customs_value) > 100", {"invoice_value": 80, "customs_value": 90}, False),
    ),
    Function(
        "LENGTH", 1, 1, ("text",), "number", _ANY_NULL,
        "How many code points the text has.",
        Example("LENGTH(commodity_code) < 10", {"commodity_code": "870323"}, True),
    ),
    Function(
        "LEFT", 2, 2, ("text", "a whole number written out, 0 or more"), "text", _ANY_NULL,
        "The first code points of the text, that many or as many as there are.",
        Example("LEFT(commodity_code, 4) = '8703'", {"commodity_code": "8703231000"}, True),
    ),
    Function(
        "UPPER", 1, 1, ("text",), "text", _ANY_NULL,
        "The text in capitals, each code point mapped to one code point, ß to ẞ, by Arrow's table of "
        "Unicode. DuckDB's is of an older Unicode and leaves some seventy rare letters as they are.",
        Example("UPPER(goods_description) LIKE '%USED%'", {"goods_description": "used tyres"}, True),
    ),
    Function(
        "YEAR", 1, 1, ("date or timestamp",), "number", _ANY_NULL,
        "The year.",
        Example("YEAR(manufactured_on) < 2010", {"manufactured_on": datetime.date(2009, 12, 31)}, True),
    ),
    Function(
        "MONTH", 1, 1, ("date or timestamp",), "number", _ANY_NULL,
        "The month, January 1 to December 12.",
        Example("MONTH(registration_ts) = 3", {"registration_ts": _MORNING}, True),
    ),
    Function(
        "DAY", 1, 1, ("date or timestamp",), "number", _ANY_NULL,
        "The day of the month, from 1.",
        Example("DAY(registration_ts) = 1", {"registration_ts": _MORNING}, True),
    ),
    Function(
        "HOUR", 1, 1, ("timestamp or date",), "number", _ANY_NULL,
        "The hour of the day, 0 to 23; 0 for a date.",
        Example("HOUR(registration_ts) >= 20", {"registration_ts": _MORNING}, False),
    ),
    Function(
        "WEEKDAY", 1, 1, ("date or timestamp",), "number", _ANY_NULL,
        "The day of the week, Monday 1 to Sunday 7.",
        Example("WEEKDAY(registration_ts) = 5", {"registration_ts": _MORNING}, True),
    ),
    Function(
        "CONTAINS", 2, 2, ("list of texts", "text"), "condition",
        "UNKNOWN where an argument is NULL; elements that are NULL are passed over",
        "TRUE where an element of the list equals the text.",
        Example("CONTAINS(document_codes, 'N730')", {"document_codes": ["N380", "N730"]}, True),
    ),
    Function(
        "CONTAINS_ANY", 2, 2, ("list of texts", "@list"), "condition",
        "UNKNOWN where the column is NULL; elements that are NULL are passed over",
        "TRUE where an element of the column is in the list of the rule set.",
        Example(
            "CONTAINS_ANY(document_codes, @licences)", {"document_codes": ["N380", "C678"]}, True,
            {"licences": ("C678", "L100")},
        ),
    ),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {each.name: each for each in _FUNCTIONS}

_PAIR = "two numbers, texts, dates or timestamps, or two conditions"
_ORDERED = "two numbers, texts, dates or timestamps"


def _comparison(spelling: str, takes: str, meaning: str, example: Example) -> Operator:
    return Operator(spelling, COMPARISON, f"x {spelling} y", takes, "condition", _EITHER_NULL, meaning, example)


_OPERATORS = (
    Operator(
        "OR", OR, "x OR y", "conditions", "condition",
        "TRUE where a side is TRUE; otherwise UNKNOWN where a side is UNKNOWN",
        "TRUE where at least one side is TRUE.",
        Example("flow = 'EX' OR country_of_origin = 'XA'", {"flow": None, "country_of_origin": "XA"}, True),
    ),
    Operator(
        "AND", AND, "x AND y", "conditions", "condition",
        "FALSE where a side is FALSE; otherwise UNKNOWN where a side is UNKNOWN",
        "TRUE where both sides are TRUE.",
        Example("flow = 'IM' AND country_of_origin = 'XA'", {"flow": None, "country_of_origin": "XA"}, None),
    ),
    Operator(
        "NOT", NOT, "NOT x", "condition", "condition", "UNKNOWN where x is UNKNOWN",
        "TRUE where x is FALSE. It reaches over a comparison: NOT a = b is NOT (a = b).",
        Example("NOT country_of_origin = 'XA'", {"country_of_origin": None}, None),
    ),
    _comparison(
        "=", _PAIR, "TRUE where both sides are the same.",
        Example("procedure_code = '4000'", {"procedure_code": "4000"}, True),
    ),
    _comparison(
        "<>", _PAIR, "TRUE where the sides differ; != is read as <>.",
        Example("origin <> country_of_dispatch", {"origin": "XA", "country_of_dispatch": "XB"}, True),
    ),
    _comparison(
        "<", _ORDERED, "TRUE where x comes before y; texts by their UTF-8 bytes.",
        Example("customs_value < 1000", {"customs_value": 999.5}, True),
    ),
    _comparison(
        "<=", _ORDERED, "TRUE where x comes before y or equals it.",
        Example("customs_value <= 1000", {"customs_value": 1000.0}, True),
    ),
    _comparison(
        ">", _ORDERED, "TRUE where x comes after y.",
        Example("registration_ts > DATE '2024-03-01'", {"registration_ts": _MORNING}, True),
    ),
    _comparison(
        ">=", _ORDERED, "TRUE where x comes after y or equals it.",
        Example("customs_value >= 1000", {"customs_value": None}, None),
    ),
    Operator(
        "BETWEEN", COMPARISON, "x [NOT] BETWEEN y AND z", "three numbers, texts, dates or timestamps", "condition",
        "as x >= y AND x <= z: FALSE where one half is FALSE, otherwise UNKNOWN where a value is NULL",
        "TRUE where x lies from y to z, both included.",
        Example("net_mass_kg BETWEEN 10 AND 20", {"net_mass_kg": 20.0}, True),
    ),
    Operator(
        "IN", COMPARISON, "x [NOT] IN (y, z, …)", "values of one kind", "condition",
        "as x = y OR x = z: TRUE where one is equal, otherwise UNKNOWN where a value is NULL",
        "TRUE where x equals one of the values.",
        Example("country_of_origin NOT IN ('XA', 'XB')", {"country_of_origin": "FR"}, True),
    ),
    Operator(
        "IN @", COMPARISON, "x [NOT] IN @list", "a value and a list of the rule set", "condition",
        "UNKNOWN where x is NULL; FALSE where the list is empty and x is not NULL",
        "TRUE where x equals an item of the list.",
        Example(
            "country_of_origin IN @high_risk_origins", {"country_of_origin": "XB"}, True,
            {"high_risk_origins": ("XA", "XB")},
        ),
    ),
    Operator(
        "LIKE", COMPARISON, "x [NOT] LIKE 'pattern' [ESCAPE 'c']", "text and a written pattern", "condition",
        "UNKNOWN where x is NULL",
        "TRUE where the whole text fits: % stands for any characters or none, _ for one code point. After the "
        "character of ESCAPE the signs %, _ and that character stand for themselves.",
        Example("invoice_reference LIKE '50!%%' ESCAPE '!'", {"invoice_reference": "50% paid"}, True),
    ),
    Operator(
        "IS NULL", COMPARISON, "x IS [NOT] NULL", "anything", "condition", "never UNKNOWN",
        "TRUE where x is missing; of a condition in parentheses, where it is UNKNOWN.",
        Example("(net_mass_kg > 0) IS NULL", {"net_mass_kg": None}, True),
    ),
    Operator(
        "+", SUM, "x + y", "two numbers", "number", _NUMBER_NULL,
        "The sum, in float64.",
        Example("freight + insurance > 100", {"freight": 80.0, "insurance": 20.5}, True),
    ),
    Operator(
        "-", SUM, "x - y", "two numbers, or two dates or timestamps", "number", _NUMBER_NULL,
        "The difference, in float64; of dates in days, of timestamps in whole days plus the rest as a part of one.",
        Example(
            "registration_ts - arrived_on > 0.25", {"registration_ts": _MORNING, "arrived_on": _MIDNIGHT}, True
        ),
    ),
    Operator(
        "*", PRODUCT, "x * y", "two numbers", "number", _NUMBER_NULL,
        "The product, in float64.",
        Example("customs_value < 0.8 * reference_value", {"customs_value": 79.0, "reference_value": 100.0}, True),
    ),
    Operator(
        "/", PRODUCT, "x / y", "two numbers", "number", "NULL where either side is NULL or y is 0",
        "The quotient, in float64; division by zero is NULL.",
        Example("customs_value / net_mass_kg < 2", {"customs_value": 10.0, "net_mass_kg": 0.0}, None),
    ),
    Operator(
        "unary -", SIGN, "-x", "number", "number", "NULL where x is NULL",
        "The number with the other sign.",
        Example("temperature < -18", {"temperature": -20.0}, True),
    ),
)  # fmt: skip

OPERATORS: Mapping[str, Operator] = {each.spelling: each for each in _OPERATORS}
