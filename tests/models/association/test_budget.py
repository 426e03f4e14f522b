"""Budgets: what is refused, what the refusal says, and that its advice is true."""

import itertools
import re
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from lodeworks.errors import BudgetExceeded
from models.association import _threads
from models.association._plan import Plan
from models.association._threads import run_parts
from models.association.baskets import Baskets
from models.association.budget import Budget, estimate_plan, trial_deadlines
from models.association.itemsets import frequent_itemsets

explosive = [list(range(30))] * 3  # 2^30 - 1 itemsets


@pytest.fixture(scope="module")
def mixed():
    rng = np.random.default_rng(5)
    odds = 1 / np.arange(1, 61)
    draw = [rng.choice(60, rng.integers(1, 14), p=odds / odds.sum()) for _ in range(2_000)]
    return Baskets.from_lists([basket.tolist() for basket in draw])


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    "budget", [Budget(itemsets=100_000), Budget(seconds=0.2), Budget(bytes=5_000_000)]
)
def test_explosion_is_stopped_soon(budget, n_jobs):
    began = time.monotonic()
    with pytest.raises(BudgetExceeded, match="over the budget of") as refused:
        frequent_itemsets(explosive, min_count=2, budget=budget, n_jobs=n_jobs)
    assert time.monotonic() - began < 30
    assert refused.value.exit_code == 5
    assert any("max_length" in problem for problem in refused.value.problems)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_exactly_enough_is_enough(mixed, n_jobs):
    n = len(frequent_itemsets(mixed, min_count=10))
    fits = frequent_itemsets(mixed, min_count=10, budget=Budget(itemsets=n), n_jobs=n_jobs)
    assert len(fits) == n
    with pytest.raises(BudgetExceeded, match=f"more than {n - 1:,} itemsets at min_count 10"):
        frequent_itemsets(mixed, min_count=10, budget=Budget(itemsets=n - 1), n_jobs=n_jobs)


def test_advice_is_true(mixed):
    budget = Budget(itemsets=500)
    with pytest.raises(BudgetExceeded) as refused:
        frequent_itemsets(mixed, min_count=5, budget=budget)
    assert len(refused.value.problems) == 3
    for problem in refused.value.problems:
        name, value, n = re.match(
            r"(\w+) ([\d,]+).* would fit: ([\d,]+) itemsets", problem
        ).groups()
        arguments = {"min_count": 5} | {name: int(value.replace(",", ""))}
        found = frequent_itemsets(mixed, budget=budget, **arguments)
        assert len(found) == int(n.replace(",", "")) <= 500


def test_advice_on_the_count_is_near_the_smallest_that_fits(mixed):
    with pytest.raises(BudgetExceeded) as refused:
        frequent_itemsets(mixed, min_count=5, budget=Budget(itemsets=500))
    count = int(re.search(r"min_count (\d+)", refused.value.problems[0]).group(1))
    with pytest.raises(BudgetExceeded):
        frequent_itemsets(mixed, min_count=count * 9 // 10, budget=Budget(itemsets=500))


def test_baskets_that_alone_are_too_large():
    with pytest.raises(BudgetExceeded, match="the baskets alone need more memory"):
        frequent_itemsets([["a", "b"]] * 100, min_count=1, budget=Budget(bytes=100))


def test_estimate_is_exact_where_the_sample_is_everything():
    baskets = Baskets.from_lists([["a", "b", "c"], ["a", "b"], ["a"]])
    estimate = estimate_plan(Plan(baskets, 1))
    assert (estimate.items, estimate.pairs, estimate.itemsets) == (3, 3, 7)
    assert not estimate.at_least
    assert estimate.bytes > 0
    assert estimate.seconds >= 0


def test_estimate_is_of_the_right_size(mixed):
    n = len(frequent_itemsets(mixed, min_count=4))
    estimate = estimate_plan(Plan(mixed, 4))
    assert n / 2 < estimate.itemsets < 2 * n


def test_estimate_of_an_explosion_is_a_lower_bound():
    estimate = estimate_plan(Plan(Baskets.from_lists(explosive), 2), most=100_000)
    assert estimate.at_least
    assert estimate.itemsets > 100_000
    assert estimate.bytes > estimate.itemsets


@pytest.mark.parametrize("name", ["itemsets", "seconds", "bytes"])
@pytest.mark.parametrize("value", [0, -1])
def test_budget_of_nothing_is_refused(name, value):
    with pytest.raises(ValueError, match=f"a budget of {name} must be above 0, not {value}"):
        Budget(**{name: value})


def test_budget_says_what_it_is():
    assert str(Budget(itemsets=1_000, seconds=1.5)) == "1,000 itemsets, 1.5 seconds"
    assert str(Budget()) == "no limit"


def test_progress_is_told(mixed):
    events = []

    class Listener:
        def start(self, task, total=None):
            events.append(("start", task, total))

        def step(self, task, detail=""):
            events.append(("step", task))

        def done(self, task, detail=""):
            events.append(("done", task))

        def note(self, message):
            events.append(("note", message))

    frequent_itemsets(mixed, min_count=10, n_jobs=2, progress=Listener())
    n_parts = events[0][2]
    assert events == [("start", "search", n_parts), *[("step", "search")] * n_parts,
                      ("done", "search")]  # fmt: skip


def test_interruption_stops_every_thread(monkeypatch):
    """The waiting thread is interrupted; the working one must see that and end."""
    control = np.array([0, 10], np.int64)
    started, ended = threading.Event(), threading.Event()

    def work(_begin, _end):
        started.set()
        while control[0] == 0:
            pass
        ended.set()
        return []

    def interrupted(*_arguments, **_options):
        started.wait()
        raise KeyboardInterrupt

    monkeypatch.setattr(_threads, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_parts(work, [(0, 1)], control, 1, count=len)
    assert ended.is_set()


def test_search_obeys_a_stop_from_outside(monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(_threads, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        frequent_itemsets(explosive, min_count=2)  # would not end within a lifetime of the test


@pytest.mark.parametrize(
    ("budget", "ago", "expected"),
    [
        (Budget(itemsets=5), 900, 20),  # a long search leaves as much patience as a short one
        (Budget(seconds=600), 10, 20),
        (Budget(seconds=600), 595, 5),
        (Budget(seconds=600), 600, 1),
        (Budget(seconds=0.01), 0.01, 0.01),
        (Budget(seconds=0.5, explaining=30), 0.5, 20),
        (Budget(seconds=0.5, explaining=0), 0.5, 0.5),
    ],
)
def test_trials_are_guarded_by_what_is_left(monkeypatch, budget, ago, expected):
    set_clock(monkeypatch, lambda: 1_000.0)
    left = [next(trial_deadlines(budget, 1_000.0 - ago)) - 1_000 for _ in range(2)]
    assert left == pytest.approx([expected] * 2)


def test_after_a_minute_of_trials_each_has_a_second(monkeypatch):
    clock = iter([0.0, 0.0, 50.0, 61.0])
    set_clock(monkeypatch, lambda: next(clock))
    deadlines = trial_deadlines(Budget(itemsets=5), 0.0)
    assert [next(deadlines) for _ in range(3)] == [20, 60, 62]


@pytest.mark.parametrize("pace", [1e-3, 0.5])
def test_advice_does_not_depend_on_the_pace(mixed, monkeypatch, pace):
    """Every look at the clock finds it later by so many seconds."""
    now = itertools.count(0.0, pace)
    expected = refused_with(mixed, Budget(itemsets=500))
    set_clock(monkeypatch, lambda: next(now))
    assert refused_with(mixed, Budget(itemsets=500, explaining=60)) == expected
    assert len(expected) == 3


def set_clock(monkeypatch, monotonic):
    for module in ("budget", "_threads"):
        clock = SimpleNamespace(monotonic=monotonic)
        monkeypatch.setattr(f"models.association.{module}.time", clock)


def refused_with(baskets, budget):
    with pytest.raises(BudgetExceeded) as refused:
        frequent_itemsets(baskets, min_count=5, budget=budget)
    return refused.value.problems


def test_advice_on_the_size_of_baskets_goes_on_to_its_neighbour(mixed):
    budget = Budget(itemsets=2_000)
    advice = refused_with(mixed, budget)
    size, n = re.match(r"max_basket_size (\d+) .*: ([\d,]+)", advice[2]).groups()
    within = frequent_itemsets(mixed, min_count=5, max_basket_size=int(size), budget=budget)
    assert len(within) == int(n.replace(",", ""))
    if len(within) < 1_000:
        with pytest.raises(BudgetExceeded):
            frequent_itemsets(mixed, min_count=5, max_basket_size=int(size) + 1, budget=budget)
