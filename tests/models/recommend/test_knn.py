"""The nearest rows, against sorting all distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from models.recommend import knn

ROWS = npst.arrays(np.float32, (5, 4), elements=st.sampled_from([0.0, 0.5, 1.0]))
OTHERS = npst.arrays(np.float32, (7, 4), elements=st.sampled_from([0.0, 0.5, 1.0]))


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, known=OTHERS, neighbours=st.integers(1, 9))
def test_nearest_are_the_largest_products(rows, known, neighbours):
    found = knn.nearest(sparse.csr_matrix(rows), sparse.csr_matrix(known), neighbours).toarray()
    products = rows @ known.T
    for row, all_of_row in zip(found, products, strict=True):
        order = np.argsort(-all_of_row, kind="stable")
        best = [place for place in order[:neighbours] if all_of_row[place] > 0]
        assert np.flatnonzero(row).tolist() == sorted(best)
        np.testing.assert_allclose(row[best], all_of_row[best])


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, known=OTHERS, neighbours=st.integers(1, 9))
def test_closest_by_distance(rows, known, neighbours):
    values = np.arange(14, dtype=np.float32).reshape(7, 2)
    found = knn.closest(sparse.csr_matrix(rows), sparse.csr_matrix(known), neighbours) @ values
    for row, mean in zip(rows, found, strict=True):
        distance = ((known - row) ** 2).sum(axis=1)
        near = np.argsort(distance, kind="stable")[:neighbours]
        np.testing.assert_allclose(mean, values[near].mean(axis=0), rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(known=OTHERS, neighbours=st.integers(1, 9))
def test_a_row_is_not_its_own_neighbour(known, neighbours):
    unit = knn.unit_rows(sparse.csr_matrix(known))
    near = knn.nearest(unit, unit, neighbours, besides=0.9999).toarray()
    close = knn.closest(unit, unit, neighbours, besides=1e-4).toarray() > 0
    some = np.flatnonzero(known.any(axis=1))
    likeness = (unit @ unit.T).toarray()
    for row in some:
        others = np.sort(np.delete(likeness[row], row))[::-1][:neighbours]
        np.testing.assert_allclose(np.sort(near[row][near[row] > 0])[::-1], others[others > 0])
        assert close[row].sum() == min(neighbours, 6)
        assert not close[row, row] or (likeness[row, :row] > 0.9999).any()


def test_who_resembles_nobody_fully_keeps_all_neighbours():
    known = sparse.csr_matrix(np.eye(3, dtype=np.float32))
    asked = sparse.csr_matrix(np.array([[0.8, 0.6, 0.0]], dtype=np.float32))
    near = knn.nearest(asked, known, 2, besides=0.9999).toarray()
    np.testing.assert_allclose(near, [[0.8, 0.6, 0.0]])
    assert (knn.closest(asked, known, 2, besides=1e-4).toarray() > 0).tolist() == [[1, 1, 0]]


@pytest.mark.parametrize("cells", [1, 20])
def test_blocks_change_nothing(monkeypatch, cells):
    random = np.random.RandomState(0)
    rows = sparse.csr_matrix(random.rand(9, 4).astype(np.float32))
    known = sparse.csr_matrix(random.rand(6, 4).astype(np.float32))
    whole = knn.nearest(rows, known, 3).toarray()
    close = knn.closest(rows, known, 3).toarray()
    monkeypatch.setattr(knn, "CELLS", cells)
    np.testing.assert_array_equal(knn.nearest(rows, known, 3).toarray(), whole)
    np.testing.assert_array_equal(knn.closest(rows, known, 3).toarray(), close)


def test_no_rows_give_no_rows():
    none = sparse.csr_matrix((0, 4), dtype=np.float32)
    known = sparse.csr_matrix(np.eye(4, dtype=np.float32))
    assert knn.nearest(none, known, 2).shape == (0, 4)
    assert knn.closest(none, known, 2).shape == (0, 4)
