"""Places in the CUDA source: bodies of functions, and the loop that takes most of the time."""

from __future__ import annotations

import re

HOT = "match_row"  # joins the words of a row's classes; its innermost loop turns once for every step of every row
FOR = re.compile(r"\bfor \(")


def body(source: str, function: str) -> tuple[int, int]:
    """Where the body of a device function begins and ends, braces excluded. ValueError where there is no such one."""
    head = re.search(rf"__device__[^;{{(]*\b{function}\s*\(", source)
    if head is None:
        raise ValueError(f"the source has no function {function}")
    start = source.index("{", head.end()) + 1
    return start, _closing(source, start)


def hot_loop(source: str) -> tuple[int, int]:
    """Where the body of the hot loop begins and ends, braces excluded. ValueError where there is none."""
    start, end = body(source, HOT)
    heads = [found.end() for found in FOR.finditer(source, start, end)]
    if not heads:
        raise ValueError(f"{HOT} has no loop")
    opening = source.index("{", _closing(source, heads[-1], "()")) + 1
    return opening, _closing(source, opening)


def hot_lines(source: str) -> range:
    """The lines of the hot loop, from 1 on; none in a source without its function."""
    if not re.search(rf"\b{HOT}\b", source):
        return range(0)
    start, end = hot_loop(source)
    return range(source.count("\n", 0, start) + 1, source.count("\n", 0, end) + 2)


def _closing(source: str, start: int, pair: str = "{}") -> int:
    """Where what is open at ``start`` is closed."""
    depth = 1
    for position in range(start, len(source)):
        depth += {pair[0]: 1, pair[1]: -1}.get(source[position], 0)
        if not depth:
            return position
    raise ValueError(f"{pair[0]} is not closed")
