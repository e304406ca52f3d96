"""What stays on the device for as long as a plan is evaluated: its tables, its cuts and its policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cuda.device import Device, Memory
from gpu_target.backends.cuda.tables import Tables, make_tables
from gpu_target.columns.travel import ranks_of
from gpu_target.plan.plan import Plan


class Ranked(NamedTuple):
    """The cuts of a column that the device ranks, int64[n_cuts], and uint16[n_cuts + 1] classes, by their addresses."""

    cuts: np.uint64
    n_cuts: int
    class_of: np.uint64


class Resident:
    """A plan on a device; ``at`` gives the address of each array, 0 of an empty one, ``ranked`` the cuts by column."""

    def __init__(self, plan: Plan, lanes: bool, device: Device) -> None:
        """Raises UnfitError (EN402) where the device has not enough memory."""
        self.tables = make_tables(plan.layout)
        self.device, self.stream = device, device.stream()
        self.memory: list[Memory] = []
        arrays = {**_of_tables(self.tables), **(_of_policy(plan) if lanes else {})}
        self.at = {name: self._upload(values) for name, values in arrays.items()}
        self.ranked = {
            k: Ranked(self._upload(classes.cuts), len(classes.cuts), self._upload(classes.class_of))
            for k, column in enumerate(plan.layout.columns)
            if (classes := ranks_of(column)) is not None
        }
        self.stream.synchronize()

    def _upload(self, values: npt.NDArray[Any]) -> np.uint64:
        if not values.nbytes:
            return np.uint64(0)
        memory = self.device.allocate(values.nbytes)
        self.stream.upload(values, memory.address)
        self.memory.append(memory)
        return np.uint64(memory.address)


def _of_tables(tables: Tables) -> Mapping[str, npt.NDArray[Any]]:
    nodes = tables.nodes
    return {
        "tile": tables.tile, "data": tables.data, "rules": tables.rules,
        "is_and": nodes.is_and, "node_start": nodes.start, "operands": nodes.operands,
        "leaf_column": nodes.leaf_column, "leaf_bits": nodes.leaf_bits, "bits": nodes.bits,
    }  # fmt: skip


def _of_policy(plan: Plan) -> Mapping[str, npt.NDArray[Any]]:
    policy = plan.policy
    return {
        "severity": policy.severity, "weight": policy.weight, "word": policy.word,
        "threshold": policy.threshold, "certain": policy.certain.view(np.uint8), "relief": policy.relief,
    }  # fmt: skip
