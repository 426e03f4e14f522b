import numpy as np
import pandas as pd
import pytest

from models.tabular import Logistic
from pipelines.config.predict import Money
from pipelines.predicting.listing import list_of
from pipelines.predicting.records import Records


@pytest.fixture(scope="module")
def model():
    table = pd.DataFrame({"x": np.linspace(-2, 2, 100)})
    return Logistic().fit(table, (table["x"] > 0).astype(int))


def records(loyalty=None):
    return Records(
        ids=np.array(["d", "c", "b", "a"], dtype=object),
        table=pd.DataFrame({"x": [2.0, 1.0, -2.0, 1.0]}),
        outcome=np.full(4, np.nan),
        weight=np.ones(4),
        cost=np.ones(4),
        revenue=np.full(4, 4.0),
        loyalty=None if loyalty is None else np.array(loyalty, dtype=float),
    )


PROBABILITY = np.array([0.9, 0.5, 0.1, 0.5])


def test_the_most_promising_come_first_and_equals_by_name(model):
    found = list_of(records(), PROBABILITY, model, Money(), name="who")
    assert found["who"].tolist() == ["d", "a", "c", "b"]
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert found["act"].tolist() == [True, True, True, False]
    np.testing.assert_allclose(found["expected_profit"], [2.6, 1.0, 1.0, -0.6])
    assert found["reason_1"].tolist() == ["x is 2", "x is 1", "x is 1", ""]
    assert "loyal" not in found


def test_the_loyal_come_before_the_dear_but_only_among_those_who_pay(model):
    found = list_of(records([1, 9, 9, 1]), PROBABILITY, model, Money(), name="who", loyal_from=5.0)
    assert found["who"].tolist() == ["c", "d", "a", "b"]
    assert found["loyal"].tolist() == [True, False, False, True]


def test_nobody_to_act_upon_has_no_reasons(model):
    found = list_of(records(), PROBABILITY * 0.01, model, Money(), name="who")
    assert not found["act"].any()
    assert (found[["reason_1", "reason_2", "reason_3"]] == "").all().all()
