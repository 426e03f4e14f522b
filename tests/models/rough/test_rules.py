"""Rules of rough sets are counted right and as short as they can be."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rough import decision_rules, dependency, rules_frame

tables = st.lists(
    st.tuples(*[st.integers(0, 2)] * 3, st.integers(0, 1)), min_size=1, max_size=15
).map(lambda rows: pd.DataFrame(rows, columns=[*"abc", "d"]))


def meets(table, rule):
    mask = pd.Series(True, index=table.index)
    for name, value in rule.conditions.items():
        mask &= table[name] == value
    return mask


@settings(max_examples=40, deadline=None)
@given(tables, st.booleans())
def test_figures_are_those_of_a_count_by_hand(table, shorten):
    for rule in decision_rules(table, "d", shorten=shorten):
        inside, same = meets(table, rule), table["d"] == rule.decision
        assert rule.n_rows == (inside & same).sum()
        assert rule.strength == pytest.approx(rule.n_rows / len(table))
        assert rule.certainty == pytest.approx(rule.n_rows / inside.sum())
        assert rule.coverage == pytest.approx(rule.n_rows / same.sum())


@settings(max_examples=40, deadline=None)
@given(tables)
def test_certain_rules_cover_the_positive_region(table):
    covered = pd.Series(False, index=table.index)
    for rule in decision_rules(table, "d"):
        if rule.is_certain:
            covered |= meets(table, rule)
    assert covered.mean() == pytest.approx(dependency(table, list("abc"), "d"))


@settings(max_examples=40, deadline=None)
@given(tables)
def test_no_condition_of_a_short_rule_can_be_dropped(table):
    for rule in decision_rules(table, "d", min_certainty=1):
        for name in rule.conditions:
            fewer = {k: v for k, v in rule.conditions.items() if k != name}
            mask = pd.Series(True, index=table.index)
            for other, value in fewer.items():
                mask &= table[other] == value
            assert (table["d"][mask] == rule.decision).mean() < rule.certainty


def test_thresholds_and_order():
    table = pd.DataFrame({"a": [1, 1, 1, 2, 2, 3], "d": list("xxyyyz")})
    rules = decision_rules(table, "d")
    assert [r.certainty for r in rules] == sorted((r.certainty for r in rules), reverse=True)
    assert {r.decision for r in decision_rules(table, "d", min_rows=2)} == {"x", "y"}
    assert all(r.is_certain for r in decision_rules(table, "d", min_certainty=1.0))


def test_the_frame_names_the_kind():
    table = pd.DataFrame({"a": [1, 1, 2], "d": list("xyx")})
    frame = rules_frame(decision_rules(table, "d"))
    assert frame["kind"].tolist() == ["certain", "possible", "possible"]
    assert frame["rule"].iloc[1] == "IF a is 1 THEN possibly x"


def test_missing_values_are_named():
    table = pd.DataFrame({"a": ["x", None], "d": [0, 1]})
    assert "IF a is missing THEN 1" in [rule.text for rule in decision_rules(table, "d")]


def test_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="unknown column 'flue'; did you mean 'flu'"):
        decision_rules(pd.DataFrame({"a": [1], "flu": [1]}), "flue")
