"""What every test shares: property tests that draw the same examples on every machine, and the `gpu` mark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gpu_target.backends.cuda.probe import probe
from tests.cuda_on_cpu import host

settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

REQUIRE_CUDA = "GPU_TARGET_REQUIRE_CUDA"  # a job that has a card sets it to 1, lest it pass by skipping


@pytest.fixture(scope="session", autouse=True)
def plan_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Plans are kept in a folder of the tests, in the commands that they start too."""
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPU_TARGET_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels that ship, built for the processor once a session: g++ takes seconds."""
    if host.why_not():
        pytest.skip(host.why_not())
    return host.build(tmp_path_factory.mktemp("kernels"))


def _lacks_a_card(item: pytest.Item) -> bool:
    return item.get_closest_marker("gpu") is not None and not probe().usable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test marked `gpu` is skipped with the reason where CUDA cannot run."""
    if os.environ.get(REQUIRE_CUDA, "0") == "0":
        for item in filter(_lacks_a_card, items):
            item.add_marker(pytest.mark.skip(reason=f"no CUDA here: {probe().reason}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """It fails, before its fixtures, where CUDA is required."""
    if os.environ.get(REQUIRE_CUDA, "0") != "0" and _lacks_a_card(item):
        pytest.fail(f"{REQUIRE_CUDA} is set, but {probe().reason}: {probe().remedy}", pytrace=False)
