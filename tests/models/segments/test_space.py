"""Places of customers: scales, categories, what is missing, what is of no use."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import AttributeSpace


def test_numbers_have_mean_zero_and_deviation_one():
    frame = pd.DataFrame({"age": np.random.default_rng(0).normal(40, 9, 500)})
    placed = AttributeSpace(scale="standard").fit(frame).transform(frame).ravel()
    assert (placed.mean(), placed.std()) == pytest.approx((0, 1), abs=1e-9)


def test_a_long_tail_is_taken_as_a_logarithm_and_drawn_in():
    spend = np.append(np.random.default_rng(0).lognormal(4, 1.2, 999), 1e9)
    space = AttributeSpace().fit(pd.DataFrame({"spend": spend}))
    assert space.columns_["spend"]["log"]
    assert abs(space.transform(pd.DataFrame({"spend": [1e9]}))[0, 0]) < 4


def test_a_negative_number_never_becomes_a_logarithm():
    profit = np.append(np.random.default_rng(0).lognormal(4, 1.2, 999), -5.0)
    frame = pd.DataFrame({"profit": profit})
    space = AttributeSpace().fit(frame)
    assert not space.columns_["profit"]["log"]
    assert np.isfinite(space.transform(frame)).all()


def test_two_members_of_a_category_are_one_apart():
    frame = pd.DataFrame({"land": ["UK", "FR", "DE", "UK"]})
    placed = AttributeSpace().fit(frame).transform(frame)
    assert np.linalg.norm(placed[0] - placed[1]) == pytest.approx(1.0)
    assert np.linalg.norm(placed[0] - placed[3]) == 0


def test_missing_numbers_stand_in_the_middle_and_missing_texts_are_a_member():
    frame = pd.DataFrame({"age": [20.0, 60.0, np.nan], "land": ["UK", "FR", None]})
    placed = AttributeSpace().fit(frame).transform(frame)
    assert placed[2, 0] == 0.0
    assert placed.shape == (3, 4)
    assert np.isfinite(placed).all()


def test_members_never_seen_fall_into_none_or_the_rest():
    seen = pd.DataFrame({"land": list("aaabbbccd")})
    all_kept = AttributeSpace().fit(seen)
    some_kept = AttributeSpace(max_categories=2).fit(seen)
    new = pd.DataFrame({"land": ["z"]})
    assert all_kept.transform(new).tolist() == [[0.0] * 4]
    assert some_kept.transform(new)[0].tolist() == pytest.approx([0, 0, 0.5**0.5])


def test_ten_thousand_categories_are_left_out_with_the_reason():
    frame = pd.DataFrame({"street": [f"street {n}" for n in range(10_000)], "age": range(10_000)})
    space = AttributeSpace().fit(frame)
    assert space.dropped_ == {"street": "has 10,000 different texts and names single customers"}
    assert space.transform(frame).shape == (10_000, 1)


def test_ten_thousand_categories_that_repeat_keep_the_frequent_ones():
    street = [f"street {n % 10_000}" for n in range(30_000)]
    space = AttributeSpace().fit(pd.DataFrame({"street": street}))
    assert space.transform(pd.DataFrame({"street": street})).shape == (30_000, 21)


def test_constant_and_empty_attributes_are_left_out_with_the_reason():
    frame = pd.DataFrame(
        {"age": [1.0, 2.0], "land": ["UK", "UK"], "spare": [np.nan, np.nan], "note": [None, None]}
    )
    assert AttributeSpace().fit(frame).dropped_ == {
        "land": "has one value only",
        "spare": "is empty",
        "note": "is empty",
    }


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"land": ["UK", "UK"]}), "land has one value only"),
        (pd.DataFrame({"age": [np.nan]}), "age is empty"),
        (pd.DataFrame(index=[1, 2]), "there is none"),
        (pd.DataFrame({"age": [41.0]}), "age has one value only"),
    ],
)
def test_nothing_that_tells_customers_apart_is_refused(frame, message):
    with pytest.raises(ValueError, match=f"no attribute tells customers apart: {message}"):
        AttributeSpace().fit(frame)


def test_infinite_numbers_count_as_missing():
    frame = pd.DataFrame({"age": [1.0, 3.0, np.inf]})
    assert AttributeSpace().fit(frame).transform(frame).ravel() == pytest.approx([-1, 1, 0])


def test_missing_columns_are_named_all_at_once():
    space = AttributeSpace().fit(pd.DataFrame({"age": [1, 2], "land": ["a", "b"]}))
    with pytest.raises(ValueError, match="age, land"):
        space.transform(pd.DataFrame({"other": [1]}))


def test_wrong_parameters_are_told():
    with pytest.raises(ValueError, match="auto, standard, none but got 'log'"):
        AttributeSpace(scale="log").fit(pd.DataFrame({"a": [1, 2]}))
    with pytest.raises(ValueError, match="at least 2 but got 1"):
        AttributeSpace(max_categories=1).fit(pd.DataFrame({"a": [1, 2]}))


def test_mixed_keeps_numbers_and_codes():
    frame = pd.DataFrame({"age": [20.0, np.nan, 30.0], "land": ["UK", "UK", "FR"]})
    space = AttributeSpace().fit(frame)
    found = space.mixed(pd.DataFrame({"age": [5.0, np.nan], "land": ["FR", None]}))
    assert found[0].tolist() == [5.0, 1.0]
    assert np.isnan(found[1]).all()
    assert space.is_category_.tolist() == [False, True]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6) | st.none(), st.sampled_from(["a", "b", None])),
        min_size=3,
        max_size=30,
    )
)
def test_state_gives_equal_places_and_input_is_not_changed(rows):
    frame = pd.DataFrame(rows, columns=["number", "text"]).assign(sure=range(len(rows)))
    before = frame.copy(deep=True)
    space = AttributeSpace().fit(frame)
    # Files of JSON sort the keys.
    state = json.loads(json.dumps(space.get_state(), sort_keys=True))
    again = AttributeSpace().set_state(state)
    assert again.transform(frame).tolist() == space.transform(frame).tolist()
    assert np.isfinite(space.transform(frame)).all()
    pd.testing.assert_frame_equal(frame, before)
