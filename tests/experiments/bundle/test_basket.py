"""Offers at the till: words, hints, and the way through a bundle."""

import numpy as np
import pandas as pd
import pytest

from experiments.bundle import Bundle, load_bundle, write_bundle
from lodeworks import BundleError, DataError
from models.baskets import BasketTable
from models.recommend.history import History
from models.recommend.popularity import Popularity

DAY = pd.Timestamp("2024-01-31")


@pytest.fixture(scope="module")
def bundle():
    """Twelve baskets: milk in eight, cereal in six of them and in one other; tea in four."""
    baskets = [["milk", "cereal"]] * 6 + [["milk"]] * 2 + [["cereal"]] + [["tea"]] * 3
    rows = [(f"o{n:02}", item) for n, basket in enumerate(baskets) for item in basket]
    lines = pd.DataFrame(rows, columns=["order_id", "item_id"])
    lines = lines.assign(customer_id="c" + lines["order_id"], ordered_at=DAY)
    history = History.from_purchases(lines.assign(quantity=1.0, amount=1.0), DAY)
    items = pd.DataFrame({"item_id": ["cereal", "milk"], "item_name": ["Corn flakes", "Milk 1 l"]})
    return Bundle(
        recommender=Popularity().fit(history),
        items=items,
        baskets=BasketTable().fit(history),
    )


def test_an_offer_says_how_many_baskets_bear_it_out(bundle):
    first, second = bundle.offers(["milk"], n=5)
    assert (first.rank, first.item_id, first.item_name) == (1, "cereal", "Corn flakes")
    assert first.share == 0.75
    assert first.reason == (
        "Of the 8 baskets with Milk 1 l, 75% also hold Corn flakes, 1.3 times the usual share."
    )
    assert first.evidence_id == "basket:milk>cereal"
    assert (second.item_id, second.reason) == ("tea", "25.0% of all baskets hold tea.")
    assert second.evidence_id == "popular:tea"
    assert first.to_dict()["item_id"] == "cereal"


def test_as_many_as_asked_for(bundle):
    assert len(bundle.offers(["milk"], n=1)) == 1
    with pytest.raises(ValueError, match="n must be at least 1"):
        bundle.offers(["milk"], n=0)


def test_unknown_items_are_all_told_with_the_nearest(bundle):
    with pytest.raises(DataError, match=r"no item 'mlik' is known; did you mean 'milk'\?"):
        bundle.offers(["mlik"])
    with pytest.raises(DataError) as refused:
        bundle.offers(["milk", "ceral", "zzz", "ceral"])
    assert "2 items of the basket are not known" in str(refused.value)
    assert "did you mean 'cereal'?" in str(refused.value)
    assert str(refused.value).endswith("no item 'zzz' is known")


def test_an_empty_basket_is_refused(bundle):
    with pytest.raises(DataError, match="the basket is empty"):
        bundle.offers([])


def test_the_table_goes_with_the_bundle(bundle, tmp_path):
    write_bundle(tmp_path / "b", bundle)
    back = load_bundle(tmp_path / "b")
    assert back.offers(["milk"]) == bundle.offers(["milk"])
    assert back.counter is back.counter


def test_a_bundle_without_the_table_says_so(bundle):
    bare = Bundle(recommender=bundle.recommender)
    with pytest.raises(BundleError, match="holds no table of baskets"):
        bare.offers(["milk"])


def test_a_table_that_is_damaged_is_refused(bundle, tmp_path):
    wrong = BasketTable()
    wrong.get_state = lambda: {"total_": 3}
    write_bundle(tmp_path / "b", Bundle(recommender=bundle.recommender, baskets=wrong))
    with pytest.raises(BundleError, match="the table of baskets cannot be set up"):
        load_bundle(tmp_path / "b")


def test_the_order_of_the_basket_does_not_matter(bundle):
    basket = ["milk", "tea"]
    assert bundle.offers(basket) == bundle.offers(basket[::-1])
    assert bundle.offers(np.array(basket)) == bundle.offers(basket)
