import numpy as np
import pandas as pd
import pytest

from models.neural import NeuralClassifier, rule_met, rules_of


class Bank:
    """Answers like a person: good figures, unless the credit record is bad."""

    def predict(self, X):
        good = X["profit"] > 0.5
        return np.where(X["record"] == "bad", "low", np.where(good, "high", "mid"))


@pytest.fixture(scope="module")
def banks():
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "profit": random.uniform(size=300).round(2),
            "record": random.choice(["good", "bad", "new"], 300),
        }
    )


def test_rules_say_what_the_network_does(banks):
    found = rules_of(Bank(), banks)
    assert found.fidelity == 1.0
    told = dict(zip(found.table["rule"], found.table["answer"], strict=True))
    assert told == {
        "record is bad": "low",
        "record is good or new and profit is up to 0.505": "mid",
        "record is good or new and profit is above 0.505": "high",
    }
    assert found.table["rows"].sum() == 300
    assert (found.table["fidelity"] == 1.0).all()


def test_fidelity_is_counted_against_the_network_and_not_the_truth(banks):
    class Coin:
        def predict(self, X):
            return np.random.default_rng(0).integers(0, 2, len(X))

    found = rules_of(Coin(), banks, max_rules=3, min_rows=50)
    assert found.fidelity < 0.75
    assert len(found.table) <= 3
    shares = (found.table["fidelity"] * found.table["rows"]).sum() / 300
    assert shares == pytest.approx(found.fidelity)


def test_missing_values_have_words():
    table = pd.DataFrame({"x": [1.0, 2.0, np.nan, np.nan] * 20, "job": ["a", None] * 40})

    class Net:
        def predict(self, X):
            return X["x"].isna().to_numpy()

    found = rules_of(Net(), table).table
    told = dict(zip(found["rule"], found["answer"], strict=True))
    assert told == {"x is missing": True, "x is known": False}


def test_a_network_that_always_says_the_same(banks):
    class Net:
        def predict(self, X):
            return np.full(len(X), "mid")

    found = rules_of(Net(), banks)
    assert found.table["rule"].tolist() == ["always"]
    assert found.table["rows"].tolist() == [300]
    assert found.fidelity == 1.0
    assert (found.which(banks) == 0).all()


@pytest.mark.parametrize("most", [2, 3, 5, 8])
def test_there_are_never_more_rules_than_asked_for(most):
    random = np.random.default_rng(1)
    table = pd.DataFrame(random.uniform(size=(400, 3)), columns=list("abc"))

    class Waves:
        def predict(self, X):
            return np.sin(8 * X["a"]) + np.cos(6 * X["b"]) > 0.2

    found = rules_of(Waves(), table, max_rules=most)
    assert 2 <= len(found.table) <= most
    assert found.table["rows"].sum() == 400
    more = rules_of(Waves(), table, max_rules=most + 8)
    assert more.fidelity >= found.fidelity


def test_rules_kept_as_plain_values_class_new_rows(banks):
    import json

    found = rules_of(Bank(), banks)
    read = json.loads(json.dumps(found.conditions))
    new = pd.DataFrame(
        {"profit": [0.1, 0.9, 0.9, 0.2], "record": ["good", "bad", "never seen", "new"]}
    )
    met = rule_met(read, new)
    assert (met >= 0).all()
    answers = found.table["answer"].to_numpy()[met]
    assert answers[[0, 1, 3]].tolist() == ["mid", "low", "mid"]


def test_a_real_network_is_put_into_words(banks):
    y = Bank().predict(banks)
    net = NeuralClassifier(members=1, epochs=80, batch=32, learning_rate=0.01).fit(banks, y)
    found = rules_of(net, banks)
    assert found.fidelity > 0.9
    assert found.table["rule"].str.contains("record is bad").any()


def test_one_rule_is_no_explanation(banks):
    with pytest.raises(ValueError, match="at least 2"):
        rules_of(Bank(), banks, max_rules=1)


def test_every_row_meets_the_one_rule_that_covers_it(banks):
    table = banks.copy()
    table.loc[::7, "profit"] = np.nan
    table.loc[::11, "record"] = None
    net = NeuralClassifier(members=1, epochs=40, batch=32, learning_rate=0.01)
    net.fit(table, Bank().predict(banks))
    found = rules_of(net, table, max_rules=12)
    met = found.which(table)
    assert met.min() >= 0
    assert np.bincount(met, minlength=len(found.table)).tolist() == found.table["rows"].tolist()
    answers = net.predict(table)
    for place, row in found.table.iterrows():
        assert (answers[met == place] == row["answer"]).mean() == pytest.approx(row["fidelity"])
    every = [[rule_met([rule], table) == 0] for rule in found.conditions]
    assert (np.sum(every, axis=0) == 1).all()
