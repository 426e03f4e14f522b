import numpy as np
import pandas as pd

from benchmarks.predict.candidates import REFERENCES, compare


def test_all_methods_are_compared_on_the_same_folds():
    random = np.random.default_rng(0)
    X = pd.DataFrame({"a": random.normal(size=300), "b": random.choice(["x", "y"], 300)})
    X.loc[::9, "a"] = np.nan
    y = (X["a"].fillna(0) + (X["b"] == "x") + random.normal(size=300) > 0.5).to_numpy(int)
    table = compare(X, y, ["logistic", "cart"], folds=3)
    assert table["method"].tolist() == ["logistic", "cart", *REFERENCES]
    assert (table["auc"] > 0.6).all()
    assert (table["low"] < table["auc"]).all()
    assert (table["seconds"] > 0).all()
    again = compare(X, y, ["logistic", "cart"], folds=3)
    assert again["auc"].tolist() == table["auc"].tolist()
