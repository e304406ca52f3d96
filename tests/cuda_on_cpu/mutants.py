"""Seeded bugs: the kernels with one thing wrong, and whether the checks notice.

    python -m tests.cuda_on_cpu.mutants FOLDER

builds each mutant in FOLDER, runs the checks on it in a process of its own, since some of them crash, and prints a JSON
object of what came of each: ``noticed`` and the check that failed, ``crashed`` and the signal, ``endless``,
``unnoticed``, or ``broken`` and why the checks themselves could not go on.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cuda_on_cpu import checks, host

SECONDS = 20  # that a mutant may take: some never end
Change = Callable[[str], str]


def replaced(right: str, wrong: str, occurrence: int = 0) -> Change:
    """Put ``wrong`` in the place of one occurrence of ``right``."""

    def change(code: str) -> str:
        parts = code.split(right)
        head, tail = parts[: occurrence + 1], parts[occurrence + 1 :]
        return right.join(head) + wrong + right.join(tail) if tail else code

    return change


MUTANTS: dict[str, Change] = {
    "no barrier after tables and counters are set up": replaced("__syncthreads();", ""),
    "no barrier before counters are read": replaced("__syncthreads();", "", 1),
    "no barrier before the sums of warps are read": replaced("__syncthreads();", "", 2),
    "no barrier before the sums are written again": replaced("__syncthreads();", "", 3),
    "no barrier after a bit set is cleared": replaced("__syncwarp(ALL);", ""),
    "no barrier after a bit set is filled": replaced("__syncwarp(ALL);", "", 1),
    "a draw at the threshold selects": replaced("drawn < threshold[at]", "drawn <= threshold[at]"),
    "sorting forgets the last rule of a window": replaced("place < n_words * 32", "place < n_words * 32 - 1"),
    "a tile is left out": replaced("tiles[blockIdx.y]", "tiles[blockIdx.y ? blockIdx.y - 1 : 0]"),
    "the last row of a block is left out": replaced("if (row < end) alive", "if (row + 1 < end) alive"),
    "the carry of the counters is lost": replaced("hits = carry;", "return;"),
    "the counters are emptied a row too late": replaced("== (1 << PLANES) - 1", "== (1 << PLANES)"),
    "a clause is not begun anew": replaced("clause = make_uint4(0, 0, 0, 0);\n        }", "}"),
    "rules need fewer steps than they do": replaced(
        "steps_of(tile, first, alive, part) | (left & (0u - left))", "left & (0u - left)"
    ),
    "offsets in 32 bits": replaced(
        "return totals[row / SCAN] + within[row]", "return (u32)(totals[row / SCAN] + within[row])"
    ),
    "-0 has a key of its own": replaced("key += key == -1;", ""),
    "a cut does not belong to the class above": replaced("cuts[low + middle] <= key", "cuts[low + middle] < key"),
    "a node does not see its neighbours": replaced("node >= first ? found :", ""),
    "the second run begins where the first does": replaced("totals[run] = carry + before", "totals[run] = before"),
}

# these read addresses or offsets that nobody wrote, before any check can say so
MAY_CRASH = {"no barrier after tables and counters are set up", "a tile is left out", "offsets in 32 bits"}


def outcome(library: Path) -> str:
    """What the checks say of a library, from a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _check(library, writing)  # which does not return
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as found:
        said = found.read()
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        return said or f"broken: ended with {os.waitstatus_to_exitcode(status)} and said nothing"
    number = os.WTERMSIG(status)
    return f"endless: no end after {SECONDS} s" if number == signal.SIGALRM else f"crashed: by signal {number}"


def _check(library: Path, writing: int) -> None:
    """Nothing may be raised out of here: the child would go on as a second one of whatever process called."""
    said = "broken: the checks did not run"
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(SECONDS)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        checks.check_all(library)
        said = "unnoticed"
    except AssertionError as error:
        said = f"noticed: {str(error)[:60]}"
    except BaseException as error:  # no check has failed, so no bug was noticed
        said = f"broken: {type(error).__name__}: {error}"
    finally:
        os.write(writing, said.encode())
        os._exit(0)


def run(folder: Path) -> dict[str, str]:
    code = host.source()
    changed = {name: change(code) for name, change in MUTANTS.items()}
    unchanged = [name for name, each in changed.items() if each == code]
    assert not unchanged, f"these change nothing: {unchanged}"

    def build(number: int, text: str) -> Path:
        return host.build(folder, text, ("-std=c++17", "-O0"), f"mutant{number}")

    with ThreadPoolExecutor(2) as pool:
        libraries = list(pool.map(build, range(len(changed)), changed.values()))
    for shape in checks.SHAPES:
        checks.prepared(shape)  # before the processes part, so that not each of them has to
    return {name: outcome(library) for name, library in zip(changed, libraries, strict=True)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1])), indent=1))
