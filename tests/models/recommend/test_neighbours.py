"""User kNN against a computation customer by customer."""

import numpy as np
import pytest

from models.recommend.neighbours import Neighbours


def by_hand(history, model, customer):
    """Own part, and the sum over the nearest others of likeness times recent purchases."""
    weights = np.minimum(history.weighted(history.decay(model.memory)).toarray(), 1)
    share = history.owned().toarray().mean(axis=0)
    taste = weights * (1 - np.log(share))
    taste /= np.linalg.norm(taste, axis=1, keepdims=True)
    recent = np.minimum(history.weighted(history.decay(model.half_life)).toarray(), 1)
    likeness = taste @ taste[customer]
    order = np.argsort(-likeness, kind="stable")
    near = order[order != customer][: model.neighbours]
    return model.own * recent[customer], likeness[near] @ recent[near]


@pytest.mark.parametrize("own", [0.0, 3.0])
@pytest.mark.parametrize("neighbours", [1, 2, 50])
def test_scores(small, own, neighbours):
    model = Neighbours(neighbours=neighbours, own=own, half_life=9, memory=30).fit(small)
    for customer in range(4):
        expected = sum(by_hand(small, model, customer))
        found = model.scores(small, np.array([customer]))[0]
        np.testing.assert_allclose(found[expected > 0], expected[expected > 0], rtol=1e-4)
        np.testing.assert_allclose(found[expected == 0], model.popularity_[expected == 0] - 1)


def test_reasons_tell_the_larger_part(small, names):
    model = Neighbours(own=3.0).fit(small)
    said = model.explain(small, np.array([2, 2, 2]), np.array([0, 1, 3]), names)
    assert said[0].text == "Bought APPLE once, 10 days ago."
    assert said[1].text == (
        "Of the 2 customers most like this one, 2 bought BREAD; of all, 50.0% did."
    )
    assert said[1].evidence_id == "similar:bread"
    assert said[2].evidence_id == "popular:dates"
    mine, theirs = by_hand(small, model, 2)
    assert mine[0] > theirs[0]
    assert mine[1] == 0 < theirs[1]


def test_the_count_is_of_the_neighbours_and_not_of_all(small, names):
    bought = small.owned().toarray()
    for neighbours in (1, 2, 3):
        model = Neighbours(neighbours=neighbours, own=0).fit(small)
        near = model._near(small).toarray() > 0
        for customer in range(4):
            for item in range(4):
                did = int(bought[near[customer], item].sum())
                (said,) = model.explain(small, np.array([customer]), np.array([item]), names)
                told = f"Of the {near[customer].sum()} customers most like"
                if did:
                    assert said.text.startswith(f"{told} this one, {did} bought {names[item]};")
                else:
                    assert said.evidence_id.startswith("popular:")


def test_nobody_is_counted_among_those_like_them(small):
    model = Neighbours().fit(small)
    assert not model._near(small).diagonal().any()
    assert model._near(small)[[0, 1, 2]].nnz == 6  # ann, bob and cat share the apple


def test_state_holds_no_identifiers(small):
    state = Neighbours().fit(small).get_state()
    assert state["items"] == ["apple", "bread", "cream", "dates"]
    assert set(state) == {"items", "tastes_", "recent_", "rarity_", "popularity_"}


def test_a_sample_bounds_the_customers(small):
    assert Neighbours(max_customers=2).fit(small).tastes_.shape == (2, 4)


def test_bad_parameters(small):
    with pytest.raises(ValueError, match="own must be at least 0 but got -1"):
        Neighbours(own=-1).fit(small)
