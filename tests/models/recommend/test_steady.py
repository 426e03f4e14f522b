"""A row of a steady product is the same to the last bit, whatever stands in the other rows."""

import numpy as np
import pytest

from models.recommend.steady import BLOCK, steady_product


@pytest.fixture
def factors():
    random = np.random.default_rng(0)
    left = random.standard_normal((2 * BLOCK + 37, 61)).astype(np.float32)
    return left, random.standard_normal((61, 203)).astype(np.float32)


@pytest.mark.parametrize("rows", [0, 1, 7, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_rows_do_not_depend_on_one_another(factors, rows):
    left, right = factors
    whole = steady_product(left, right)
    some = np.random.default_rng(rows).permutation(len(left))[:rows]
    np.testing.assert_array_equal(steady_product(left[some], right), whole[some])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_it_is_the_product(factors, kind):
    left, right = (factor.astype(kind) for factor in factors)
    found = steady_product(left, right)
    assert found.dtype == kind
    np.testing.assert_allclose(found, left @ right, rtol=1e-3, atol=1e-4)
