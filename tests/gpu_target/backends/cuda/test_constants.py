"""Numbers that the kernels and the code around them both know are the same ones."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gpu_target.backends.cuda import device, evaluation, tables
from gpu_target.backends.cuda.packing import KINDS

SOURCE = device.source()


def in_the_source(name: str) -> int:
    found = re.findall(rf"\b{name} = (\w+)[,;]", SOURCE)
    assert len(found) == 1, name
    return int(found[0].rstrip("u"), 0)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("THREADS", device.THREADS), ("SCAN", evaluation.SCAN), ("WORD", tables.WORD), ("NONE", tables.NONE),
        ("NODES_PER_COLUMN", tables.NODES_PER_COLUMN), ("CLOSES", tables.CLOSES), ("STAGED", tables.STAGED),
        ("NARROWS", tables.NARROWS),
    ],
)  # fmt: skip
def test_a_number_is_that_of_the_kernels(name: str, known: int) -> None:
    assert in_the_source(name) == known


def test_what_follows_from_them_is_the_same_too() -> None:
    rows = 1 << in_the_source("ROW_BITS")
    assert in_the_source("WARP") // rows == tables.PER_ROW
    assert device.THREADS // in_the_source("WARP") * rows == evaluation.STEP_ROWS
    assert ((1 << in_the_source("PLANES")) - 1) * evaluation.STEP_ROWS == evaluation.MOST_ROWS


def test_every_kernel_is_listed_and_no_other() -> None:
    single = re.findall(r'extern "C" __global__ void __launch_bounds__\(THREADS\) (\w+)\(', SOURCE)
    matching = re.findall(r"^MATCH_KERNEL\((\w+),", SOURCE, re.MULTILINE)
    assert sorted(single + matching) == sorted(device.KERNELS)


def test_kinds_of_numbers_are_numbered_as_in_the_kernels() -> None:
    (listed,) = re.findall(r"enum Kind \{ (.*?) \};", SOURCE)
    names = {"i": "I", "u": "U", "f": "REAL"}
    found = [names[each.kind] + ("" if each.kind == "f" else str(8 * each.itemsize)) for each in KINDS]
    assert found == listed.split(", ")
    assert [int(each) for each in KINDS.values()] == list(np.arange(len(KINDS)))


def test_the_kernels_know_no_floating_point() -> None:
    assert not re.search(r"\b(float|double|half)\b|\b\d+\.\d", SOURCE)
