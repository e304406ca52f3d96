"""A plan as bytes and back, without its typed rules: what evaluation needs, in the form in which it is needed.

Arrays lie in a column of an Arrow stream, everything else in its metadata as JSON. Classes are made again from their
fields by a closed list of names: nothing that is read is run. The bytes begin with their own SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from gpu_target.columns import coded, elements, ordered, pairs, text
from gpu_target.columns import expressions as ex
from gpu_target.columns.lookup import LookupIndex
from gpu_target.language.model import RuleHead
from gpu_target.plan.layout import Layout
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.plan import Plan, Typed
from gpu_target.plan.process import compiling
from gpu_target.selection.policy import Policy

DIGEST = 32  # bytes of SHA-256
CLASSES = {
    each.__name__: each
    for each in (
        Layout, Policy, ordered.OrderedClasses, text.TextClasses, coded.OrderedColumn, coded.TextColumn,
        coded.PatternColumn, pairs.PairColumn, elements.ElementsColumn, elements.ElementSets, pairs.MemberColumn,
        ex.Column, ex.Lookup, ex.Constant, ex.AsOf, ex.Function,
    )
}  # fmt: skip
PARTS = ("name", "schema", "key", "layout", "policy", "reads_as_of", "sha256")


class Unreadable(Exception):
    """The bytes are no plan: cut short, changed, or of another version."""


def encode(plan: Plan, about: Mapping[str, str]) -> bytes:
    """The bytes of a plan; ``about`` is kept beside it."""
    writer = _Writer()
    parts = {name: writer.write(getattr(plan, name)) for name in PARTS}
    tables = [writer.table(each) for each in plan.tables.values()]
    types = pa.schema([pa.field(str(k), type_) for k, type_ in enumerate(writer.types)])
    heads = [[writer.write(getattr(each, field.name)) for each in plan.heads] for field in fields(RuleHead)]
    document = {
        "about": dict(about),
        "parts": parts,
        "heads": heads,  # a list for each field, of all rules
        "tables": tables,
        "objects": writer.objects,
        "arrays": writer.kinds,
    }
    schema = pa.schema([pa.field("arrays", pa.large_binary())], metadata={"plan": json.dumps(document)})
    blobs = pa.array([types.serialize().to_pybytes(), *writer.arrays], pa.large_binary())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(pa.record_batch([blobs], schema=schema))
    content: bytes = sink.getvalue().to_pybytes()
    return hashlib.sha256(content).digest() + content


def decode(data: bytes, about: Mapping[str, str], typed: Callable[[], Typed]) -> Plan:
    """The plan of ``encode``; ``typed`` gives its typed rules when they are asked for. Raises Unreadable."""
    if hashlib.sha256(memoryview(data)[DIGEST:]).digest() != data[:DIGEST]:
        raise Unreadable("the bytes are not those that were written")
    with compiling():
        return _decode(data, about, typed)


def _decode(data: bytes, about: Mapping[str, str], typed: Callable[[], Typed]) -> Plan:
    try:
        with pa.ipc.open_stream(pa.py_buffer(data).slice(DIGEST)) as stream:
            document = json.loads(stream.schema.metadata[b"plan"])
            blobs = stream.read_next_batch().column(0)
        if document["about"] != dict(about):
            raise Unreadable("it is another plan")
        reader = _Reader(document, blobs)
        parts = {name: reader.read(document["parts"][name]) for name in PARTS}
        heads = [reader.read(column) for column in document["heads"]]
        parts["heads"] = tuple([RuleHead(*each) for each in zip(*heads, strict=True)])
        tables = [reader.table(each) for each in document["tables"]]
    except (pa.ArrowInvalid, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Unreadable(str(error)) from error
    sha256 = parts.pop("sha256")
    plan = Plan(**parts, tables={each.name: each for each in tables}, typed_rules=typed)
    plan.__dict__["sha256"] = sha256  # the property is computed once, from the typed rules
    return plan


class _Writer:
    def __init__(self) -> None:
        self.arrays: list[bytes | memoryview] = []
        self.kinds: list[tuple[str, Sequence[int]]] = []  # of every array: dtype and shape
        self.types: list[pa.DataType] = []
        self.objects: list[list[Any]] = []  # name of a class and its fields, each object once
        self.places: dict[int, int] = {}

    def write(self, value: Any) -> Any:
        """JSON of a value; a list means a tuple, a mapping with one key anything else."""
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, np.ndarray):
            self.arrays.append(np.ascontiguousarray(value).tobytes())
            self.kinds.append((value.dtype.str, value.shape))
            return {"array": len(self.arrays)}
        if isinstance(value, tuple):
            return [self.write(each) for each in value]
        if isinstance(value, Fraction):
            return {"fraction": [value.numerator, value.denominator]}
        if isinstance(value, pa.DataType):
            self.types.append(value)
            return {"type": len(self.types) - 1}
        if isinstance(value, Mapping):
            return {"mapping": [[name, self.write(each)] for name, each in value.items()]}
        return {"object": self._object(value)}

    def _object(self, value: Any) -> int:
        if id(value) not in self.places:
            name = type(value).__name__
            if CLASSES.get(name) is not type(value):
                raise TypeError(f"a {name} is not among the classes that a plan is stored with")
            parts = [self.write(getattr(value, each.name)) for each in fields(value)]
            self.places[id(value)] = len(self.objects)
            self.objects.append([name, *parts])
        return self.places[id(value)]

    def table(self, table: BoundTable) -> dict[str, Any]:
        keys = pa.table(list(table.key_arrays), names=[str(k) for k in range(len(table.key_arrays))])
        return {
            "name": table.name, "keys": list(table.keys), "date": table.date, "prefix": table.index.prefix,
            "table": self._content(table.table), "key_arrays": self._content(keys),
            "first": self.write(table.first), "until": self.write(table.until),
            "types": self.write(table.types),
        }  # fmt: skip

    def _content(self, table: pa.Table) -> Any:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return self.write(np.frombuffer(sink.getvalue(), np.uint8))


class _Reader:
    def __init__(self, document: dict[str, Any], blobs: pa.LargeBinaryArray) -> None:
        offsets = np.frombuffer(blobs.buffers()[1], np.int64, len(blobs) + 1)
        data = blobs.buffers()[2]
        self.arrays = [
            _array(data, dtype, shape, int(start), int(end))
            for (dtype, shape), start, end in zip(document["arrays"], offsets[1:-1], offsets[2:], strict=True)
        ]
        self.types = pa.ipc.read_schema(data.slice(0, int(offsets[1]))).types
        self.objects: list[Any] = []
        for name, *parts in document["objects"]:
            self.objects.append(self._object(CLASSES[name], parts))

    def read(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple([self.read(each) for each in value])
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        if kind == "array":
            return self.arrays[content - 1]
        if kind == "type":
            return self.types[content]
        if kind == "fraction":
            return Fraction(*content)
        if kind == "mapping":
            return {name: self.read(each) for name, each in content}
        return self.objects[content]

    def _object(self, kind: type, parts: list[Any]) -> Any:
        """An object from its fields, those included that it computes when it is made."""
        made: Any = object.__new__(kind)
        for field, part in zip(fields(kind), parts, strict=True):
            object.__setattr__(made, field.name, self.read(part))
        return made

    def table(self, stored: dict[str, Any]) -> BoundTable:
        keys = tuple(column.combine_chunks() for column in self._content(stored["key_arrays"]).columns)
        first, until = self.read(stored["first"]), self.read(stored["until"])
        index = LookupIndex(keys, stored["prefix"], first, until)
        return BoundTable(
            stored["name"], self._content(stored["table"]), self.read(stored["types"]), tuple(stored["keys"]),
            stored["date"], index, keys, first, until,
        )  # fmt: skip

    def _content(self, value: Any) -> pa.Table:
        return pa.ipc.open_stream(pa.py_buffer(self.read(value))).read_all()


def _array(data: pa.Buffer, dtype: str, shape: Sequence[int], start: int, end: int) -> np.ndarray:
    """A copy: kernels take aligned arrays that can be written."""
    return np.frombuffer(data.slice(start, end - start), dtype).reshape(shape).copy()
