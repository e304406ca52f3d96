"""When declarations are registered: a table of days and hours, so that declaration n has its time without the others.

Declarations are numbered by time. Day d holds those from ``first[d]`` to ``first[d + 1]``; inside a day each stands
in its own n-th of the day's profile, at a random place, so times never fall. This spreads a day's national total more
evenly than chance would; a single office, being a random part of it, sees nearly independent arrivals.
"""

from __future__ import annotations

import calendar
import datetime
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import SCALE, to_scale
from synthetic.profile_model import Profile

EPOCH = datetime.date(1970, 1, 1)


class Days(NamedTuple):
    first: NDArray[np.int64]  # [days + 1] first declaration of each day
    date: NDArray[np.int64]  # [days] days since 1970
    hours: NDArray[np.int64]  # [days, 25] share of the day's declarations before each hour, of 2^32
    always: NDArray[np.int64]  # [days, 24] share of the hour's declarations at offices open round the clock, of 2^32


def build(profile: Profile, declarations: int) -> Days:
    """The days of the profile's year for a world of ``declarations``."""
    year = profile.calendar.year.value
    dates = [datetime.date(year, 1, 1) + datetime.timedelta(i) for i in range(366 if calendar.isleap(year) else 365)]
    share = always_share(profile)
    weights = {True: _day_weights(profile, dates, True), False: _day_weights(profile, dates, False)}
    day_total, hours, always = [], [], []
    for day, date in enumerate(dates):
        open_always = [share * weights[True][day] * w for w in _hour_weights(profile, date, True)]
        open_office = [(1 - share) * weights[False][day] * w for w in _hour_weights(profile, date, False)]
        both = [a + b for a, b in zip(open_always, open_office, strict=True)]
        day_total.append(math.fsum(both))
        hours.append(np.concatenate([[0], np.cumsum(to_scale(both))]))
        always.append([round(SCALE * a / b) if b > 0 else 0 for a, b in zip(open_always, both, strict=True)])
    before = np.concatenate([[0], np.cumsum(np.array(to_scale(day_total), np.int64))])
    first = np.array([int(each) * declarations // SCALE for each in before], np.int64)
    return Days(
        first,
        np.array([(date - EPOCH).days for date in dates], np.int64),
        np.array(hours, np.int64),
        np.array(always, np.int64),
    )


def always_share(profile: Profile) -> float:
    """Share of declarations at offices that are open round the clock."""
    shares = office_shares(profile)
    opening = [each.opening for each in profile.places.offices.value]
    return math.fsum(s for s, o in zip(shares, opening, strict=True) if o == "always")


def office_shares(profile: Profile) -> list[float]:
    """Shares of the offices, each region's sum being that of the profile."""
    offices = profile.places.offices.value
    regions = profile.places.region_shares.value
    total = math.fsum(regions.values())
    inside = {region: math.fsum(each.share for each in offices if each.region == region) for region in regions}
    return [
        regions[each.region] / total * each.share / inside[each.region] if inside[each.region] > 0 else 0.0
        for each in offices
    ]


def _day_weights(profile: Profile, dates: list[datetime.date], always: bool) -> list[float]:
    """Weights of the days, with sum 1."""
    shape = profile.calendar
    by_weekday = (shape.weekday_shares_always if always else shape.weekday_shares).value
    holidays = set(shape.holidays.value)
    closed = (shape.holiday_factor_always if always else shape.holiday_factor).value
    ramadan = shape.ramadan.value
    weights = []
    for date in dates:
        weight = by_weekday[date.weekday()] * shape.month_factors.value[date.month - 1]
        if ramadan and ramadan.first <= date <= ramadan.last:
            weight *= ramadan.factor
        if date in holidays:
            weight *= closed
        elif date - datetime.timedelta(1) in holidays:
            weight *= shape.after_holiday_factor.value
        weights.append(weight)
    total = math.fsum(weights)
    return [weight / total for weight in weights] if total > 0 else [1 / len(dates)] * len(dates)


def _hour_weights(profile: Profile, date: datetime.date, always: bool) -> list[float]:
    shape = profile.calendar
    ramadan = shape.ramadan.value
    fasting = ramadan is not None and ramadan.first <= date <= ramadan.last
    weights = (shape.hours_always if always else shape.ramadan_hours if fasting else shape.hours).value
    total = math.fsum(weights)
    return [weight / total for weight in weights] if total > 0 else [1 / 24] * 24
