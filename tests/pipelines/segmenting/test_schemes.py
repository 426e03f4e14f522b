"""The classes beside the segments: their cuts, their file, and customers of another date."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import BundleError, ConfigError
from pipelines.config.segments import SegmentClasses, Worth
from pipelines.segmenting.people import People
from pipelines.segmenting.schemes import ORDERS, Schemes, read_schemes, write_schemes

WORTH = Worth(margin=0.5, cost_per_order=2.0, weights={"monetary": 3.0, "recency_days": -1.0})


def people(n=200, seed=0, **columns):
    random = np.random.RandomState(seed)
    index = pd.Index([f"c{k:03}" for k in range(n)], name="customer_id")
    frame = pd.DataFrame(
        {
            "recency_days": random.randint(0, 90, n).astype(float),
            "frequency": random.poisson(3, n) + 1.0,
            "monetary": random.gamma(0.7, 200, n),
            "active_months": random.randint(1, 7, n).astype(float),
            **columns,
        },
        index=index,
    )
    return People(frame, date(2024, 1, 31), index)


def test_the_shares_of_the_classes_can_be_stated():
    given = people()
    classes = SegmentClasses.model_validate(
        {
            "pyramid": {"top": 0.1, "large": 0.2, "medium": 0.3},
            "abc": {"a": 0.5, "b": 0.9},
            "rfm_parts": 3,
            "least_profit": 50.0,
            "least_loyalty": 4.0,
        }
    )
    found = Schemes.fit(given, WORTH, classes).predict(given)
    counts = found["pyramid"].value_counts()
    assert counts.to_dict() == {"top": 20, "large": 40, "medium": 60, "small": 80}
    value = given.attributes["monetary"]
    in_a = value[found["abc"] == "A"]
    assert in_a.sum() >= 0.5 * value.sum() > in_a.sum() - in_a.min()
    assert found["rfm"].str.fullmatch("[1-3]{3}").all()
    profit = value * 0.5 - given.attributes["frequency"] * 2
    friends = (profit > 50) & (given.attributes["active_months"] >= 4)
    assert ((found["portfolio"] == "true friends") == friends).all()


def test_profitability_by_loyalty_has_four_classes():
    given = people()
    found = Schemes.fit(given, WORTH, SegmentClasses()).predict(given)
    assert set(found["portfolio"]) == set(ORDERS["portfolio"])
    assert Schemes.fit(given, WORTH, SegmentClasses(loyalty="tenure")).least_loyalty is None, (
        "without the attribute there is no portfolio"
    )


def test_new_customers_get_the_classes_of_the_old_cuts(tmp_path):
    old, new = people(), people(50, seed=1)
    fitted = Schemes.fit(old, WORTH, SegmentClasses())
    write_schemes(tmp_path, fitted)
    read = read_schemes(tmp_path)
    assert read.worth == fitted.worth
    assert (read.columns, read.outputs) == (fitted.columns, fitted.outputs)
    assert set(read.columns) == set(old.attributes)
    pd.testing.assert_frame_equal(read.predict(new), fitted.predict(new))
    pd.testing.assert_frame_equal(read.predict(old), fitted.predict(old))
    one = People(new.attributes.head(1), new.as_of, new.known)
    pd.testing.assert_frame_equal(read.predict(one), fitted.predict(new).head(1))
    least_of_top = old.attributes.loc[fitted.predict(old)["pyramid"] == "top", "monetary"].min()
    assert (
        (read.predict(new)["pyramid"] == "top") == (new.attributes["monetary"] >= least_of_top)
    ).all()


def test_cuts_that_nobody_reaches_can_be_written(tmp_path):
    given = people(monetary=np.zeros(200))
    write_schemes(tmp_path, Schemes.fit(given, Worth(), SegmentClasses()))
    found = read_schemes(tmp_path).predict(given)
    assert set(found["pyramid"]) == {"inactive"}
    assert set(found["abc"]) == {"C"}


def test_a_bundle_without_classes_has_none(tmp_path):
    assert read_schemes(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"worth": {}, "classes": {"abc": {"a": 2}}, "fitted": {}}']
)
def test_a_file_that_holds_no_classes_is_refused(tmp_path, text):
    (tmp_path / "classes.json").write_text(text)
    with pytest.raises(BundleError, match="the classes cannot be set up"):
        read_schemes(tmp_path)


def test_the_run_leaves_classes_returns_and_migration(grouped):
    read = {name: pd.read_parquet(path) for name, path in grouped.summary.paths.items()
            if name in ("classes", "returns", "migration_ABC", "segments")}  # fmt: skip
    classes, returns = read["classes"], read["returns"]
    assert set(returns["scheme"]) == {"pyramid", "abc", "portfolio", "rfm_name"}
    shown = returns.dropna(subset=["customers"])
    for row in shown.to_dict("records"):
        assert (classes[row["scheme"]] == row["class"]).sum() == row["customers"] >= 10
        assert row["roi"] == pytest.approx(row["profit"] / row["cost"])
    assert {"before", "A", "all"} <= set(read["migration_ABC"])
    bundle = read_schemes(grouped.summary.paths["bundle"])
    assert list(bundle.outputs) == list(classes.drop(columns="customer_id"))
    page = grouped.summary.paths["report"].read_text()
    assert "Profitability and loyalty" in page
    assert "ABC: who brings most" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("classes={abc: {a: 0.9, b: 0.8}}", "a must be less than b"),
        ("classes={pyramid: {top: 0.5, large: 0.6}}", "must sum to 1 at most"),
        ("classes={rfm_parts: 1}", "a value of at least 2"),
        ("features={families: [rfm, attributes]}", "'attributes' needs a source of the table"),
        ("features={families: [rfm, web]}", "'web' needs a source of the table 'sessions'"),
    ],
)
def test_wrong_classes_are_refused(workplace, of_shop, change, said):
    with pytest.raises(ConfigError) as caught:
        workplace.load(of_shop(), change)
    assert said in f"{caught.value} {getattr(caught.value, 'problems', '')}".replace("\\'", "'")
