"""The trees of nodes that threads found, put together as one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["join_nodes"]


def join_nodes(parts: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Put parts behind each other; parents keep pointing at their own nodes."""
    if len(parts) == 1:
        return parts[0]
    joined = np.concatenate([np.empty((0, 3), np.int32), *parts])
    begin = 0
    for part in parts:
        mine = joined[begin : begin + len(part), 0]
        mine[mine >= 0] += begin
        begin += len(part)
    return joined
