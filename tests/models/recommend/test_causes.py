"""The strongest cause, against trying every purchase."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from models.recommend.causes import strongest_cause

VALUES = st.sampled_from([-1.0, 0.0, 0.5, 2.0])


@settings(max_examples=60, deadline=None)
@given(
    bought=npst.arrays(np.float32, (5, 4), elements=st.sampled_from([0.0, 0.5, 1.0])),
    weights=npst.arrays(np.float32, (3, 4), elements=VALUES),
    row=npst.arrays(np.int64, 5, elements=st.integers(-1, 2)),
)
def test_cause_is_the_first_largest_positive_part(bought, weights, row):
    found = strongest_cause(sparse.csr_matrix(bought), weights, row)
    for mine, which, cause in zip(bought, row, found, strict=True):
        parts = mine * weights[which] if which >= 0 else np.zeros(4)
        assert cause == (int(np.argmax(parts)) if parts.max() > 0 else -1)
