import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.neural.network import Inputs, Network, periodic, piecewise


@given(st.floats(-100, 100, allow_nan=False))
def test_piecewise_fills_bins_from_the_left(value):
    low, width = np.array([[-2.0, 0.0, 3.0]]), np.array([[2.0, 3.0, 1.0]])
    filled = piecewise(np.array([[value]]), low, width)[0, 0]
    assert ((filled >= 0) & (filled <= 1)).all()
    assert (np.diff(filled) <= 0).all()
    inside = np.clip(value, -2.0, 4.0)
    np.testing.assert_allclose(-2.0 + (filled * width[0]).sum(), inside, atol=1e-9)


def test_periodic_repeats():
    frequency = np.array([[0.5, 1.0]])
    here = periodic(np.array([[0.3]]), frequency)
    there = periodic(np.array([[2.3]]), frequency)
    np.testing.assert_allclose(here, there, atol=1e-12)
    assert here.shape == (1, 1, 4)


def test_a_network_by_hand():
    weights = {
        "levels": np.array([[0.0], [2.0]]),
        "skip": np.array([[1.0], [0.0], [0.0]]),
        "head_bias": np.array([0.5]),
        "first": np.array([[1.0, -1.0], [0.0, 0.0], [1.0, 0.0]]),
        "first_bias": np.array([0.0, 0.0]),
        "block0": np.array([[1.0, 0.0], [0.0, 0.0]]),
        "block0_bias": np.array([-1.0, 0.0]),
        "head": np.array([[10.0], [100.0]]),
    }
    inputs = Inputs(np.array([[3.0]]), np.array([[1.0]]), np.array([[1]]))
    # flat = 3, 1, 2; hidden = relu(5, -3) = 5, 0; block adds relu(4, 0); head 10 * 9; skip 3.5.
    assert Network("none", "relu", weights).answers(inputs).tolist() == [[93.5]]
    # Without activation hidden = 5, -3, then 9, -3.
    assert Network("none", "identity", weights).answers(inputs).tolist() == [[-206.5]]
    none = inputs.take(np.zeros(0, dtype=int))
    assert Network("none", "relu", weights).answers(none).shape == (0, 1)
