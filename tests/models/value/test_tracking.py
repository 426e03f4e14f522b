"""Tracking tables: counts by hand, and the 39 weeks after the calibration."""

import numpy as np
import pandas as pd
import pytest

from models.value import NBD, BetaGeometricNBD, expected_repeats, purchase_histories, tracking_table


def log(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at"])
    return frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"]))


def test_repeats_are_counted_in_the_period_that_holds_their_day():
    rows = log(
        ("a", "1997-01-01"), ("a", "1997-01-08"),  # day 7: the end of period 1
        ("a", "1997-01-09"), ("a", "1997-01-09"),  # day 8, twice: once in period 2
        ("b", "1997-01-05"), ("b", "1997-01-29"),  # day 28: period 4
        ("new", "1997-01-20"), ("new", "1997-01-21"),  # not seen in the calibration
    )  # fmt: skip
    seen = purchase_histories(rows, "1997-01-15")
    table = tracking_table(NBD().fit(seen), rows, seen, "1997-01-15", 4)
    assert table["actual"].tolist() == [1, 1, 0, 1]
    assert table["cumulative_actual"].tolist() == [1, 2, 2, 3]
    assert table["calibration"].tolist() == [True, True, False, False]


def test_the_expected_of_a_period_is_the_rise_of_the_sum():
    rows = log(("a", "1997-01-01"), ("a", "1997-01-08"), ("b", "1997-01-05"))
    seen = purchase_histories(rows, "1997-01-15")
    table = tracking_table(NBD().fit(seen), rows, seen, "1997-01-15", 6)
    total = table["cumulative_expected"].to_numpy()
    assert np.cumsum(table["expected"]).to_numpy() == pytest.approx(total)
    assert total[-1] > total[0] > 0


def test_each_customer_counts_from_his_own_first_purchase():
    fitted = NBD().fit(pd.DataFrame({"frequency": [1.0, 0], "recency": [3.0, 0], "T": [4.0, 2.0]}))
    rate = fitted.new_customer_purchases(1)
    total = expected_repeats(fitted, [4.0, 1.0], until=4.0, periods=5)
    assert total == pytest.approx(np.array([1, 2, 3, 5, 7]) * rate)


@pytest.mark.real
def test_the_39_weeks_after_are_tracked(cdnow_log):
    """Fader, Hardie, Lee (2005), figure 2: the model stays close, and a little below, to the end.

    They report a deviation of the cumulative total of about -2 % at week 39 of the forecast.
    """
    seen = purchase_histories(cdnow_log, "1997-09-30")
    table = tracking_table(BetaGeometricNBD().fit(seen), cdnow_log, seen, "1997-09-30", 77)
    at_end = table.iloc[-1]
    assert table["calibration"].sum() == 38
    days = cdnow_log.drop_duplicates(["customer_id", "day"])
    assert at_end["cumulative_actual"] == (days["ordered_at"] <= "1998-06-24").sum() - 2357
    assert at_end["cumulative_expected"] == pytest.approx(at_end["cumulative_actual"], rel=0.05)
    naive = tracking_table(NBD().fit(seen), cdnow_log, seen, "1997-09-30", 77).iloc[-1]
    gap = abs(at_end["cumulative_expected"] - at_end["cumulative_actual"])
    assert gap < abs(naive["cumulative_expected"] - naive["cumulative_actual"]) / 4
