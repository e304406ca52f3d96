"""The CUDA source as it stands keeps its limits on every architecture."""

from __future__ import annotations

import pytest

from tests.cuda_gate import limits
from tests.cuda_gate.compiling import ARCHITECTURES, SOURCE, missing
from tests.cuda_gate.figures import figures

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"the CUDA source cannot be compiled here: {missing()}"),
    pytest.mark.xdist_group("cuda_gate"),  # what one test compiles the next one reads
]


def test_the_compilers_are_those_that_made_the_limits() -> None:
    assert limits.wrong_compiler(limits.load()) == []


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_kernels_keep_their_limits(architecture: str) -> None:
    found = figures(SOURCE.read_text(encoding="utf-8"), architecture)
    assert len(found) > 5, "the kernels were not found"
    problems = limits.broken(found, limits.load())
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_hot_loop_of_every_matching_kernel_is_found(architecture: str) -> None:
    """It joins bit sets: most of what it loads and computes with are words of them."""
    matching = [each for each in figures(SOURCE.read_text(encoding="utf-8"), architecture) if "staged" in each.kernel]
    assert len(matching) == 3
    assert all(20 <= each.hot_loop <= 60 for each in matching), [(each.kernel, each.hot_loop) for each in matching]
