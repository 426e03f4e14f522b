"""Spark for tests, a slice of Online Retail with a bundle made of it, and a cluster on loopback.

One Java machine serves all tests of a process: a module opens its own session and closes it.
"""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.bundle import write_bundle
from experiments.evaluation.money import Spread
from features.warehouse import Warehouse
from features.windows import Window
from lodeworks.errors import NotInstalled
from models.recommend.cosine import Cosine
from pipelines.config import load
from pipelines.crosssell import terms
from pipelines.crosssell.act import final_bundle
from pipelines.crosssell.snapshots import take_snapshot
from pipelines.lists.pricing import calibrated
from pipelines.spark.session import require_spark

QUICK = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}
"""For little data: a Java machine that starts quickly, and few tasks."""

LEARNED, LISTED = date(2011, 7, 31), date(2011, 8, 31)


@pytest.fixture(scope="session")
def needs_spark():
    """Skip, and say so, where pyspark or Java is missing."""
    try:
        require_spark()
    except NotInstalled as error:
        pytest.skip(f"{error}: {'; '.join(error.problems)}")


@pytest.fixture(scope="session")
def quick():
    """Give the properties of a session for little data."""
    return QUICK


@pytest.fixture(scope="session")
def retail(real_data, repository, tmp_path_factory):
    """Give three months of every third customer of Online Retail, and a bundle that knows them."""
    folder = tmp_path_factory.mktemp("retail")
    whole = pd.read_csv(real_data / "online_retail.csv.gz", dtype=str, keep_default_na=False)
    path = folder / "invoices.csv"
    seen = whole["InvoiceDate"].between("2011-06-01", "2011-09-01")
    third = pd.to_numeric(whole["CustomerID"], errors="coerce") % 3 == 1
    whole[seen & third].to_csv(path, index=False)
    config = load(repository / "configs" / "online_retail.yaml", [f"sources[0].path={path}"])
    with Warehouse.open(folder / "warehouse.duckdb") as warehouse:
        warehouse.load(config.sources)
        bundle = learned(warehouse, config)
        write_bundle(folder / "bundle", bundle)
        yield SimpleNamespace(
            path=path,
            bundle=folder / "bundle",
            warehouse=warehouse,
            meta=bundle.meta,
            listed=LISTED,
        )


def learned(warehouse, config):
    """Learn a quick recommender, and what its offers are worth."""
    families = list(config.features.families)
    then = take_snapshot(warehouse, Window(LEARNED, 60, 0, 31), families, None, labelled=True)
    vocabulary = then.vocabulary(5)
    labelled = then.labelled(vocabulary)
    recommender = Cosine().fit(labelled.history)
    offers = recommender.recommend(labelled.history, n=10)
    bought = labelled.bought[offers["customer"].to_numpy(), offers["item"].to_numpy()]
    calibrator = calibrated(offers.assign(bought=np.asarray(bought).ravel()), labelled.history)
    winner = SimpleNamespace(candidate=SimpleNamespace(kind="cosine"), params={})
    return final_bundle(
        winner,
        (recommender, calibrator, labelled.history),
        items=warehouse.items.to_pandas(),
        spec=terms.list_spec(config),
        spread=Spread(below=1.0, above=1.0, customers=100),
        figure={},
        settings=terms.settings(config),
        meta=terms.bundle_meta(config),
        offered={},
    )
