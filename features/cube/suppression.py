"""Small groups hidden in a cube, and with them what would reveal them by subtraction."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.privacy.suppression import suppress

__all__ = ["hidden_cells"]


def hidden_cells(
    frame: pd.DataFrame,
    levels: Sequence[str],
    sets: Sequence[tuple[str, ...]],
    count: str,
    min_group: int,
) -> np.ndarray:
    """Say which cells must not be shown; see `features.privacy.suppression.suppress`.

    Parameters
    ----------
    frame : pandas.DataFrame
        Cells of all kinds, with the number of the kind in ``kept``.
    levels : sequence of str
    sets : sequence of tuple of str
        The levels that each kind has.
    count : str
        Column with the size of the group.
    min_group : int
    """
    kinds = frame["kept"].to_numpy()
    named: dict[str, pd.Series] = {}
    for level in levels:
        has_it = np.array([level in kept for kept in sets], dtype=bool)[kinds]
        # a missing member becomes "=None", which is no total
        named[level] = frame[level].map(lambda value: f"={value}").astype(object)
        named[level] = named[level].where(has_it, None)
    cells = pd.DataFrame({**named, count: frame[count]})
    return suppress(cells, list(levels), count, min_group)
