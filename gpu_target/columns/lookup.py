"""The join with a lookup table: key values of a batch to row numbers of the table, -1 where there is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.expressions import TEXT, family

Codes = npt.NDArray[np.int64]
FOREVER = 2**31  # beyond every date32 day but the very last
SPAN = np.int64(2**33)  # more than the days from one end of time to the other


class KeyColumn:
    """The distinct values of one key column, numbered; ``codes`` finds them in a batch."""

    def __init__(self, values: pa.Array, is_prefix: bool) -> None:
        self.is_text = family(values.type) == "text"
        self.is_prefix = is_prefix
        self.distinct = pc.unique(values).drop_null()
        if not self.is_text:
            self.distinct = self.distinct.sort()
        self.lengths = sorted(set(pc.utf8_length(self.distinct).to_pylist()), reverse=True) if is_prefix else []
        self.own = self.codes(values, exact=True)
        self.shorter = self._shorter_prefixes() if is_prefix else None

    def codes(self, values: pa.Array, exact: bool = False) -> Codes:
        """int64[n]: number of each value's key, for a prefix column of its longest prefix; -1 without one."""
        if pa.types.is_dictionary(values.type):
            return gather(self.codes(values.dictionary, exact), values.indices)
        if not self.is_text:
            return self._whole_codes(values)
        values = values.cast(TEXT)
        if not self.is_prefix or exact:
            return positions(values, self.distinct)
        return self._longest(values, [each for each in self.lengths])

    def _whole_codes(self, values: pa.Array) -> Codes:
        keys = np.asarray(self.distinct)
        valid = ~np.asarray(values.is_null())
        found = np.asarray(values.fill_null(0) if values.null_count else values)
        if not len(keys):
            return np.full(len(found), -1, np.int64)
        position = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
        return np.where(valid & (keys[position] == found), position, -1).astype(np.int64)

    def _longest(self, values: pa.Array, lengths: Sequence[int]) -> Codes:
        codes = np.full(len(values), -1, np.int64)
        for length in lengths:  # longest first: the first that fits is the longest prefix
            found = positions(pc.utf8_slice_codeunits(values, 0, length), self.distinct)
            codes = np.where(codes < 0, found, codes)
        return codes

    def _shorter_prefixes(self) -> Codes:
        """For every prefix the longest other one that it begins with, -1 without; the last entry serves code -1."""
        shorter = np.full(len(self.distinct) + 1, -1, np.int64)
        sizes = np.asarray(pc.utf8_length(self.distinct))
        for size in self.lengths:
            rows = np.flatnonzero(sizes == size)
            shorter[rows] = self._longest(
                self.distinct.take(pa.array(rows)), [each for each in self.lengths if each < size]
            )
        return shorter


class LookupIndex:
    """Keys of a lookup table. ``duplicate`` names two rows that share a key (and a day), or is None."""

    def __init__(self, keys: Sequence[pa.Array], prefix: int | None, first: Codes, until: Codes) -> None:
        self.columns = [KeyColumn(values, position == prefix) for position, values in enumerate(keys)]
        self.prefix = prefix
        self.steps: list[Codes] = []  # sorted pairs (code so far, code of the next column), one array per further key
        group = self._group([column.own for column in self.columns], learn=True)
        usable = np.flatnonzero(group >= 0)  # a key with NULL never matches
        order = usable[np.argsort(group[usable] * SPAN + first[usable] + FOREVER, kind="stable")]
        self.rows, self.groups, self.until = order, group[order], until[order]
        self.starts = self.groups * SPAN + first[order] + FOREVER
        self.row_of_group = np.full(int(group.max(initial=-1)) + 2, -1, np.int64)  # without validity; the last for -1
        self.row_of_group[self.groups] = self.rows
        clash = np.flatnonzero((self.groups[1:] == self.groups[:-1]) & (first[order][1:] <= self.until[:-1]))
        self.duplicate = (int(order[clash[0]]), int(order[clash[0] + 1])) if len(clash) else None

    def find(self, keys: Sequence[pa.Array], days: Codes | None, day_known: npt.NDArray[np.bool_] | None) -> Codes:
        """Rows of the table for the rows of a batch, int64[n], -1 without one.

        ``keys`` are the record's columns in the order of the index; ``days`` int64[n] since 1970 and whether each is
        known, where the table has validity.
        """
        codes = [column.codes(values) for column, values in zip(self.columns, keys, strict=True)]
        found = self._row_of(codes, days)
        if self.prefix is not None:
            self._try_shorter(codes, days, found)
        return found if day_known is None else np.where(day_known, found, -1)

    def _try_shorter(self, codes: Sequence[Codes], days: Codes | None, found: Codes) -> None:
        """Fill in the rows without one: the longest prefix may lack the other keys or the day, a shorter one has it."""
        assert self.prefix is not None
        shorter = self.columns[self.prefix].shorter
        assert shorter is not None
        rows = np.flatnonzero((found < 0) & (codes[self.prefix] >= 0))
        codes = [each[rows] for each in codes]
        while len(rows):
            codes[self.prefix] = shorter[codes[self.prefix]]
            tried = self._row_of(codes, None if days is None else days[rows])
            found[rows] = tried
            left = (tried < 0) & (codes[self.prefix] >= 0)
            rows, codes = rows[left], [each[left] for each in codes]

    def _row_of(self, codes: Sequence[Codes], days: Codes | None) -> Codes:
        group = self._group(codes, learn=False)
        if days is None:
            return self.row_of_group[group]
        if not len(self.starts):
            return np.full(len(group), -1, np.int64)
        day = np.clip(days, -FOREVER, FOREVER)
        position = np.searchsorted(self.starts, group * SPAN + day + FOREVER, side="right") - 1
        good = (position >= 0) & (group >= 0)
        good &= (self.groups[position] == group) & (self.until[position] >= day)
        return np.where(good, self.rows[position], -1)

    def _group(self, codes: Sequence[Codes], learn: bool) -> Codes:
        """One number per combination of keys. Combined pair by pair, so that no product of counts overflows."""
        group = codes[0]
        for step, following in enumerate(codes[1:]):
            width = np.int64(len(self.columns[step + 1].distinct) + 1)
            pair = np.where((group >= 0) & (following >= 0), group * width + following, -1)
            if learn:
                known = np.unique(pair)
                self.steps.append(known[known >= 0])
            known = self.steps[step]
            if not len(known):
                return np.full(len(pair), -1, np.int64)
            position = np.minimum(np.searchsorted(known, pair), len(known) - 1)
            group = np.where((pair >= 0) & (known[position] == pair), position, -1)
        return group


def positions(values: pa.Array, distinct: pa.Array) -> Codes:
    """Position of every value among ``distinct``, -1 where it is not there or NULL."""
    found = pc.index_in(values, value_set=distinct, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def gather(table: npt.NDArray[np.int64], indices: pa.Array) -> Codes:
    """``table[indices]``, -1 where the index is NULL."""
    padded = np.append(table, np.int64(-1))
    found: Codes = padded[np.asarray(pc.fill_null(indices.cast(pa.int64()), len(table)))]
    return found
