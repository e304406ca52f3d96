"""The kernels that ship, built once for a session of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cuda_on_cpu import host


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if host.why_not():
        pytest.skip(host.why_not())
    return host.build(tmp_path_factory.mktemp("kernels"))


@pytest.fixture
def as_cuda(library: Path) -> Iterator[None]:
    """The name ``cuda`` stands for the processor in place of a card."""
    with host.standing_in(host.backend(library)):
        yield
