"""What every test shares: property tests that draw the same examples on every machine, and the `gpu` mark."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


@functools.cache
def why_no_gpu() -> str:
    """Empty where a CUDA device answers, otherwise the reason."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed: pip install 'gpu-target[cuda13]'"
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no CUDA device: {error}"
    return "" if devices else "no CUDA device"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and why_no_gpu():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=why_no_gpu()))
