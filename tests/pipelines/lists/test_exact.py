"""Totals do not depend on how rows are parted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lists.exact import NANO, nanos


@given(
    amounts=st.lists(st.floats(-1e9, 1e9), max_size=40),
    cut=st.integers(0, 40),
)
def test_parts_add_up_to_the_whole(amounts, cut):
    values = np.array(amounts)
    assert nanos(values) == nanos(values[:cut]) + nanos(values[cut:])
    assert nanos(values) == sum(round(value) for value in np.rint(values * NANO).tolist())


def test_millions_of_large_amounts_do_not_run_over():
    assert nanos(np.full(10_000, 8e9)) == 10_000 * 8 * 10**18
