import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.generate.draws import Wheels, shares_of, stream


def test_a_stream_depends_on_its_seed_and_path_only():
    first = stream(3, 1, 2)
    stream(3, 9, 9).random(1000)
    assert first.random() == stream(3, 1, 2).random()


@pytest.mark.parametrize("path", [(4, 1, 2), (3, 2, 2), (3, 1, 3), (3, 1)])
def test_another_seed_or_path_gives_another_stream(path):
    assert stream(*path).random() != stream(3, 1, 2).random()


@given(st.integers(0, 10**8), st.lists(st.integers(1, 100), min_size=1, max_size=20))
def test_shares_add_up_to_the_total(total, sizes):
    ends = np.cumsum(sizes) / sum(sizes)
    begins = np.concatenate([[0.0], ends[:-1]])
    parts = [shares_of(total, e) - shares_of(total, b) for b, e in zip(begins, ends, strict=True)]
    assert sum(parts) == total
    assert all(
        abs(p - total * (e - b)) <= 1.001 for p, b, e in zip(parts, begins, ends, strict=True)
    )


def test_a_wheel_draws_in_proportion_to_its_weights():
    weights = np.array([[1.0, 3.0, 0.0], [0.0, 0.0, 2.0]])
    drawn = Wheels.of(weights).draw(stream(0), np.repeat([0, 1], 40_000))
    share = np.bincount(drawn[:40_000], minlength=3) / 40_000
    assert share == pytest.approx([0.25, 0.75, 0.0], abs=0.01)
    assert (drawn[40_000:] == 2).all()


def test_groups_cut_the_columns_into_distributions_of_their_own():
    weights = np.array([[1.0, 1.0, 5.0], [3.0, 1.0, 5.0]])
    wheels = Wheels.of(weights, np.array([0, 0, 1]))
    rows = np.repeat([0, 1, 2, 3], 20_000)
    drawn = wheels.draw(stream(1), rows).reshape(4, -1)
    assert (drawn[0] == 0).mean() == pytest.approx(0.5, abs=0.015)
    assert set(drawn[0]) == {0, 1}
    assert (drawn[1] == 2).all()
    assert (drawn[2] == 0).mean() == pytest.approx(0.75, abs=0.015)
    assert (drawn[3] == 2).all()


@given(
    st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=8),
    st.integers(0, 1000),
)
def test_a_column_of_no_weight_is_never_drawn(rows, seed):
    weights = np.array(rows) + np.array([0.0, 1e-3, 0.0])
    which = np.repeat(np.arange(len(rows)), 50)
    drawn = Wheels.of(weights).draw(stream(seed), which)
    assert ((drawn >= 0) & (drawn < 3)).all()
    assert (weights[which, drawn] > 0).all()


def test_a_draw_does_not_leave_its_row_however_many_rows_there_are():
    n = 200_000
    drawn = Wheels.of(np.ones((n, 2))).draw(stream(2), np.arange(n))
    assert set(drawn) == {0, 1}
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
