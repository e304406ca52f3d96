"""Mistakes put into the CUDA source, each of which the gate has to notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

KERNEL = "count_staged"  # every mistake shows in it
MATCH, ROW = "match", "match_row"  # its body, and the function that has the hot loop
ENTRY = re.compile(r"^MATCH_KERNEL\((\w+),.*\)\n", re.MULTILINE)
LOOP = re.compile(r"for \(u32 (?P<counter>\w+) = 0; \w+ < (?P<end>\w+); [^)]*\) \{")


@dataclass(frozen=True)
class Bug:
    """``first`` begins and ``last`` ends the body of the matching function; ``limit`` is what they have to break."""

    limit: str
    first: str = ""
    last: str = ""
    doubled: bool = False  # the body of the hot loop stands there twice

    def into(self, source: str) -> str:
        if self.doubled:
            return _doubled(source)
        start, end = _body(source, MATCH)
        return source[:start] + self.first + source[start:end] + self.last + source[end:]


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
}


def only_one_kernel(source: str) -> str:
    """The source without the other kernels that match: they take most of the compiler's time."""
    names = ENTRY.findall(source)
    if KERNEL not in names:
        raise ValueError(f"the source has no kernel {KERNEL}")
    return ENTRY.sub(lambda entry: entry[0] if entry[1] == KERNEL else "", source)


def _doubled(source: str) -> str:
    start, end = _body(source, ROW)
    loop = LOOP.search(source, start, end)
    if loop is None:
        raise ValueError(f"the loop of {ROW} is written in a way that is not known here")
    until = _closing(source, loop.end())
    again = f"if (++{loop['counter']} == {loop['end']}) break; {{{source[loop.end() : until]}}}"
    return source[:until] + again + source[until:]


def _body(source: str, function: str) -> tuple[int, int]:
    """Where the body of a function begins and ends, braces excluded. ValueError where there is no such function."""
    head = re.search(rf"__device__[^;{{(]*\b{function}\s*\(", source)
    if head is None:
        raise ValueError(f"the source has no function {function}")
    start = source.index("{", head.end()) + 1
    return start, _closing(source, start)


def _closing(source: str, start: int) -> int:
    depth = 1
    for position in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        if not depth:
            return position
    raise ValueError("a brace is not closed")
