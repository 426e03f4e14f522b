"""Small groups are hidden, and do not follow from what is shown."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import flows, migration
from pipelines.segmenting.publishing import (
    SMALL,
    hidden_classes,
    merge_small,
    publish_classes,
    publish_flows,
    publish_matrix,
)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 15))
def test_hidden_classes_together_are_no_small_group(sizes, least):
    given_sizes = pd.Series(sizes, [f"c{k}" for k in range(len(sizes))])
    hidden = hidden_classes(given_sizes, least)
    assert not (given_sizes[~hidden] < least).any()
    if hidden.any() and not hidden.all():
        assert hidden.sum() >= 2
        assert given_sizes[hidden].sum() >= least


def test_classes_lose_figures_and_words():
    table = pd.DataFrame(
        {
            "class": list("abc"),
            "customers": [50, 3, 20],
            "profit": [1.0, 2.0, 3.0],
            "why": list("xyz"),
        }
    )
    shown = publish_classes(table, 10, ("class",), ("why",))
    assert shown["customers"].isna().tolist() == [False, True, True]
    assert shown["profit"].isna().tolist() == [False, True, True]
    assert shown["why"].tolist() == ["x", "hidden", "hidden"]
    assert table["customers"].tolist() == [50, 3, 20]


def test_small_classes_are_merged_under_one_name():
    classes = pd.Series(["a"] * 50 + ["b"] * 3 + ["c"] * 20 + ["d"] * 30)
    assert merge_small(classes, 10) == {"a": "a", "b": SMALL, "c": SMALL, "d": "d"}


labels = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["a", "b", None])),
    min_size=1,
    max_size=120,
)


@settings(deadline=None, max_examples=30)
@given(labels)
def test_flows_are_those_of_the_matrix_or_hidden(pairs):
    known = [(k, *p) for k, p in enumerate(pairs) if p != (None, None)]
    before = pd.Series({k: b for k, b, _ in known if b}, dtype="str")
    after = pd.Series({k: a for k, _, a in known if a}, dtype="str")
    matrix = migration(before, after, ["a", "b"])
    published = publish_matrix(matrix, 5)
    cells = published.drop(columns="before").to_numpy()
    assert not ((cells > 0) & (cells < 5)).any()
    true, shown = flows(matrix), publish_flows(published).set_index("class")
    for name in ("a", "b"):
        for column in ("opening", "joined", "left", "closing"):
            value = shown.loc[name, column]
            assert np.isnan(value) or value == true.loc[name, column]


def test_nothing_is_hidden_from_a_group_of_one():
    matrix = migration(pd.Series({"x": "a"}), pd.Series({"x": "b"}))
    assert not publish_matrix(matrix, 1).isna().any().any()
