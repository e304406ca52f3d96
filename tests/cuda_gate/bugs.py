"""Mistakes put into the CUDA source, each of which the gate has to notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.cuda_gate.source import body, hot_loop

KERNEL = "count_rules"  # every mistake shows in it
MATCH = "match"  # the function that has its body
ENTRY = re.compile(r"^MATCH_KERNEL\((\w+),.*\)\n", re.MULTILINE)


@dataclass(frozen=True)
class Bug:
    """``first`` begins and ``last`` ends the body of the matching function; ``limit`` is what they have to break."""

    limit: str
    first: str = ""
    last: str = ""
    doubled: bool = False  # the body of the hot loop stands there twice
    replaced: tuple[str, str] = ("", "")  # in that body

    def into(self, source: str) -> str:
        if self.doubled:
            return _doubled(source)
        start, end = body(source, MATCH)
        code = source[start:end].replace(*self.replaced) if self.replaced[0] else source[start:end]
        return source[:start] + self.first + code + self.last + source[end:]


BUGS: Mapping[str, Bug] = {
    "a float multiplication": Bug(
        "floating FMUL", "if (__fmul_rn(__uint_as_float(threadIdx.x + 1u), 1.5f) == 3.0f) __trap();"
    ),
    "a division by what only the run knows": Bug(
        "floating MUFU", "if (clock() / (blockDim.x + gridDim.x) == 3u) __trap();"
    ),
    "a local array that finds no registers": Bug(
        "spills",
        "u32 local_[256]; for (int i_ = 0; i_ < 256; ++i_) local_[i_] = clock();"
        "if (local_[clock() & 255] == 3u) __trap();",
    ),
    "many values kept from beginning to end": Bug(
        "registers",
        "u32 kept_[24];\n#pragma unroll\n"
        "for (int i_ = 0; i_ < 24; ++i_) kept_[i_] = __shfl_xor_sync(ALL, clock() * threadIdx.x, 1);",
        "u32 late_ = clock(), sum_ = 0;\n#pragma unroll\n"
        "for (int i_ = 0; i_ < 24; ++i_) sum_ = (sum_ ^ kept_[i_]) * late_;"
        "if (sum_ == 3u) __trap();",
    ),
    "a larger shared array": Bug(
        "shared",
        "__shared__ u32 more_[512]; more_[threadIdx.x & 511] = clock(); __syncthreads();"
        "if (more_[threadIdx.x * 7 & 511] == 3u) __trap();",
    ),
    "a hot loop twice as long": Bug("hot_loop", doubled=True),
    "four words loaded one by one": Bug(
        "LDG.128",
        "const volatile u32 *words_ = (const volatile u32 *)(tiles + blockIdx.y);",
        replaced=("tiles[blockIdx.y]", "make_uint4(words_[0], words_[1], words_[2], words_[3])"),
    ),
}


def only_one_kernel(source: str) -> str:
    """The source without the other kernels that match: they take most of the compiler's time."""
    names = ENTRY.findall(source)
    if KERNEL not in names:
        raise ValueError(f"the source has no kernel {KERNEL}")
    return ENTRY.sub(lambda entry: entry[0] if entry[1] == KERNEL else "", source)


def _doubled(source: str) -> str:
    """The hot loop has its body twice; the compiler has to load anew for the second."""
    start, end = hot_loop(source)
    return source[:end] + f' asm volatile("" ::: "memory"); {{{source[start:end]}}}' + source[end:]
