"""New customers get their segment from a bundle, or nothing is written."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, ConfigError, DataError
from pipelines.score import score_records
from pipelines.segmenting.schemes import read_schemes


def scored(bundle, out, data, as_of=None):
    return score_records(bundle, data=data, out=out, as_of=as_of)


@pytest.fixture
def last_day(grouped):
    manifest = json.loads(grouped.summary.paths["manifest"].read_text())
    return date.fromisoformat(manifest["as_of"])


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_same_customers_get_the_same_segments(grouped, shop, last_day, tmp_path, ending):
    out = tmp_path / f"out.{ending}"
    data = {"lines": [shop.paths["lines"]]}
    summary = scored(grouped.summary.paths["bundle"], out, data, last_day)
    read = pd.read_parquet if ending == "parquet" else pd.read_csv
    found = read(out).astype({"customer_id": str}).set_index("customer_id")
    expected = pd.read_parquet(grouped.summary.paths["segments"]).set_index("customer_id")
    assert found["segment"].to_dict() == expected["segment"].to_dict()
    assert found["distance"].to_numpy() == pytest.approx(expected["distance"].to_numpy())
    manifest = json.loads(summary.manifest.read_text())
    assert manifest["customers"] == len(expected)
    assert str(out) in summary.text()
    assert set(summary.to_dict()["paths"]) == {"list", "manifest"}


def test_new_customers_get_the_classes_beside_the_segments(grouped, shop, last_day, tmp_path):
    out = tmp_path / "out.parquet"
    data = {"lines": [shop.paths["lines"]]}
    scored(grouped.summary.paths["bundle"], out, data, last_day)
    found = pd.read_parquet(out).set_index("customer_id")
    classes = pd.read_parquet(grouped.summary.paths["classes"]).set_index("customer_id")
    names = ["rfm", "rfm_name", "pyramid", "abc", "portfolio", "score"]
    pd.testing.assert_frame_equal(found[names], classes.loc[found.index, names])
    # Later customers, by the cuts of before: not again 1 % of them.
    early = last_day - timedelta(days=150)
    scored(grouped.summary.paths["bundle"], out, data, early)
    before = pd.read_parquet(out)
    schemes = read_schemes(grouped.summary.paths["bundle"])
    assert len(before) < len(found)
    assert set(before["pyramid"]) <= {"top", "large", "medium", "small"}
    assert schemes.pyramid.cuts_[0] > 0


def test_customers_of_a_table_get_classes_too(workplace, of_table, tmp_path):
    path, new, out = (tmp_path / name for name in ("members.csv", "new.csv", "out.csv"))
    age = np.where(np.arange(40) % 2, 20, 60) + np.arange(40) % 5
    table = pd.DataFrame({"who": [f"m{k}" for k in range(40)], "age": age, "land": "UK"})
    table.assign(spend=age * 10.0).to_csv(path, index=False)
    values = of_table(path, worth={"value": "spend"})
    values["sources"][0]["columns"]["spend"] = {"from": "spend", "type": "number"}
    values["attributes"]["exclude"] = ["spend"]
    bundle = workplace.run(values).paths["bundle"]
    table.head(3).assign(spend=[1e6, 1.0, 0.0]).to_csv(new, index=False)
    scored(bundle, out, {"members": [new]})
    found = pd.read_csv(out)
    assert found["pyramid"].tolist() == ["top", "small", "inactive"]
    assert found["abc"].tolist() == ["A", "C", "C"]


def test_new_customers_of_a_table(workplace, of_table, tmp_path):
    path = tmp_path / "members.csv"
    age = np.where(np.arange(40) % 2, 20, 60) + np.arange(40) % 5
    table = pd.DataFrame({"who": [f"m{k}" for k in range(40)], "age": age, "land": "UK"})
    table.to_csv(path, index=False)
    bundle = workplace.run(of_table(path)).paths["bundle"]
    new = tmp_path / "new.csv"
    pd.DataFrame({"who": ["=a", "b"], "age": [21, None], "land": ["ZZ", None]}).to_csv(
        new, index=False
    )
    out = tmp_path / "out.csv"
    scored(bundle, out, {"members": [new]})
    found = pd.read_csv(out)
    assert found["customer_id"].tolist() == ["'=a", "b"]  # no formula for a spreadsheet
    assert found["segment"].isin([1, 2]).all()


def test_what_is_missing_is_told_and_nothing_is_written(grouped, shop, last_day, tmp_path):
    bundle, out = grouped.summary.paths["bundle"], tmp_path / "out.csv"
    lines = {"lines": [shop.paths["lines"]]}
    with pytest.raises(ConfigError, match="missing: --as-of"):
        scored(bundle, out, lines)
    with pytest.raises(ConfigError, match="names sources that the bundle does not know"):
        scored(bundle, out, {"line": [shop.paths["lines"]]}, last_day)
    with pytest.raises(ConfigError, match="no file of the table 'lines'"):
        scored(bundle, out, {}, last_day)
    with pytest.raises(ConfigError, match=r"must end in \.csv or \.parquet"):
        scored(bundle, tmp_path / "out.txt", lines, last_day)
    with pytest.raises(DataError, match="nobody bought anything"):
        scored(bundle, out, lines, date(1999, 1, 1))
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_was_touched_is_refused(grouped, shop, last_day, tmp_path):
    import shutil

    bundle = tmp_path / "bundle"
    shutil.copytree(grouped.summary.paths["bundle"], bundle)
    (bundle / "meta.json").write_text("{}")
    with pytest.raises(BundleError, match="was changed"):
        scored(bundle, tmp_path / "out.csv", {"lines": [shop.paths["lines"]]}, last_day)
    assert not (tmp_path / "out.csv").exists()


def test_the_command_finds_the_scorer_by_the_kind_of_the_bundle(grouped, shop, last_day, tmp_path):
    from pipelines.score import kind_of

    bundle, out = grouped.summary.paths["bundle"], tmp_path / "out.parquet"
    assert kind_of(bundle) == "segments"
    score_records(bundle, data={"lines": [shop.paths["lines"]]}, out=out, as_of=last_day)
    assert pd.read_parquet(out)["customer_id"].is_unique
    with pytest.raises(ConfigError, match="only a cross-sell list takes --rows"):
        score_records(bundle, data={}, out=out, as_of=last_day, rows=3)
