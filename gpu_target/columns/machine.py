"""Single machine instructions, and addresses, that Numba does not offer."""

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


@intrinsic
def address_of(typingctx, array):
    """uint64: where the items of an array begin."""

    def build(context, builder, signature, arguments):
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.ptrtoint(view.data, ir.IntType(64))

    return types.uint64(array), build


def _loader(name, item, bits, result, doc):
    """An intrinsic that loads an item of the array that begins at an address; it need not be aligned."""

    def load(typingctx, address, position):
        def build(context, builder, signature, arguments):
            offset = builder.mul(arguments[1], ir.Constant(ir.IntType(64), bits // 8))
            pointer = builder.inttoptr(builder.add(arguments[0], offset), ir.PointerType(item))
            return builder.load(pointer, align=1)

        return result(types.uint64, types.uint64), build

    load.__name__, load.__doc__ = name, doc
    return intrinsic(load)


class_at = _loader("class_at", ir.IntType(16), 16, types.uint16, "uint16: a class, or a row of a block.")
byte_at = _loader("byte_at", ir.IntType(8), 8, types.uint8, "uint8.")
code_at = _loader("code_at", ir.IntType(32), 32, types.uint32, "uint32: a code of a dictionary.")
key_at = _loader("key_at", ir.IntType(64), 64, types.int64, "int64: a key.")
