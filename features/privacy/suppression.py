"""Which cells of a table must be hidden, so that nobody in a small group can be told."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.privacy.equations import Equations, equations

__all__ = ["suppress"]

_SEED = 20_240_229
_ZERO = 1e-7
_EXACT = 1e-11
_ROUNDS = 10


def suppress(
    cells: pd.DataFrame, dimensions: Sequence[str], count_column: str, min_group: int
) -> np.ndarray:
    """Tell which cells of a table with sub-totals must not be shown.

    A cell is hidden when fewer than `min_group` people stand behind it. Then further cells are
    hidden until no hidden one follows from what is shown, by any number of subtractions, and until
    what is left of a shown total without its shown parts is no small group either. Since every
    hidden cell has somebody in it, none can be narrowed down to one value even when it is known
    that no value is negative [1]_. A cell with nobody in it is shown, and hides nothing.

    Parameters
    ----------
    cells : pandas.DataFrame
        One row a cell. A null member means the total over that dimension: name members that are
        missing before.
    dimensions : sequence of str
        Columns that hold the members; the levels of a hierarchy are columns of their own.
    count_column : str
        People behind the cell. They may overlap between cells (distinct customers). An unknown
        number counts as small.
    min_group : int
        Smallest group that may be shown; 1 hides nothing.

    Returns
    -------
    numpy.ndarray of bool, shape (cells,)
        True where every value of the row must be hidden.

    Raises
    ------
    ValueError
        When a column is missing, a cell stands twice, or `min_group` is below 1.

    References
    ----------
    .. [1] Hundepool et al., Statistical Disclosure Control, Wiley 2012, chapter 4: secondary cell
       suppression.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {"region": [None, "north", "south", "west"], "people": [57, 3, 30, 24]}
    ... )
    >>> suppress(cells, ["region"], "people", min_group=10).tolist()
    [False, True, False, True]
    """
    _check(cells, dimensions, count_column, min_group)
    counts = cells[count_column].to_numpy(dtype=np.float64, na_value=np.nan)
    counts = np.where(np.isnan(counts), 0.5, counts)
    hidden = (counts > 0) & (counts < min_group)
    if not hidden.any():
        return hidden
    codes = _codes(cells, dimensions)
    order = np.lexsort((*codes.T, counts))
    found = _complete(equations(codes[order], counts[order]), min_group)
    hidden[order] = found
    return hidden


def _check(
    cells: pd.DataFrame, dimensions: Sequence[str], count_column: str, min_group: int
) -> None:
    if min_group < 1:
        raise ValueError(f"min_group must be at least 1, not {min_group}")
    missing = [name for name in (*dimensions, count_column) if name not in cells]
    if missing:
        raise ValueError(f"the cells have no column {', '.join(missing)}")
    if dimensions and cells.duplicated(list(dimensions)).any():
        raise ValueError(f"a cell stands twice: {', '.join(dimensions)} must tell rows apart")
    if (pd.to_numeric(cells[count_column]) < 0).any():
        raise ValueError(f"{count_column} has numbers below 0")
    if not dimensions and len(cells) > 1:
        raise ValueError("without dimensions there can be one cell only")


def _codes(cells: pd.DataFrame, dimensions: Sequence[str]) -> np.ndarray:
    """Give members numbers in the order of their text, whatever the order of rows."""
    columns = []
    for name in dimensions:
        texts = cells[name].astype(object).where(cells[name].notna(), None)
        kinds = texts.map(lambda value: None if value is None else f"{value}\0{type(value)}")
        columns.append(pd.factorize(kinds, sort=True)[0])
    return np.column_stack(columns) if columns else np.zeros((len(cells), 0), dtype=int)


def _complete(given: Equations, min_group: int) -> np.ndarray:
    hidden = (given.counts > 0) & (given.counts < min_group)
    table = _Table(given, hidden, min_group)
    while True:
        table.settle()
        told = _told(given.matrix, table.hidden)
        if not told.any():
            return table.hidden[: given.given]
        table.confuse(np.flatnonzero(told))


class _Table:
    """Cells, which of them are hidden, and the equations between them."""

    def __init__(self, given: Equations, hidden: np.ndarray, min_group: int) -> None:
        self.by_row: Any = given.matrix
        self.by_cell: Any = given.matrix.tocsc()
        self.counts, self.hidden, self.min_group = given.counts, hidden, min_group
        self.parts: Any = -self.by_row.minimum(0).astype(np.float64)
        self.parents: Any = self.by_row.maximum(0).astype(np.float64)

    def settle(self) -> None:
        """Hide cells until every single equation keeps its secrets."""
        while len(broken := np.flatnonzero(self._broken())):
            for equation in broken.tolist():
                cells = self._cells(equation)
                if self._breaks(cells):
                    self._hide_one(cells)

    def confuse(self, told: np.ndarray) -> None:
        """Hide one more cell beside those that several equations tell together."""
        touched: set[int] = set()
        for cell in told.tolist():
            touching = self._equations(cell).tolist()
            if touched.isdisjoint(touching) and self._hide_beside(cell):
                touched.update(touching)
        if not touched:  # nothing beside them is shown: give up the whole table
            self.hidden |= self.counts > 0

    def _hide_beside(self, cell: int) -> bool:
        return any(
            self._hide_one(self._cells(equation)) for equation in self._equations(cell).tolist()
        )

    def _broken(self) -> np.ndarray:
        hidden = self.hidden.astype(np.float64)
        parent_hidden = self.parents @ hidden
        parts_hidden = self.parts @ hidden
        rest = self.parents @ self.counts - self.parts @ (self.counts * ~self.hidden)
        largest = (self.parts * (self.counts * hidden)).max(axis=1)
        largest = largest.toarray().ravel()
        small = np.maximum(rest, largest) < self.min_group
        shown_total = (parent_hidden == 0) & (parts_hidden > 0) & ((parts_hidden == 1) | small)
        return shown_total | ((parent_hidden == 1) & (parts_hidden == 0))

    def _breaks(self, cells: np.ndarray) -> bool:
        parent, parts = cells[0], cells[1:]
        hidden = parts[self.hidden[parts]]
        if self.hidden[parent] or not len(hidden):
            return bool(self.hidden[parent]) and not len(hidden)
        rest = self.counts[parent] - self.counts[parts[~self.hidden[parts]]].sum()
        group = max(rest, self.counts[hidden].max())
        return len(hidden) == 1 or bool(group < self.min_group)

    def _hide_one(self, cells: np.ndarray) -> bool:
        """Hide a part, or the total where no part is left; prefer what needs no further cell."""
        parent, parts = cells[0], cells[1:]
        open_parts = parts[~self.hidden[parts] & (self.counts[parts] > 0)]
        open_cells = open_parts if len(open_parts) else cells[:1][~self.hidden[[parent]]]
        if not len(open_cells):
            return False
        cost = [(self._lonely(cell), self.counts[cell], cell) for cell in open_cells.tolist()]
        self.hidden[min(cost)[2]] = True
        return True

    def _lonely(self, cell: int) -> int:
        """Count the equations in which the cell would be the only hidden one."""
        return sum(not self.hidden[self._cells(e)].any() for e in self._equations(cell).tolist())

    def _equations(self, cell: int) -> np.ndarray:
        return self.by_cell.indices[self.by_cell.indptr[cell] : self.by_cell.indptr[cell + 1]]

    def _cells(self, equation: int) -> np.ndarray:
        """Give the cells of an equation, the parent first."""
        where = slice(self.by_row.indptr[equation], self.by_row.indptr[equation + 1])
        cells, signs = self.by_row.indices[where], self.by_row.data[where]
        return np.concatenate([cells[signs > 0], cells[signs < 0]])


def _told(matrix: Any, hidden: np.ndarray) -> np.ndarray:
    """Find the hidden cells that have one solution only, given all that is shown.

    A hidden cell is free exactly when some change of the hidden cells that keeps every sum changes
    it. One such change taken at random moves all free cells, almost surely, and never the others.
    """
    cells = np.flatnonzero(hidden)
    system = matrix[:, cells].astype(np.float64)
    change = np.random.default_rng(_SEED).standard_normal(len(cells))
    told = np.zeros(len(hidden), dtype=bool)
    told[cells] = np.abs(_that_keeps_sums(system[np.diff(system.indptr) > 0], change)) < _ZERO
    return told


def _that_keeps_sums(system: Any, change: np.ndarray) -> np.ndarray:
    """Project a change of the cells to the nearest one that leaves every sum as it is."""
    from scipy.sparse.linalg import lsmr

    for _ in range(_ROUNDS):  # each round takes away what rounding left of the one before
        if not system.shape[0] or np.abs(system @ change).max() < _EXACT:
            return change
        limit = 4 * max(system.shape)
        change = change - lsmr(system, system @ change, atol=1e-14, btol=1e-14, maxiter=limit)[0]
    return np.zeros(len(change))  # not certain of any cell: then each counts as told
