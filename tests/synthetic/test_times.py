"""The calendar: working days, office hours, holidays, Ramadan; declarations numbered by time."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from synthetic import load_profile
from synthetic.draws import SCALE
from synthetic.times import EPOCH, build
from tests.synthetic.worlds import frame

HOLIDAY = datetime.date(2024, 7, 30)  # a Tuesday
RAMADAN = ("2024-03-12", "2024-04-10")  # the second is the day after


def registered(opening: str) -> pd.Series:
    """Times of the declarations at offices of one kind of opening hours."""
    offices = [each.code for each in load_profile("morocco-2024").places.offices.value if each.opening == opening]
    headers = frame("declarations")
    found: pd.Series = headers[headers["customs_office_code"].isin(offices)]["registration_ts"]
    return found


def test_times_never_fall_and_stay_in_the_year() -> None:
    times = frame("declarations")["registration_ts"]
    assert times.is_monotonic_increasing
    assert times.dt.year.eq(2024).all()


def test_every_declaration_has_its_day() -> None:
    days = build(load_profile("tiny"), 12_345)
    assert days.first[0] == 0
    assert days.first[-1] == 12_345
    assert (np.diff(days.first) >= 0).all()
    assert len(days.date) == 366
    assert days.date[0] == (datetime.date(2024, 1, 1) - EPOCH).days
    assert (days.hours[:, 0] == 0).all()
    assert (days.hours[:, -1] == SCALE).all()
    assert (np.diff(days.hours, axis=1) >= 0).all()
    assert days.always.min() >= 0
    assert days.always.max() <= SCALE


def test_a_year_without_a_leap_day_has_365_days() -> None:
    assert len(build(load_profile("example"), 100).date) == 365


@pytest.mark.parametrize(("opening", "weekend"), [("office", 0.053), ("always", 0.23)])
def test_weekends_are_quiet_where_offices_have_hours(opening: str, weekend: float) -> None:
    days = registered(opening).dt.day_of_week
    assert (days >= 5).mean() == pytest.approx(weekend, abs=0.015)
    assert (days == 0).mean() > (days == 1).mean()  # Monday is the busiest


def test_most_is_registered_in_office_hours_where_there_are_any() -> None:
    def share(times: pd.Series) -> float:
        return float(times.dt.hour.between(8, 17).mean())

    assert share(registered("office")) > 0.9
    assert 0.5 < share(registered("always")) < 0.75
    assert (registered("always").dt.hour < 5).mean() > 0.05
    assert (registered("office").dt.hour < 5).mean() < 0.005


def test_a_holiday_nearly_closes_offices_with_hours_and_its_work_is_done_the_day_after() -> None:
    dates = registered("office").dt.date.value_counts()
    week_before = datetime.timedelta(7)
    assert dates.get(HOLIDAY, 0) < dates[HOLIDAY - week_before] / 3
    after = HOLIDAY + datetime.timedelta(1)
    assert dates[after] > dates[after - week_before]


def test_ramadan_ends_the_day_early_at_offices_with_hours() -> None:
    times = registered("office")
    fasting = times.between(*RAMADAN, inclusive="left")
    afternoon = times.dt.hour.between(15, 17)
    assert fasting.sum() > 300
    assert afternoon[fasting].mean() < 0.06
    assert afternoon[~fasting].mean() > 0.15


def test_months_have_their_factors() -> None:
    months = frame("declarations")["registration_ts"].dt.month.value_counts()
    assert months.idxmin() in (4, 8)  # August; April has Ramadan and two feasts
    assert months[[11, 12]].mean() > months[[1, 2, 3]].mean()


def test_seconds_are_spread_within_the_hour() -> None:
    minutes = frame("declarations")["registration_ts"].dt.minute
    assert minutes.nunique() == 60
    assert minutes.mean() == pytest.approx(29.5, abs=1)
