"""The draw that decides whether a matching declaration is selected: a counter-based hash of (seed, declaration, rule).

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), keyed by the seed,
counting with the declaration and the rule. A draw depends on nothing else, so two rule sets meet the same luck.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from gpu_target.columns.compiled import compiled

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


@compiled
def draw(seed, declaration, rule):  # type: ignore[no-untyped-def]
    """uint64, uniform; all three arguments uint64. Twin: ``draw_slowly``."""
    c0, c1 = declaration & LOW, declaration >> HALF
    c2, c3 = rule & LOW, rule >> HALF
    k0, k1 = seed & LOW, seed >> HALF
    for _ in range(10):
        p0, p1 = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + W0) & LOW, (k1 + W1) & LOW
    return c1 << HALF | c0


def draw_slowly(seed: int, declaration: int, rule: int) -> int:
    """The same number by Python's integers, for the interpreter."""
    mask = 0xFFFFFFFF
    c = [declaration & mask, declaration >> 32, rule & mask, rule >> 32]
    k0, k1 = seed & mask, seed >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & mask, (p0 >> 32) ^ c[3] ^ k1, p0 & mask]
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    return c[1] << 32 | c[0]


@lru_cache(maxsize=1 << 16)
def rule_word(rule_id: str) -> int:
    """64 bits that name a rule by its id alone, so that moving a rule in its file changes no draw."""
    return int.from_bytes(hashlib.blake2b(rule_id.encode(), digest_size=8).digest(), "little")
