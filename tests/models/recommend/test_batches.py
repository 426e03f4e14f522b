"""Customers by parts: the same reasons at the same places."""

import numpy as np
import pandas as pd
import pytest

from models.recommend import batches as module
from models.recommend.base import Reason
from models.recommend.batches import batches, in_batches


@pytest.mark.parametrize("size", [1, 3, 100])
def test_parts_cover_all_in_order(monkeypatch, size):
    monkeypatch.setattr(module, "BATCH", size)
    parts = list(batches(np.arange(7)))
    assert np.concatenate(parts).tolist() == list(range(7))
    assert max(map(len, parts)) == min(size, 7)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_pairs_in_any_order_get_their_own_reason(monkeypatch, small, size):
    monkeypatch.setattr(module, "BATCH", size)
    names = pd.Series(small.items)
    seen = []

    def explain(some, row, item, known):
        seen.append(len(some.customers))
        assert known is names
        return [
            Reason(f"{some.customers[at]} {known[code]}", "x")
            for at, code in zip(row, item, strict=True)
        ]

    who, what = np.array([3, 0, 1, 0, 3]), np.array([0, 1, 2, 3, 0])
    said = in_batches(small, who, what, names, explain)
    assert [reason.text for reason in said] == [
        f"{small.customers[at]} {names[code]}" for at, code in zip(who, what, strict=True)
    ]
    assert sum(seen) == 3
    assert max(seen) <= size


def test_no_pairs_need_no_reason(small):
    none = np.zeros(0, dtype=int)
    assert in_batches(small, none, none, pd.Series(small.items), lambda *_: 1 / 0) == []
