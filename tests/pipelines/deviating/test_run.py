"""A whole run on a generated shop, its sentences checked against the data."""

import json
import re

import pandas as pd
import pytest

from lodeworks.errors import ConfigError, DataError
from pipelines.deviating.found import COLUMNS


def deviations(searched):
    return pd.read_parquet(searched.summary.paths["deviations"])


def lines(shop):
    table = pd.read_csv(shop.paths["lines"], dtype=str).drop_duplicates()
    table["ordered_at"] = pd.to_datetime(table["ordered_at"], errors="coerce")
    table["amount"] = pd.to_numeric(table["quantity"], errors="coerce") * pd.to_numeric(
        table["price"], errors="coerce"
    )
    good = table["ordered_at"].notna() & table["customer_id"].notna() & (table["amount"] > 0)
    return table[good & ~table["order_id"].str.startswith("C")]


def test_every_sort_is_there_with_a_sentence(searched):
    table = deviations(searched)
    assert list(table) == list(COLUMNS)
    assert set(table["sort"]) == {"member", "exception", "unexpected", "change"}
    assert (table["text"].str.len() > 10).all()
    for name, count in table["sort"].value_counts().items():
        assert searched.summary.metrics[f"{name}s"] == count
    assert table.groupby("sort")["rank"].apply(lambda r: r.tolist() == sorted(r)).all()


def test_exceptions_meet_if_and_not_then(searched, shop):
    bought = lines(shop)
    last = bought["ordered_at"].max().normalize()
    bought = bought[bought["ordered_at"] >= last - pd.Timedelta(days=359)]
    category = pd.read_csv(shop.paths["items"]).set_index("item_id")["category"]
    held = bought["item_id"].map(category).groupby(bought["customer_id"]).agg(set)
    table = deviations(searched)
    found = table[table["sort"] == "exception"]
    assert len(found)
    for row in found.to_dict("records"):
        condition, then = row["measure"].split(" > ")
        assert set(condition.split(" + ")) <= held[row["subject"]]
        assert then not in held[row["subject"]]


def test_surprises_tell_what_was_spent(searched, shop):
    bought = lines(shop)
    last = bought["ordered_at"].max().normalize()
    after = bought[bought["ordered_at"] >= last - pd.Timedelta(days=30)]
    spent = after.groupby("customer_id")["amount"].sum()
    table = deviations(searched)
    found = table[table["sort"] == "unexpected"].set_index("subject")
    assert len(found)
    assert found["observed"].to_numpy() == pytest.approx(
        spent.reindex(found.index).fillna(0.0).to_numpy()
    )
    assert (found["p"] <= 0.05).all()


def test_changes_tell_the_usual_level(searched):
    table = deviations(searched)
    found = table[table["sort"] == "change"]
    assert len(found)
    rose = found["text"].str.contains(" rose ")
    assert (found.loc[rose, "observed"] > found.loc[rose, "expected"]).all()
    assert (found.loc[~rose, "observed"] < found.loc[~rose, "expected"]).all()


def test_members_are_named_once_with_their_class(searched):
    table = deviations(searched)
    found = table[table["sort"] == "member"]
    assert found["subject"].is_unique
    assert found["text"].str.match("unusual among (top|large|medium|small): ").all()


def test_the_report_names_no_customer(searched):
    words = set(re.findall(r"[A-Za-z0-9_-]+", searched.summary.paths["report"].read_text()))
    assert not words & set(deviations(searched)["subject"])


def test_the_manifest_and_a_second_run(searched, of_shop):
    manifest = json.loads(searched.summary.paths["manifest"].read_text())
    assert manifest["kind"] == "deviation"
    again = searched.run(of_shop())
    pd.testing.assert_frame_equal(pd.read_parquet(again.paths["deviations"]), deviations(searched))


@pytest.mark.parametrize("only", ["members", "exceptions", "expected", "changes"])
def test_each_search_alone(workplace, of_shop, only):
    values = of_shop()
    values |= {n: None for n in ("members", "exceptions", "expected", "changes") if n != only}
    summary = workplace.run(values)
    assert len(summary.metrics) == 1
    assert pd.read_parquet(summary.paths["deviations"])["sort"].nunique() == 1


@pytest.mark.parametrize("by", ["all", "region"])
def test_other_classes(workplace, of_shop, by):
    values = of_shop(members={"by": by, "methods": ["lof"]})
    values |= dict.fromkeys(("exceptions", "expected", "changes"))
    table = pd.read_parquet(workplace.run(values).paths["deviations"])
    assert table["text"].str.startswith("unusual among").all()


def test_too_little_data_is_noted_not_guessed(workplace, of_shop):
    values = of_shop(window={"as_of": "2023-02-15", "observe": 360})
    summary = workplace.run(values)
    assert summary.metrics["changes"] == 0
    assert any("no change can be seen" in note for note in summary.notes)


WRONG = {
    "nothing": (dict.fromkeys(("members", "exceptions", "expected", "changes")), "ask for members"),
    "active": ({"changes": {"baseline": 3, "active": 4}}, "nobody can buy in 4 of 3 periods"),
    "span": ({"window": {"observe": 100}}, "210 days are needed"),
    "method": ({"members": {"methods": ["svm"]}}, "forest"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_configurations_are_told(case, workplace, of_shop):
    changes, message = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        workplace.load(of_shop(**changes))
    assert message in str(caught.value)


def test_bad_data_is_refused_and_nothing_is_written(workplace, of_shop):
    with pytest.raises(DataError, match="no column 'regions'; did you mean 'region'"):
        workplace.run(of_shop(members={"by": "regions"}))
    with pytest.raises(DataError, match="nobody bought anything in the 360 days to 1999-01-01"):
        workplace.run(of_shop(window={"as_of": "1999-01-01", "observe": 360}))
    assert workplace.runs() == []


def test_the_report_says_what_chance_alone_would_bring(searched):
    page = searched.summary.paths["report"].read_text()
    assert "chance alone would bring about" in page
    assert "Unusual is not wrong" in page
    assert "Revenue of the shop by period" in page
    found = deviations(searched)
    for sort, heading in (("exception", "Exceptions to strong rules"), ("change", "Changed")):
        assert f"{heading}" in page
        count = int((found["sort"] == sort).sum())
        assert any(f"{count:,} customers" in line for line in searched.summary.said)
