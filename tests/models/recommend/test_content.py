"""Likeness of texts and attributes, and offers of items that nobody bought yet."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.content import Content, describe_items

TEXTS = {
    "bag": "RED RETROSPOT BAG",
    "box": "red retrospot box",
    "cup": "blue cup",
    "mug": "blue mug",
    "new": "RED RETROSPOT UMBRELLA",
    "odd": "",
}


def shop(texts=None, prices=None, categories=None):
    """Make a history of five buyers; nobody bought `new` or `odd`."""
    rows = [("ann", "bag"), ("bob", "box"), ("cat", "cup"), ("dan", "mug"), ("eve", "bag")]
    lines = pd.DataFrame(rows, columns=["customer_id", "item_id"])
    lines = lines.assign(
        order_id=lines["customer_id"],
        ordered_at=pd.Timestamp("2024-01-20"),
        quantity=2.0,
        amount=[4.0, 6.0, 20.0, 40.0, 4.0],
    )
    items = pd.Index(sorted(TEXTS), dtype=object)
    features = pd.DataFrame(index=items)
    if prices is not None:
        features["price"] = pd.Series(prices)
    if categories is not None:
        features["category_code"] = pd.Series(categories)
    return History.from_purchases(
        lines,
        pd.Timestamp("2024-01-31"),
        items=items,
        item_features=features,
        item_texts=None if texts is None else pd.Series(texts),
    )


@pytest.fixture
def history():
    return shop(TEXTS)


def test_a_new_item_is_offered_to_who_bought_its_like(history):
    model = Content().fit(history)
    table = model.recommend(history, n=2)
    first = table[table["rank"] <= 2].groupby("customer")["item"].agg(list)
    assert "new" in history.items[first[history.customers.get_loc("ann")]]
    cat = first[history.customers.get_loc("cat")]
    assert history.items[cat].tolist()[0] == "mug"
    assert "new" not in history.items[cat]


def test_demand_of_new_items_is_that_of_their_like(history):
    model = Content(attributes=0).fit(history)
    at = history.items.get_loc
    like = model.likeness_[at("new")].toarray().ravel()
    expected = (like[at("bag")] * 2 / 5 + like[at("box")] / 5) / (like[at("bag")] + like[at("box")])
    assert model.demand_[at("new")] == pytest.approx(expected, rel=1e-5)
    assert model.demand_[at("odd")] == 0
    assert model.demand_[at("bag")] == 2 / 5


def test_score_is_likeness_times_weight_times_demand(history):
    model = Content(half_life=11, demand=0.5).fit(history)
    at = history.items.get_loc
    like = model.likeness_[at("box"), at("bag")]
    found = model.scores(history, np.array([0]))[0, at("box")]
    assert found == pytest.approx(0.5 * like * (1 / 5 + 1e-4) ** 0.5, rel=1e-4)


def test_words_are_weighed_by_rarity_and_rows_have_length_one(history):
    vectors, terms = describe_items(history, 0.0)
    assert set(terms) >= {"red", "retrospot", "red retrospot", "blue"}
    assert "umbrella" not in terms
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    known = [history.items[row] for row in np.flatnonzero(np.diff(vectors.indptr))]
    np.testing.assert_allclose(length[:5], 1.0, rtol=1e-6)
    assert known == ["bag", "box", "cup", "mug", "new"]
    bag, new = vectors[0], vectors[4]
    assert bag.multiply(new).sum() == pytest.approx(1.0)


def test_categories_and_prices_count_without_texts():
    prices = {"bag": 2, "box": 3, "cup": 10, "mug": 21, "new": 21, "odd": 2}
    history = shop(prices=prices, categories={"cup": 1.0, "mug": 1.0, "new": 1.0, "bag": 0.0})
    vectors, terms = describe_items(history, 1.0)
    assert {"category 0", "category 1"} <= set(terms)
    assert any(term.startswith("price band ") for term in terms)
    model = Content(attributes=1.0).fit(history)
    at = history.items.get_loc
    assert model.likeness_[at("new"), at("mug")] > model.likeness_[at("new"), at("cup")] > 0
    assert model.likeness_[at("new"), at("bag")] == 0
    assert vectors.shape == (6, len(terms))


def test_prices_come_from_the_lines_when_none_are_given():
    vectors, terms = describe_items(shop(), 1.0)
    assert all(term.startswith("price band ") for term in terms)
    assert np.diff(vectors.indptr).tolist() == [1, 1, 1, 1, 0, 0]


def test_reasons_name_the_purchase_and_what_is_common(history):
    model = Content(attributes=0).fit(history)
    names = pd.Series([TEXTS[item].lower() or item for item in history.items])
    at = history.items.get_loc
    who, what = np.array([0, 0]), np.array([at("new"), at("odd")])
    said = model.explain(history, who, what, names)
    assert said[0].text.startswith("Bought red retrospot bag; red retrospot umbrella is like it (")
    assert said[0].text.endswith(").")
    assert "red" in said[0].text.split("(")[1]
    assert said[0].evidence_id == "content:bag>new"
    assert said[1].evidence_id == "popular:odd"


def test_texts_follow_the_vocabulary(history):
    fewer = history.with_items(pd.Index(["mug", "bag", "unknown"], dtype=object))
    assert fewer.item_texts.tolist() == ["blue mug", "RED RETROSPOT BAG", ""]
    assert shop().item_texts is None
    assert shop().with_items(pd.Index(["mug"], dtype=object)).item_texts is None


@pytest.mark.parametrize("name", ["attributes", "demand", "half_life"])
def test_bad_parameters(history, name):
    with pytest.raises(ValueError, match=f"{name} must be at least .* but got -1"):
        Content(**{name: -1}).fit(history)
