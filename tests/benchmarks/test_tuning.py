"""Which sizes are tried, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import engines
from benchmarks.engines import DuckDB, Polars
from benchmarks.tuning import fastest_size
from benchmarks.workload import make_workload

SIZES = (64, 128, 256, 512, 1024, 4096)


def tried(seconds: dict[int, float], rules: int = 4096, **options: float) -> tuple[list[int], int, str]:
    found = fastest_size(SIZES, rules, seconds.__getitem__, lambda: 1e9, **options)
    return list(found.trials), found.best, found.untried


def test_sizes_shrink_until_one_is_slower() -> None:
    assert tried({4096: 20.0, 1024: 16.0, 512: 17.0}) == ([4096, 1024, 512], 1024, "")


def test_one_query_of_all_rules_leaves_nothing_larger_to_try() -> None:
    assert tried({4096: 16.0, 1024: 17.0}) == ([4096, 1024], 4096, "")
    assert tried({4096: 16.0, 1024: 17.0}, 10_000) == ([4096, 1024], 4096, "more than 4096 rules a query")


def test_sizes_that_are_the_same_query_are_tried_once() -> None:
    assert tried({100: 2.0, 64: 1.0}, rules=100) == ([100, 64], 64, "fewer than 64 rules a query")
    assert tried({40: 2.0}, rules=40) == ([40], 40, "")


def test_a_little_slower_is_no_end() -> None:
    seconds = {4096: 10.0, 1024: 10.2, 512: 9.0, 256: 9.5}
    assert tried(seconds) == ([4096, 1024, 512, 256], 512, "")


def test_a_form_that_is_far_behind_is_left() -> None:
    assert tried({4096: 34.0}, known=16.0) == ([4096], 4096, "")


def test_no_size_is_begun_when_time_is_up() -> None:
    clock = iter([25.0, 5.0])
    found = fastest_size(SIZES, 4096, {4096: 20.0, 1024: 18.0}.__getitem__, clock.__next__)
    assert list(found.trials) == [4096, 1024]
    assert found.untried == "512 rules a query or fewer, as time was up"


@pytest.mark.parametrize("engine", [Polars, DuckDB])
def test_what_is_compared_by_all_rules_runs_all_rules(
    engine: Callable[..., Polars | DuckDB], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sizes are compared by runs in which they are different queries."""
    asked: list[tuple[int, int]] = []

    def timed(engine: Polars | DuckDB, rules: range) -> float:
        asked.append((len(rules), engine.size))
        return 1.0 / len(asked)

    monkeypatch.setattr(engines, "_timed", timed)
    monkeypatch.setattr(Polars, "threads", engines.pl.thread_pool_size())
    made = engine(make_workload(1_000, 300))
    trials = made.tune(range(32))
    of_all = [size for rules, size in asked if rules == 300]
    assert of_all[:4] == [300, 256, 128, 64]
    assert {rules for rules, size in asked if size != engines.SAMPLE_SIZE} == {300}
    assert len(trials) == len(asked)
    assert made.untried == "fewer than 64 rules a query"
    made.use(0)
    assert f"{64} rules a" in made.form
