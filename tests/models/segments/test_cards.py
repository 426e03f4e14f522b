"""Every segment is told in the customers' own attributes."""

import numpy as np
import pandas as pd
import pytest

from models.segments import SegmentRules, describe_segments, segment_names, segment_sizes
from models.segments.words import plain_number


def people():
    rng = np.random.default_rng(0)
    n = 300
    label = pd.Series(rng.integers(0, 3, n), [f"c{k}" for k in range(n)])
    frame = pd.DataFrame(
        {
            "spend": np.where(label == 0, 900.0, 100.0) + rng.normal(0, 20, n),
            "land": np.where(label == 1, "FR", "UK"),
            "noise": rng.normal(size=n),
        },
        index=label.index,
    )
    return frame, label


def test_the_strongest_difference_comes_first():
    frame, label = people()
    described = describe_segments(frame, label)
    first = described.drop_duplicates("segment").set_index("segment")["attribute"]
    assert first.loc[[0, 1]].tolist() == ["spend", "land"]
    row = described[(described["segment"] == 0) & (described["attribute"] == "spend")].iloc[0]
    inside = frame["spend"][label == 0].median()
    assert row["typical"] == pytest.approx(inside)
    assert row["text"].startswith(f"spend is higher: {plain_number(inside)}")


def test_the_effect_is_cohens_d():
    frame = pd.DataFrame({"x": [0.0, 2.0, 4.0, 6.0]})
    described = describe_segments(frame, pd.Series([0, 0, 1, 1]))
    assert described["effect"].tolist() == pytest.approx([-4.0, 4.0])


def test_categories_tell_their_shares():
    frame = pd.DataFrame({"land": ["UK", "UK", None, "FR"]})
    texts = describe_segments(frame, pd.Series([0, 0, 1, 1]))["text"].tolist()
    assert texts == [
        "100% have land UK, others 0%",
        "50% have land (missing), others 0%",
    ] or texts == [
        "100% have land UK, others 0%",
        "50% have land FR, others 0%",
    ]


def test_names_differ_and_say_what_differs():
    frame, label = people()
    names = segment_names(describe_segments(frame, label))
    assert names[0] == "high spend, land UK"
    assert names[1].startswith("land FR")
    told = segment_names(describe_segments(frame, label), 1, {"spend": ("thrifty", "generous")})
    assert told[0] == "generous"
    same = pd.DataFrame({"x": [1.0, 1.0, 1.0]})
    assert set(segment_names(describe_segments(same, pd.Series([0, 1, 2]))).values()) == {
        "average",
        "average (2)",
        "average (3)",
    }


def test_one_segment_and_empty_attributes_can_be_described():
    frame = pd.DataFrame({"x": [1.0, np.nan], "land": [None, None], "empty": [np.nan, np.nan]})
    described = describe_segments(frame, pd.Series([0, 0]))
    assert described["effect"].tolist() == [0.0, 0.0, 0.0]
    assert described["segment"].tolist() == [0, 0, 0]


def test_sizes_and_value():
    label = pd.Series([0, 0, 1], index=list("abc"))
    table = segment_sizes(label, pd.Series({"a": 30.0, "c": 10.0}))
    assert table[["customers", "value", "value_share", "value_each"]].values.tolist() == [
        [2, 30.0, 0.75, 15.0],
        [1, 10.0, 0.25, 10.0],
    ]
    assert "value" not in segment_sizes(label)
    assert segment_sizes(label, pd.Series(dtype=float))["value_share"].isna().all()


def test_rules_cover_everybody_once_and_hold_in_the_table():
    frame, label = people()
    rules = SegmentRules().fit(frame, label)
    assert rules.table_["customers"].sum() == len(frame)
    assert rules.accuracy_ > 0.95
    for row in rules.table_.to_dict("records"):
        fulfil = pd.Series(True, index=frame.index)
        for asked in row["conditions"]:
            column = frame[asked["attribute"]]
            fulfil &= {
                "at most": lambda c, v: c <= v,
                "above": lambda c, v: c > v,
                "is": lambda c, v: c == v,
                "is not": lambda c, v: c != v,
            }[asked["sign"]](column, asked["value"])
        assert fulfil.sum() == row["customers"]
        assert (label[fulfil] == row["segment"]).mean() == pytest.approx(row["precision"])


def test_bounds_of_one_attribute_are_merged():
    x = pd.Series(np.arange(90.0))
    rules = SegmentRules(depth=3).fit(pd.DataFrame({"x": x}), (x // 30 % 2).astype(int))
    middle = rules.table_[rules.table_["segment"] == 1].iloc[0]
    assert sorted(c["sign"] for c in middle["conditions"]) == ["above", "at most"]
    assert middle["rule"] in ("x above 29.5 and x at most 59.5", "x at most 59.5 and x above 29.5")


def test_best_says_how_sure_each_rule_is():
    frame, label = people()
    best = SegmentRules().fit(frame, label).best()
    assert set(best) == {0, 1, 2}
    assert all("of these are in the segment" in text for text in best.values())


def test_one_segment_has_the_rule_that_fits_all():
    rules = SegmentRules().fit(pd.DataFrame({"x": [1.0, 2.0, np.nan]}), pd.Series([4, 4, 4]))
    assert rules.table_["rule"].tolist() == ["all customers"]


def test_wrong_parameters_are_told():
    with pytest.raises(ValueError, match="depth must be 1 at least"):
        SegmentRules(depth=0).fit(pd.DataFrame({"x": [1.0]}), pd.Series([0]))
