from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.generate.dirt import KINDS, Quota, draw_dirt
from features.generate.orders import draw_orders


@pytest.fixture(scope="module")
def lines(customers, catalogue, calendar, patterns):
    return draw_orders(20_000, customers, 0, 3, catalogue, calendar, patterns)


@pytest.fixture(scope="module")
def quota():
    return Quota(20_000, dict(zip(KINDS, (500, 300, 200, 100, 50), strict=True)))


@pytest.fixture(scope="module")
def dirt(lines, quota):
    return draw_dirt(lines, quota, 0, 3)


def test_shares_of_the_kinds_are_a_whole():
    assert sum(KINDS.values()) == pytest.approx(1)


@given(st.integers(1_000, 10**8), st.floats(0, 0.5), st.integers(1, 50))
def test_quotas_of_blocks_add_up(lines, dirty, blocks):
    ends = [k / blocks for k in range(blocks + 1)]
    parts = [Quota.between(lines, dirty, a, b) for a, b in pairwise(ends)]
    whole = Quota.between(lines, dirty, 0.0, 1.0)
    assert sum(part.rows for part in parts) == whole.rows == lines
    for kind, share in KINDS.items():
        assert sum(part.dirty[kind] for part in parts) == whole.dirty[kind]
        assert whole.dirty[kind] == pytest.approx(lines * dirty * share, abs=1)


def test_added_rows_are_not_lines(quota):
    assert quota.lines == 20_000 - 300 - 200


def test_as_many_are_dirty_as_the_quota_says(dirt, quota):
    counts = dirt.counts()
    nameless = counts.pop("missing_customer")
    assert counts == {kind: n for kind, n in quota.dirty.items() if kind != "missing_customer"}
    assert 0.95 * 500 <= nameless <= 500


def test_no_line_is_dirty_twice(dirt):
    places = np.concatenate([getattr(dirt, kind) for kind in KINDS])
    assert len(set(places)) == places.size


def test_planted_lines_are_spared(dirt, lines):
    places = np.concatenate([getattr(dirt, kind) for kind in KINDS])
    assert lines.fixed.any()
    assert not lines.fixed[places].any()


def test_whole_orders_lose_their_customer(dirt, lines):
    nameless = np.isin(np.arange(lines.size), dirt.missing_customer)
    orders = set(lines.order[nameless])
    assert (np.isin(lines.order, list(orders)) == nameless).all()
    assert len(orders) > 50


def test_no_dirt_when_none_is_wanted(lines):
    clean = draw_dirt(lines, Quota(20_000, dict.fromkeys(KINDS, 0)), 0, 3)
    assert set(clean.counts().values()) == {0}
