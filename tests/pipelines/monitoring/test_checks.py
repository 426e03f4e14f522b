import numpy as np
import pandas as pd
import pytest

from experiments.drift import profile_of
from pipelines.config.monitoring import Monitoring as Limits
from pipelines.monitoring.checks import (
    Check,
    calibration_checks,
    check_frame,
    feature_checks,
    item_checks,
    offer_checks,
    volume_checks,
)

LIMITS = Limits()
LOAD = {"rows_in": 100, "rows_rejected": 5}


def alarms(checks):
    return [(one.check, one.subject) for one in checks if one.alarm]


def people(shift=0.0, n=2000, missing=0.0, seed=0):
    random = np.random.default_rng(seed)
    spend = random.normal(shift, size=n)
    spend[random.random(n) < missing] = np.nan
    return pd.DataFrame({"spend": spend, "visits": random.poisson(3, n).astype(float)})


def test_the_same_population_raises_no_alarm():
    checks = list(feature_checks(profile_of(people()), people(seed=1), LIMITS))
    assert len(checks) == 6
    assert alarms(checks) == []


def test_a_shift_and_missing_values_are_told_apart():
    profile = profile_of(people())
    assert alarms(feature_checks(profile, people(1.5, seed=1), LIMITS)) == [
        ("psi", "spend"),
        ("auc", "spend"),
    ]
    assert alarms(feature_checks(profile, people(missing=0.3, seed=1), LIMITS)) == [
        ("missing", "spend")
    ]


def test_ten_customers_prove_nothing_by_chance():
    profile = profile_of(people())
    few = people(n=10, seed=4)
    found = {c.subject: c for c in feature_checks(profile, few, LIMITS) if c.check == "psi"}
    assert found["spend"].value > LIMITS.psi
    assert not found["spend"].alarm
    assert "chance alone could do it" in found["spend"].sentence


def test_a_feature_that_is_gone():
    checks = list(feature_checks(profile_of(people()), people()[["visits"]], LIMITS))
    assert alarms(checks) == [("schema", "spend")]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"customers": 100, "lines": 1000}, []),
        ({"customers": 49, "lines": 1000}, [("volume", "customers")]),
        ({"customers": 100, "lines": 2001}, [("volume", "lines")]),
    ],
)
def test_volume(now, expected):
    then = {"customers": 100, "lines": 1000}
    assert alarms(volume_checks(then, now, LOAD, LIMITS)) == expected


def test_too_many_rejected_rows():
    then = {"customers": 1, "lines": 1}
    load = {"rows_in": 100, "rows_rejected": 11}
    assert alarms(volume_checks(then, then, load, LIMITS)) == [("rejected", "rows")]


def test_unknown_items():
    items = pd.Series(["a", "b", "x", "y"])
    (check,) = item_checks(items, pd.Index(["a", "b", "c"]), LIMITS)
    assert (check.value, check.alarm) == (0.5, True)
    (empty,) = item_checks(items[:0], pd.Index(["a"]), LIMITS)
    assert (empty.value, empty.alarm) == (0.0, False)


def offers(items, probability):
    described = profile_of(pd.DataFrame({"p": probability}))["p"]
    shares = pd.Series(items).value_counts(normalize=True).to_dict()
    return {"n": len(items), "depth": 5, "probability": described, "items": shares}


def test_offers_that_moved():
    random = np.random.default_rng(0)
    p = pd.Series(random.beta(2, 20, 1000))
    then = offers(["a"] * 500 + ["b"] * 500, p)
    same = offers(["a"] * 480 + ["b"] * 520, p)
    assert alarms(offer_checks(then, same, p, LIMITS)) == []
    other = offers(["a"] * 100 + ["c"] * 900, p)
    assert alarms(offer_checks(then, other, p * 3, LIMITS)) == [
        ("scores", "probability"),
        ("offers", "items"),
    ]


def outcomes(rate, n=2000, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i // 2}" for i in range(n)],
            "probability": 0.1,
            "bought": (random.random(n) < rate).astype(float),
        }
    )


def test_calibration_against_what_was_bought():
    (good,) = calibration_checks(outcomes(0.1), LIMITS)
    assert not good.alarm
    (bad,) = calibration_checks(outcomes(0.2), LIMITS)
    assert bad.alarm
    assert bad.value == pytest.approx(outcomes(0.2)["bought"].sum() / 200 - 1)
    (few,) = calibration_checks(outcomes(0.2, n=20), LIMITS)
    assert not few.alarm


def test_the_frame_begins_with_alarms():
    frame = check_frame(
        [Check("psi", "a", 0.0, 1.0, False, ""), Check("psi", "b", 2.0, 1.0, True, "")]
    )
    assert frame["subject"].tolist() == ["b", "a"]
    assert list(check_frame([]).columns) == list(frame.columns)
