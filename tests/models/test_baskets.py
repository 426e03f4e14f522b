"""What lies in the same basket, counted by hand, and kept through a state."""

import numpy as np
import pandas as pd
import pytest

from experiments.bundle.parts import read_state, write_state
from models.baskets import BasketTable
from models.recommend.history import History

DAY = pd.Timestamp("2024-01-31")
BASKETS = ["AB", "AB", "ABC", "AC", "B", "D", "D", "D", "DE"]


def history_of(baskets):
    rows = [(f"o{number:03}", item) for number, basket in enumerate(baskets) for item in basket]
    lines = pd.DataFrame(rows, columns=["order_id", "item_id"])
    lines = lines.assign(customer_id="ann", ordered_at=DAY, quantity=1.0, amount=1.0)
    return History.from_purchases(lines, DAY)


@pytest.fixture
def table():
    return BasketTable(least=1).fit(history_of(BASKETS))


def codes(text):
    return np.array(["ABCDE".index(item) for item in text])


def test_the_counts_are_those_of_baskets(table):
    assert table.total_ == 9
    assert table.baskets_.tolist() == [4, 4, 2, 4, 1]
    together = table.together_.toarray()
    assert together[0].tolist() == [0, 3, 2, 0, 0]
    assert (together == together.T).all()


def test_the_best_partner_stands_first_with_its_share(table):
    found = table.offers(codes("A"), n=2)
    # Cosines with A: B 3 / 4, C 2 / sqrt(8) = 0.707.
    assert found.item.tolist() == codes("BC").tolist()
    assert found.score == pytest.approx([0.75, 2 / np.sqrt(8)])
    assert found.cause.tolist() == [0, 0]
    assert found.share.tolist() == [0.75, 0.5]
    assert found.baskets.tolist() == [4, 4]
    assert found.usual == pytest.approx([4 / 9, 2 / 9])


def test_the_cosines_of_a_basket_add_up_and_the_strongest_is_the_cause(table):
    found = table.offers(codes("AB"), n=1)
    assert found.item.tolist() == codes("C").tolist()
    assert found.score == pytest.approx([2 / np.sqrt(8) + 1 / np.sqrt(8)])
    assert found.cause.tolist() == codes("A").tolist()


def test_popular_items_follow_where_too_few_go_with_the_basket(table):
    found = table.offers(codes("E"), n=3)
    assert found.item.tolist() == codes("DAB").tolist()
    assert found.cause.tolist() == [4, -1, -1]
    assert found.share[1:] == pytest.approx([4 / 9, 4 / 9])
    assert found.score[1:].tolist() == [0.0, 0.0]


def test_repeats_and_the_order_in_the_basket_do_not_matter(table):
    one, other = table.offers(codes("AB")), table.offers(codes("BAAB"))
    assert one.item.tolist() == other.item.tolist()
    assert one.score.tolist() == other.score.tolist()
    assert not set(one.item.tolist()) & {0, 1}


def test_rare_pairs_and_distant_partners_are_not_kept():
    rare = BasketTable(least=3).fit(history_of(BASKETS))
    assert rare.together_.nnz == 2
    nearest = BasketTable(least=1, partners=1).fit(history_of(BASKETS))
    assert np.diff(nearest.together_.indptr).max() == 1
    assert nearest.together_[0, 1] == 3


def test_a_table_without_pairs_offers_what_is_popular():
    table = BasketTable().fit(history_of(["A", "A", "B"]))
    assert table.offers(np.array([1])).item.tolist() == [0]


def test_everything_is_in_the_basket(table):
    assert len(table.offers(np.arange(5)).item) == 0


def test_wrong_arguments_and_states_are_refused(table):
    with pytest.raises(ValueError, match="n must be at least 1 but got 0"):
        table.offers(np.array([0]), n=0)
    with pytest.raises(ValueError, match="missing or unknown parts: extra, total_"):
        BasketTable().set_state({"together_": 1, "baskets_": 1, "extra": 1})


def test_the_state_survives_files(table, tmp_path):
    write_state(tmp_path, "baskets", table.get_state())
    again = BasketTable().set_state(read_state(tmp_path, "baskets"))
    assert again.offers(codes("AB")).score.tolist() == table.offers(codes("AB")).score.tolist()
