"""One table of customers: kinds of attributes, bad input, and nothing written when it is bad."""

import numpy as np
import pandas as pd
import pytest

from lodeworks.errors import ConfigError, DataError


def members(folder, n=60, **columns):
    rng = np.random.default_rng(0)
    young = np.arange(n) % 2 == 0
    table = pd.DataFrame(
        {
            "who": [f"m{k:05}" for k in range(n)],
            "age": np.where(young, 20, 60) + rng.integers(0, 5, n),
            "land": np.where(young, "FR", "UK"),
            **columns,
        }
    )
    path = folder / "members.csv"
    table.to_csv(path, index=False)
    return path


def test_two_groups_are_found_and_told(workplace, of_table, tmp_path):
    summary = workplace.run(of_table(members(tmp_path)))
    segments = pd.read_parquet(summary.paths["segments"]).set_index("customer_id")["segment"]
    young = segments.index.str[1:].astype(int) % 2 == 0
    assert segments[young].nunique() == segments[~young].nunique() == 1
    cards = pd.read_parquet(summary.paths["cards"])
    assert cards["customers"].tolist() == [30, 30]
    assert (cards["precision"] == 1.0).all()
    assert summary.leaderboard.iloc[0]["candidate"] == "kmeans-2"
    assert "classes" not in summary.paths


@pytest.mark.parametrize(
    "kind", ["medoids", "conceptual", "hierarchical", "mixture", "density", "minibatch"]
)
def test_every_method(workplace, of_table, tmp_path, kind):
    params = {"min_size": 20} if kind == "density" else {}
    values = of_table(members(tmp_path), methods=[{"kind": kind, "k": [2], "params": params}])
    assert workplace.run(values).metrics["segments"] == 2


def test_the_table_of_customers_serves_too(workplace, of_table, tmp_path):
    values = of_table(members(tmp_path), attributes={"table": "customers"})
    values["sources"][0]["table"] = "customers"
    summary = workplace.run(values)
    assert summary.metrics["segments"] == 2
    assert "opt_out" not in summary.paths["report"].read_text()


def test_medoids_under_gower_and_the_power_distance(workplace, of_table, tmp_path):
    methods = [
        {"kind": "medoids", "k": [2], "params": {"metric": "gower"}, "name": "mixed"},
        {"kind": "medoids", "k": [2], "params": {"metric": "power", "p": 3, "r": 1}},
    ]
    summary = workplace.run(of_table(members(tmp_path), methods=methods))
    assert set(summary.leaderboard["candidate"]) == {"mixed-2", "medoids-2"}
    assert summary.metrics["segments"] == 2


def test_useless_attributes_are_left_out_and_named(workplace, of_table, tmp_path):
    path = members(tmp_path, fixed="x", empty=np.nan, note=[f"text {k}" for k in range(60)])
    values = of_table(path)
    values["sources"][0]["columns"] |= {"fixed": "fixed", "empty": "empty", "note": "note"}
    text = workplace.run(values).paths["report"].read_text()
    assert "has one value only" in text
    assert "is empty" in text
    assert "has 60 different texts and names single customers" in text


def test_ten_thousand_categories(workplace, of_table, tmp_path):
    path = members(tmp_path, 10_000, street=[f"street {k}" for k in range(10_000)])
    values = of_table(path)
    values["sources"][0]["columns"] |= {"street": "street"}
    text = workplace.run(values).paths["report"].read_text()
    assert "10,000 different texts" in text


def test_more_columns_than_rows(workplace, of_table, tmp_path):
    rng = np.random.default_rng(0)
    extra = {f"x{k}": rng.normal(size=12) for k in range(40)}
    values = of_table(members(tmp_path, 12, **extra))
    values["sources"][0]["columns"] |= {n: {"from": n, "type": "number"} for n in extra}
    assert workplace.run(values, "attributes.reduce=true").metrics["customers"] == 12


def test_more_segments_than_customers(workplace, of_table, tmp_path):
    values = of_table(members(tmp_path, 12), methods=[{"kind": "kmeans", "k": [50]}])
    assert workplace.run(values).metrics["segments"] <= 12


def test_small_segments_are_hidden_with_what_would_give_them_away(workplace, of_table, tmp_path):
    land = ["FR"] * 3 + ["UK"] * 40 + ["DE"] * 30
    path = members(tmp_path, 73, land=land, age=[90] * 3 + [20] * 40 + [55] * 30)
    values = of_table(path, methods=[{"kind": "kmeans", "k": [3]}], privacy={"min_group": 10})
    summary = workplace.run(values)
    cards = pd.read_parquet(summary.paths["cards"]).set_index("segment")
    assert cards["customers"].isna().sum() == 2  # the small one, and one so that it does not follow
    assert (cards.loc[cards["customers"].isna(), "traits"] == "hidden").all()
    assert len(pd.read_parquet(summary.paths["segments"])) == 73


REFUSED = {
    "one row": ({"n": 1}, {}, "1 customers are too few .*: at least 10 are needed"),
    "constant": ({"age": 5, "land": "x"}, {}, "no attribute tells customers apart"),
    "all missing": ({"age": np.nan, "land": None}, {}, "age is empty; land is empty"),
    "twice": ({"who": "same"}, {}, r"must name each customer once, but 1 stand twice \(same\)"),
    "no such attribute": ({}, {"include": ["agee"]}, "attributes that are not there"),
    "nothing left": ({}, {"exclude": ["age", "land"]}, "no attribute is left"),
    "no such id": ({}, {"id": "customer"}, "no column 'customer'; did you mean 'customer_id'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_data_is_refused_and_nothing_is_written(case, workplace, of_table, tmp_path):
    columns, attributes, message = REFUSED[case]
    values = of_table(members(tmp_path, **columns))
    values["attributes"] |= attributes
    with pytest.raises(DataError, match=message):
        workplace.run(values)
    assert workplace.runs() == []


WRONG = {
    "table": ({"attributes": {"table": "own:member"}}, "no source gives the table 'own:member'"),
    "no table": ({"attributes": {}}, "no source gives the table 'lines'"),
    "weights": ({"worth": {"weights": {"age": 0.0}}}, "sum to 0"),
    "compare": ({"window": {"compare": "30d"}}, "a table of customers has one date only"),
    "k": ({"methods": [{"kind": "kmeans", "k": [1]}]}, "numbers from 2 on"),
    "twice": ({"methods": [{"kind": "kmeans"}, {"kind": "kmeans"}]}, "stated twice: kmeans"),
    "params": (
        {"methods": [{"kind": "kmeans", "params": {"linkage": "ward"}}]},
        "'kmeans' has no parameter 'linkage'",
    ),
    "kind": ({"methods": [{"kind": "kmean"}]}, "kmeans"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_configurations_are_told(case, workplace, of_table, tmp_path):
    changes, message = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        workplace.load(of_table(members(tmp_path), **changes))
    assert message in str(caught.value)


def test_an_unknown_value_and_one_without_numbers_are_told(workplace, of_table, tmp_path):
    path = members(tmp_path)
    for value, message in (("spend", "no attribute 'spend'"), ("land", "holds no numbers")):
        with pytest.raises(DataError, match=message):
            workplace.run(of_table(path, worth={"value": value}))


@pytest.mark.real
def test_mall_customers(workplace, of_table, real_data):
    values = of_table(real_data / "mall_customers.csv")
    values["sources"][0]["columns"] = {
        "customer_id": "CustomerID",
        "gender": "Gender",
        "age": {"from": "Age", "type": "number"},
        "income": {"from": "Annual Income (k$)", "type": "number"},
        "spending": {"from": "Spending Score (1-100)", "type": "number"},
    }
    values["methods"] = [{"kind": "kmeans", "k": [3, 4, 5, 6]}]
    values["choice"] = {"rounds": 10, "references": 0}
    summary = workplace.run(values, "attributes.include=[income, spending]")
    # The five groups of this set are known: middle, and the four corners of income and spending.
    assert summary.leaderboard.iloc[0]["candidate"] == "kmeans-5"
    assert summary.metrics["silhouette"] > 0.5
