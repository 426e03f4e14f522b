"""Tables on which effects are hard to find: wide ones, and ones with many categories."""

import numpy as np
import pandas as pd
import pytest

from features.sources.spec import CsvSource
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from pipelines.config.uplift import UpliftLearner, UpliftSplits, UpliftTrial
from pipelines.uplifting.compete import compete, cross_fitted
from pipelines.uplifting.trial import read_trial

SPLITS = UpliftSplits(folds=2, repeats=1, bootstrap=100)
LINEAR = {"base": "linear"}
LEARNERS = [
    UpliftLearner(kind="response", name="response", params=LINEAR),
    UpliftLearner(kind="two-model", name="two-model", params=LINEAR),
]


def trial(rows, seed=0):
    """Draw an experiment in which a mail moves every second woman."""
    random = np.random.RandomState(seed)
    sex, arm = random.choice(["man", "woman"], rows), random.choice(["mail", "none"], rows)
    moved = np.where(sex == "woman", 0.5, 0.0) * (arm == "mail")
    bought = (random.random_sample(rows) < 0.2 + moved).astype(int)
    return pd.DataFrame({"who": np.arange(rows), "sex": sex, "arm": arm, "bought": bought})


@pytest.fixture
def read(tmp_path):
    """Give a function that reads and checks a trial."""

    def asked(frame, **terms):
        path = tmp_path / "trial.csv"
        frame.to_csv(path, index=False)
        data = {"table": "own:trial", "treatment": "arm", "treated": "mail", "control": "none"}
        told = UpliftTrial.model_validate({**data, "outcome": "bought", "id": "who", **terms})
        source = CsvSource(
            name="trial", table="own:trial", path=str(path), columns={}, all_columns=True
        )
        with Warehouse.open(None) as warehouse:
            warehouse.add([source])
            return read_trial(warehouse, told, 0)

    return asked


def contest(customers):
    scores = {one.name: cross_fitted(one, customers, SPLITS, 0) for one in LEARNERS}
    return compete(LEARNERS, scores, customers, SPLITS, 0)


def test_ten_thousand_categories(read):
    frame = trial(10_000)
    customers = read(frame.assign(street=[f"street {k}" for k in range(len(frame))]))
    assert customers.balance.random
    found = contest(customers).board.set_index("candidate")
    assert found.loc["two-model", "qini_low"] > 0  # the effect is found beside them


def test_more_columns_than_customers(read):
    random = np.random.default_rng(1)
    frame = trial(120)
    wide = pd.DataFrame(random.normal(size=(120, 150)).round(3)).add_prefix("x")
    customers = read(pd.concat([frame, wide], axis=1))
    assert customers.table.shape == (120, 151)
    board = contest(customers).board
    assert np.isfinite(board[["qini", "qini_low", "qini_high"]].to_numpy()).all()


def test_constant_and_empty_columns_are_left_out_and_said(read):
    customers = read(trial(300).assign(same=3, nothing=np.nan))
    assert list(customers.table) == ["sex"]
    assert customers.notes == ("without any information, and left out: nothing, same",)


def test_a_column_that_follows_from_the_treatment_gives_it_away(read):
    frame = trial(400)
    opened = np.where(frame["arm"] == "mail", 1.0, 0.0)
    with pytest.raises(DataError, match="this was not a random choice") as caught:
        read(frame.assign(opened=opened))
    assert "largest difference in opened" in str(caught.value)
    assert list(read(frame.assign(opened=opened), known_later=("opened",)).table) == ["sex"]


@pytest.mark.parametrize("chance", [0.0, 1.0, -0.2, "x"])
def test_propensities_that_are_none_are_refused(read, chance):
    with pytest.raises(DataError, match=r"propensit|missing or no numbers"):
        read(trial(200).assign(p=chance), propensity="p")


def test_nobody_of_an_arm(read):
    with pytest.raises(DataError, match="an effect needs both arms"):
        read(trial(200).assign(arm="none"))
