"""Which classes of a class column a value can have: one of its type, of the function it comes from, of its table.

The classes of a plan cut all keys that a kind of column could have. Here those without a value are told, so that a
condition that only they meet counts as one that nothing meets. What is not plain counts as possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.coded import ClassColumn, OrderedColumn, PatternColumn, TextColumn
from gpu_target.columns.elements import ElementsColumn
from gpu_target.columns.expressions import Value, family
from gpu_target.columns.ordered import HIGHEST, LOWEST, OrderedClasses, from_bits, to_bits
from gpu_target.columns.pairs import PairColumn
from gpu_target.columns.text import TextClasses
from gpu_target.findings import texts
from gpu_target.findings.texts import Limits
from gpu_target.plan.literals import float_key

Keys = npt.NDArray[np.int64]
FLOATS: dict[int, Any] = {16: np.float16, 32: np.float32}
SIGN = np.int64(0x7FFF_FFFF_FFFF_FFFF)


class Domain(NamedTuple):
    """The keys that a value can have: from ``low`` up to, and without, ``high``.

    Of floats, which have ``width`` bits, only the keys of such floats; only of whole ones where ``whole``.
    """

    low: int
    high: int
    width: int = 0
    whole: bool = False


def _floats(low: float, high: float, width: int = 64, whole: bool = False) -> Domain:
    return Domain(float_key(low), float_key(high) + 1, width, whole)


FAR = float(2**62)  # beyond any length or year
COMPUTED = {
    "MONTH": _floats(1, 12, whole=True), "DAY": _floats(1, 31, whole=True), "HOUR": _floats(0, 23, whole=True),
    "WEEKDAY": _floats(1, 7, whole=True), "YEAR": _floats(-FAR, FAR, whole=True),
    "LENGTH": _floats(0, FAR, whole=True), "ABS": _floats(0, float("inf")),
}  # fmt: skip


def domain_of(value: Value) -> Domain:
    """The keys that a number, boolean or time can have."""
    type_ = value.type
    if isinstance(value, ex.Function) and family(type_) == "number":
        return COMPUTED.get(value.name, _floats(float("-inf"), float("inf")))
    return domain_of_type(type_)


def domain_of_type(type_: pa.DataType) -> Domain:
    """The keys that the values of a type have."""
    if pa.types.is_floating(type_):
        return _floats(float("-inf"), float("inf"), type_.bit_width)
    if pa.types.is_boolean(type_):
        return Domain(0, 2)
    if pa.types.is_date32(type_):
        return Domain(-(2**31), 2**31)
    if pa.types.is_decimal(type_):
        return Domain(-(10**type_.precision) + 1, 10**type_.precision)
    if pa.types.is_integer(type_) and not pa.types.is_uint64(type_):  # the keys of uint64 are all of them
        signed = pa.types.is_signed_integer(type_)
        bits = type_.bit_width - signed
        return Domain(-(2**bits) if signed else 0, 2**bits)
    return Domain(LOWEST, HIGHEST)


def limits_of(value: Value) -> Limits:
    """What texts a value can be."""
    if not isinstance(value, ex.Function):
        return texts.ANY_TEXT
    inner = limits_of(value.arguments[0])
    if value.name == "UPPER":
        return inner._replace(capitals=True)
    if value.name == "LEFT":
        length = max(int(value.arguments[1].value), 0)  # type: ignore[union-attr]
        return inner._replace(longest=length if inner.longest is None else min(length, inner.longest))
    return texts.ANY_TEXT


def may_be_null(value: Value) -> bool:
    """Whether a value can be NULL."""
    if isinstance(value, (ex.Constant, ex.AsOf)):
        return False
    if not isinstance(value, ex.Function):
        return True
    missing = [may_be_null(each) for each in value.arguments]
    if value.name in ("COALESCE", "LEAST", "GREATEST"):
        return all(missing)
    return any(missing) or value.name in ("+", "-", "*", "/", "MOD")  # a NaN that comes out is NULL


def possible_classes(column: ClassColumn, known: Mapping[Value, pa.Array]) -> int:
    """The bit set of the classes that some value has; ``known`` holds all values of the lookups that can be listed."""
    null = 1 << column.null if all_nullable(column) else 0
    if isinstance(column, (OrderedColumn, TextColumn)) and column.value in known:
        present = np.empty(len(known[column.value]), np.uint16)
        column.classes.classify(known[column.value], present)
        return to_bits(np.bincount(present, minlength=column.null + 1) > 0) | null
    if isinstance(column, OrderedColumn):
        return to_bits(_ordered(column.classes, domain_of(column.value))) | null
    if isinstance(column, TextColumn):
        return to_bits(_texts(column.classes, limits_of(column.value))) | null
    if isinstance(column, ElementsColumn):
        return to_bits(_elements(column)) | null
    if isinstance(column, PatternColumn):
        return to_bits(_patterns(column)) | null
    if isinstance(column, PairColumn) and column.left == column.right:
        return 0b010 | null
    return (1 << column.null) - 1 | null


def all_nullable(column: ClassColumn) -> bool:
    """Whether the class of NULL is possible."""
    return any(may_be_null(value) for value in column.values)


def _ordered(classes: OrderedClasses, domain: Domain) -> npt.NDArray[np.bool_]:
    found = np.zeros(classes.null, np.bool_)
    if classes.cuts.ndim == 2:
        bounds = [domain.low, *wide_cuts(classes), domain.high]
        some = [max(low, domain.low) < min(high, domain.high) for low, high in pairwise(bounds)]
        found[classes.class_of[: classes.n_cuts + 1][some]] = True
        return found
    cuts = classes.cuts[: classes.n_cuts]
    low = np.maximum(np.concatenate([[LOWEST], cuts]), max(domain.low, LOWEST))
    last = np.minimum(np.concatenate([cuts - 1, [HIGHEST - 1]]), min(domain.high, HIGHEST) - 1)
    if len(cuts) and cuts[0] == LOWEST:
        last[0] = LOWEST  # nothing lies below, and one less has no key
        low[0] = LOWEST + 1
    if domain.width:
        low = _first_floats(low, domain)
    found[classes.class_of[: classes.n_cuts + 1][low <= last]] = True
    return found


def _first_floats(keys: Keys, domain: Domain) -> Keys:
    """The key of the first float of a domain that is not below each key."""
    keys = np.where(keys == -1, 0, keys)  # minus zero counts as zero
    numbers = np.where(keys >= 0, keys, keys ^ SIGN).view(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        if domain.whole:
            numbers = np.ceil(numbers)
        elif domain.width < 64:
            small = numbers.astype(FLOATS[domain.width])
            above = np.nextafter(small, FLOATS[domain.width](np.inf))
            numbers = np.where(small.astype(np.float64) < numbers, above, small).astype(np.float64)
        bits = (numbers + 0.0).view(np.int64)
    return np.where(bits >= 0, bits, bits ^ SIGN)


def wide_cuts(classes: OrderedClasses) -> list[int]:
    """The cuts of a decimal of more than 18 digits as whole numbers."""
    width = classes.cuts.shape[1]
    found = []
    for words in classes.cuts.tolist():
        whole = sum(word << 64 * (width - 1 - k) for k, word in enumerate(words))
        found.append(whole - (1 << 64 * width - 1))  # the sign bit is flipped
    return found


# -- texts ------------------------------------------------------------------------------------------------------------


class Segment(NamedTuple):
    """The texts from ``low`` up to, and without, ``high`` that no rule names, and their class."""

    low: bytes
    high: bytes | None
    number: int


def names_of(classes: TextClasses, places: npt.NDArray[np.intp] | None = None) -> list[str]:
    """The texts that rules name, in the order of ``name_class``; those at some places alone."""
    if places is None:
        return [each.decode() for each in _pieces(classes.names, classes.name_offsets)]
    content, ends = classes.names.tobytes(), classes.name_offsets
    starts, stops = ends[places].tolist(), ends[places + 1].tolist()
    return [content[start:stop].decode() for start, stop in zip(starts, stops, strict=True)]


def segments_of(classes: TextClasses) -> list[Segment]:
    """The ranges of the texts that no rule names."""
    bounds = _pieces(classes.bounds, classes.bound_offsets)
    ends: list[bytes | None] = [*bounds, None]
    return [
        Segment(low, high, number)
        for low, high, number in zip([b"", *bounds], ends, classes.segment_class.tolist(), strict=True)
    ]


def _pieces(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> list[bytes]:
    content = data.tobytes()
    ends = offsets.tolist()
    return [content[start:end] for start, end in pairwise(ends)]


def _texts(classes: TextClasses, limits: Limits) -> npt.NDArray[np.bool_]:
    found = np.zeros(classes.null, np.bool_)
    if limits == texts.ANY_TEXT:
        found[classes.name_class] = True
    else:
        for name, number in zip(names_of(classes), classes.name_class.tolist(), strict=True):
            found[number] |= limits.allow(name)
    names: set[str] | None = None
    for low, high, number in segments_of(classes):
        if found[number] or (limits.capitals and texts.SMALL.intersection(texts.common_prefix(low, high))):
            continue
        if texts.is_endless(low, high, limits.longest):
            found[number] = True
            continue
        if names is None:
            names = set(names_of(classes))
        found[number] = _has_other(low, high, limits.longest, names)
    return found


def _has_other(low: bytes, high: bytes | None, longest: int | None, names: set[str]) -> bool:
    """Whether a range has a text that is not among the names; each step but the last meets one of them."""
    text = texts.first_from(low, longest)
    while text is not None and (high is None or text.encode() < high):
        if text not in names:
            return True
        text = texts.following(text, longest)
    return False


def _elements(column: ElementsColumn) -> npt.NDArray[np.bool_]:
    """A set of tests is possible where elements that meet none but these meet all of them."""
    classes = column.sets.classes
    element = ex.plain(column.value.type.value_type)
    some = (
        _texts(classes, texts.ANY_TEXT)
        if isinstance(classes, TextClasses)
        else _ordered(classes, domain_of_type(element))
    )
    own = column.sets.bits[:-1][some] >> np.uint64(column.first) & np.uint64(column.null - 1)
    found = np.zeros(column.null, np.bool_)
    sets = np.arange(column.null, dtype=np.uint64)
    union = np.zeros(column.null, np.uint64)
    for each in np.unique(own):
        union |= np.where(each & ~sets == 0, each, np.uint64(0))
    found[:] = union == sets
    return found


def _patterns(column: PatternColumn) -> npt.NDArray[np.bool_]:
    """All combinations of patterns but those that contradict how two of them imply or exclude each other."""
    found = np.ones(column.null, np.bool_)
    number = np.arange(column.null)
    tokens = [texts.tokens_of(*each) for each in column.patterns]
    limits = limits_of(column.value)
    holds = [number >> k & 1 == 1 for k in range(len(tokens))]
    for k, one in enumerate(tokens):
        if not limits.allow_pattern(one):
            found &= ~holds[k]
        for j, other in enumerate(tokens):
            if k != j and texts.implies(one, other):
                found &= ~holds[k] | holds[j]
            if k < j and texts.exclude(one, other):
                found &= ~(holds[k] & holds[j])
    return found


def members(bits: int, n: int) -> list[int]:
    """The classes of a bit set."""
    found: list[int] = np.flatnonzero(from_bits(bits, n)).tolist()
    return found


def having(bit: int, n: int) -> int:
    """The bit set of the classes 0 .. n - 1 that have a bit; n is a power of two."""
    block = ((1 << (1 << bit)) - 1) << (1 << bit)
    width = 1 << (bit + 1)
    while width < n:
        block |= block << width
        width *= 2
    return block


def first_class(bits: int) -> int:
    """The lowest class of a set."""
    return (bits & -bits).bit_length() - 1
