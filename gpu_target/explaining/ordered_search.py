"""The nearest value of an ordered column at which conditions hold, and the stretch of values around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import pyarrow as pa

from gpu_target.columns.expressions import family
from gpu_target.explaining.axes import Axis, Number, changes_sign, distance
from gpu_target.explaining.written import decimal_text, text_of

Holds = Callable[[int], bool]
Round = Callable[[Fraction], int]  # up or down
MOST_CHARACTERS, MOST_PLACES = 9, 12  # of a number that is told as it is; of one that is rounded


class Stretch(NamedTuple):
    """Positions ``first`` to ``last`` at which the conditions hold."""

    first: int
    last: int


def nearest(axis: Axis, type_: pa.DataType, old: int | None, probes: Sequence[int], holds: Holds) -> int | None:
    """The position nearest to ``old`` that holds, by the distance of values; None where no probe does.

    A number of the other sign is taken only where none of the same does. Without an old value, it is the one nearest
    to zero, which for times is 1970.
    """
    start = 0 if old is None else old
    start = max(axis.lowest, min(axis.highest, start))
    if old is None and holds(start):
        return start
    below = outward(start, [each for each in reversed(probes) if each < start], holds)
    above = outward(start, [each for each in probes if each > start], holds)
    found = [each for each in (below, above) if each is not None]
    here = axis.value(start)
    return min(
        found,
        key=lambda each: (changes_sign(here, axis.value(each), type_), distance(here, axis.value(each))),
        default=None,
    )


def outward(start: int, probes: Sequence[int], holds: Holds) -> int | None:
    """The first position that holds on the way from one that does not; between probes it is found by halving."""
    last = start
    for probe in probes:
        if holds(probe):
            return boundary(probe, last, holds)
        last = probe
    return None


def boundary(inside: int, outside: int, holds: Holds) -> int:
    """The last position that holds on the way from ``inside`` to ``outside``, which does not."""
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


def stretch(axis: Axis, at: int, probes: Sequence[int], holds: Holds) -> Stretch:
    """The positions around ``at`` that hold as it does."""
    first = run_end(at, [each for each in reversed(probes) if each < at], axis.lowest, holds)
    return Stretch(first, run_end(at, [each for each in probes if each > at], axis.highest, holds))


def run_end(at: int, probes: Sequence[int], limit: int, holds: Holds) -> int:
    """The last position that holds on the way from ``at`` along the probes; ``limit`` where all of them do."""
    last = at
    for probe in probes:
        if not holds(probe):
            return boundary(last, probe, holds)
        last = probe
    return limit


def words(axis: Axis, found: Stretch, type_: pa.DataType, named: frozenset[Number]) -> str:
    """What a value in the stretch is: ``below 1000``, ``at least 10 and at most 20``.

    ``named`` are numbers that conditions compare with: a stretch is told by one of them where it ends there.
    """
    below, at_most, above, at_least, exactly = (
        ("before {}", "{} or earlier", "after {}", "{} or later", "{}")
        if family(type_) == "time"
        else ("below {}", "at most {}", "above {}", "at least {}", "{}")
    )
    if found.first == found.last:
        return exactly.format(shown(axis, found.first, type_))
    margin = 1 if axis.floating else 0  # infinities end the axis of floats
    has_first, has_last = found.first > axis.lowest + margin, found.last < axis.highest - margin
    parts = []
    # between two ends the numbers stay exact: rounded inwards they might leave nothing between them
    round_: Round | None
    if has_first:
        round_ = None if has_last else math.ceil
        parts.append(end(axis, type_, named, (at_least, found.first), (above, found.first - 1), round_))
    if has_last:
        round_ = None if has_first else math.floor
        parts.append(end(axis, type_, named, (at_most, found.last), (below, found.last + 1), round_))
    return " and ".join(parts) or "any value"


def end(
    axis: Axis,
    type_: pa.DataType,
    named: frozenset[Number],
    included: tuple[str, int],
    excluded: tuple[str, int],
    round_: Round | None,
) -> str:
    """The end of a stretch by the value in it, or by its neighbour outside where that is named, or is the rounder.

    A number of many digits is rounded by ``round_`` into the stretch, so that what is told still holds.
    """
    ends = (included, excluded) if axis.floating or pa.types.is_timestamp(type_) else (included,)
    form, position = min(ends, key=lambda each: (axis.value(each[1]) not in named, len(shown(axis, each[1], type_))))
    value, text = axis.value(position), shown(axis, position, type_)
    if round_ is not None and isinstance(value, float) and value not in named and len(text) > MOST_CHARACTERS:
        text = inwards(value, round_) or text
    return form.format(text)


def inwards(value: float, round_: Round) -> str | None:
    """A number rounded to six digits, or to three places where those are more; None for one without places."""
    if not math.isfinite(value) or not value or value == int(value):
        return None
    places = max(3, 5 - math.floor(math.log10(abs(value))))
    scale = 10**places
    if places > MOST_PLACES:
        return None
    return decimal_text(Fraction(round_(Fraction(value) * scale), scale))


def shown(axis: Axis, position: int, type_: pa.DataType) -> str:
    """A value as people read it: midnight is the day."""
    return text_of(axis.value(position), type_).removesuffix(" 00:00:00")
