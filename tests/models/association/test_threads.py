"""Parts of the work done by threads."""

import time

import numpy as np
import pytest

from models.association._encode import expected_work
from models.association._plan import Plan
from models.association._threads import Overrun, equal_parts, find_nodes, run_parts, threads
from models.association.baskets import Baskets


@pytest.fixture(scope="module")
def plan():
    rng = np.random.default_rng(0)
    return Plan(Baskets.from_lists([rng.integers(0, 80, 30).tolist() for _ in range(3_000)]), 200)


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_parts_cover_every_rank_once_and_weigh_about_the_same(plan, n_jobs):
    parts = equal_parts(expected_work(plan.encoded), 0, n_jobs)
    ranks = [rank for begin, end in parts for rank in range(begin, end)]
    assert ranks == list(range(len(plan.order)))
    work = expected_work(plan.encoded)
    shares = [work[begin:end].sum() / work.sum() for begin, end in parts]
    assert (len(parts) > 1) == (n_jobs > 1)
    assert max(shares) <= 1 / len(parts) + work.max() / work.sum() + 1e-9


def test_parts_of_nothing():
    assert equal_parts(np.empty(0, np.int64), 0, 2) == []


def search(plan, **limits):
    return find_nodes(plan.encoded, 0, barrier=len(plan.order), min_count=plan.min_count,
                      max_length=9, **limits)  # fmt: skip


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_parents_stand_before_their_children(plan, n_jobs):
    nodes = search(plan, n_jobs=n_jobs)
    assert (nodes[:, 0] < np.arange(len(nodes))).all()
    assert (nodes[:, 2] >= plan.min_count).all()
    children = nodes[nodes[:, 0] >= 0]
    assert (children[:, 2] <= nodes[children[:, 0], 2]).all()


def test_limit_is_exact(plan):
    n = len(search(plan))
    assert len(search(plan, limit=n, n_jobs=2)) == n
    with pytest.raises(Overrun, match="itemsets"):
        search(plan, limit=n - 1, n_jobs=2)


def test_deadline_that_has_passed():
    explosion = Plan(Baskets.from_lists([list(range(30))] * 2), 2)
    with pytest.raises(Overrun, match="seconds"):
        search(explosion.changed(max_length=30), deadline=time.monotonic() - 1)


def test_error_in_a_part_stops_the_others():
    control = np.array([0, 10], np.int64)

    def work(begin, _end):
        if begin == 0:
            raise RuntimeError("broken")
        while control[0] == 0:
            pass
        return []

    with pytest.raises(RuntimeError, match="broken"):
        run_parts(work, [(0, 1), (1, 2)], control, 2, count=len)
    assert control[0] != 0


def test_results_come_in_the_order_of_the_parts():
    control = np.array([0, 100], np.int64)
    parts = [(k, k + 1) for k in range(20)]
    results = run_parts(lambda begin, _end: [begin], parts, control, 4, count=len)
    assert results == [[k] for k in range(20)]
    assert control[1] == 80


def test_number_of_threads():
    assert threads(3) == 3
    assert threads(-1) >= 1
    for n_jobs in (0, -2):
        with pytest.raises(ValueError, match=f"not {n_jobs}"):
            threads(n_jobs)
