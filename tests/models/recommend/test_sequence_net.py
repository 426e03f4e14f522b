"""Baskets in order, questions at dates, and a shop in which the order of purchases tells."""

import sys

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import NotInstalled
from models.recommend import History
from models.recommend.gru import has_torch
from models.recommend.popularity import Popularity
from models.recommend.sequence_net import SequenceNet, Timeline

needs_torch = pytest.mark.skipif(
    not has_torch(), reason="PyTorch is not installed (extra 'neural')"
)


def shop(rows, as_of):
    """Make a history from (customer, item, day)."""
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "day"])
    table["order_id"] = table["customer_id"] + table["day"].astype(str)
    table["ordered_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"], unit="D")
    seen = table[table["day"] <= as_of].drop(columns="day").assign(quantity=1.0, amount=1.0)
    return History.from_purchases(seen, pd.Timestamp("2024-01-01") + pd.Timedelta(days=as_of))


def cycles(customers=80, items=8, steps=12):
    """Let everybody buy item k + 1 some fifteen days after item k, from a start of their own."""
    draw = np.random.RandomState(4)
    return [
        (f"c{who:03d}", f"i{(who + step) % items}", int(15 * step + draw.randint(6)))
        for who in range(customers)
        for step in range(steps)
    ]


QUICK = {
    "hidden": 24,
    "embedding": 12,
    "horizon": 15,
    "epochs": 15,
    "learning_rate": 0.03,
    "dates": 6,
}


@pytest.fixture(scope="module")
def history():
    return shop(cycles(), 140)


@pytest.fixture(scope="module")
def model(history):
    return SequenceNet(**QUICK).fit(history)


def test_timeline_merges_the_baskets_of_a_day(small):
    line = Timeline.of(small)
    assert line.starts.tolist() == [0, 2, 3, 4, 5]
    assert line.ages.tolist() == [30, 0, 20, 10, 0]
    held = line.baskets.contents.toarray()
    assert held[0].tolist() == [0.5, 0.5, 0, 0]
    assert held[2].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert held[-1].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(np.expm1(line.baskets.gaps), [0, 30, 0, 0, 0, 0], rtol=1e-6)


def test_latest_baskets_by_a_day(small):
    line = Timeline.of(small)
    places, seen, waited = line.latest(0, 1)
    assert (places[:, 0].tolist(), seen.tolist()) == ([1, 2, 3, 4], [1, 1, 1, 1])
    np.testing.assert_allclose(np.expm1(waited), [0, 20, 10, 0], rtol=1e-6)
    places, seen, waited = line.latest(15, 2)
    assert seen.tolist() == [1, 1, 0, 0]
    assert places.tolist() == [[0, 5], [2, 5], [5, 5], [5, 5]]
    np.testing.assert_allclose(np.expm1(waited), [15, 5, 0, 0], rtol=1e-6)


def test_questions_see_nothing_that_came_later(history):
    model = SequenceNet(horizon=15, dates=3)
    asked, target, _ = model._learnable(history)
    line = Timeline.of(history)
    ages = np.append(line.ages, np.iinfo(np.int64).max)
    for date in range(3):
        ago = 15 + 14 * date
        of_date = asked.date == date
        assert of_date.any()
        assert (ages[asked.places[of_date]] >= ago).all()
    np.testing.assert_allclose(target.sum(axis=1), 1.0, rtol=1e-6)
    lines = history.lines
    bought = set(zip(*(lines.loc[lines["age"] < 15, c] for c in ("customer", "item")), strict=True))
    first = target[asked.date == 0].tocoo()
    owner = np.searchsorted(line.starts, asked.places[asked.date == 0][:, 0], "right") - 1
    assert set(zip(owner[first.row], first.col, strict=True)) <= bought


@needs_torch
def test_the_next_item_comes_first(history, model):
    later = [(who, item) for who, item, day in cycles() if 140 < day <= 155]
    assert len(later) > 40

    def hits(one):
        table = one.recommend(history, n=1, exclude_owned=False)
        first = dict(
            zip(history.customers[table["customer"]], one.items_[table["item"]], strict=True)
        )
        return sum(first[who] == item for who, item in later) / len(later)

    assert hits(model) > 0.6 > 0.3 > hits(Popularity().fit(history))


@needs_torch
def test_new_bars_what_is_owned():
    history = shop(cycles(steps=5), 60)
    model = SequenceNet(target="new", horizon=15, dates=2)
    asked, target, barred = model._learnable(history)
    assert barred is not None
    assert target.multiply(barred).nnz == 0
    assert (barred.toarray() > 0).tolist() == (asked.own.toarray() > 0).tolist()


@needs_torch
def test_items_beyond_the_limit_are_never_offered(history):
    few = SequenceNet(**(QUICK | {"top_items": 3, "epochs": 1})).fit(history)
    scores = few.scores(history, np.arange(5))
    assert np.isfinite(scores[:, few.read_]).all()
    assert np.isfinite(scores).sum() == 15
    np.testing.assert_allclose(scores[:, few.read_].sum(axis=1), 1.0, rtol=1e-5)


@needs_torch
def test_a_reason_names_an_order_without_which_the_score_falls(history, model):
    table = model.recommend(history, n=1, exclude_owned=False)
    who, what = table["customer"].to_numpy(), table["item"].to_numpy()
    said = model.explain(history, who, what, pd.Series(history.items))
    orders = [
        (customer, item, reason)
        for customer, item, reason in zip(who, what, said, strict=True)
        if reason.evidence_id.startswith("order:")
    ]
    assert len(orders) > 20
    for customer, item, reason in orders[:10]:
        days = int(reason.text.split(" days ago")[0].rsplit(" ", 1)[1])
        lines = history.lines
        gone = (lines["customer"] == customer) & (lines["age"] == days)
        cause = reason.evidence_id.removeprefix("order:").split(">")[0]
        assert cause in set(history.items[lines.loc[gone, "item"]])
        read, asked, states = model._read(history.of_customers([customer]))
        back = int(np.flatnonzero(read.ages[::-1] == days)[0])
        fall = model._falls(read, asked, states)[0] @ model.network_.embed[item]
        assert back == int(np.argmax(fall))
        assert fall[back] > 0


@needs_torch
def test_leaving_out_the_last_basket_is_the_state_before_it(history, model):
    read, asked, states = model._read(history.of_customers([3]))
    net, seen = model.network_, asked.seen[0]
    before = net.wanted(states[:, seen - 1], asked.waited)
    whole = net.wanted(states[:, seen], asked.waited)
    np.testing.assert_allclose(model._falls(read, asked, states)[:, 0], whole - before, atol=1e-6)


def test_without_torch_it_is_told_what_to_install(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match="the candidate 'sequence' needs PyTorch"):
        SequenceNet().fit(small)


@needs_torch
def test_scoring_needs_no_torch(history, model, monkeypatch):
    before = model.scores(history, np.arange(4))
    monkeypatch.setitem(sys.modules, "torch", None)
    fresh = SequenceNet(**QUICK).set_state(model.get_state())
    np.testing.assert_array_equal(fresh.scores(history, np.arange(4)), before)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"target": "old"}, "target must be one of new, all but got 'old'"),
        ({"dropout": 1.0}, "dropout must be from 0 to 0.95 but got 1.0"),
        ({"horizon": 0}, "horizon must be at least 1 but got 0"),
    ],
)
def test_bad_parameters(small, params, message):
    with pytest.raises(ValueError, match=message):
        SequenceNet(**params).fit(small)
