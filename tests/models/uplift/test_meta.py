"""The models made of outcome models: what each of them adds up."""

import numpy as np
import pandas as pd
import pytest

from models.uplift import ResponseRanking, TransformedOutcome, TwoModel, XLearner
from models.uplift.outcome import OutcomeModel


def by_cell(known) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """One attribute of two values: every model then has nothing to smooth."""
    return known.X[["sex"]], known.y, known.treated


def means(known) -> pd.Series:
    frame = pd.DataFrame({"sex": known.X["sex"], "arm": known.treated, "y": known.y})
    return frame.groupby(["sex", "arm"])["y"].mean()


@pytest.mark.parametrize("base", ["boosted", "linear"])
@pytest.mark.parametrize("kind", [TwoModel, XLearner])
def test_of_one_attribute_the_effect_is_the_difference_of_the_means(known, kind, base):
    X, y, treated = by_cell(known)
    score = kind(base=base).fit(X, y, treated).predict(pd.DataFrame({"sex": ["man", "woman"]}))
    mean = means(known)
    by_hand = [mean[sex, 1] - mean[sex, 0] for sex in ("man", "woman")]
    assert score == pytest.approx(by_hand, abs=0.02)


def test_the_transformed_outcome_has_the_mean_of_the_effect(known):
    X, y, treated = by_cell(known)
    model = TransformedOutcome(base="linear").fit(X, y, treated, propensity=0.5)
    score = model.predict(pd.DataFrame({"sex": ["man", "woman"]}))
    moved = y * (treated - 0.5) / 0.25
    woman = (X["sex"] == "woman").to_numpy()
    assert score == pytest.approx([moved[~woman].mean(), moved[woman].mean()], abs=0.01)


def test_response_ranks_by_the_outcome_of_the_treated(known):
    X, y, treated = by_cell(known)
    score = (
        ResponseRanking(base="linear")
        .fit(X, y, treated)
        .predict(pd.DataFrame({"sex": ["man", "woman"]}))
    )
    mean = means(known)
    assert score == pytest.approx([mean["man", 1], mean["woman", 1]], abs=0.01)
    assert score[0] > score[1]  # though only women are moved


def test_an_arm_in_which_nothing_happened_counts_as_that():
    X = pd.DataFrame({"a": np.arange(200.0)})
    treated = np.arange(200) % 2
    y = treated * (np.arange(200) % 4 == 1) * 1.0
    model = TwoModel(base="linear").fit(X, y, treated)
    assert model.control_.predict(np.zeros((3, 1))).tolist() == [0, 0, 0]
    assert model.predict(X).mean() == pytest.approx(0.5, abs=0.05)


def test_a_base_that_is_unknown_is_refused(known):
    with pytest.raises(ValueError, match="base must be 'boosted' or 'linear' but got 'deep'"):
        OutcomeModel("deep")
    with pytest.raises(ValueError, match="base must be"):
        TwoModel(base="deep").fit(known.X, known.y, known.treated)


@pytest.mark.parametrize("base", ["boosted", "linear"])
def test_shares_are_probabilities(known, base):
    model = ResponseRanking(base=base).fit(known.X, known.y, known.treated)
    score = model.predict(known.X)
    assert ((score >= 0) & (score <= 1)).all()
