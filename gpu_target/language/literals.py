"""What stands between quotes: texts, names, dates, timestamps and the patterns of LIKE.

A ``Flaw`` is what is wrong with one of them: offsets within the literal as written, quotes included, and the texts of
a diagnostic.
"""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
SECOND = 1_000_000_000  # nanoseconds
DAY = 86_400 * SECOND
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(r"([0-9-]{10})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?")
_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)$", re.IGNORECASE)


class Flaw(NamedTuple):
    message: str
    start: int
    end: int
    label: str
    remedy: str


def unquote(literal: str) -> str:
    """The content of a quoted text or name: a doubled quote becomes one."""
    quote = literal[0]
    content = literal[1:-1]
    return content.replace(quote + quote, quote) if quote in content else content


def shorten(text: str, most: int = 40) -> str:
    """Text for a message: line breaks as spaces, at most ``most`` characters."""
    plain = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(letter if letter.isprintable() else " " for letter in plain)


def read_date(literal: str) -> int | Flaw:
    """Days since 1970-01-01 of ``'2024-01-31'``; years 0001 to 9999 of the proleptic Gregorian calendar."""
    text = unquote(literal)
    match = _DATE.fullmatch(text)
    if match is None:
        expected = "expected year-month-day such as '2024-01-31'"
        remedy = "write TIMESTAMP for a date with a time" if ":" in text else "write DATE '2024-01-31'"
        return _whole(literal, "this is not a date", expected, remedy)
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    try:
        return datetime.date(year, month, day).toordinal() - EPOCH_DAY
    except ValueError:
        reason = _why_no_day(year, month)
        return _whole(literal, "this day is not in the calendar", reason, "write a day that exists")


def _why_no_day(year: int, month: int) -> str:
    if year < 1:
        return "years run from 0001 to 9999"
    if not 1 <= month <= 12:
        return f"there is no month {month:02d}"
    following = datetime.date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    days = (following - datetime.timedelta(days=1)).day if following else 31
    return f"{MONTHS[month - 1]} {year} has {days} days"


def read_timestamp(literal: str) -> int | Flaw:
    """Nanoseconds since 1970-01-01 00:00:00 of ``'2024-01-31 08:00:00.5'``; T may stand for the space."""
    text = unquote(literal)
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        expected = "expected date and time such as '2024-01-31 08:00:00'"
        return _whole(literal, "this is not a timestamp", expected, _timestamp_remedy(text))
    days = read_date(f"'{match[1]}'")
    if isinstance(days, Flaw):
        return days._replace(end=len(literal))
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    if hour > 23 or minute > 59 or second > 59:
        expected = "the times of a day run from 00:00:00 to 23:59:59"
        remedy = "write the next day with 00:00:00" if hour == 24 else "write a time of the day"
        return _whole(literal, "this time does not exist", expected, remedy)
    return days * DAY + (hour * 3600 + minute * 60 + second) * SECOND + int((match[5] or "").ljust(9, "0"))


def _timestamp_remedy(text: str) -> str:
    if _DATE.fullmatch(text):
        return f"write DATE '{text}', or TIMESTAMP '{text} 00:00:00'"
    zone = _ZONE.search(text)
    if zone and _TIMESTAMP.fullmatch(text[: zone.start()].rstrip()):
        return "leave the time zone out: the wall clock of the column's own zone is compared"
    if re.fullmatch(r"[0-9-]{10}[ T][0-9]{2}:[0-9]{2}", text):
        return f"add the seconds: TIMESTAMP '{text}:00'"
    if re.fullmatch(r"[0-9-]{10}[ T][0-9:]{8}\.[0-9]*", text):
        return "write one to nine digits after the point"
    return "write TIMESTAMP '2024-01-31 08:00:00'"


def _whole(literal: str, message: str, label: str, remedy: str) -> Flaw:
    return Flaw(message, 0, len(literal), f"found {shorten(literal)}; {label}", remedy)


def find_pattern_flaw(literal: str, escape: str) -> Flaw | None:
    """What is wrong with the escapes of a LIKE pattern, as written; ``escape`` is one character."""
    sign = escape + escape if escape == "'" else escape  # a quote is written twice inside a text
    end = len(literal) - 1
    label = f"expected %, _ or {escape} after {escape}"
    remedy = f"write {sign * 2} for the character {escape} itself"
    at = literal.find(sign, 1, end)
    while at >= 0:
        after = at + len(sign)
        if after == end:
            return Flaw("the pattern ends in its escape character", at, after, label, remedy)
        if literal.startswith(sign, after):
            at = literal.find(sign, after + len(sign), end)
        elif literal[after] in "%_":
            at = literal.find(sign, after + 1, end)
        else:
            other = shorten(literal[after])
            return Flaw(f"the escape character stands before {other}, which needs none", at, after, label, remedy)
    return None


def parse_day(text: str) -> datetime.date:
    """A day written as 2024-01-31, and in no other of ISO's ways. Raises ValueError."""
    day = datetime.date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


def write_date(days: int) -> str:
    """``2024-01-31`` of days since 1970-01-01."""
    return datetime.date.fromordinal(days + EPOCH_DAY).isoformat()


def write_timestamp(nanoseconds: int) -> str:
    """``2024-01-31 08:00:00``, with as many digits of a fraction as it needs."""
    days, rest = divmod(nanoseconds, DAY)
    seconds, fraction = divmod(rest, SECOND)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{write_date(days)} {clock}" + (f".{fraction:09d}".rstrip("0") if fraction else "")
