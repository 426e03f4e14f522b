"""Products at the entries of a sparse matrix, against all products."""

import numpy as np
from scipy import sparse

from models.recommend.products import products


def test_they_are_those_of_the_full_product():
    random = np.random.RandomState(0)
    left = random.standard_normal((5, 3)).astype(np.float32)
    right = random.standard_normal((7, 3)).astype(np.float32)
    places = sparse.random(5, 7, 0.4, "csr", random_state=random)
    found = products(places.indptr, places.indices, left, right)
    row, column = places.nonzero()
    np.testing.assert_allclose(found, (left @ right.T)[row, column], rtol=1e-5)
    assert found.dtype == np.float32


def test_no_entry_gives_nothing():
    none = sparse.csr_matrix((2, 3))
    ones = np.ones((3, 2), dtype=np.float32)
    assert products(none.indptr, none.indices, ones[:2], ones).shape == (0,)
