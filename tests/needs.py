"""What some tests need beside Python: skipped by name where it is not there, failed where the job has promised it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from gpu_target.backends.cuda.probe import probe
from tests.cuda_gate import compiling
from tests.cuda_on_cpu import host


class Need(NamedTuple):
    """A mark of tests, and the variable by which a job promises what they need."""

    mark: str
    variable: str
    lacking: Callable[[], str]  # why it is not there; empty where it is
    without: str  # what that means
    remedy: Callable[[], str]

    @property
    def is_promised(self) -> bool:
        return os.environ.get(self.variable, "0") != "0"


NEEDS = (
    Need("gpu", "GPU_TARGET_REQUIRE_CUDA", lambda: probe().reason, "no CUDA here", lambda: probe().remedy),
    Need("compilers", "GPU_TARGET_REQUIRE_COMPILERS", compiling.missing, "the CUDA source cannot be compiled here",
         lambda: "pip install 'gpu-target[dev]'"),
    Need("gxx", "GPU_TARGET_REQUIRE_GXX", host.why_not, "no stand-in for a card", lambda: "apt install g++"),
    Need("sanitizer", "GPU_TARGET_REQUIRE_GXX", host.no_sanitizer, "nothing watches the memory of kernels",
         lambda: "apt install g++"),
)  # fmt: skip


def unmet(item: pytest.Item) -> Iterator[Need]:
    """What a test is marked to need and does not find here; the fixture ``library`` is built by g++."""
    marks = {mark.name for mark in item.iter_markers()}
    if "library" in getattr(item, "fixturenames", ()):
        marks.add("gxx")
    return (need for need in NEEDS if need.mark in marks and need.lacking())
