"""Single machine instructions that Numba does not offer."""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def load64(typingctx, data, start):
    """uint64: the eight bytes from ``start`` of a contiguous uint8 array, wherever they lie; the caller has checked."""

    def build(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = cgutils.pointer_add(builder, array.data, arguments[1], ir.PointerType(ir.IntType(64)))
        return builder.load(place, align=1)

    return types.uint64(data, types.intp), build


@intrinsic
def leading_zeros(typingctx, word):
    """Number of zero bits above the highest set one; ``word`` is not 0."""

    def build(context, builder, signature, arguments):
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build


@intrinsic
def blend64(typingctx, array, start, bits, value):
    """Give those of 64 items of a contiguous uint16 array, from ``start`` on, the value whose bit is not set."""

    def build(context, builder, signature, arguments):
        place, first, kept, value = arguments
        vector = ir.VectorType(ir.IntType(16), 64)
        target = context.make_array(signature.args[0])(context, builder, place)
        offset = builder.shl(first, ir.Constant(first.type, 1))
        pointer = cgutils.pointer_add(builder, target.data, offset, ir.PointerType(vector))
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
        all_of_it = builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), zeros)
        flags = builder.bitcast(kept, ir.VectorType(ir.IntType(1), 64))
        old = builder.load(pointer, align=2)
        builder.store(builder.select(flags, old, all_of_it), pointer, align=2)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.uint64, types.uint16), build
