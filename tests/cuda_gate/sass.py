"""Machine code as nvdisasm prints it: the instructions of each kernel, and its loops.

A loop is what a backward branch encloses: of a branch to a block that every path to the branch goes through, the blocks
from which the branch can be reached without leaving through that block (the natural loop of compiler textbooks).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

SECTION = re.compile(r"^\.text\.(\S+):$")
LABEL = re.compile(r"^(\.L_\w+):$")
LINE = re.compile(r"^//## File .*?, line (\d+)(?: inlined at .*)?$")
INSTRUCTION = re.compile(
    r"^/\*[0-9a-f]+\*/\s+(?:\{\s*)?(?P<guard>@!?U?P\w+\s+)?(?P<opcode>[A-Z][\w.]*)(?P<rest>[^;]*);"
)
TARGET = re.compile(r"`\((\.L_\w+)\)")
TABLE = re.compile(r'"BRANCH_TARGETS ([^"]+)"')
BRANCHES = {"BRA", "JMP"}
THROUGH_A_TABLE = {"BRX", "BRXU", "JMX", "JMXU"}  # nvdisasm lists where the table leads
LAST = {"EXIT", "RET", "KILL", *THROUGH_A_TABLE}
# the sixteen-bit pipe moves constants when the others are busy: `HFMA2 R6, -RZ, RZ, 0, 0` computes nothing
MOVE = re.compile(r"^ R\d+, -RZ, RZ, [^R]*$")


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    ``opcode`` with its modifiers, ``rest`` its operands, ``labels`` those that stand before it, ``lines`` of the source
    that it is from: where it was written, and where that was inlined.
    """

    opcode: str
    rest: str
    guarded: bool
    labels: tuple[str, ...]
    lines: frozenset[int] = frozenset()

    @property
    def kind(self) -> str:
        """The opcode without modifiers; a constant moved by another pipe is a move."""
        name = self.opcode.split(".")[0]
        return "MOV" if name == "HFMA2" and MOVE.match(self.rest) else name

    @property
    def sized_kind(self) -> str:
        """The opcode and, of one that moves more than a word of 32 bits, how many it moves."""
        width = next((each for each in ("128", "64") if each in self.opcode.split(".")), "")
        return f"{self.kind}.{width}" if width else self.kind

    @property
    def targets(self) -> list[str]:
        """Where it may jump to, while threads run together: BRA.DIV leads to the same work for threads gone astray."""
        if self.kind in THROUGH_A_TABLE:
            table = TABLE.search(self.rest)
            if table is None:
                raise ValueError(f"not known where it leads: {self.opcode}{self.rest}")
            return table[1].split(",")
        if self.kind not in BRANCHES or self.opcode.startswith("BRA.DIV"):
            return []
        return TARGET.findall(self.rest)

    @property
    def falls_through(self) -> bool:
        if self.guarded or self.opcode.startswith("BRA.DIV"):
            return True
        if self.kind in BRANCHES:
            return not self.rest.strip().startswith("`")  # a predicate before the target
        return self.kind not in LAST


@dataclass(frozen=True)
class Kernel:
    """The instructions of one kernel, without what fills the room to the next."""

    name: str
    instructions: tuple[Instruction, ...]

    @property
    def kinds(self) -> Counter[str]:
        return Counter(each.kind for each in self.instructions)

    @functools.cached_property
    def loops(self) -> list[frozenset[int]]:
        """Positions of the instructions of every loop."""
        return list(_loops(self))

    def loop_of(self, lines: range) -> int:
        """Instructions of the loop with most of these lines, without those of loops inside; 0 where none has any."""
        found = []
        for loop in self.loops:
            own = loop.difference(*(other for other in self.loops if other < loop))
            from_there = sum(any(line in lines for line in self.instructions[each].lines) for each in own)
            found.append((from_there, len(own)))
        most, length = max(found, default=(0, 0))
        return length if most else 0


def kernels(text: str) -> list[Kernel]:
    """Every kernel of what nvdisasm printed. ValueError where a line looks like code and cannot be read."""
    found: dict[str, list[Instruction]] = {}
    code: list[Instruction] = []
    labels: list[str] = []
    lines: set[int] = set()
    is_new = True  # the next line of the source begins another place
    for line in map(str.strip, text.splitlines()):
        if section := SECTION.match(line):
            code, labels, lines = found.setdefault(section[1], []), [], set()
        elif label := LABEL.match(line):
            labels.append(label[1])
        elif place := LINE.match(line):
            lines = (set() if is_new else lines) | {int(place[1])}
            is_new = False
        elif each := INSTRUCTION.match(line):
            guarded = each["guard"] is not None
            code.append(Instruction(each["opcode"], each["rest"], guarded, tuple(labels), frozenset(lines)))
            labels, is_new = [], True
        elif line.startswith("/*") and line.endswith(";"):
            raise ValueError(f"not understood: {line}")
    return [Kernel(name, tuple(_without_filling(code))) for name, code in found.items()]


def _without_filling(code: list[Instruction]) -> Iterator[Instruction]:
    for each in code:
        if each.kind != "NOP" and not set(each.targets) & set(each.labels):
            yield each  # a branch to itself stands behind the end


def _loops(kernel: Kernel) -> Iterator[frozenset[int]]:
    code = kernel.instructions
    at = {label: position for position, each in enumerate(code) for label in each.labels}
    after: list[list[int]] = []
    for position, each in enumerate(code):
        follows = [position + 1] if each.falls_through and position + 1 < len(code) else []
        after.append(follows + [at[target] for target in each.targets if target in at])
    before: list[list[int]] = [[] for _ in code]
    for position, targets in enumerate(after):
        for target in targets:
            before[target].append(position)
    reached = _reachable(after)
    bodies: dict[int, set[int]] = {}
    for position in reached:
        for head in after[position]:
            if head <= position and position not in _reachable(after, without=head):
                bodies.setdefault(head, {head}).update(_back_to(head, position, before) & reached)
    for body in bodies.values():
        yield frozenset(body)


def _reachable(after: list[list[int]], without: int | None = None) -> set[int]:
    """What can be reached from the start; what cannot without passing a position is dominated by it."""
    seen: set[int] = set()
    waiting = [0] if without != 0 and after else []
    while waiting:
        position = waiting.pop()
        if position not in seen:
            seen.add(position)
            waiting += [each for each in after[position] if each != without]
    return seen


def _back_to(head: int, position: int, before: list[list[int]]) -> set[int]:
    """Everything from which ``position`` can be reached without passing ``head``."""
    seen = {head}
    waiting = [position]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += before[each]
    return seen
