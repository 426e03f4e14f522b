"""A profile of what is usual leaves the run, and judges customers by itself."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.bundle.seal import seal
from lodeworks.errors import BundleError, DataError
from pipelines.config.deviation import Members
from pipelines.deviating.profile import (
    Profile,
    agreement,
    fit_profile,
    read_profile,
    write_profile,
)
from pipelines.deviating.scoring import judged
from pipelines.score import score_records

WANTED = Members(by="all", share=0.05, least=20, methods=("forest",))
ONLY = dict.fromkeys(("exceptions", "expected", "changes"))


def people(n=120):
    random = np.random.default_rng(0)
    names = [f"c{k:03d}" for k in range(n)]
    frame = pd.DataFrame(random.normal(size=(n, 3)), names, ["spend", "gap", "orders"])
    frame.iloc[7] = [9.0, 0.0, 0.0]
    return frame, pd.Series("all customers", frame.index)


@pytest.fixture
def profile(tmp_path):
    members = fit_profile(*people(), WANTED, 0)
    write_profile(tmp_path / "bundle", Profile(members, {"kind": "deviation", "name": "p"}))
    return tmp_path / "bundle"


def test_a_profile_read_back_judges_the_same(profile):
    features, classes = people()
    before = judged(Profile(fit_profile(features, classes, WANTED, 0)), features, classes)
    after = judged(read_profile(profile), features, classes)
    pd.testing.assert_frame_equal(after, before)
    assert before["customer_id"].iloc[0] == "c007"
    assert before["text"].iloc[0].startswith("unusual among all customers: spend is 9, usually ")
    assert before["unusual"].sum() == 6  # 5 % of 120
    assert (before["unusual"] == (before["score"] >= 1 - 1e-9)).all()
    assert before["rank"].tolist() == list(range(1, 121))


def test_equal_profiles_are_equal_bytes_and_name_nobody(profile, tmp_path):
    members = fit_profile(*people(), WANTED, 0)
    write_profile(tmp_path / "again", Profile(members, {"kind": "deviation", "name": "p"}))
    content = b""
    for path in sorted(path for path in profile.rglob("*") if path.is_file()):
        again = tmp_path / "again" / path.relative_to(profile)
        assert again.read_bytes() == path.read_bytes()
        content += path.read_bytes()
    assert b"c007" not in content


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("meta.json", {"kind": "value"}, "a bundle of kind 'value', not 'deviation'"),
        ("members.json", {}, "the profile cannot be read"),
    ],
)
def test_another_bundle_is_refused(profile, file, change, message):
    (profile / file).write_text(json.dumps(change))
    (profile / "bundle.json").unlink()
    seal(profile)
    with pytest.raises(BundleError, match=message):
        read_profile(profile)


def test_halves_agree_where_there_is_something_to_agree_on():
    features, classes = people(400)
    heavy = features.assign(spend=features["spend"] ** 3)
    assert agreement(heavy, classes, WANTED, 0) == agreement(heavy, classes, WANTED, 0)
    assert 0.5 < agreement(heavy, classes, WANTED, 0) <= 1
    same = features * 0
    same.iloc[0, 0] = 1.0  # one half sees nothing that varies
    assert np.isnan(agreement(same, classes, WANTED, 0))
    assert np.isnan(agreement(features.head(15), classes.head(15), WANTED, 0))


@pytest.fixture(scope="module")
def last_day(searched):
    return date.fromisoformat(json.loads(searched.summary.paths["manifest"].read_text())["as_of"])


def files(shop):
    return {name: [shop.paths[name]] for name in ("lines", "items", "customers")}


def test_who_was_found_by_the_forest_is_unusual_again(searched, shop, last_day, tmp_path):
    out = tmp_path / "out.parquet"
    bundle = searched.summary.paths["bundle"]
    told = score_records(bundle, data=files(shop), out=out, as_of=last_day)
    table = pd.read_parquet(out)
    found = pd.read_parquet(searched.summary.paths["deviations"])
    members = found[found["sort"] == "member"].set_index("subject")
    unusual = table[table["unusual"]].set_index("customer_id")
    assert set(unusual.index) <= set(members.index)
    same = members.loc[unusual.index, "text"] == unusual["text"]
    assert same.mean() > 0.5  # the others were told by the other method
    sizes = table[table["score"].notna()].groupby("class").size()
    expected = sizes.map(lambda n: max(1, int(0.02 * n)))
    assert unusual.groupby("class").size().to_dict() == expected.to_dict()
    assert f"{len(unusual)} of {len(table):,} customers are unusual" in told.text()
    assert "is not in the profile of odd: nobody in it is judged" in told.text()


def test_without_a_forest_there_is_nothing_to_keep(workplace, of_shop):
    values = of_shop(members={"by": "all", "methods": ["lof"]}, **ONLY)
    summary = workplace.run(values)
    assert "bundle" not in summary.paths
    assert summary.promotion is None
    assert summary.exit_code == 0


def test_classes_of_a_column_need_the_customers(workplace, of_shop, shop, last_day, tmp_path):
    values = of_shop(members={"by": "region", "methods": ["forest"], "least": 20}, **ONLY)
    bundle = workplace.run(values).paths["bundle"]
    out = tmp_path / "out.csv"
    score_records(bundle, data=files(shop), out=out, as_of=last_day)
    regions = set(pd.read_csv(shop.paths["customers"])["region"].dropna())
    assert set(pd.read_csv(out)["class"]) <= regions | {"unknown"}
    out.unlink()
    (tmp_path / "out.csv.manifest.json").unlink()
    with pytest.raises(DataError, match="there is no column 'region'"):
        score_records(bundle, data={"lines": [shop.paths["lines"]]}, out=out, as_of=last_day)
    assert not out.exists()


def test_days_without_purchases_are_told(searched, shop, tmp_path):
    bundle, out = searched.summary.paths["bundle"], tmp_path / "out.csv"
    with pytest.raises(DataError, match="nobody bought anything in the 360 days to 1999-01-01"):
        score_records(bundle, data=files(shop), out=out, as_of=date(1999, 1, 1))
    assert list(tmp_path.iterdir()) == []
