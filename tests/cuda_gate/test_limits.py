"""The CUDA source as it stands keeps its limits on every architecture."""

from __future__ import annotations

import pytest

from gpu_target.backends.cuda.tables import SHARED_BYTES
from tests.cuda_gate import limits
from tests.cuda_gate.compiling import ARCHITECTURES, SOURCE
from tests.cuda_gate.figures import figures

MATCHING = ("count_rules", "count_rows", "write_rows")

pytestmark = [
    pytest.mark.compilers,
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
def test_shared_memory_stays_within_what_every_card_gives_a_block(architecture: str) -> None:
    """What is staged comes on top of what the compiler sees; more than 48 KiB a launch would have to ask for."""
    matching = [each for each in figures(SOURCE.read_text(encoding="utf-8"), architecture) if each.kernel in MATCHING]
    assert len(matching) == len(MATCHING)
    assert [each.kernel for each in matching if each.shared + SHARED_BYTES > 48 * 1024] == []


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_hot_loop_of_every_matching_kernel_is_found(architecture: str) -> None:
    """They have it from the same function, so it is about as long in each."""
    found = figures(SOURCE.read_text(encoding="utf-8"), architecture)
    lengths = {each.kernel: each.hot_loop for each in found if each.kernel in MATCHING}
    assert set(lengths) == set(MATCHING)
    assert 20 < min(lengths.values()) <= max(lengths.values()) < 1.2 * min(lengths.values()), lengths
