"""What every clustering must do, whatever its method; a new one adds its line to the registry."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from experiments.bundle.parts import read_state, write_state
from models.segments import SEGMENTERS, KMedoids, create_segmenter, distances
from models.segments.centres import CentreSegmenter

every_kind = pytest.mark.parametrize("kind", SEGMENTERS)


def three_groups(seed=0, n=150):
    """Draw three groups of unequal size in two dimensions, and say who is where."""
    rng = np.random.default_rng(seed)
    centres, sizes = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]]), [n // 2, n // 3, n // 6]
    owner = np.repeat(np.arange(3), sizes)
    order = rng.permutation(len(owner))
    return (centres[owner] + rng.normal(size=(len(owner), 2)))[order], owner[order]


@every_kind
def test_the_groups_that_are_there_are_found_the_largest_first(kind):
    X, owner = three_groups()
    fitted = create_segmenter(kind, k=3).fit(X)
    assert adjusted_rand_score(owner, fitted.labels_) > 0.95
    assert fitted.n_clusters_ == 3
    assert np.bincount(fitted.labels_).tolist() == sorted(np.bincount(fitted.labels_))[::-1]


@every_kind
@settings(deadline=None, max_examples=15)
@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 25), st.just(2)), elements=st.integers(0, 4)),
    st.integers(1, 30),
)
def test_everybody_is_in_exactly_one_segment(kind, X, k):
    fitted = create_segmenter(kind, k=k).fit(X)
    assert fitted.labels_.shape == (len(X),)
    assert set(fitted.labels_.tolist()) == set(range(fitted.n_clusters_))
    assert fitted.n_clusters_ <= (len(X) if SEGMENTERS[kind].finds_k else min(k, len(X)))
    new = np.array([[100.0, -3.0], [2.0, 2.0]])
    assert set(fitted.predict(new).tolist()) <= set(range(fitted.n_clusters_))


@every_kind
def test_one_rule_for_old_and_new_customers(kind):
    X, _ = three_groups()
    fitted = create_segmenter(kind, k=4).fit(X)
    assert fitted.predict(X).tolist() == fitted.labels_.tolist()
    assert fitted.separations(X).argmin(axis=1).tolist() == fitted.labels_.tolist()
    one_by_one = [int(fitted.predict(X[[row]])[0]) for row in range(0, len(X), 10)]
    assert one_by_one == fitted.labels_[::10].tolist()


@every_kind
def test_the_order_of_rows_does_not_matter_and_input_is_not_changed(kind):
    X, _ = three_groups()
    before, order = X.copy(), np.random.default_rng(1).permutation(len(X))
    straight = create_segmenter(kind, k=4).fit(X)
    turned = create_segmenter(kind, k=4).fit(X[order])
    assert turned.labels_.tolist() == straight.labels_[order].tolist()
    assert X.tolist() == before.tolist()


@every_kind
def test_state_goes_through_open_files(kind, tmp_path):
    X, _ = three_groups()
    fitted = create_segmenter(kind, k=3).fit(X)
    write_state(tmp_path, "segments", fitted.get_state())
    assert not list(tmp_path.rglob("*.pkl"))
    again = clone(fitted).set_state(read_state(tmp_path, "segments"))
    assert again.predict(X).tolist() == fitted.labels_.tolist()
    assert again.separations(X).tolist() == fitted.separations(X).tolist()


@every_kind
def test_a_state_with_other_parts_is_refused(kind):
    state = create_segmenter(kind, k=2).fit(three_groups()[0]).get_state()
    del state["n_clusters"]
    with pytest.raises(ValueError, match="missing or unknown parts: extra, n_clusters"):
        create_segmenter(kind).set_state({**state, "extra": 1})


CODE = """
import json
import numpy as np
from models.segments import SEGMENTERS, create_segmenter
X = np.random.default_rng(5).normal(size=(120, 3))
found = {kind: create_segmenter(kind, k=4).fit(X).labels_.tolist() for kind in SEGMENTERS}
print(json.dumps(found))
"""


@pytest.mark.slow
def test_equal_answers_in_another_process():
    X = np.random.default_rng(5).normal(size=(120, 3))
    environment = {**os.environ, "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "2"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-P", "-c", CODE]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    here = {kind: create_segmenter(kind, k=4).fit(X).labels_.tolist() for kind in SEGMENTERS}
    assert json.loads(said.stdout) == here


@every_kind
@pytest.mark.parametrize(
    ("X", "k", "message"),
    [
        (np.zeros((0, 2)), 2, "no customer to learn from"),
        (np.zeros((3, 0)), 2, "a table of customers and attributes"),
        (np.zeros(3), 2, "a table of customers and attributes"),
        (np.zeros((3, 1)), 0, "k must be at least 1 but got 0"),
        (np.array([[np.nan], [1.0]]), 1, "places must be finite"),
    ],
)
def test_bad_input_is_told(kind, X, k, message):
    with pytest.raises(ValueError, match=message):
        create_segmenter(kind, k=k).fit(X)


@every_kind
def test_one_row_one_value_and_more_columns_than_rows(kind):
    assert create_segmenter(kind, k=5).fit([[1.0, 2.0]]).labels_.tolist() == [0]
    assert create_segmenter(kind, k=3).fit(np.ones((40, 2))).n_clusters_ == 1
    wide = np.random.default_rng(0).normal(size=(6, 50))
    assert create_segmenter(kind, k=3).fit(wide).labels_.shape == (6,)


@pytest.mark.parametrize(
    "kind", [k for k, c in SEGMENTERS.items() if issubclass(c, CentreSegmenter)]
)
def test_a_sample_learns_and_all_are_assigned(kind):
    X, owner = three_groups(n=300)
    given = {"max_rows": 60} if kind == "hierarchical" else {}
    fitted = create_segmenter(kind, k=3, **given).fit(X)
    assert len(fitted.labels_) == len(X)
    assert adjusted_rand_score(owner, fitted.labels_) > 0.95


def test_density_finds_the_number_and_any_shape():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 400)
    ring = 10 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.3, (400, 2))
    core = rng.normal(0, 1, (200, 2))
    owner = np.repeat([0, 1], [400, 200])
    fitted = create_segmenter("density").fit(np.vstack([ring, core]))
    assert adjusted_rand_score(owner, fitted.labels_) > 0.95


def test_density_keeps_means_of_ten_customers_at_least():
    X, _ = three_groups(n=300)
    fitted = create_segmenter("density", min_size=12).fit(X)
    assert len(fitted.points_) <= len(X) // 10


def test_the_mixture_gives_probabilities():
    X, _ = three_groups()
    fitted = create_segmenter("mixture", k=3).fit(X)
    probability = fitted.probabilities(X)
    assert probability.sum(axis=1) == pytest.approx(1.0)
    assert probability.argmax(axis=1).tolist() == fitted.labels_.tolist()


@pytest.mark.parametrize("linkage", ["ward", "complete", "average", "single"])
def test_every_linkage(linkage):
    X, owner = three_groups()
    fitted = create_segmenter("hierarchical", k=3, linkage=linkage).fit(X)
    assert adjusted_rand_score(owner, fitted.labels_) > (0.9 if linkage != "single" else -1)


def test_unknown_names_are_told():
    with pytest.raises(ValueError, match="ward, complete, average, single but got 'centroid'"):
        create_segmenter("hierarchical", linkage="centroid").fit([[0.0], [1.0]])
    with pytest.raises(ValueError, match=r"kmeans: unknown parameter 'kk'"):
        create_segmenter("kmeans", kk=3)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "power"])
def test_medoids_are_customers_under_every_distance(metric):
    X, owner = three_groups()
    fitted = KMedoids(k=3, metric=metric, p=2.0, r=1.0).fit(X)
    assert adjusted_rand_score(owner, fitted.labels_) > 0.95
    rows = {tuple(row) for row in X.tolist()}
    assert {tuple(row) for row in fitted.medoids_.tolist()} <= rows
    own = distances(X, fitted.medoids_, metric, p=2.0, r=1.0).min(axis=1)
    assert fitted.loss_ == pytest.approx(own.sum())
