"""Sizes of the suites, and the figures that each benchmark adds to its record."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

ROWS = int(float(os.environ.get("BENCH_ROWS", "1e6")))  # items; a national year has 5.2 million
RULES = tuple(int(each) for each in os.environ.get("BENCH_RULES", "500 1000 3000 5000 10000").split())
ROUNDS = 5

Rates = Callable[..., None]


@pytest.fixture
def rates(benchmark: Any) -> Rates:
    """Call with the sizes after the run: they are stored, and rates are reckoned from the best round."""

    def add(**sizes: int) -> None:
        best = benchmark.stats.stats.min if benchmark.stats else None
        benchmark.extra_info.update(sizes)
        if best:
            pairs = sizes.get("rows", 1) * sizes.get("rules", 1)
            benchmark.extra_info["per_second"] = pairs / best

    return add
