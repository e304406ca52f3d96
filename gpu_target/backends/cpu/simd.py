"""Sixty-four rows at a time: LLVM vector code that Numba does not write by itself.

The code names no instruction set: LLVM lowers it to whatever the processor has, with the same result.
"""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

ABREAST = 64


@intrinsic
def range64(typingctx, address, low, span):
    """uint64: bit k says whether ``low <= class <= low + span`` for the k-th of 64 uint16 classes at ``address``."""

    def build(context, builder, signature, arguments):
        place, low_value, span_value = arguments
        vector = ir.VectorType(ir.IntType(16), ABREAST)
        pointer = builder.inttoptr(place, ir.PointerType(vector))
        classes = builder.load(pointer, align=2)  # a slice of an array has the alignment of its items only
        moved = builder.sub(classes, _splat(builder, low_value, vector))
        inside = builder.icmp_unsigned("<=", moved, _splat(builder, span_value, vector))
        return builder.bitcast(inside, ir.IntType(64))

    return types.uint64(types.uint64, types.uint16, types.uint16), build


@intrinsic
def put_row(typingctx, address, position, row):
    """Write an item of the uint16 array that begins at ``address``."""

    def build(context, builder, signature, arguments):
        offset = builder.shl(arguments[1], ir.Constant(ir.IntType(64), 1))
        pointer = builder.inttoptr(builder.add(arguments[0], offset), ir.PointerType(ir.IntType(16)))
        builder.store(arguments[2], pointer, align=2)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64, types.uint16), build


@intrinsic
def bucket8(typingctx, keys, sign_off, shift, lowest, highest, out):
    """Buckets, uint16 at ``out``, of the eight int64 keys at ``keys``: as ``classify`` has them for one.

    ``sign_off`` is SIGN_OFF for the bits of float64, else 0.
    """

    def build(context, builder, signature, arguments):
        place, flips, by, lowest, most, target = arguments
        vector = ir.VectorType(ir.IntType(64), 8)
        flips, by, lowest, most = (_splat(builder, each, vector) for each in (flips, by, lowest, most))
        ones = ir.Constant(vector, [-1] * 8)
        bits = builder.load(builder.inttoptr(place, ir.PointerType(vector)), align=1)
        sign = builder.ashr(bits, ir.Constant(vector, [63] * 8))
        key = builder.xor(bits, builder.and_(sign, flips))
        is_one_off = builder.sext(builder.icmp_signed("==", key, ones), vector)  # -0.0, whose key is that of 0.0
        key = builder.add(key, builder.and_(is_one_off, builder.and_(flips, ir.Constant(vector, [1] * 8))))
        place_of = builder.ashr(key, by)
        place_of = builder.select(builder.icmp_signed("<", place_of, lowest), lowest, place_of)
        place_of = builder.select(builder.icmp_signed(">", place_of, most), most, place_of)
        bucket = builder.sub(place_of, lowest)
        narrow = ir.VectorType(ir.IntType(16), 8)
        builder.store(builder.trunc(bucket, narrow), builder.inttoptr(target, ir.PointerType(narrow)), align=2)
        return context.get_dummy_value()

    return types.void(types.uint64, types.int64, types.int64, types.int64, types.int64, types.uint64), build


@intrinsic
def clock(typingctx):
    """uint64: ticks of a clock of the processor, which tell shares of a time, not times."""

    def build(context, builder, signature, arguments):
        function = ir.FunctionType(ir.IntType(64), [])
        return builder.call(builder.module.declare_intrinsic("llvm.readcyclecounter", (), function), ())

    return types.uint64(), build


def _splat(builder, value, vector):
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
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
