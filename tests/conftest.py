"""What every test shares: property tests that draw the same examples on every machine, and the `gpu` mark."""

from __future__ import annotations

import functools
import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


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
