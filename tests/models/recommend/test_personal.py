"""Personal favourites weighed by hand."""

import numpy as np
import pytest

from models.recommend.personal import Personal


def test_weights_of_repeats_decay(small):
    model = Personal(half_life=30, popularity=0).fit(small)
    np.testing.assert_allclose(model.scores(small, np.array([0]))[0, :2], [1.5, 0.5])


def test_demand_decides_between_items_bought_alike(small):
    scores = Personal(half_life=30, popularity=0.5).fit(small).scores(small, np.array([1]))[0]
    assert scores[0] > scores[1] == scores[2] > 0
    assert scores[0] / scores[2] == pytest.approx(np.sqrt(0.7501 / 0.2501), rel=1e-4)


def test_the_rest_follows_by_popularity(small):
    scores = Personal().fit(small).scores(small, np.array([3]))[0]
    np.testing.assert_allclose(scores[:3], [-0.25, -0.75, -0.75], atol=1e-6)
    assert scores[3] > 0


def test_reasons(small, names):
    model = Personal().fit(small)
    said = model.explain(small, np.array([0, 0, 0]), np.array([0, 1, 3]), names)
    assert [reason.text for reason in said] == [
        "Bought APPLE 2 times, last today.",
        "Bought BREAD once, 30 days ago.",
        "25.0% of all customers bought DATES in the last 30 days.",
    ]
    assert [reason.evidence_id for reason in said] == [
        "favourite:apple",
        "favourite:bread",
        "popular:dates",
    ]
