"""The gate notices what it is there for: each mistake, put into the source, breaks the limit that it should."""

from __future__ import annotations

import pytest

from tests.cuda_gate import limits
from tests.cuda_gate.bugs import BUGS, KERNEL, only_one_kernel
from tests.cuda_gate.compiling import SOURCE
from tests.cuda_gate.figures import figures

ARCHITECTURE = "sm_90"
PLACE = f"{KERNEL} on {ARCHITECTURE}"

pytestmark = [
    pytest.mark.compilers,
    pytest.mark.xdist_group("cuda_gate"),
]


def problems_of(source: str) -> list[str]:
    """What the gate says of the one kernel that was left in the source."""
    found = [each for each in figures(source, ARCHITECTURE) if each.kernel == KERNEL]
    assert len(found) == 1
    return [each for each in limits.broken(found, limits.load()) if each.startswith(f"{PLACE}:")]


def test_without_a_mistake_the_gate_is_silent() -> None:
    assert problems_of(only_one_kernel(SOURCE.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("what", BUGS)
def test_a_mistake_breaks_its_limit(what: str) -> None:
    source = only_one_kernel(SOURCE.read_text(encoding="utf-8"))
    patched = BUGS[what].into(source)
    assert patched != source
    problems = problems_of(patched)
    assert any(f"{PLACE}: {BUGS[what].limit} " in each for each in problems), "\n".join(problems) or "nothing noticed"
