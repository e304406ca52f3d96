"""What the compiler made of each kernel, in figures."""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass, field

from tests.cuda_gate import compiling, sass
from tests.cuda_gate.source import hot_lines

USAGE = re.compile(r"Function (?P<name>\S+):\s+REG:(?P<registers>\d+) STACK:(?P<stack>\d+) SHARED:(?P<shared>\d+)"
                   r" LOCAL:(?P<local>\d+)")  # fmt: skip
# what a block of any kernel with shared memory takes besides its own; cuobjdump adds it, from sm_90 on
RESERVED = {"sm_80": 0, "sm_90": 1024, "sm_120": 1024}
SPILLS = ("LDL", "STL")
# what a kernel's time hangs on beside how many instructions there are: memory, atomics, barriers, calls
MIX = {"LD", "LDG", "LDS", "ST", "STG", "STS", "ATOM", "ATOMG", "ATOMS", "RED", "REDG", "BAR", "CALL"}
# all that computes with floating point, converts to it or approximates a function
FLOATING = re.compile(
    r"^U?(F(ADD|MUL|FMA|FMA32I|CHK|SET|SETP|SEL|MNMX|SWZADD|RND)|D(ADD|MUL|FMA|SETP|MMA|MNMX)"
    r"|H(ADD|MUL|FMA|MNMX|SET|SETP|MMA)|MUFU|RRO|[IF]2F|F2I|I2FP|F2IP|F2FP)\d*$"
)


@dataclass(frozen=True)
class Figures:
    """Of one kernel on one architecture.

    registers        per thread
    stack, local     bytes per thread
    shared           static bytes per block, without what every block takes
    spills           instructions that load or store what found no register
    hot_loop         instructions of the loop that joins words, without those of loops inside; 0 in other kernels
    instructions     in all
    floating         instructions that compute with floating point, by opcode
    mix              instructions that touch memory, wait or call, by opcode and width: `LDG.128` loads four words
    """

    kernel: str
    architecture: str
    registers: int
    stack: int
    local: int
    shared: int
    spills: int
    hot_loop: int
    instructions: int
    floating: Counter[str] = field(default_factory=Counter)
    mix: Counter[str] = field(default_factory=Counter)


@functools.lru_cache(maxsize=32)
def figures(source: str, architecture: str) -> tuple[Figures, ...]:
    """Of every kernel of a source, in the order of their names."""
    code = compiling.cubin(source, architecture)
    usage = {each["name"]: each for each in USAGE.finditer(compiling.resources(code))}
    found = {each.name: each for each in sass.kernels(compiling.sass(code))}
    assert set(usage) == set(found), "cuobjdump and nvdisasm name different kernels"
    lines = hot_lines(source)
    return tuple(_figures(found[name], usage[name], architecture, lines) for name in sorted(found))


def _figures(kernel: sass.Kernel, usage: re.Match[str], architecture: str, lines: range) -> Figures:
    kinds = kernel.kinds
    shared = int(usage["shared"])
    return Figures(
        kernel=kernel.name,
        architecture=architecture,
        registers=int(usage["registers"]),
        stack=int(usage["stack"]),
        local=int(usage["local"]),
        shared=shared - RESERVED[architecture] if shared else 0,
        spills=sum(kinds[kind] for kind in SPILLS),
        hot_loop=kernel.loop_of(lines),
        instructions=len(kernel.instructions),
        floating=Counter({kind: count for kind, count in kinds.items() if FLOATING.match(kind)}),
        mix=Counter(each.sized_kind for each in kernel.instructions if each.kind in MIX),
    )
