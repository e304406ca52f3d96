"""The kernels that ship, in place of those on a card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cuda_on_cpu import host


@pytest.fixture
def as_cuda(library: Path) -> Iterator[None]:
    """The name ``cuda`` stands for the processor in place of a card."""
    with host.standing_in(host.backend(library)):
        yield
