"""The loader of bundles, given spoilt ones: a bundle, or a sentence; nothing in it is run."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.bundle import SEAL, Bundle, load_bundle, write_bundle
from experiments.bundle.seal import seal
from lodeworks import BundleError
from models.recommend.history import History
from models.recommend.registry import REGISTRY

from .conftest import Fuzz

SIGNS = [b"", b"{", b"}", b'"', b"[", b"null", b"-1", b"1e999", b"\x00", b"\xff", b'"is"', b"../x"]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Write a small bundle."""
    random = np.random.default_rng(3)
    orders = pd.DataFrame(
        {
            "customer_id": [f"c{n % 20}" for n in range(200)],
            "item_id": [f"i{n}" for n in random.integers(0, 8, 200)],
            "order_id": [f"o{n}" for n in range(200)],
            "ordered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(200), "h"),
            "quantity": 1.0,
            "amount": 2.0,
        }
    )
    history = History.from_purchases(orders, pd.Timestamp("2024-02-01"))
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(8)]}, dtype=object)
    folder = tmp_path_factory.mktemp("bundle") / "good"
    recommender = REGISTRY["popularity"]().fit(history)
    write_bundle(folder, Bundle(recommender, items=items, meta={"name": "x"}))
    return folder


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def copied(good):
    bad = good.with_name("bad")
    shutil.rmtree(bad, ignore_errors=True)
    shutil.copytree(good, bad)
    return bad


def loads_or_says_why(folder):
    """Give the bundle, or None where it is refused, which is all that may go wrong."""
    try:
        return load_bundle(folder)
    except BundleError:
        return None


@Fuzz.settings
@given(data=st.data(), changes=Fuzz.spoilt(SIGNS))
def test_a_changed_file_is_refused_by_the_seal(good, data, changes):
    bad, name = copied(good), data.draw(st.sampled_from(files_of(good)))
    content = Fuzz.spoil((good / name).read_bytes(), changes)
    (bad / name).write_bytes(content)
    loaded = loads_or_says_why(bad)
    if name != SEAL and content != (good / name).read_bytes():
        assert loaded is None


@Fuzz.settings
@given(data=st.data(), changes=Fuzz.spoilt(SIGNS))
def test_a_bundle_sealed_anew_by_a_forger_is_loaded_or_refused_in_words(good, data, changes):
    names = [name for name in files_of(good) if name != SEAL]
    bad, name = copied(good), data.draw(st.sampled_from(names))
    (bad / name).write_bytes(Fuzz.spoil((good / name).read_bytes(), changes))
    seal(bad)
    loads_or_says_why(bad)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below, max_size=3)
    ),
    max_leaves=6,
)


@Fuzz.settings
@given(data=st.data(), value=VALUES)
def test_any_value_in_the_json_of_a_bundle_is_taken_or_refused_in_words(good, data, value):
    names = [name for name in files_of(good) if name.endswith(".json") and name != SEAL]
    bad, name = copied(good), data.draw(st.sampled_from(names))
    tree = json.loads((good / name).read_bytes())
    at, place = tree, None
    while isinstance(at, dict) and at and data.draw(st.booleans() | st.just(place is None)):
        place = (at, data.draw(st.sampled_from(sorted(at))))
        at = place[0][place[1]]
    if place is None:
        tree = value
    else:
        place[0][place[1]] = value
    (bad / name).write_text(json.dumps(tree))
    seal(bad)
    loads_or_says_why(bad)


def test_the_good_bundle_loads(good):
    assert list(load_bundle(good).items["item_id"]) == [f"i{n}" for n in range(8)]
