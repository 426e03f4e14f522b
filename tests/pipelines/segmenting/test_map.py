"""The map of segments."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from models.segments import AttributeSpace
from pipelines.segmenting.map import MOST_POINTS, map_of


def customers(rows, seed=0):
    random = np.random.default_rng(seed)
    group = np.arange(rows) % 2
    frame = pd.DataFrame(
        {name: random.normal(scale * group, 1.0) for name, scale in (("a", 9), ("b", 4), ("c", 1))},
        index=pd.Index([f"C{place}" for place in range(rows)], name="customer_id"),
    )
    return frame, pd.Series(group + 1, frame.index)


def test_it_is_the_projection_on_the_principal_components():
    frame, segment = customers(200)
    space = AttributeSpace().fit(frame)
    found = map_of(space, frame, segment, 1)
    wanted = PCA(2).fit_transform(space.transform(frame))
    for place, name in enumerate("xy"):
        ours, theirs = np.sort(np.abs(found[name])), np.sort(np.abs(wanted[:, place]))
        np.testing.assert_allclose(ours, theirs, atol=0.006)


def test_alike_customers_lie_together():
    frame, segment = customers(200)
    found = map_of(AttributeSpace().fit(frame), frame, segment, 1)
    means = found.groupby("segment")["x"].mean()
    assert set(means.index) == {"1", "2"}
    assert means["2"] - means["1"] > 2


def test_nobody_is_named_and_the_order_tells_nothing():
    frame, segment = customers(200)
    found = map_of(AttributeSpace().fit(frame), frame, segment, 1)
    assert list(found) == ["x", "y", "segment"]
    assert isinstance(found.index, pd.RangeIndex)
    assert found["segment"].tolist() != segment.astype(str).tolist()


def test_a_large_map_is_drawn_from():
    frame, segment = customers(MOST_POINTS + 500)
    space = AttributeSpace().fit(frame)
    assert len(map_of(space, frame, segment, 1)) == MOST_POINTS
    pd.testing.assert_frame_equal(
        map_of(space, frame, segment, 1, 4), map_of(space, frame, segment, 1, 4)
    )


def test_small_segments_are_left_out():
    frame, segment = customers(200)
    segment.iloc[:8], segment.iloc[8:16] = 3, 4
    found = map_of(AttributeSpace().fit(frame), frame, segment, 10)
    assert set(found["segment"]) == {"1", "2"}
    assert len(found) == 184
    assert map_of(AttributeSpace().fit(frame), frame, segment, 1_000) is None


def test_one_direction_is_no_map():
    frame, segment = customers(50)
    assert map_of(AttributeSpace().fit(frame[["a"]]), frame[["a"]], segment, 1) is None


def test_a_run_keeps_its_map(grouped):
    found = pd.read_parquet(grouped.summary.paths["map"])
    cards = pd.read_parquet(grouped.summary.paths["cards"])
    shown = cards.loc[cards["customers"].notna()]
    assert set(found["segment"]) == set(shown["segment"].astype(str))
    assert len(found) == pytest.approx(min(shown["customers"].sum(), MOST_POINTS))
