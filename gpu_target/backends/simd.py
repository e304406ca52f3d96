"""Sixty-four rows at a time: LLVM vector code that Numba does not write by itself.

The code names no instruction set: LLVM lowers it to whatever the processor has, with the same result.
"""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 64


@intrinsic
def range64(typingctx, address, low, span):
    """uint64: bit k says whether ``low <= class <= low + span`` for the k-th of 64 uint16 classes at ``address``."""

    def build(context, builder, signature, arguments):
        place, low_value, span_value = arguments
        vector = ir.VectorType(ir.IntType(16), LANES)
        pointer = builder.inttoptr(place, ir.PointerType(vector))
        classes = builder.load(pointer, align=2)  # a slice of an array has the alignment of its items only
        moved = builder.sub(classes, _splat(builder, low_value, vector))
        inside = builder.icmp_unsigned("<=", moved, _splat(builder, span_value, vector))
        return builder.bitcast(inside, ir.IntType(64))

    return types.uint64(types.uint64, types.uint16, types.uint16), build


@intrinsic
def class_at(typingctx, address, row):
    """uint16: the class of a row, or any other item, of the uint16 array that begins at ``address``."""

    def build(context, builder, signature, arguments):
        offset = builder.shl(arguments[1], ir.Constant(ir.IntType(64), 1))
        pointer = builder.inttoptr(builder.add(arguments[0], offset), ir.PointerType(ir.IntType(16)))
        return builder.load(pointer, align=2)

    return types.uint16(types.uint64, types.uint64), build


@intrinsic
def key_at(typingctx, address, row):
    """int64: an item of the int64 array that begins at ``address``."""

    def build(context, builder, signature, arguments):
        offset = builder.shl(arguments[1], ir.Constant(ir.IntType(64), 3))
        pointer = builder.inttoptr(builder.add(arguments[0], offset), ir.PointerType(ir.IntType(64)))
        return builder.load(pointer, align=8)

    return types.int64(types.uint64, types.uint64), build


def _splat(builder, value, vector):
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), zeros)


@intrinsic
def popcount(typingctx, word):
    """Number of set bits."""

    def build(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), build


@intrinsic
def trailing_zeros(typingctx, word):
    """Number of the lowest set bit; ``word`` is not 0."""

    def build(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build
