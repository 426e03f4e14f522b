"""Change over time, against the textbook's sums and the known run length."""

import numpy as np
import pandas as pd
import pytest

from models.deviation import changes, cusum, robust_z

# Montgomery, Introduction to Statistical Quality Control, 6th edition, table 9.1: twenty
# observations around 10, then ten around 11; deviation 1. Table 9.2 gives the sums.
MONTGOMERY = [
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34,
    9.03, 11.47, 10.51, 9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84,
    10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
]  # fmt: skip


def test_the_sums_of_the_textbook():
    found = cusum([np.array(MONTGOMERY) - 10.0], slack=0.5, limit=5.0)
    upper = found.upper[0].round(2).tolist()
    assert upper[3:7] == [1.16, 2.82, 2.5, 0.04]
    assert upper[27:] == [4.95, 5.76, 5.78] or upper[28] > 5
    assert int(found.alarm[0]) == 28
    assert int(found.direction[0]) == 1
    assert found.lower[0].round(2).tolist()[:3] == [0.05, 1.56, 1.77]


def test_a_quiet_series_alarms_once_in_465_periods():
    z = np.random.default_rng(0).normal(size=(400, 4000))
    alarm = cusum(z).alarm
    assert (alarm >= 0).mean() > 0.99
    assert alarm[alarm >= 0].mean() == pytest.approx(465, rel=0.15)


def test_downwards_and_missing_values():
    found = cusum([[0.0, -3.0, np.nan, -3.0, -3.0]], slack=0.5, limit=5)
    assert found.lower[0].tolist() == [0, 2.5, 2.0, 4.5, 7.0]
    assert (int(found.alarm[0]), int(found.direction[0])) == (4, -1)
    assert cusum([[0.0, 0.0]]).direction.tolist() == [0]


def test_robust_z_by_hand():
    found = robust_z([[1.0, 2.0, 3.0, 100.0], [5.0, 5.0, 5.0, 7.0], [5.0, 5.0, 5.0, 5.0]], 3)
    assert found[0, :3] == pytest.approx([-1 / 1.4826, 0, 1 / 1.4826])
    assert found[0, 3] == 20
    assert found[1].tolist() == [0, 0, 0, 20]
    assert found[2].tolist() == [0, 0, 0, 0]


def months(**series):
    columns = [f"2011-{month:02}" for month in range(1, 11)]
    return pd.DataFrame.from_dict(series, orient="index", columns=columns)


def test_changes_are_told_in_words_the_largest_first():
    table = months(
        quiet=[10, 11, 9, 10, 12, 10, 11, 9, 10, 11.0],
        stops=[10, 11, 9, 10, 12, 10, 0, 0, 0, 0.0],
        grows=[10, 11, 9, 10, 12, 10, 13, 13, 13, 13.0],
    )
    found = changes(table, baseline=6, measure="monthly_spend")
    assert found["row"].tolist() == ["stops", "grows"]
    assert found["direction"].tolist() == ["down", "up"]
    assert found["text"].iloc[0] == "monthly spend fell from 10 to 0 since 2011-07"
    assert found["score"].is_monotonic_decreasing


def test_what_defines_the_usual_raises_no_alarm():
    table = months(jump=[0, 0, 0, 99, 99, 0, 0, 0, 0, 0.0])
    assert len(changes(table, baseline=5)) == 0


def test_no_series_gives_an_empty_table():
    found = changes(months().astype(float), baseline=3)
    assert len(found) == 0
    assert "text" in found


@pytest.mark.parametrize(
    ("values", "baseline", "message"),
    [
        ([1.0, 2.0], 2, "a table of series and periods"),
        ([[1.0, 2.0]], 3, "baseline must be from 2 to 2 but got 3"),
        ([[1.0, 2.0]], 1, "baseline must be from 2 to 2 but got 1"),
        ([[np.nan, np.nan, 1.0]], 2, "no value in the baseline"),
    ],
)
def test_bad_input_is_told(values, baseline, message):
    with pytest.raises(ValueError, match=message):
        robust_z(values, baseline)


@pytest.mark.parametrize("arguments", [{"slack": -1.0}, {"limit": 0.0}])
def test_wrong_limits_are_told(arguments):
    with pytest.raises(ValueError, match="slack must be 0 or more and limit above 0"):
        cusum([[0.0]], **arguments)
