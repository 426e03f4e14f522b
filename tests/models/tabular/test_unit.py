import json

import numpy as np
import pandas as pd
import pytest

from models.tabular.unit import UnitScaler

TABLE = pd.DataFrame(
    {"sales": [10.0, 20.0, np.nan, 40.0], "record": ["bad", "good", None, "good"], "same": [3] * 4}
)


def test_everything_lies_between_0_and_1():
    scaled = UnitScaler().fit(TABLE).transform(TABLE)
    assert scaled.columns.tolist() == [
        "sales",
        "same",
        "record = (missing)",
        "record = bad",
        "record = good",
    ]
    # The missing one counts as the median, 20.
    np.testing.assert_allclose(scaled["sales"], [0.0, 1 / 3, 1 / 3, 1.0])
    assert scaled["same"].tolist() == [0.5] * 4
    assert scaled.iloc[:, 2:].sum(axis=1).tolist() == [1.0] * 4


def test_what_lies_outside_counts_as_the_end_and_unseen_levels_as_none():
    scaler = UnitScaler().fit(TABLE)
    strange = pd.DataFrame({"sales": [-5.0, 99.0], "record": ["new", "bad"], "same": [3, 4]})
    found = scaler.transform(strange)
    assert found["sales"].tolist() == [0.0, 1.0]
    assert found.iloc[0, 2:].tolist() == [0.0, 0.0, 0.0]


def test_the_state_is_plain_and_comes_back():
    scaler = UnitScaler().fit(TABLE)
    told = json.loads(json.dumps(scaler.get_state(), sort_keys=True))
    pd.testing.assert_frame_equal(
        UnitScaler.from_state(told).transform(TABLE), scaler.transform(TABLE)
    )


def test_bad_tables():
    with pytest.raises(ValueError, match="cannot be scaled: none"):
        UnitScaler().fit(TABLE.assign(none=np.nan))
    with pytest.raises(ValueError, match="lacks record"):
        UnitScaler().fit(TABLE).transform(TABLE.drop(columns="record"))
