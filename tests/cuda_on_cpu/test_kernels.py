"""Each kernel alone computes what NumPy says, in three orders of threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cuda_on_cpu import checks
from tests.cuda_on_cpu.board import Board
from tests.cuda_on_cpu.host import ORDERS, HostDevice


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("check", checks.SINGLE)
def test_a_kernel_computes_what_numpy_says(check: Callable[[HostDevice], None], order: int, library: Path) -> None:
    check(HostDevice(library, order))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", checks.SHAPES)
def test_rules_of_any_shape_match_what_they_say(shape: str, order: int, library: Path) -> None:
    checks.check_matching(HostDevice(library, order), shape)


def test_arguments_of_another_size_are_not_taken(library: Path) -> None:
    board = Board(HostDevice(library))
    with pytest.raises(AssertionError, match="arguments of other sizes"):
        board.launch("scan_totals", (1, 1), board.zeros(16), np.int32(1))
