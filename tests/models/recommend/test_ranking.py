"""Candidates, pair features and the two rankers, on a shop with one strong habit."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.recommend import History, LabelledWindow, Recommender
from models.recommend.ease import Ease
from models.recommend.network import Examples
from models.recommend.neural import Neural
from models.recommend.pairs import LABELS, PairMaker
from models.recommend.popularity import Popularity
from models.recommend.ranker import Ranker
from models.recommend.ranker_windows import cut_window
from models.recommend.shelf import SHELF
from models.recommend.sources import Sources
from models.recommend.taste import Taste
from models.recommend.training import training_pairs
from models.recommend.tree import Tree, _alike


def shop(day: str, items: pd.Index | None = None) -> tuple[History, pd.DataFrame]:
    """Make 160 customers: who bought ink in one month buys paper in the next; others buy glue."""
    random = np.random.RandomState(0)
    rows = []
    for code in range(160):
        first, who = 1 + code // 2 % 4, f"c{code:03d}"
        kind = ("ink", "paper") if code % 2 else ("oil", "glue")
        rows += [(who, kind[late], first + late, random.randint(1, 28)) for late in (0, 1)]
        rows += [
            (who, f"noise{random.randint(12)}", month, random.randint(1, 28))
            for month in range(1, 6)
            for _ in range(2)
        ]
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "month", "day"])
    table["ordered_at"] = pd.to_datetime(table[["month", "day"]].assign(year=2024))
    table["order_id"] = table["customer_id"] + table["month"].astype(str)
    table = table.assign(quantity=1.0, amount=3.0)
    end = pd.Timestamp(day) + pd.Timedelta(days=1)
    seen = table[table["ordered_at"] < end]
    later = table[table["ordered_at"].between(end, end + pd.Timedelta(days=30))]
    return History.from_purchases(seen, pd.Timestamp(day), items=items), later


def window(day: str, items: pd.Index) -> LabelledWindow:
    history, later = shop(day, items)
    row = history.customers.get_indexer(later["customer_id"])
    column = items.get_indexer(later["item_id"])
    pairs = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=history.shape)
    pairs.data[:] = 1
    return LabelledWindow(history, pairs)


@pytest.fixture(scope="module")
def present() -> tuple[History, list[LabelledWindow]]:
    history, _ = shop("2024-04-30")
    return history, [window("2024-02-29", history.items), window("2024-03-31", history.items)]


def hits(model: Recommender, history: History, n: int) -> float:
    """Share of those due for paper or glue who find it among the first `n`."""
    _, later = shop("2024-04-30")
    due = later[later["item_id"].isin(["paper", "glue"])]
    table = model.recommend(history, n=n)
    offers = set(
        zip(history.customers[table["customer"]], model.items_[table["item"]], strict=True)
    )
    return sum(pair in offers for pair in zip(due.customer_id, due.item_id, strict=True)) / len(due)


def test_network_learns_the_habit(present):
    history, past = present
    assert hits(Neural(hidden=16, learning_rate=0.01).fit(history, past), history, 1) > 0.6


@pytest.mark.parametrize("model", [Ranker(min_leaf=5, rounds=40), Tree(min_leaf=10)])
def test_rankers_tell_more_than_popularity(model, present):
    history, past = present
    found = hits(model.fit(history, past), history, 3)
    assert found > hits(Popularity().fit(history), history, 3) + 0.1


def test_candidates_are_new_or_all(present):
    history, _ = present
    owned = history.owned().toarray() > 0
    new = PairMaker(new_only=True, width=5).fit(history).candidates(history)
    assert not owned[new.row, new.item].any()
    every = PairMaker(new_only=False, width=5).fit(history).candidates(history)
    assert owned[every.row, every.item].any()
    assert set(zip(new.row, new.item, strict=True)) <= set(zip(every.row, every.item, strict=True))


def test_pair_features_counted_by_hand(small):
    maker = PairMaker(new_only=False, width=3).fit(small)
    table = maker.pairs(small, np.array([0, 0, 1]), np.array([0, 1, 3])).features
    assert table["own_times"].tolist()[:2] == [2, 1]
    assert table["own_last_days"].tolist()[:2] == [0, 30]
    assert table["own_first_days"].tolist()[:2] == [30, 30]
    assert table["own_gap"].iloc[0] == 30
    assert table.loc[2, ["own_times", "own_gap", "own_amount"]].isna().all()
    assert table["customer_baskets"].tolist() == [2, 2, 1]
    assert table["customer_recency"].tolist() == [0, 0, 20]
    assert table["item_share"].tolist() == [0.75, 0.5, 0.25]
    assert table["item_last_days"].tolist() == [0, 20, 0]
    assert set(table) == set(LABELS)


def test_features_of_given_pairs_equal_those_of_candidates(present):
    history, _ = present
    maker = PairMaker(new_only=False, width=4).fit(history)
    found = maker.candidates(history)
    again = maker.pairs(history, found.row, found.item)
    pd.testing.assert_frame_equal(found.features, again.features)


def test_training_pairs_are_labelled_and_thinned(present):
    _, past = present
    pairs = training_pairs(
        past, lambda: PairMaker(True, 10), max_customers=1000, negatives=3, random_state=0
    )
    start = np.concatenate([[0], np.cumsum(pairs.group)])
    assert start[-1] == len(pairs.features) == len(pairs.bought)
    bought = np.add.reduceat(pairs.bought, start[:-1])
    assert (bought >= 1).all()
    assert (pairs.group - bought <= 3).all()


def test_pairs_of_new_items_are_those_of_all_without_what_was_owned(present):
    _, past = present
    settings = {"max_customers": 1000, "negatives": 5, "random_state": 0}
    every = training_pairs(past, lambda: PairMaker(False, 10), **settings)
    new = training_pairs(past, lambda: PairMaker(True, 10), **settings)
    fresh = every.features["own_times"].isna().to_numpy()
    assert new.features["own_times"].isna().all()
    assert new.bought.sum() == every.bought[fresh].sum()
    assert len(new.features) <= fresh.sum()
    start = np.cumsum(new.group) - new.group
    assert (np.add.reduceat(new.bought, start) >= 1).all()


@pytest.fixture
def fits(monkeypatch):
    """Note the date of every fit of a source, on an empty shelf."""
    seen = []
    SHELF.clear()
    for kind in (Ease, Taste):
        fit = kind.fit

        def noted(self, known, past=(), fit=fit, kind=kind):
            seen.append((kind, known.as_of))
            return fit(self, known, past)

        monkeypatch.setattr(kind, "fit", noted)
    yield seen
    SHELF.clear()


def test_all_rankers_fit_the_sources_of_a_date_once(present, fits):
    history, past = present
    for target in ("all", "new"):
        windows = [LabelledWindow(window.history, window.bought) for window in past]
        Ranker(target=target, min_leaf=5, rounds=3).fit(history, windows)
    assert len(fits) == len(set(fits))
    assert {day for _, day in fits} >= {history.as_of, *(w.history.as_of for w in past)}


def test_a_fit_at_another_date_takes_the_windows_it_shares(fits):
    history, _ = shop("2024-05-31")
    days = ("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30")
    past = [window(day, history.items) for day in days]
    Ranker(min_leaf=5, rounds=3, between=0).fit(history, past)
    before = list(fits)
    earlier, _ = shop("2024-04-30")
    model = Ranker(min_leaf=5, rounds=3, between=0)
    model.fit(earlier, [window(day, earlier.items) for day in days[:3]])
    assert fits == before


def test_a_state_taken_back_leaves_shared_sources_alone(present):
    history, past = present
    one, other = (PairMaker(False, 5).fit(history) for _ in range(2))
    assert one.sources.members["ease"] is other.sources.members["ease"]
    earlier = PairMaker(False, 5).fit(past[0].history)
    one.set_state(earlier.get_state())
    assert one.sources.members["ease"] is not other.sources.members["ease"]
    assert other.sources.members["own"].popularity_.tolist() != (
        one.sources.members["own"].popularity_.tolist()
    )


def test_the_tree_pays_for_its_own_sources_only(present, fits):
    history, past = present
    model = Tree(min_leaf=10).fit(history, past)
    assert {kind for kind, _ in fits} == {Taste}
    assert not any(name.startswith(("ease", "similar", "habits")) for name in model.names_)
    before = len(fits)
    Ranker(min_leaf=5, rounds=3, between=0).fit(history, past)
    assert {kind for kind, _ in fits[before:]} == {Ease}


@pytest.mark.parametrize("kind", [Tree, Ranker])
def test_nothing_is_learned_from_items_that_succeed_later(kind, monkeypatch):
    """An item that hardly sold at a window, and well after it, has no pair there."""
    table = pd.DataFrame(
        [
            (f"c{code:02}", item, f"2024-{month:02}-{1 + code % 27:02}")
            for code in range(60)
            for month in (1, 2, 3, 4)
            for item in (f"i{code % 5}", f"i{(code + month) % 5}", "late")
            if item != "late" or month > 2 or code < 3
        ],
        columns=["customer_id", "item_id", "ordered_at"],
    )
    table["ordered_at"] = pd.to_datetime(table["ordered_at"])
    table = table.assign(order_id=table["customer_id"] + table["ordered_at"].astype(str))
    table = table.assign(quantity=1.0, amount=1.0)
    now = History.from_purchases(table, pd.Timestamp("2024-04-30"))
    past = [cut_window(now, back, 30) for back in (61, 30)]
    seen: list[History] = []
    monkeypatch.setattr(
        PairMaker,
        "fit",
        lambda self, known, fit=PairMaker.fit: seen.append(known) or fit(self, known),
    )
    SHELF.clear()
    model = kind(target="all", min_leaf=5).fit(now, past)
    windows = {known.as_of: known for known in seen}
    assert "late" not in windows[past[0].history.as_of].items
    assert "late" in windows[past[1].history.as_of].items
    assert "late" in model.items_


@pytest.mark.parametrize("model", [Ranker(min_leaf=5, rounds=20), Tree(min_leaf=10)])
def test_parts_of_any_size_give_the_same_scores_and_reasons(present, model, monkeypatch):
    history, past = present
    model.fit(history, past)
    rows, names = np.arange(len(history.customers)), pd.Series(history.items)
    whole = model.scores(history, rows)
    table = model.recommend(history, n=2)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    reasons = model.explain(history, who, what, names)
    monkeypatch.setattr("models.recommend.batches.BATCH", 7)
    np.testing.assert_allclose(model.scores(history, rows), whole, rtol=1e-6)
    assert model.explain(history, who, what, names) == reasons


@pytest.mark.parametrize("kind", [Tree, Ranker])
def test_memory_is_bounded_by_parts(present, kind, monkeypatch):
    history, past = present
    model = kind(min_leaf=10).fit(history, past)
    monkeypatch.setattr("models.recommend.batches.BATCH", 9)
    largest = []
    scores = Sources.scores
    monkeypatch.setattr(
        Sources,
        "scores",
        lambda self, some: largest.append(len(some.customers)) or scores(self, some),
    )
    table = model.recommend(history, n=2)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    model.explain(history, who, what, pd.Series(history.items))
    assert max(largest) == 9


def test_a_source_speaks_by_what_it_added():
    sources = Sources()
    row = dict.fromkeys(sources.members, 1.0) | {"own_times": 2.0, "item_share_30": 0.5}
    features = pd.DataFrame([row, row, row, dict.fromkeys(row, 0.0)])
    place = {name: code for code, name in enumerate(features)}
    parts = np.zeros(features.shape)
    parts[0, place["own_times"]] = 1.0
    parts[1, [place["item_share_30"], place["ease"]]] = [0.9, 0.5]
    parts[2, [place["ease"], place["own"]]] = [0.9, 0.5]
    features.loc[2, "ease"] = 0.0
    assert sources.strongest(features, parts).tolist() == ["own", "popular", "own", "popular"]


def test_a_small_shop_is_learned_from_with_the_usual_settings(present):
    history, past = present
    model = Ranker(min_leaf=100_000).fit(history, past)
    assert model.importance_["gain"].sum() == pytest.approx(1.0)
    assert hits(model, history, 3) > hits(Popularity().fit(history), history, 3) + 0.1


def test_windows_between_add_pairs_to_learn_from(present):
    history, past = present
    one, two = (Ranker(min_leaf=5, rounds=20, between=count).fit(history, past) for count in (0, 1))
    assert one.model_.texts != two.model_.texts
    assert hits(two, history, 3) > hits(Popularity().fit(history), history, 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"objective": "softmax"}, "objective must be one of both, lambdarank, xendcg"),
        ({"between": -1}, "between must be at least 0 but got -1"),
        ({"repeats": 0}, "repeats must be at least 1 but got 0"),
        ({"target": "old"}, "target must be one of new, all"),
        ({"leaves": 1}, "leaves must be at least 2 but got 1"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_learned(present, wrong, message):
    model = Ranker(**wrong)
    with pytest.raises(ValueError, match=message):
        model.fit(*present)
    assert not hasattr(model, "items_")


def test_a_sample_bounds_the_customers(present):
    _, past = present
    pairs = training_pairs(
        past, lambda: PairMaker(True, 10), max_customers=10, negatives=3, random_state=0
    )
    assert 0 < len(pairs.group) <= 10


def test_tree_frame_adds_up_and_reads_well(present):
    history, past = present
    model = Tree(min_leaf=10, depth=3).fit(history, past)
    frame = model.tree_frame()
    nodes = model.nodes_
    inner = nodes[nodes["feature"] >= 0]
    for count in ("pairs", "bought"):
        children = nodes[count].to_numpy()
        both = children[inner["left"]] + children[inner["right"]]
        assert both.tolist() == inner[count].tolist()
    assert frame["depth"].max() <= 3
    np.testing.assert_allclose(frame["rate"], frame["bought"] / frame["pairs"])
    text = model.rules_text().splitlines()
    assert len(text) == len(frame)
    assert text[0].startswith("all candidates: ")
    assert text[1].startswith("  ")


def test_tree_deeper_than_readable_is_refused(present):
    with pytest.raises(ValueError, match="depth must be at most 5 to be readable but got 6"):
        Tree(depth=6).fit(*present)


def test_ranker_speaks_through_a_source_that_has_evidence(present):
    history, past = present
    model = Ranker(target="all", min_leaf=5, rounds=20).fit(history, past)
    assert model.importance_["gain"].sum() == pytest.approx(1.0)
    names = pd.Series(history.items)
    owned = history.owned().toarray() > 0
    table = model.recommend(history, n=3, exclude_owned=False)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    for row, item, reason in zip(who, what, model.explain(history, who, what, names), strict=True):
        assert reason.evidence_id.endswith(history.items[item])
        if reason.evidence_id.startswith("favourite:"):
            assert owned[row, item]


def test_neural_names_a_purchase_of_the_customer(present):
    history, past = present
    model = Neural(hidden=16, learning_rate=0.01).fit(history, past)
    table = model.recommend(history, n=1)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    owned = history.owned().toarray() > 0
    reasons = model.explain(history, who, what, pd.Series(history.items))
    causes = [reason.evidence_id for reason in reasons if reason.evidence_id.startswith("network:")]
    assert causes
    for row, reason in zip(who, reasons, strict=True):
        if reason.evidence_id.startswith("network:"):
            cause = reason.evidence_id.removeprefix("network:").split(">")[0]
            assert owned[row, history.items.get_loc(cause)]


def test_the_network_names_what_it_would_miss_most(present):
    """Leave out one purchase after the other, by the network itself."""
    history, past = present
    model = Neural(target="all", hidden=8, epochs=3, learning_rate=0.01).fit(history, past)
    inputs, own = model._inputs(history)
    bought = len(model.read_)
    for row, out in ((0, 0), (5, 3), (9, 1)):
        codes = inputs[row].indices[inputs[row].indices < bought]

        def odds(left_out, row=row, out=out):
            some, mine = inputs[row].toarray(), own[row].toarray()
            some[:, left_out], mine[:, left_out] = 0.0, 0.0
            given = Examples(
                sparse.csr_matrix(some),
                sparse.csr_matrix(mine),
                np.zeros((1, bought), np.float32),
                np.zeros(1, int),
                own[row],
            )
            return model.network_.logits(given)[0, out]

        falls = [odds([]) - odds([code]) for code in codes]
        expected = model.read_[codes[int(np.argmax(falls))]] if max(falls) > 0 else -1
        assert model._cause(inputs[row], own[row], out) == expected


def test_the_tree_tells_the_cases_alike_and_the_usual_share(present):
    history, past = present
    model = Tree(min_leaf=10, depth=3).fit(history, past)
    names = pd.Series([f"<{item}>" for item in history.items])
    table = model.recommend(history, n=2)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    nodes = model.nodes_
    for item, reason in zip(what, model.explain(history, who, what, names), strict=True):
        node = nodes.iloc[int(reason.evidence_id.removeprefix("leaf:"))]
        start = f"{names[item]}: of {node['pairs']:,.0f} earlier cases among customers who bought"
        assert reason.text.startswith(f"{start} again")
        times = node["rate"] / nodes["rate"].iloc[0]
        assert f" {node['rate']:.1%} ended in a purchase, {times:.1f} times" in reason.text
        assert "told apart" not in reason.text


def test_the_last_answer_to_a_question_counts():
    path = ["price above 1", "age up to 9", "price above 3", "price up to 5", "visits above 2"]
    assert _alike(path) == " with price above 3, price up to 5, visits above 2 and 1 more condition"
    assert _alike(path[:1]) == " with price above 1"
    assert _alike([]) == ""


@pytest.mark.parametrize("model", [Ranker(min_leaf=5, rounds=20), Tree(min_leaf=10)])
def test_who_owns_everything_is_offered_nothing(present, model):
    history, past = present
    model.fit(history, past)
    owned = pd.DataFrame({"item_id": history.items, "customer_id": "all"}).assign(
        order_id="1", ordered_at=history.as_of, quantity=1.0, amount=1.0
    )
    glutton = History.from_purchases(owned, history.as_of).with_items(history.items)
    assert len(model.recommend(glutton, n=5)) == 0
