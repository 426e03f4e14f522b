"""Reading an experiment: arms however they are written, days, chances; and who is persuadable."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.uplift import Balance
from features.sources.spec import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from models.uplift import UpliftTree
from pipelines.config.uplift import UpliftTrial
from pipelines.uplifting.page import persuadable
from pipelines.uplifting.trial import Customers, read_trial


def trial(rows=200, seed=0):
    random = np.random.RandomState(seed)
    age, arm = random.randint(18, 80, rows), np.arange(rows) % 2
    bought = (random.random_sample(rows) < 0.3).astype(int)
    return pd.DataFrame({"who": np.arange(rows) + 1.0, "age": age, "arm": arm, "bought": bought})


@pytest.fixture
def read(tmp_path):
    """Give a function that reads and checks a trial."""

    def asked(frame, **terms):
        path = tmp_path / "trial.csv"
        frame.to_csv(path, index=False)
        stated = {"table": "own:trial", "treatment": "arm", "treated": "1", "control": "0"}
        told = UpliftTrial.model_validate({**stated, "outcome": "bought", **terms})
        source = CsvSource(
            name="trial", table="own:trial", path=str(path), columns={}, all_columns=True
        )
        with Warehouse.open(None) as warehouse:
            warehouse.add([source])
            return read_trial(warehouse, told, 0)

    return asked


@pytest.mark.parametrize(("treated", "control"), [("1", "0"), (1.0, 0.0), (True, False)])
def test_an_arm_is_the_same_however_it_is_written(read, treated, control):
    found = read(trial(), treated=treated, control=control)
    assert found.treated.sum() == 100
    assert found.treated.tolist() == [bool(k % 2) for k in range(200)]


def test_customers_keep_their_names_and_their_order(read):
    assert read(trial(), id="who").ids[:3].tolist() == ["1", "2", "3"]
    assert read(trial()).ids[:3].tolist() == ["1", "2", "3"]  # the rows
    assert list(read(trial(), id="who").table) == ["age"]
    assert list(read(trial()).table) == ["age", "who"]


def test_outcomes_of_two_values_and_amounts(read):
    assert read(trial()).binary
    assert not read(trial().assign(bought=lambda t: t["bought"] * 2.5)).binary


def test_a_chance_is_stated_counted_or_read(read):
    frame = trial()
    assert set(read(frame).propensity) == {0.5}
    assert set(read(frame, propensity=0.4).propensity) == {0.4}
    read_ = read(frame.assign(p=np.where(frame["age"] > 50, 0.6, 0.4)), propensity="p")
    assert set(read_.propensity) == {0.4, 0.6}
    assert "p" not in read_.table


def test_an_outcome_after_its_treatment_is_no_reason_to_refuse(read):
    days = trial().assign(sent="2020-01-01", came=None)
    days.loc[days["bought"] == 1, "came"] = "2020-01-02"
    found = read(days, treated_on="sent", outcome_on="came")
    assert "sent" not in found.table
    days.loc[days.index[days["bought"] == 1][0], "came"] = "2019-12-31"
    with pytest.raises(DataError, match="1 outcomes lie before their treatment"):
        read(days, treated_on="sent", outcome_on="came")


def test_every_wrong_name_is_told_at_once(read):
    with pytest.raises(DataError, match="lacks columns that are named") as caught:
        read(trial(), outcome="boght", drop=("aged",), known_later=("opened",), id="whom")
    for words in ("did you mean 'bought'", "did you mean 'age'", "'opened'", "did you mean 'who'"):
        assert words in str(caught.value)


def test_small_arms_are_counted(read):
    with pytest.raises(DataError, match="an effect needs both arms") as caught:
        read(trial(60))
    assert "30 customers have '1' in 'arm', at least 50 are needed" in str(caught.value)


def test_who_is_persuadable_put_off_or_not_sure():
    random, rows = np.random.RandomState(0), 3000
    kind = random.choice([0.0, 1.0, 2.0], rows)
    treated = random.random_sample(rows) < 0.5
    effect = np.select([kind == 0, kind == 1], [0.0, 0.3], -0.3)
    outcome = (random.random_sample(rows) < 0.5 + effect * treated).astype(float)
    people = Customers(
        ids=np.arange(rows).astype(str).astype(object),
        table=pd.DataFrame({"kind": kind}),
        outcome=outcome,
        treated=treated,
        propensity=np.full(rows, 0.5),
        balance=Balance(Interval(0.5, 0.5, 0.5), pd.DataFrame()),
        notes=(),
    )
    tree = UpliftTree(depth=2, min_leaf=100).fit(people.table, outcome, treated, people.propensity)
    found = persuadable(tree, people, 0.95)
    assert sorted(found["verdict"]) == ["not sure", "persuadable", "put off"]
    assert found["customers"].sum() == rows
    assert found["share_of_customers"].sum() == pytest.approx(1)
    apart = found["treated_mean"] - found["control_mean"]
    assert found["effect"].to_numpy() == pytest.approx(apart.to_numpy())
    assert (found["low"] <= found["effect"]).all()
