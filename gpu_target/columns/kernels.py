"""Compiled loops that turn values into classes. They release the interpreter's lock; threads run them over row ranges.

Shapes and dtypes are checked by the callers. ``bitmap`` uint8 holds validity bits from ``bit``; it is empty where
nothing is NULL. ``out`` uint16[n] is written.
"""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.columns.compiled import compiled
from gpu_target.columns.machine import address_of, blend64, byte_at, key_at, leading_zeros, load64

NO_BITMAP = np.zeros(0, np.uint8)
NO_BITMAP.flags.writeable = False  # as the bitmaps of Arrow are
INFINITY_BITS = 0x7FF0_0000_0000_0000
SIGN_OFF = 0x7FFF_FFFF_FFFF_FFFF
ONE, HALF, ALL = np.uint64(1), np.uint64(32), np.uint64(0xFFFF_FFFF_FFFF_FFFF)
THREE, SEVEN, SIXTY_FOUR = np.uint64(3), np.uint64(7), np.uint64(64)
COMMON_DEPTH = 2  # comparisons behind the hint that most columns need
NO_TEXT = np.uint8(0xFF)
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio (Knuth, volume 3, 6.4)


@compiled(inline=True)
def is_valid(bitmap, bit):
    """Whether a row is not NULL."""
    return bitmap[bit >> 3] >> (bit & 7) & 1


@compiled(inline=True)
def curve(key):
    """A bucket of a key from 1 on: 64 for each power of two, as HdrHistogram has them; all else is bucket 0."""
    if key < 128:
        return max(key, 0)
    power = np.int64(57) - np.int64(leading_zeros(np.uint64(key)))  # of the bucket's width
    return (power << 6) + (key >> power)


@compiled(inline=True)
def bucket_of(key, shift, base, curved, last):
    """Where ``hint`` answers for a key: 0 for keys below all buckets, ``last`` above them."""
    place = curve(key) if curved else key >> shift
    return np.uint64(min(max(place - base, -1), last - 1) + 1)


@compiled(inline=True)
def rank(key, cuts, hint, shift, base, curved, deepest):
    """Number of cuts at or below ``key``; ``cuts`` and ``hint`` as ``OrderedClasses`` lays them out.

    ``hint`` answers for the key's bucket; what is left are ``deepest`` comparisons, made without a branch since the
    data would mispredict it. A comparison too many meets a cut of a later bucket, or the last one, and changes
    nothing.
    """
    last = np.int64(len(hint) - 1)
    bucket = bucket_of(key, shift, base, curved, last)
    low = np.uint64(hint[bucket])
    if deepest <= 6:
        for _ in range(deepest):
            low += np.uint64(cuts[low] <= key)
        return low
    high = np.uint64(hint[min(bucket + ONE, np.uint64(last))]) if bucket > 0 else low
    while low < high:
        middle = (low + high) >> ONE
        if cuts[middle] <= key:
            low = middle + ONE
        else:
            high = middle
    return low


@compiled
def rank_keys(keys, bitmap, bit, bias, cuts, class_of, hint, shift, base, curved, deepest, null, out):
    """Classes of int64 keys; ``bias`` is -2^63 for keys that are uint64 seen as int64, else 0."""
    if deepest == 1:
        last = np.int64(len(hint) - 1)
        for i in range(len(keys)):
            key = keys[i] ^ bias
            low = np.uint64(hint[bucket_of(key, shift, base, curved, last)])
            out[i] = class_of[low + np.uint64(cuts[low] <= key)]
    else:
        for i in range(len(keys)):
            out[i] = class_of[rank(keys[i] ^ bias, cuts, hint, shift, base, curved, deepest)]
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


@compiled(inline=True)
def float_key(bits):
    """The key of a float64 given by its bits: keys have the order of the numbers, and that of -0.0 is that of 0.0.

    Twins: ``plan.literals.float_key``, and, written out, ``keep_keys`` and ``bucket8`` of the cpu backend and
    ``rank_keys`` of the CUDA kernels.
    """
    key = bits ^ ((bits >> 63) & SIGN_OFF)
    return key + np.int64(key == -1)


@compiled
def rank_floats(bits, bitmap, bit, cuts, class_of, hint, shift, base, curved, deepest, null, out):
    """Classes of float64 values given by their bits; NaN is NULL. What is common has a loop of its own."""
    last = np.int64(len(hint) - 1)
    if deepest <= COMMON_DEPTH and not curved:  # a comparison too many changes nothing
        for i in range(len(bits)):
            key = float_key(bits[i])
            low = np.uint64(hint[bucket_of(key, shift, base, False, last)])
            low += np.uint64(cuts[low] <= key)
            found = class_of[low + np.uint64(cuts[low] <= key)]
            out[i] = null if (bits[i] & SIGN_OFF) > INFINITY_BITS else found
    else:
        for i in range(len(bits)):
            found = class_of[rank(float_key(bits[i]), cuts, hint, shift, base, curved, deepest)]
            out[i] = null if (bits[i] & SIGN_OFF) > INFINITY_BITS else found
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


@compiled(inline=True)
def validity(bitmap, bit):
    """The validity of 64 rows from ``bit`` on, as bits of a word; nine bytes of the bitmap are read."""
    word = load64(bitmap, bit >> 3)
    shift = np.uint64(bit & 7)
    if shift:
        word = word >> shift | np.uint64(bitmap[(bit >> 3) + 8]) << (np.uint64(64) - shift)
    return word


@compiled(inner=True)
def erase(bytes_at, bit, size, null, n, out):
    """Give those of ``n`` rows that are not valid the class of NULL, sixty-four at a time.

    The validity bits begin with ``bit`` of the ``size`` bytes at the address ``bytes_at``.
    """
    i = 0
    rows = np.uint64(n)
    while np.uint64(i) + SIXTY_FOUR <= rows and ((bit + np.uint64(i)) >> THREE) + np.uint64(9) <= size:
        at, shift = bytes_at + ((bit + np.uint64(i)) >> THREE), (bit + np.uint64(i)) & SEVEN
        word = np.uint64(key_at(at, np.uint64(0)))
        if shift:
            word = word >> shift | np.uint64(byte_at(at, np.uint64(8))) << (SIXTY_FOUR - shift)
        if word != ALL:
            blend64(out, i, word, np.uint16(null))
        i += 64
    while i < n:
        place = bit + np.uint64(i)
        if not np.uint64(byte_at(bytes_at, place >> THREE)) >> (place & SEVEN) & ONE:
            out[i] = null
        i += 1


@compiled
def erase_nulls(bitmap, bit, null, out):
    """Give the rows that are not valid the class of NULL."""
    erase(address_of(bitmap), np.uint64(bit), np.uint64(len(bitmap)), null, len(out), out)


@compiled
def rank_words(keys, bitmap, bit, cuts, class_of, null, out):
    """Classes of wide keys uint64[n, words], highest word first; by binary search."""
    has_null = len(bitmap) > 0
    for i in range(len(keys)):
        if has_null and not is_valid(bitmap, bit + i):
            out[i] = null
            continue
        low, high = 0, len(cuts)
        while low < high:
            middle = (low + high) >> 1
            above = False
            for w in range(keys.shape[1]):
                if cuts[middle, w] != keys[i, w]:
                    above = cuts[middle, w] > keys[i, w]
                    break
            if above:
                high = middle
            else:
                low = middle + 1
        out[i] = class_of[low]


@compiled
def divide(left, right, out):
    """float64[n] quotients, NaN, which is NULL, where the divisor is 0."""
    for i in range(len(out)):
        out[i] = left[i] / right[i] if right[i] != 0.0 else np.nan


@compiled
def read_floats(values, bitmap, bit, out):
    """float64[n] of float64 values, NaN where they are not valid."""
    i = 0
    while i + 64 <= len(out) and ((bit + i) >> 3) + 9 <= len(bitmap):
        word = validity(bitmap, bit + i)
        for k in range(64):
            out[i + k] = values[i + k] if word >> np.uint64(k) & ONE else np.nan
        i += 64
    while i < len(out):
        out[i] = values[i] if is_valid(bitmap, bit + i) else np.nan
        i += 1


@compiled
def split_ticks(ticks, per_day, nanoseconds_per_tick, days, nanoseconds):
    """Days int64[n], rounded down, and nanoseconds of the day int64[n] of ticks int64[n] since 1970.

    The quotient by floating point is at most one off, for any int64, and is mended; a division would cost more than
    all the rest.
    """
    inverse = 1.0 / per_day
    for i in range(len(ticks)):
        day = np.int64(np.floor(ticks[i] * inverse))
        rest = ticks[i] - day * per_day
        below, above = np.int64(rest < 0), np.int64(rest >= per_day)
        days[i] = day - below + above
        nanoseconds[i] = (rest + (below - above) * per_day) * nanoseconds_per_tick


@compiled
def weekdays(days, known, out):
    """float64[n]: 1 for Monday to 7, NaN where not known."""
    for i in range(len(days)):
        since = days[i] + 3  # 1 January 1970 was a Thursday
        week = np.int64(np.floor(since * (1.0 / 7.0)))
        rest = since - 7 * week
        rest += np.int64(rest < 0) * 7 - np.int64(rest >= 7) * 7
        out[i] = rest + 1.0 if known[i] else np.nan


@compiled
def hours(nanoseconds, known, out):
    """float64[n]: the hour of the day, NaN where not known. No quotient of such numbers rounds up to a whole one."""
    for i in range(len(nanoseconds)):
        out[i] = np.floor(nanoseconds[i] / 3_600_000_000_000) if known[i] else np.nan


@compiled
def compare_ranks(left, right, left_rank, right_rank, null, out):
    """How entries of two dictionaries compare: 0 less, 1 equal, 2 greater. int32[n] codes; ranks int64[entries].

    The codes of NULL rows are arbitrary; an entry that is NULL has a rank below 0.
    """
    left_last, right_last = np.uint32(len(left_rank) - 1), np.uint32(len(right_rank) - 1)
    for i in range(len(out)):
        a = left_rank[min(np.uint32(left[i]), left_last)]
        b = right_rank[min(np.uint32(right[i]), right_last)]
        out[i] = null if min(a, b) < 0 else np.uint16(1 + np.int64(a > b) - np.int64(a < b))


@compiled
def gather(codes, bitmap, bit, table, null, out):
    """Classes of dictionary codes int32[n]: ``table[code]``; the codes of NULL rows are arbitrary."""
    last = np.uint32(len(table) - 1)
    if len(table) == 0:
        out[:] = null
        return
    for i in range(len(codes)):
        out[i] = table[min(np.uint32(codes[i]), last)]
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


@compiled(inner=True)
def word_at(data, start, end):
    """Up to eight bytes as uint64, the first one lowest; bytes at and behind ``end`` are 0."""
    n = end - start
    if start + 8 <= len(data):
        word = load64(data, start)
        return word if n >= 8 else word & ((ONE << np.uint64(8 * n)) - ONE)
    word = np.uint64(0)
    for k in range(min(n, 8)):
        word |= np.uint64(data[start + k]) << np.uint64(8 * k)
    return word


@compiled
def gather_elements(codes, offsets, bits, found):
    """The OR of ``bits`` uint64[element classes] over elements offsets[i] to offsets[i + 1]: ``found`` uint64[n]."""
    first = offsets[0]
    for i in range(len(found)):
        word = np.uint64(0)
        for k in range(offsets[i] - first, offsets[i + 1] - first):
            word |= bits[codes[k]]
        found[i] = word


@compiled
def gather_short_elements(offsets, text_offsets, data, keys, sizes, key_bits, other, found):
    """The same over elements that are text and not NULL, where every named text has at most eight bytes.

    offsets       int64[n + 1]      elements of each row; the first is that of text_offsets[0]
    keys          uint64[slots]     named texts by ``slot_of``, as ``word_at`` gives them; sizes uint8[slots] their
                                    bytes, NO_TEXT where empty
    key_bits      uint64[slots]     sets that the text is in; ``other`` those of any other text
    """
    first = offsets[0]
    mask = np.uint64(len(keys) - 1)
    for i in range(len(found)):
        word = np.uint64(0)
        for k in range(offsets[i] - first, offsets[i + 1] - first):
            start, end = text_offsets[k], text_offsets[k + 1]
            n = end - start
            key = word_at(data, start, end)
            s = (np.uint64(n) ^ key) * MIX
            s = (s ^ (s >> HALF)) & mask
            while sizes[s] != NO_TEXT and (keys[s] != key or sizes[s] != n):
                s = (s + ONE) & mask
            word |= key_bits[s] if sizes[s] != NO_TEXT else other
        found[i] = word


@compiled
def take_bits(words, shift, mask, out):
    """uint16[n]: ``mask`` of each word, moved down by ``shift``."""
    for i in range(len(out)):
        out[i] = words[i] >> shift & mask


@compiled(inline=True)
def hash_bytes(data, start, end):
    """64-bit FNV-1a, then a final mix (SplitMix64's), because the low bits choose a slot."""
    h = np.uint64(0xCBF29CE484222325)
    for k in range(start, end):
        h = (h ^ np.uint64(data[k])) * np.uint64(0x100000001B3)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@compiled
def hash_texts(offsets, data, out):
    """uint64[n]: a hash of every text's bytes."""
    for i in range(len(offsets) - 1):
        out[i] = hash_bytes(data, offsets[i], offsets[i + 1])


@compiled(inline=True)
def slot_of(data, start, end, mask):
    """Where a text is looked for first: a multiplicative hash of its words and its length."""
    h = np.uint64(end - start)
    while start < end:  # not a range: its length would be found by a division
        h = (h ^ word_at(data, start, end)) * MIX
        h ^= h >> HALF
        start += 8
    return h & mask


@compiled(inner=True)
def same_words(a, a_start, a_end, b, b_start, b_end):
    """Whether two byte strings of one length are equal; none is left where they end."""
    while a_start < a_end:
        if word_at(a, a_start, a_end) != word_at(b, b_start, b_end):
            return False
        a_start += 8
        b_start += 8
    return True


@compiled
def build_slots(offsets, data, slots):
    """Open addressing: ``slots`` int32[power of two] receives the number of every text, -1 where empty."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(offsets) - 1):
        s = slot_of(data, offsets[i], offsets[i + 1], mask)
        while slots[s] >= 0:
            s = (s + np.uint64(1)) & mask
        slots[s] = i


@compiled(inner=True)
def rank_text(data, start, end, bound_offsets, bounds):
    """Number of bounds at or below the text, by bytes."""
    low, high = 0, len(bound_offsets) - 1
    while low < high:
        middle = (low + high) >> 1
        b_start, b_end = bound_offsets[middle], bound_offsets[middle + 1]
        n = min(end - start, b_end - b_start)
        k = 0
        while k < n and data[start + k] == bounds[b_start + k]:
            k += 1
        above = bounds[b_start + k] > data[start + k] if k < n else b_end - b_start > end - start
        if above:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def rank_texts(offsets, data, bound_offsets, bounds, out):
    """int64[n]: the rank of every text among the bounds."""
    for i in range(len(offsets) - 1):
        out[i] = rank_text(data, offsets[i], offsets[i + 1], bound_offsets, bounds)


@compiled
def classify_texts(
    offsets, data, bitmap, bit, slots, name_offsets, names, name_class, bound_offsets, bounds, segment_class, null, out
):
    """Classes of texts: a text that a rule names has its own class, any other that of its place among the bounds."""
    has_null = len(bitmap) > 0
    has_names = len(name_class) > 0
    mask = np.uint64(len(slots) - 1)
    for i in range(len(offsets) - 1):
        if has_null and not is_valid(bitmap, bit + i):
            out[i] = null
            continue
        start, end = offsets[i], offsets[i + 1]
        named = -1
        if has_names:
            s = slot_of(data, start, end, mask)
            while slots[s] >= 0:
                # written out: as an inlined function it would count references to its arrays, at 10 ns a text
                first, last = name_offsets[slots[s]], name_offsets[slots[s] + 1]
                same = end - start == last - first and word_at(data, start, end) == word_at(names, first, last)
                if same and (end - start <= 8 or same_words(data, start + 8, end, names, first + 8, last)):
                    named = slots[s]
                    break
                s = (s + np.uint64(1)) & mask
        if named >= 0:
            out[i] = name_class[named]
        else:
            out[i] = segment_class[rank_text(data, start, end, bound_offsets, bounds)]
