"""Every recommender of the product survives its bundle: equal lists in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from experiments.bundle import Bundle, load_bundle, write_bundle
from experiments.scoring_model import score
from models.calibration import PurchaseCalibrator
from models.recommend.history import History, LabelledWindow
from models.recommend.registry import REGISTRY

QUICK = {"sequence": {"epochs": 1}}
INSTALLED = [kind for kind, one in REGISTRY.items() if not one.requires or find_spec(one.requires)]

AS_OF = pd.Timestamp("2011-06-30")
CUT = pd.Timestamp("2011-05-31")


@pytest.fixture(scope="module")
def purchases():
    """Ninety customers of three tastes, who come again."""
    rng = np.random.default_rng(11)
    n = 1800
    customer = rng.integers(0, 90, n)
    item = (customer % 3) * 6 + rng.integers(0, 9, n)
    day = rng.integers(0, 180, n)
    return pd.DataFrame(
        {
            "customer_id": [f"c{k:03}" for k in customer],
            "item_id": [f"i{k:02}" for k in item],
            "order_id": [f"o{c}-{d // 7}" for c, d in zip(customer, day, strict=True)],
            "ordered_at": pd.Timestamp("2011-01-01") + pd.to_timedelta(day, "D"),
            "quantity": 1.0,
            "amount": rng.integers(1, 40, n) / 4,
        }
    )


def features(lines, day):
    groups = lines.groupby("customer_id")
    return pd.DataFrame(
        {
            "recency_days": (day - groups["ordered_at"].max().dt.normalize()).dt.days,
            "frequency": groups["order_id"].nunique(),
        }
    ).astype(np.float64)


def history_at(lines, day):
    seen = lines[lines["ordered_at"] < day + pd.Timedelta(days=1)]
    return History.from_purchases(seen, day, customer_features=features(seen, day))


def calibrated(found):
    """Fit on an invented outcome that follows the rank."""
    rows = found[["score", "rank"]].assign(recency_days=3.0, frequency=2.0)
    return PurchaseCalibrator().fit(rows, (found["rank"] + found["customer"] % 5 < 4).astype(int))


@pytest.fixture(scope="module")
def bundles(purchases, tmp_path_factory):
    """All of them, fitted and written; with what they were written from."""
    history, past = history_at(purchases, AS_OF), history_at(purchases, CUT)
    later = purchases[purchases["ordered_at"] > CUT]
    later = later[later["customer_id"].isin(past.customers) & later["item_id"].isin(past.items)]
    bought = sparse.csr_matrix(
        (
            np.ones(len(later), dtype=np.float32),
            (
                past.customers.get_indexer(later["customer_id"]),
                past.items.get_indexer(later["item_id"]),
            ),
        ),
        shape=past.shape,
    )
    bought.data[:] = 1.0
    folder = tmp_path_factory.mktemp("bundles")
    made = {}
    for kind in INSTALLED:
        fitted = REGISTRY[kind](**QUICK.get(kind, {})).fit(history, [LabelledWindow(past, bought)])
        made[kind] = Bundle(
            fitted,
            calibrated(fitted.recommend(history)),
            meta={"customer_features": ["recency_days", "frequency"]},
        )
        write_bundle(folder / kind, made[kind])
    return folder, made


@pytest.mark.parametrize("kind", INSTALLED)
def test_the_list_and_its_reasons_are_equal(bundles, purchases, kind):
    folder, made = bundles
    found = load_bundle(folder / kind)
    given = features(purchases, AS_OF)
    expected = score(made[kind], purchases, customer_features=given)
    assert len(expected) > 90
    assert expected["probability"].between(0, 1).all()
    assert expected["probability"].nunique() > 10
    pd.testing.assert_frame_equal(score(found, purchases, customer_features=given), expected)
    assert found.recommender.get_params() == made[kind].recommender.get_params()


@pytest.mark.parametrize("kind", INSTALLED)
def test_a_bundle_of_the_loaded_bundle_is_the_same_bundle(bundles, tmp_path, kind):
    folder, _ = bundles
    write_bundle(tmp_path / kind, load_bundle(folder / kind))
    assert (tmp_path / kind / "bundle.json").read_bytes() == (
        folder / kind / "bundle.json"
    ).read_bytes()


def test_equal_in_a_clean_process(bundles, purchases, tmp_path):
    folder, made = bundles
    purchases.to_parquet(tmp_path / "lines.parquet")
    code = (
        "import sys, pandas as pd\n"
        "from experiments.bundle import load_bundle\n"
        "from experiments.scoring_model import score\n"
        "lines = pd.read_parquet('lines.parquet')\n"
        "for kind in sys.argv[2:]:\n"
        "    score(load_bundle(f'{sys.argv[1]}/{kind}'), lines).to_parquet(f'{kind}.parquet')\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(folder), *made],
        check=True,
        cwd=tmp_path,
        env={
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONHASHSEED": "7",
            "OMP_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "passive",
        },
    )
    for kind, bundle in made.items():
        found = pd.read_parquet(tmp_path / f"{kind}.parquet")
        expected = score(bundle, purchases)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False, obj=kind)
