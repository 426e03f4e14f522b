"""A date to fit at: what is known, what came before, and which offers were bought."""

import pytest

from lodeworks import DataError
from pipelines.crosssell.learning import KEPT, Learnable, make_recommender


def test_no_item_with_enough_customers_is_an_error_that_says_what_to_change(snapshot_of):
    message = (
        r"no item was bought by 9 customers or more up to 2024-03-31; "
        r"lower items.min_customers or widen window.observe"
    )
    with pytest.raises(DataError, match=message):
        Learnable.of([snapshot_of()], 9)


def test_earlier_windows_speak_the_same_codes_the_latest_last(snapshot_of):
    windows = [snapshot_of(), snapshot_of("ann:B", "ann:A"), snapshot_of("bob:A", "bob:B")]
    at = Learnable.of(windows, 2)
    assert at.history.items.tolist() == ["A", "B"]
    assert all(past.history.items.equals(at.history.items) for past in at.past)
    assert [past.history.customers.tolist() for past in at.past] == [["bob"], ["ann"]]
    assert [past.bought.toarray().tolist() for past in at.past] == [[[0.0, 1.0]], [[1.0, 0.0]]]


def test_candidates_share_what_is_encoded(snapshot_of):
    windows = [snapshot_of(), snapshot_of("ann:B", "ann:A")]
    at, later = Learnable.of(windows, 2), Learnable.of(windows[1:], 1)
    assert Learnable.of(list(windows), 2) is at
    assert Learnable.of(windows[1:], 1) is later
    assert Learnable.of(windows, 1) is not at


def test_equal_tables_of_another_snapshot_are_encoded_anew(snapshot_of):
    one, other = snapshot_of(), snapshot_of()
    assert Learnable.of([one], 2) is not Learnable.of([other], 2)


def test_what_was_encoded_long_ago_is_given_up(snapshot_of):
    first = snapshot_of()
    at = Learnable.of([first], 2)
    for _ in range(KEPT):
        Learnable.of([snapshot_of()], 2)
    assert Learnable.of([first], 2) is not at


def test_the_recommender_is_told_scope_and_seed_unless_they_are_given():
    told = make_recommender("clusters", {"segments": 2}, "new", 7).get_params()
    assert (told["random_state"], told["segments"]) == (7, 2)
    assert make_recommender("clusters", {"random_state": 3}, "new", 7).random_state == 3
    assert make_recommender("ranker", {}, "all", 0).get_params()["target"] == "all"
    assert "random_state" not in make_recommender("popularity", {}, "new", 7).get_params()


@pytest.mark.parametrize("kind", ["tree", "ranker"])
def test_too_little_to_learn_from_is_told_with_the_candidate_and_a_remedy(snapshot_of, kind):
    message = (
        rf"the candidate {kind} cannot learn from what is known on 2024-03-31: .*earlier window.*; "
        r"leave it out of the candidates, or give more data or more window.backtests"
    )
    with pytest.raises(DataError, match=message):
        Learnable.of([snapshot_of()], 2).fit(kind, {}, "new", 0)


def test_only_offers_of_the_whole_scope_hold_owned_items(snapshot_of):
    at = Learnable.of([snapshot_of()], 2)
    fitted = at.fit("popularity", {}, "new", 0)
    owned = at.history.owned().toarray()
    for scope, allowed in (("new", False), ("all", True)):
        offers = at.offers(fitted, scope, 5)
        assert owned[offers["customer"], offers["item"]].any() == allowed


def test_hits_are_marked_pair_by_pair(snapshot_of):
    snapshot = snapshot_of("ann:A ann:B bob:A cyd:B dan:C eve:C", "bob:B cyd:C cyd:B")
    at = Learnable.of([snapshot], 2)
    marked = {
        scope: at.marked(at.offers(at.fit("popularity", {}, scope, 0), scope, 5), scope)
        for scope in ("new", "all")
    }

    def hits(rows):
        some = rows[rows["bought"] == 1]
        who, what = at.history.customers[some["customer"]], at.history.items[some["item"]]
        return sorted(zip(who, what, strict=True))

    assert hits(marked["new"]) == [("bob", "B"), ("cyd", "C")]
    assert hits(marked["all"]) == [("bob", "B"), ("cyd", "B"), ("cyd", "C")]


def test_what_was_bought_before_the_observed_span_is_not_offered_as_new(snapshot_of):
    at = Learnable.of([snapshot_of("ann:A bob:B cyd:A cyd:B", earlier="ann:B")], 2)
    fitted = at.fit("popularity", {}, "new", 0)
    offered = at.offers(fitted, "new", 5)
    names = at.history.customers[offered["customer"]]
    assert set(names) == {"bob"}
    assert "ann" in set(at.history.customers[at.offers(fitted, "all", 5)["customer"]])
