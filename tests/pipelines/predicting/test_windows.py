from datetime import date, timedelta

import pandas as pd
import pytest
import yaml

from features.warehouse import Warehouse
from lodeworks.errors import ConfigError, DataError
from pipelines.config import load
from pipelines.predicting.windows import purchase_sample
from pipelines.score import score_records

LINES = {
    "kind": "csv",
    "name": "lines",
    "table": "lines",
    "columns": {
        "customer_id": "customer_id",
        "order_id": "order_id",
        "item_id": "item_id",
        "ordered_at": {"from": "ordered_at", "format": "%Y-%m-%d %H:%M:%S"},
        "quantity": "quantity",
        "price": "price",
    },
    "returns": {"column": "order_id", "matches": "^C"},
    "rules": [{"column": "quantity", "above": 0}, {"column": "price", "above": 0}],
    "duplicates": "reject",
}


@pytest.fixture
def config(shop, tmp_path):
    def made(**changes):
        customers = {
            "kind": "csv",
            "name": "customers",
            "table": "customers",
            "path": str(shop.paths["customers"]),
            "columns": {"customer_id": "customer_id", "opt_out": "opt_out"},
        }
        tree = {
            "kind": "predict",
            "name": "shop-retention",
            "question": "retention",
            "workspace": str(tmp_path / "workspace"),
            "sources": [{**LINES, "path": str(shop.paths["lines"])}, customers],
            "purchases": {"outcome": "leaves", "active": 120, "window": {"backtests": 2}},
            "candidates": [{"kind": "logistic", "tune": False}],
            "evaluation": {"folds": 3, "repeats": 1, "bootstrap": 200},
            "economics": {"cost": 1, "revenue": 20, "loyalty": "tenure_days"},
        }
        path = tmp_path / "q.yaml"
        path.write_text(yaml.safe_dump({**tree, **changes}))
        return load(path)

    return made


@pytest.fixture
def warehouse(config):
    with Warehouse.open(None) as opened:
        opened.load(config().sources)
        yield opened


def lines_of(warehouse):
    frame = warehouse.lines.to_pandas()
    return frame[~frame["is_return"]]


def test_outcomes_are_counted_by_hand(config, warehouse):
    sample = purchase_sample(config(), warehouse)
    last = warehouse.last_day
    as_of = last - timedelta(days=31)
    lines = lines_of(warehouse)
    day = lines["ordered_at"].dt.date
    active = set(lines.loc[(day <= as_of) & (day > as_of - timedelta(days=120)), "customer_id"])
    came = set(lines.loc[(day > as_of) & (day <= last), "customer_id"])
    assert set(sample.held.ids) == active
    left = dict(zip(sample.held.ids, sample.held.outcome, strict=True))
    assert {who for who in active if left[who] == 1} == active - came
    assert str(as_of) in sample.about


def test_training_sees_nothing_of_the_held_out_days(config, warehouse, tmp_path):
    """With the last window's purchases gone, the training records are the same."""
    sample = purchase_sample(config(), warehouse)
    as_of = warehouse.last_day - timedelta(days=31)
    lines = lines_of(warehouse)
    earlier = set(lines.loc[lines["ordered_at"].dt.date <= as_of, "customer_id"])
    assert set(sample.train.ids) <= earlier
    days = sample.train.table["recency_days"]
    assert (days >= 0).all()
    assert sample.train.table.columns.equals(sample.held.table.columns)


def test_who_opted_out_is_not_acted_upon(config, warehouse, shop):
    sample = purchase_sample(config(), warehouse)
    customers = pd.read_csv(shop.paths["customers"], dtype=str)
    out = customers["opt_out"].str.lower().isin(["true", "1", "yes"])
    assert out.any()
    assert not set(customers.loc[out, "customer_id"]) & set(sample.act.ids)
    assert len(sample.act)


def test_buying_is_the_contrary_of_leaving(config, warehouse):
    leaves = purchase_sample(config(), warehouse).held
    asked = {"outcome": "buys", "active": 120, "window": {"backtests": 2}}
    buys = purchase_sample(config(purchases=asked), warehouse).held
    assert (leaves.outcome + buys.outcome == 1).all()


def test_indicators_named_for_money_must_exist(config, warehouse):
    with pytest.raises(DataError, match="no indicator 'tenur'"):
        purchase_sample(config(economics={"cost": 1, "loyalty": "tenur"}), warehouse)
    with pytest.raises(DataError, match="no indicator 'fee'"):
        purchase_sample(config(economics={"cost": 1, "revenue": "fee"}), warehouse)


def test_a_run_and_its_bundle_on_later_data(config, shop, tmp_path, tracking_template, monkeypatch):
    import shutil

    from pipelines.run import run

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    (tmp_path / "workspace").mkdir()
    shutil.copy(tracking_template, tmp_path / "workspace" / "mlflow.db")
    found = run(config())
    assert found.metrics["held_out_auc"] > 0.6
    listed = pd.read_parquet(found.paths["list"])
    assert listed.columns[0] == "customer_id"
    out = tmp_path / "out.parquet"
    data = {"lines": [shop.paths["lines"]], "customers": [shop.paths["customers"]]}
    with pytest.raises(ConfigError, match="missing: --as-of"):
        score_records(found.paths["bundle"], data=data, out=out)
    with Warehouse.open(tmp_path / "workspace" / "warehouse.duckdb") as warehouse:
        last = warehouse.last_day
    assert isinstance(last, date)
    score_records(found.paths["bundle"], data=data, out=out, as_of=last)
    again = pd.read_parquet(out)
    pd.testing.assert_frame_equal(again, listed, check_dtype=False)
