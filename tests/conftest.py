"""What every test shares: property tests that draw the same examples on every machine, and what some tests need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.cuda_on_cpu import host
from tests.needs import unmet

settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


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
    return host.build(tmp_path_factory.mktemp("kernels"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that needs what is not here is skipped with the reason, unless the job has promised it."""
    for item in items:
        for need in unmet(item):
            if not need.is_promised:
                item.add_marker(pytest.mark.skip(reason=f"{need.without}: {need.lacking()}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """It fails, before its fixtures, where the job has."""
    for need in unmet(item):
        if need.is_promised:
            pytest.fail(f"{need.variable} is set, but {need.lacking()}: {need.remedy()}", pytrace=False)
