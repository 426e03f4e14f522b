"""Abnormal members of a class."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from models.deviation import AbnormalMembers, RobustScale, robust_spread

every_method = pytest.mark.parametrize("method", ["forest", "lof"])


def people(n=200):
    rng = np.random.default_rng(0)
    group = pd.Series(
        np.where(np.arange(n) < n // 2, "large", "small"), [f"c{k}" for k in range(n)]
    )
    frame = pd.DataFrame(
        {"spend": np.where(group == "large", 900.0, 20.0), "gap": 30.0, "orders": 5.0},
        index=group.index,
    )
    frame += rng.normal(size=frame.shape) * [10, 3, 1]
    frame.loc["c7", "gap"] = 300.0  # far from everybody
    frame.loc["c8", "spend"] = 20.0  # usual among the small, not among the large
    return frame, group


@every_method
def test_a_member_unlike_its_class_is_found_with_the_reason(method):
    frame, group = people()
    found = AbnormalMembers(method, share=0.02).fit(frame, group).find(frame, group)
    large = found[found["group"] == "large"]
    assert set(large["row"]) == {"c7", "c8"}
    reasons = large.set_index("row")["reasons"]
    assert reasons["c7"][0]["attribute"] == "gap"
    assert reasons["c8"][0]["attribute"] == "spend"
    text = large.set_index("row")["text"]["c7"]
    assert text.startswith("unusual among large: gap is 300, usually ")


@every_method
def test_each_class_gives_its_share_and_one_at_least(method):
    frame, group = people()
    finder = AbnormalMembers(method, share=0.001).fit(frame, group)
    found = finder.find(frame, group)
    assert found[["group", "rank"]].values.tolist() == [["large", 1], ["small", 1]]
    assert finder.score(frame, group).notna().all()


@every_method
def test_row_order_does_not_matter_and_input_stays(method):
    frame, group = people()
    before, order = frame.copy(), np.random.default_rng(1).permutation(len(frame))
    straight = AbnormalMembers(method).fit(frame, group).score(frame, group)
    turned = AbnormalMembers(method).fit(frame.iloc[order], group.iloc[order])
    scores = turned.score(frame.iloc[order], group.iloc[order]).reindex(frame.index)
    assert scores.to_numpy() == pytest.approx(straight.to_numpy(), abs=1e-12)
    pd.testing.assert_frame_equal(frame, before)


@every_method
def test_constant_missing_and_infinite_values(method):
    frame, group = people()
    frame = frame.assign(constant=1.0, empty=np.nan)
    frame.loc["c1", "gap"], frame.loc["c2", "gap"] = np.nan, np.inf
    finder = clone(AbnormalMembers(method)).fit(frame, group)
    assert finder.scales_["large"].names_ == ["spend", "gap", "orders"]
    assert np.isfinite(finder.score(frame, group)).all()


def test_small_classes_are_left_out_and_named():
    frame, group = people()
    group.iloc[:5] = "few"
    finder = AbnormalMembers().fit(frame, group)
    assert finder.skipped_ == {"few": 5}
    assert finder.score(frame, group).isna().sum() == 5
    assert "few" not in set(finder.find(frame, group)["group"])


def test_new_customers_of_a_class_never_seen_have_no_score():
    frame, group = people()
    finder = AbnormalMembers().fit(frame, group)
    new = pd.DataFrame({"spend": [5.0], "gap": [30.0], "orders": [1.0]}, index=["z"])
    assert finder.score(new, pd.Series(["other"], index=["z"])).isna().all()


def test_more_columns_than_rows():
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(35, 60))).add_prefix("v")
    group = pd.Series("all", wide.index)
    found = AbnormalMembers("lof", share=0.1).fit(wide, group).find(wide, group)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("arguments", "change", "message"),
    [
        ({"method": "svm"}, {}, "forest, lof but got 'svm'"),
        ({"share": 0.0}, {}, "share must be above 0"),
        ({"min_members": 1}, {}, "min_members at least 2"),
        ({}, {"land": "UK"}, "numbers are needed, unlike land"),
    ],
)
def test_bad_input_is_told(arguments, change, message):
    frame, group = people()
    with pytest.raises(ValueError, match=message):
        AbnormalMembers(**arguments).fit(frame.assign(**change), group)


def test_attributes_and_classes_must_belong_together():
    frame, group = people()
    with pytest.raises(ValueError, match="the same customers once each"):
        AbnormalMembers().fit(frame, group.iloc[::-1])


def test_nothing_varies():
    frame = pd.DataFrame({"x": [1.0] * 40})
    with pytest.raises(ValueError, match="no attribute varies"):
        AbnormalMembers().fit(frame, pd.Series(["a"] * 40))


def test_one_giant_does_not_move_the_scale():
    values = np.append(np.random.default_rng(0).normal(size=999), 1e12)
    assert float(robust_spread(values)) == pytest.approx(1.0, abs=0.1)
    assert RobustScale().fit(pd.DataFrame({"x": values})).transform(
        pd.DataFrame({"x": [1e12]})
    ).tolist() == [[20.0]]


def test_mostly_equal_values_take_the_plain_deviation():
    assert float(robust_spread(np.array([0.0, 0, 0, 0, 5]))) == 2.0


def test_a_forest_taken_apart_scores_and_explains_the_same():
    frame, group = people()
    fitted = AbnormalMembers(share=0.02).fit(frame, group)
    again = AbnormalMembers.from_state(fitted.get_state())
    assert again.score(frame, group).to_numpy() == pytest.approx(
        fitted.score(frame, group).to_numpy(), abs=1e-12
    )
    pd.testing.assert_frame_equal(again.find(frame, group), fitted.find(frame, group))
    assert again.get_state().keys() == fitted.get_state().keys()


def test_who_is_found_in_training_is_judged_unusual():
    frame, group = people()
    fitted = AbnormalMembers(share=0.02).fit(frame, group)
    judged = fitted.judge(frame, group)
    found = fitted.find(frame, group).set_index("row")
    assert set(judged.index[judged["unusual"]]) == set(found.index)
    assert judged.loc[found.index, "text"].to_dict() == found["text"].to_dict()
    assert (judged.loc[~judged["unusual"], "text"] == "").all()


def test_new_customers_are_judged_by_the_limit_of_their_class():
    frame, group = people()
    fitted = AbnormalMembers(share=0.05).fit(frame, group)
    new = pd.DataFrame(
        {"spend": [900.0, 900.0, 1.0], "gap": [30.0, 400.0, 30.0], "orders": 5.0},
        index=["usual", "odd", "stranger"],
    )
    judged = fitted.judge(new, pd.Series(["large", "large", "other"], new.index))
    assert judged["unusual"].tolist() == [False, True, False]
    assert judged.loc["odd", "text"].startswith("unusual among large: gap is 400, usually ")
    assert np.isnan(judged.loc["stranger", "score"])
    assert judged.loc["odd", "limit"] == fitted.limits_["large"]


def test_customers_themselves_cannot_be_kept():
    fitted = AbnormalMembers("lof").fit(*people())
    with pytest.raises(ValueError, match="only a forest can be kept"):
        fitted.get_state()
