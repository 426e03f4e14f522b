"""Who looks like the profitable, where the answer is planted."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from features.sources import CsvSource
from features.warehouse import Warehouse
from pipelines.valuing.look_alikes import _differences, look_alikes, traits_at

CONFIG = SimpleNamespace(
    seed=0, privacy=SimpleNamespace(min_group=10), evaluation=SimpleNamespace(level=0.95)
)


def planted(rows=1000, seed=0, strength=1.0):
    """Draw customers of whom the lovers of wine earn much more."""
    random = np.random.default_rng(seed)
    names = [f"c{place:04}" for place in range(rows)]
    traits = pd.DataFrame(random.uniform(size=(rows, 2)), index=names, columns=["wine", "noise"])
    lover = (traits["wine"] > 0.7) * strength
    return pd.Series(10 * lover + random.normal(size=rows), index=names), traits


def test_the_trait_of_the_profitable_is_found():
    profit, traits = planted()
    found = look_alikes(profit, traits, CONFIG)
    first = found.groups.iloc[0]
    assert first["who"].startswith("wine is above 0.")
    assert first["lift"] > 2.5
    assert first["lift_low"] > 2
    assert first["lift_low"] < first["lift"] < first["lift_high"]
    assert found.groups["customers"].sum() == 400
    assert found.auc.low > 0.85


def test_groups_are_tested_on_customers_not_used_to_find_them():
    profit, traits = planted()
    groups = look_alikes(profit, traits, CONFIG).groups
    # The groups part the 400 customers held out, of whom 80 are profitable.
    for row in groups.to_dict("records"):
        hits = round(row["customers"] * row["share_profitable"])
        rest = [80 - hits, 320 - (row["customers"] - hits)]
        by_hand = stats.fisher_exact([[hits, row["customers"] - hits], rest]).pvalue
        assert row["p_value"] == pytest.approx(by_hand)
    _, corrected, *_ = multipletests(groups["p_value"], method="holm")
    assert groups["p_corrected"].to_numpy() == pytest.approx(corrected)
    assert groups["p_corrected"].iloc[0] < 1e-6


def test_traits_that_differ_are_told_from_those_that_do_not():
    profit, traits = planted()
    traits["same"] = 1.0
    table = look_alikes(profit, traits, CONFIG).differences.set_index("trait")
    assert table.index.tolist() == ["wine", "noise"]
    best = (profit > profit.quantile(0.8)).to_numpy()
    wine = traits["wine"].to_numpy()
    by_hand = stats.ttest_ind(wine[best], wine[~best], equal_var=False)
    ends = by_hand.confidence_interval(0.975)  # two traits at once
    assert table.loc["wine", "p_value"] == pytest.approx(by_hand.pvalue)
    assert table.loc["wine", ["difference_low", "difference_high"]].tolist() == pytest.approx(
        [ends.low, ends.high]
    )
    _, corrected, *_ = multipletests(table["p_value"], method="holm")
    assert table["p_corrected"].to_numpy() == pytest.approx(corrected)
    assert table.loc["wine", "p_corrected"] < 1e-6 < table.loc["noise", "p_corrected"]


def test_of_many_traits_of_chance_hardly_one_differs():
    """In how many of 40 shops is anything found? At 5 % for all traits together: about two."""
    found = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        names = [f"c{place:04}" for place in range(300)]
        columns = [f"t{place}" for place in range(20)]
        traits = pd.DataFrame(random.uniform(size=(300, 20)), index=names, columns=columns)
        best = random.permutation(300) < 60
        found += (_differences(traits, best, 0.95)["p_corrected"] < 0.05).any()
    assert found <= 6  # 7 or more of 40 at 5 %: p 0.003


def test_others_are_scored_by_their_likeness():
    profit, traits = planted()
    scores = look_alikes(profit, traits, CONFIG).scores.set_index("customer_id")
    best = profit.nlargest(200).index
    assert sorted(scores.index) == sorted(set(profit.index) - set(best))
    assert scores["look_alike"].between(0, 1).all()
    assert scores["look_alike"].is_monotonic_decreasing
    np.testing.assert_allclose(scores["profit"], profit[scores.index])
    lover = traits.loc[scores.index, "wine"] > 0.72
    assert scores.loc[lover, "look_alike"].min() > scores.loc[~lover, "look_alike"].median()


def test_chance_is_told_as_chance():
    profit, traits = planted(strength=0.0)
    found = look_alikes(profit, traits, CONFIG)
    assert abs(found.auc.mean - 0.5) < 0.06
    assert not (found.groups["lift_low"] > 1.2).any()


def test_the_order_of_customers_does_not_matter():
    profit, traits = planted()
    there = look_alikes(profit, traits, CONFIG)
    back = look_alikes(profit[::-1], traits.sample(frac=1, random_state=1), CONFIG)
    pd.testing.assert_frame_equal(there.groups, back.groups)
    pd.testing.assert_frame_equal(there.scores, back.scores)


@pytest.mark.parametrize("case", ["few", "equal"])
def test_nothing_is_told_of_few_or_equal_customers(case):
    profit, traits = planted()
    profit = profit.head(199) if case == "few" else profit * 0
    assert look_alikes(profit, traits, CONFIG) is None


def test_traits_are_of_usual_orders_and_of_what_is_declared(tmp_path):
    texts = {
        "lines": "customer_id,order_id,item_id,ordered_at,quantity,price\n"
        "a,o1,tea,2011-01-05,1,10\na,o1,cup,2011-01-05,9,10\na,o2,cup,2011-01-20,1,10\n"
        "b,o3,tea,2011-01-05,1,10\na,o4,tea,2011-02-01,1,999\n",
        "items": "item_id,category\ntea,Tea\ncup,Cups\n",
        "customers": "customer_id,born\na,1970\nb,1990\n",
    }
    sources = []
    for name, text in texts.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        columns: dict = {column: column for column in text.partition("\n")[0].split(",")}
        if name == "customers":
            columns["born"] = {"from": "born", "type": "number"}
        sources.append(CsvSource(name=name, path=str(path), table=name, columns=columns))
    with Warehouse.open(None) as warehouse:
        warehouse.load(sources)
        traits = traits_at(warehouse, date(2011, 1, 31), 31)
    expected = {
        "basket_items": [1.5, 1.0],
        "category_cups": [100 / 110, 0.0],
        "category_tea": [10 / 110, 1.0],
        "attribute_known": [1.0, 1.0],
        "attribute_born": [1970.0, 1990.0],
    }
    index = pd.Index(["a", "b"], name="customer_id", dtype="str")
    wanted = pd.DataFrame(expected, index=index)
    pd.testing.assert_frame_equal(traits[list(expected)], wanted)
    assert set(traits) == set(expected)
