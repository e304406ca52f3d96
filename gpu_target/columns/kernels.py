"""Compiled loops that turn values into classes. They release the interpreter's lock; threads run them over row ranges.

Shapes and dtypes are checked by the callers. ``bitmap`` uint8 holds validity bits from ``bit``; it is empty where
nothing is NULL. ``out`` uint16[n] is written.
"""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.columns.compiled import compiled

NO_BITMAP = np.zeros(0, np.uint8)
INFINITY_BITS = 0x7FF0_0000_0000_0000
SIGN_OFF = 0x7FFF_FFFF_FFFF_FFFF


@compiled(inline=True)
def is_valid(bitmap, bit):
    """Whether a row is not NULL."""
    return bitmap[bit >> 3] >> (bit & 7) & 1


@compiled(inline=True)
def rank(key, cuts, hint, shift, base, deepest):
    """Number of cuts at or below ``key``; ``cuts`` and ``hint`` as ``OrderedClasses`` lays them out.

    ``hint`` answers for the keys' leading bits; what is left are ``deepest`` comparisons, made without a branch since
    the data would mispredict it. A comparison too many meets a cut of a later bucket, or the last one, and changes
    nothing.
    """
    bucket = min(max((key >> shift) - base, -1), np.int64(len(hint) - 2)) + 1
    low = np.uint64(hint[np.uint64(bucket)])
    if deepest <= 6:
        for _ in range(deepest):
            low += np.uint64(cuts[low] <= key)
        return low
    high = np.uint64(hint[np.uint64(min(bucket + 1, np.int64(len(hint) - 1)))]) if bucket > 0 else low
    while low < high:
        middle = (low + high) >> np.uint64(1)
        if cuts[middle] <= key:
            low = middle + np.uint64(1)
        else:
            high = middle
    return low


@compiled
def rank_keys(keys, bitmap, bit, bias, cuts, class_of, hint, shift, base, deepest, null, out):
    """Classes of int64 keys; ``bias`` is -2^63 for keys that are uint64 seen as int64, else 0."""
    for i in range(len(keys)):
        out[i] = class_of[rank(keys[i] ^ bias, cuts, hint, shift, base, deepest)]
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


@compiled
def rank_floats(bits, bitmap, bit, cuts, class_of, hint, shift, base, deepest, null, out):
    """Classes of float64 values given by their bits: -0.0 is 0.0, NaN is NULL."""
    for i in range(len(bits)):
        key = bits[i] ^ ((bits[i] >> 63) & SIGN_OFF)
        key += np.int64(key == -1)  # -0.0
        found = class_of[rank(key, cuts, hint, shift, base, deepest)]
        out[i] = null if (bits[i] & SIGN_OFF) > INFINITY_BITS else found
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


@compiled
def erase_nulls(bitmap, bit, null, out):
    """Give the rows that are not valid the class of NULL; whole bytes of valid rows are skipped."""
    i = 0
    while i < len(out):
        if (bit + i) & 7 == 0 and i + 8 <= len(out) and bitmap[(bit + i) >> 3] == 0xFF:
            i += 8
            continue
        if not is_valid(bitmap, bit + i):
            out[i] = null
        i += 1


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


@compiled
def gather_elements(codes, starts, ends, bits, bitmap, bit, null, out):
    """Classes of lists: the OR of ``bits`` uint16[element classes] over the elements starts[i] .. ends[i] - 1."""
    for i in range(len(out)):
        found = np.uint16(0)
        for k in range(starts[i], ends[i]):
            found |= bits[codes[k]]
        out[i] = found
    if len(bitmap):
        erase_nulls(bitmap, bit, null, out)


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
def same_bytes(a, a_start, a_end, b, b_start, b_end):
    """Whether two byte strings are equal."""
    if a_end - a_start != b_end - b_start:
        return False
    for k in range(a_end - a_start):  # noqa: SIM110 - Numba compiles no generator
        if a[a_start + k] != b[b_start + k]:
            return False
    return True


@compiled
def build_slots(offsets, data, slots):
    """Open addressing: ``slots`` int32[power of two] receives the number of every text, -1 where empty."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(offsets) - 1):
        s = hash_bytes(data, offsets[i], offsets[i + 1]) & mask
        while slots[s] >= 0:
            s = (s + np.uint64(1)) & mask
        slots[s] = i


@compiled
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
            s = hash_bytes(data, start, end) & mask
            while slots[s] >= 0:
                n = slots[s]
                if same_bytes(data, start, end, names, name_offsets[n], name_offsets[n + 1]):
                    named = n
                    break
                s = (s + np.uint64(1)) & mask
        if named >= 0:
            out[i] = name_class[named]
        else:
            out[i] = segment_class[rank_text(data, start, end, bound_offsets, bounds)]
