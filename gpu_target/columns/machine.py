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
