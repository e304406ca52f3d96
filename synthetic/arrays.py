"""Arrays of records whose fields a NamedTuple-like class declares."""

from __future__ import annotations

from functools import cache
from typing import get_type_hints

import numpy as np
from numpy.typing import NDArray


@cache
def record_type(kind: type) -> np.dtype[np.void]:
    """The dtype of a class whose annotations are NumPy scalar types, in their order."""
    return np.dtype([(name, hint) for name, hint in get_type_hints(kind).items()], align=True)


def allocate(kind: type, count: int) -> NDArray[np.void]:
    """Unfilled records of a class."""
    return np.empty(count, record_type(kind))
