"""A hint to the processor that an entry of an array is read soon."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.cgutils import gep_inbounds
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

__all__ = ["prefetch"]

_READ, _KEEP, _DATA = 0, 3, 1  # the arguments of LLVM's instruction


def _prefetch(_typing_context: Any, array: Any, index: Any) -> Any:
    """Fetch the cache line of `array[index]`, and go on before it has come.

    A search that jumps about in more memory than the cache holds waits less for it.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(gep_inbounds(builder, data, arguments[1]), _BYTES)
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _FLAG, _FLAG, _FLAG])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", (_BYTES,), kind)
        builder.call(fetch, [address, _FLAG(_READ), _FLAG(_KEEP), _FLAG(_DATA)])
        return context.get_dummy_value()

    return types.void(array, index), codegen


_BYTES, _FLAG = ir.IntType(8).as_pointer(), ir.IntType(32)
prefetch: Callable[[Any, Any], None] = intrinsic(_prefetch)  # type: ignore[assignment]
