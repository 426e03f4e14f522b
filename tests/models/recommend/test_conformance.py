"""What every recommender must do, whatever its method; a new one adds its line to QUICK."""

import json
import os
import pickle
import subprocess
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

from models.recommend import History, LabelledWindow, Recommender
from models.recommend.registry import REGISTRY, create, kinds

QUICK = {
    "popularity": {},
    "personal": {},
    "cosine": {},
    "content": {},
    "taste": {"rank": 4},
    "ease": {},
    "als": {"rank": 4, "sweeps": 2},
    "neighbours": {"neighbours": 5},
    "tifu": {"neighbours": 5},
    "clusters": {"segments": 3, "factors": 2},
    "rules": {"min_count": 2},
    "sequential": {"min_count": 2},
    "tree": {"min_leaf": 5},
    "ranker": {"rounds": 5, "min_leaf": 5, "leaves": 4},
    "neural": {"hidden": 6, "epochs": 2},
    "sequence": {"hidden": 6, "embedding": 4, "epochs": 2, "dates": 2, "baskets": 5},
}
NEEDS_PAST = {"tree", "ranker", "neural"}
HERE = Path(__file__)
INSTALLED = [kind for kind, one in REGISTRY.items() if not one.requires or find_spec(one.requires)]
every_kind = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            kind,
            marks=pytest.mark.skipif(
                kind not in INSTALLED, reason=f"{REGISTRY[kind].requires} is not installed"
            ),
        )
        for kind in REGISTRY
    ],
)


def purchases(seed: int = 0, customers: int = 60, items: int = 15, lines: int = 700):
    """Draw purchases in which customers have one of three tastes; 2024-01-01 and 150 days on."""
    random = np.random.RandomState(seed)
    who = random.randint(customers, size=lines)
    what = (random.geometric(0.3, lines) * 3 + who % 3) % items
    day = random.randint(150, size=lines)
    return pd.DataFrame(
        {
            "customer_id": [f"c{code:03d}" for code in who],
            "item_id": [f"i{code:02d}" for code in what],
            "order_id": [f"o{code:03d}-{days:03d}" for code, days in zip(who, day, strict=True)],
            "ordered_at": pd.Timestamp("2024-01-01 10:00") + pd.to_timedelta(day, unit="D"),
            "quantity": random.randint(1, 5, size=lines).astype(float),
            "amount": random.randint(1, 50, size=lines).astype(float),
        }
    )


def history_at(bought: pd.DataFrame, day: str, items: pd.Index | None = None) -> History:
    as_of = pd.Timestamp(day)
    seen = bought[bought["ordered_at"] < as_of + pd.Timedelta(days=1)]
    groups = seen.groupby("customer_id")
    features = pd.DataFrame(
        {
            "recency_days": (as_of - groups["ordered_at"].max().dt.normalize()).dt.days,
            "frequency": groups["order_id"].nunique(),
        }
    )
    return History.from_purchases(seen, as_of, customer_features=features, items=items)


def window_at(bought: pd.DataFrame, day: str, items: pd.Index) -> LabelledWindow:
    history = history_at(bought, day, items)
    end = pd.Timestamp(day) + pd.Timedelta(days=1)
    later = bought[bought["ordered_at"].between(end, end + pd.Timedelta(days=30))]
    row = history.customers.get_indexer(later["customer_id"])
    column = items.get_indexer(later["item_id"])
    known = (row >= 0) & (column >= 0)
    pairs = sparse.csr_matrix(
        (np.ones(known.sum(), np.float32), (row[known], column[known])), shape=history.shape
    )
    pairs.data[:] = 1.0
    return LabelledWindow(history, pairs)


def world(seed: int = 0, shuffled: bool = False) -> tuple[History, list[LabelledWindow]]:
    bought = purchases(seed)
    if shuffled:
        bought = bought.sample(frac=1.0, random_state=3)
    history = history_at(bought, "2024-05-29")
    return history, [window_at(bought, day, history.items) for day in ("2024-03-29", "2024-04-28")]


def fitted(kind: str, **params: object) -> tuple[Recommender, History]:
    history, past = world()
    return create(kind, **(QUICK[kind] | params)).fit(history, past), history


def all_rows(history: History) -> np.ndarray:
    return np.arange(len(history.customers))


def fingerprint(kind: str) -> int:
    model, history = fitted(kind)
    return zlib.crc32(model.scores(history, all_rows(history)).tobytes())


def frozen(history: History, past: list[LabelledWindow]) -> bytes:
    parts = [history, *(window.history for window in past)]
    frames = [
        (part.lines.copy(), part.customer_features, part.item_features, list(part.customers))
        for part in parts
    ]
    return pickle.dumps((frames, [window.bought.toarray() for window in past]))


def test_every_kind_is_covered_here():
    assert set(QUICK) == set(REGISTRY) == set(kinds())


@every_kind
def test_inputs_are_not_changed(kind):
    history, past = world()
    before = frozen(history, past)
    model = create(kind, **QUICK[kind]).fit(history, past)
    table = model.recommend(history, n=3)
    model.explain(
        history, table["customer"].to_numpy(), table["item"].to_numpy(), pd.Series(history.items)
    )
    assert frozen(history, past) == before


@every_kind
def test_same_seed_same_answer(kind):
    assert fingerprint(kind) == fingerprint(kind)


def test_same_answer_in_another_process():
    code = (
        f"import runpy, json; m = runpy.run_path({str(HERE)!r}); "
        "print(json.dumps({k: m['fingerprint'](k) for k in m['INSTALLED']}))"
    )
    env = dict(os.environ, PYTHONHASHSEED="123")
    root = HERE.parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=root, check=True
    )
    there = json.loads(ran.stdout.splitlines()[-1])
    assert there == {kind: fingerprint(kind) for kind in INSTALLED}


@every_kind
def test_row_order_of_purchases_is_irrelevant(kind):
    model, history = fitted(kind)
    shuffled, past = world(shuffled=True)
    other = create(kind, **QUICK[kind]).fit(shuffled, past)
    rows = all_rows(history)
    np.testing.assert_array_equal(model.scores(history, rows), other.scores(shuffled, rows))


@every_kind
def test_scores_of_a_batch_do_not_depend_on_the_others(kind):
    model, history = fitted(kind)
    whole = model.scores(history, all_rows(history))
    some = np.array([7, 3, 20])
    np.testing.assert_allclose(model.scores(history, some), whole[some], rtol=1e-4, atol=1e-5)
    assert whole.dtype == np.float32
    assert whole.shape == history.shape


@every_kind
@pytest.mark.parametrize("exclude", [True, False])
def test_list_is_sorted_ranked_and_ties_go_by_item(kind, exclude):
    model, history = fitted(kind)
    table = model.recommend(history, n=4, exclude_owned=exclude)
    assert len(table)
    scores = model.scores(history, all_rows(history)).astype(np.float64)
    if exclude:
        scores[history.owned().toarray() > 0] = -np.inf
    for customer, rows in table.groupby("customer"):
        best = sorted(range(scores.shape[1]), key=lambda i: (-scores[customer, i], i))
        best = [item for item in best if scores[customer, item] > -np.inf][:4]
        assert rows["item"].tolist() == best
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
    assert table["customer"].is_monotonic_increasing


@every_kind
def test_owned_and_excluded_items_are_not_offered(kind):
    model, history = fitted(kind)
    rows = np.array([5, 2, 9])
    excluded = sparse.csr_matrix(np.eye(3, len(history.items), dtype=np.float32))
    table = model.recommend(history, n=20, rows=rows, excluded=excluded, batch=2)
    owned = history.owned().toarray()
    assert not owned[table["customer"], table["item"]].any()
    pairs = set(zip(table["customer"], table["item"], strict=True))
    assert pairs.isdisjoint({(5, 0), (2, 1), (9, 2)})
    assert {customer for customer, _ in pairs} <= {5, 2, 9}


@every_kind
def test_state_holds_open_types_and_gives_equal_scores(kind):
    model, history = fitted(kind)
    state = model.get_state()
    rows = all_rows(history)
    before = model.scores(history, rows)
    for name, part in state.items():
        assert isinstance(name, str)
        if isinstance(part, np.ndarray):
            assert part.dtype.kind in "fiu"
        elif not isinstance(part, sparse.csr_matrix | pd.DataFrame):
            assert json.loads(json.dumps(part)) == part
    fresh = clone(model).set_state(state)
    np.testing.assert_array_equal(fresh.scores(history, rows), before)
    pd.testing.assert_frame_equal(fresh.recommend(history), model.recommend(history))


# Forked before anything of ours is imported: a clean process for each kind, and what takes each of
# them seconds is read once.
EACH_IN_A_CLEAN_PROCESS = """
import os, pickle, sys, zlib
import numba, numpy as np, pandas, scipy.sparse, scipy.stats

def score(kind):
    from models.recommend.registry import create
    with open(f"{sys.argv[1]}/{kind}", "rb") as file:
        params, state, history = pickle.load(file)
    model = create(kind, **params).set_state(state)
    return zlib.crc32(model.scores(history, np.arange(len(history.customers))).tobytes())

for kind in sys.argv[2:]:
    assert "models" not in sys.modules
    child = os.fork()
    if child == 0:
        print(kind, score(kind), flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, kind
"""


@pytest.fixture(scope="module")
def scored_elsewhere(tmp_path_factory):
    """Give the fingerprint of each kind whose state another process has read."""
    folder = tmp_path_factory.mktemp("states")
    for kind in INSTALLED:
        model, history = fitted(kind)
        state = (model.get_params(), model.get_state(), history)
        (folder / kind).write_bytes(pickle.dumps(state))
    ran = subprocess.run(
        [sys.executable, "-c", EACH_IN_A_CLEAN_PROCESS, str(folder), *INSTALLED],
        capture_output=True,
        text=True,
        cwd=HERE.parents[3],
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return {kind: int(code) for kind, code in map(str.split, ran.stdout.splitlines())}


@every_kind
def test_state_works_in_a_clean_process(kind, scored_elsewhere):
    assert scored_elsewhere[kind] == fingerprint(kind)


@every_kind
def test_foreign_state_is_refused(kind):
    model, _ = fitted(kind)
    with pytest.raises(ValueError, match="missing or unknown parts: surprise"):
        clone(model).set_state(model.get_state() | {"surprise": 1})


@every_kind
def test_explains_every_offer_in_words(kind):
    model, history = fitted(kind)
    names = pd.Series([f"Product {item}" for item in history.items])
    table = model.recommend(history, n=3)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    reasons = model.explain(history, who, what, names)
    assert len(reasons) == len(table)
    assert all(reason.text.endswith(".") and reason.evidence_id for reason in reasons)
    assert reasons == model.explain(history, who, what, names)


@every_kind
def test_empty_history_is_refused(kind):
    history = History.from_purchases(purchases().head(0), pd.Timestamp("2024-05-29"))
    with pytest.raises(ValueError, match="nothing to learn from"):
        create(kind, **QUICK[kind]).fit(history, world()[1])


@pytest.mark.parametrize("kind", sorted(NEEDS_PAST))
def test_learners_to_rank_need_an_earlier_window(kind):
    with pytest.raises(ValueError, match="past is empty"):
        create(kind, **QUICK[kind]).fit(world()[0])


@pytest.mark.parametrize("kind", sorted(NEEDS_PAST))
def test_learners_to_rank_need_a_purchase_in_the_window(kind):
    history, past = world()
    nothing = LabelledWindow(past[0].history, sparse.csr_matrix(past[0].bought.shape, dtype="f4"))
    with pytest.raises(ValueError, match="nothing to learn from"):
        create(kind, **QUICK[kind]).fit(history, [nothing])


@every_kind
@pytest.mark.parametrize("size", ["one customer", "one item"])
def test_smallest_histories(kind, size):
    bought = purchases()
    column, keep = ("customer_id", "c000") if size == "one customer" else ("item_id", "i03")
    bought = bought[bought[column] == keep]
    history = history_at(bought, "2024-05-29")
    past = [window_at(bought, "2024-04-28", history.items)]
    model = create(kind, **QUICK[kind])
    if kind in NEEDS_PAST:
        model.set_params(target="all")
    model.fit(history, past)
    table = model.recommend(history, exclude_owned=False)
    assert set(table["item"]) <= set(range(len(history.items)))
    assert len(table)


@every_kind
def test_indicators_that_are_all_missing(kind):
    history, past = world()
    blank = [_blank(history), *(_blank(window.history) for window in past)]
    windows = [LabelledWindow(h, w.bought) for h, w in zip(blank[1:], past, strict=True)]
    model = create(kind, **QUICK[kind]).fit(blank[0], windows)
    scores = model.scores(blank[0], all_rows(history))
    assert not np.isnan(scores).any()


def _blank(history: History) -> History:
    from dataclasses import replace

    return replace(history, customer_features=history.customer_features * np.nan)


@every_kind
def test_items_never_seen_in_training_are_passed_over(kind):
    model, history = fitted(kind)
    extra = purchases().tail(30).assign(item_id="zz new")
    wider = history_at(pd.concat([purchases(), extra]), "2024-05-29")
    table = model.recommend(wider, n=3)
    assert "zz new" in wider.items
    assert set(history.items[table["item"]]) <= set(history.items)
    assert table["item"].max() < len(history.items)


@every_kind
def test_customers_without_purchases_get_a_list(kind):
    model, history = fitted(kind)
    features = pd.DataFrame({"recency_days": [np.nan], "frequency": [0.0]}, index=["nobody"])
    stranger = History.from_purchases(
        purchases().head(0), history.as_of, customer_features=features, items=history.items
    )
    table = model.recommend(stranger, n=3)
    assert table["rank"].tolist() == [1, 2, 3]


@every_kind
def test_parameters_are_plain_and_can_be_cloned(kind):
    model = create(kind, **QUICK[kind])
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    assert all(
        isinstance(value, int | float | str | bool | None) for value in model.get_params().values()
    )
    assert set(model.search_space) <= set(model.get_params())
    assert model.complexity >= 1
    assert model.family in {"baseline", "clustering", "association", "tree", "neural"}


@every_kind
def test_unfitted_is_told(kind):
    from sklearn.exceptions import NotFittedError

    with pytest.raises(NotFittedError):
        create(kind).recommend(world()[0])
