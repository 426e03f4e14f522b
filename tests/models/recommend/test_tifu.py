"""Time-decayed frequencies by hand, and the blend with the nearest."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import History
from models.recommend.tifu import Tifu, temporal_frequency


def shop(rows):
    """Make a history from (customer, item, day)."""
    table = pd.DataFrame(rows, columns=["customer_id", "item_id", "day"])
    table["order_id"] = table["customer_id"] + table["day"].astype(str)
    table["ordered_at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table["day"], unit="D")
    return History.from_purchases(
        table.drop(columns="day").assign(quantity=1.0, amount=1.0), pd.Timestamp("2024-02-20")
    )


def test_frequencies_by_hand():
    history = shop([("a", "x", 1), ("a", "x", 2), ("a", "y", 2), ("a", "y", 3), ("a", "z", 9)])
    found = temporal_frequency(history, group=3, basket_decay=0.5, group_decay=0.1).toarray()[0]
    # Four baskets: the first is a group of its own, then the three latest.
    first = np.array([1.0, 0.0, 0.0])
    latest = (0.25 * np.array([1, 1, 0]) + 0.5 * np.array([0, 1, 0]) + np.array([0, 0, 1])) / 3
    np.testing.assert_allclose(found, (0.1 * first + latest) / 2, rtol=1e-6)


def plain(baskets, items, group, basket_decay, group_decay):
    """Follow the paper's text: groups from the end, mean within, mean over."""
    parts = [baskets[max(0, end - group) : end] for end in range(len(baskets), 0, -group)]
    total = np.zeros(items)
    for back, part in enumerate(parts):
        inner = np.zeros(items)
        for place, basket in enumerate(part):
            inner[list(basket)] += basket_decay ** (len(part) - 1 - place)
        total += group_decay**back * inner / len(part)
    return total / len(parts)


@pytest.mark.parametrize("group", [1, 2, 4, 50])
def test_frequencies_follow_the_paper(group):
    random = np.random.RandomState(2)
    rows, expected = [], []
    for who in range(9):
        days = np.sort(random.choice(49, random.randint(1, 12), replace=False))
        baskets = [set(random.choice(6, random.randint(1, 4)).tolist()) for _ in days]
        rows += [
            (f"c{who}", f"i{item}", int(day))
            for day, basket in zip(days, baskets, strict=True)
            for item in basket
        ]
        expected.append(plain(baskets, 6, group, 0.9, 0.6))
    history = shop(rows)
    found = temporal_frequency(history, group, 0.9, 0.6).toarray()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_score_blends_own_and_nearest(small):
    model = Tifu(neighbours=2, own=0.6).fit(small)
    vectors = model.vectors_.toarray()
    distance = ((vectors[0] - vectors) ** 2).sum(axis=1)
    near = np.argsort(distance, kind="stable")[1:3]  # not ann herself
    expected = 0.6 * vectors[0] + 0.4 * vectors[near].mean(axis=0)
    found = model.scores(small, np.array([0]))[0]
    np.testing.assert_allclose(found[expected > 0], expected[expected > 0], rtol=1e-5)
    assert (found[expected == 0] < 0).all()


def test_reasons_tell_the_larger_part(small, names):
    model = Tifu(neighbours=2, own=0.7).fit(small)
    said = model.explain(small, np.array([0, 2, 0]), np.array([0, 1, 3]), names)
    assert said[0].text == "Bought APPLE 2 times, last today."
    assert said[1].text == (
        "Of the 2 customers most like this one, 2 bought BREAD; of all, 50.0% did."
    )
    assert said[1].evidence_id == "similar:bread"
    assert said[2].evidence_id == "popular:dates"


def test_the_count_is_of_others(small):
    for neighbours in (1, 2, 9):
        model = Tifu(neighbours=neighbours).fit(small)
        near = model._near(model._vectors(small))
        assert not near.diagonal().any()
        counts = model._counted(small, np.arange(4), np.zeros(4, dtype=int))
        assert [size for _, size, _ in counts] == [min(neighbours, 3)] * 4
        held = (near.toarray() > 0) @ small.owned().toarray()[:, 0]
        assert [did for did, _, _ in counts] == held.tolist()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"own": 1.2}, "own must be from 0 to 1 but got 1.2"),
        ({"group_decay": -1}, "group_decay must be from 0 to 1 but got -1"),
        ({"group": 0}, "group must be at least 1 but got 0"),
    ],
)
def test_bad_parameters(small, params, message):
    with pytest.raises(ValueError, match=message):
        Tifu(**params).fit(small)
