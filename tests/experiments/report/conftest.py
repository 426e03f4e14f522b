"""A made-up run, complete in all its parts."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.gains import gains_table
from experiments.evaluation.leaderboard import CandidateResult, leaderboard
from experiments.evaluation.money import Economics, profit_at_depth, profit_curve
from experiments.report import ListSummary, ReportData

ECONOMICS = Economics(contact_cost=0.5, margin=0.3)
SKILL = {
    "ranker": ("tree", 5, 1.9),
    "rules": ("association", 2, 1.8),
    "neural": ("neural", 6, 1.5),
    "personal": ("baseline", 1, 1.2),
    "cosine": ("association", 2, 1.1),
    "tree": ("tree", 3, 0.9),
    "clusters": ("clustering", 3, 0.6),
    "popularity": ("baseline", 1, 0.3),
}


def offers(skill, customers=800):
    rng = np.random.default_rng(7)
    chance = rng.beta(0.8, 12, size=customers)
    guess = np.exp(np.log(chance) * skill / 2 + rng.normal(scale=0.6 / skill, size=customers))
    probability = np.clip(guess * chance.mean() / guess.mean(), 0, 1)
    return pd.DataFrame(
        {
            "customer": range(customers),
            "item": "x",
            "probability": probability,
            "margin": 11.0,
            "bought": rng.random(customers) < chance,
        }
    )


def metrics(skill, lift):
    names = ["recall@5", "recall@10", "ndcg@10", "hit@10"]
    mean = np.array([0.04, 0.07, 0.06, 0.21]) * (0.6 + skill / 3) * lift
    return pd.DataFrame(
        {"metric": names, "mean": mean, "low": mean * 0.9, "high": mean * 1.1, "se": 0.01, "n": 812}
    )


def candidate(name):
    family, complexity, skill = SKILL[name]
    return CandidateResult(
        name=name,
        family=family,
        complexity=complexity,
        profit=profit_at_depth(offers(skill), ECONOMICS, n=300),
        metrics={"new": metrics(skill, 1.0), "all": metrics(skill, 1.9)},
        coverage=Interval(0.1 + skill / 10, skill / 10, 0.2 + skill / 10),
        seconds=complexity * 7.3,
    )


def trials():
    rng = np.random.default_rng(3)
    rows = [
        (name, trial, 0.08 + 0.02 * rng.random(), int(rng.integers(5, 60)))
        for name in ("ranker", "rules", "neural")
        for trial in range(12)
    ]
    return pd.DataFrame(rows, columns=["candidate", "trial", "value", "min_count"])


@pytest.fixture(scope="session")
def full_report():
    tables = {name: offers(skill) for name, (_, _, skill) in SKILL.items()}
    return ReportData(
        title="Cross-sell, autumn catalogue",
        name="online-retail",
        currency="GBP",
        as_of="2011-11-08",
        leaderboard=leaderboard([candidate(name) for name in SKILL], winner="rules"),
        winner="rules",
        winner_reason=(
            "rules wins: it is the simplest candidate that is not measurably worse than ranker."
        ),
        list=ListSummary(
            customers=1254,
            rows=11_873,
            control=139,
            expected_profit=Interval(8412.4, 5120.0, 11_930.2, se=1700.0, n=4334),
            contact_cost=627.0,
            from_day="2011-12-10",
            to_day="2012-01-09",
            file="list.parquet",
            top_items=pd.DataFrame(
                {
                    "item_id": ["22423", "85099B", "47566", "20725", "84879"],
                    "item_name": [
                        "REGENCY CAKESTAND 3 TIER",
                        "JUMBO BAG RED RETROSPOT & MATCHING PURSE WITH A VERY LONG NAME INDEED",
                        "PARTY BUNTING",
                        None,
                        "ASSORTED COLOUR BIRD ORNAMENT",
                    ],
                    "customers": [412, 371, 298, 240, 144],
                    "expected_profit": [1203.0, 981.2, 777.5, 512.0, 301.9],
                }
            ),
        ),
        windows=pd.DataFrame(
            {
                "window": ["back-test 2", "back-test 1", "test"],
                "role": ["train and tune", "train and tune", "final figures"],
                "from": pd.to_datetime(["2011-09-07", "2011-10-08", "2011-11-09"]),
                "to": pd.to_datetime(["2011-10-07", "2011-11-08", "2011-12-09"]),
                "customers": [3606, 3959, 4334],
                "buyers": [1203, 1310, 1394],
            }
        ),
        load=pd.DataFrame(
            {
                "source": ["online_retail"],
                "rows_in": [541_909],
                "rows_loaded": [396_337],
                "rows_rejected": [145_572],
            }
        ),
        rejected=pd.DataFrame(
            {
                "source": "online_retail",
                "reason": ["customer is missing", "quantity must be above 0"],
                "rows": [135_080, 10_492],
            }
        ),
        profit_curves={name: profit_curve(rows, ECONOMICS) for name, rows in tables.items()},
        gains={
            name: gains_table(rows["probability"], rows["bought"]) for name, rows in tables.items()
        },
        calibration=pd.DataFrame(
            {
                "predicted": [0.004, 0.01, 0.02, 0.05, 0.11, 0.21],
                "observed": [0.003, 0.012, 0.024, 0.047, 0.13, 0.19],
                "pairs": [30_121, 11_200, 5_101, 2_033, 511, 94],
            }
        ),
        reasons=pd.DataFrame(
            {
                "item_name": ["GREEN REGENCY TEACUP AND SAUCER", "PARTY BUNTING"],
                "reason": [
                    "You bought the roses teacup and the pink teacup; "
                    "82% of customers with both own the green one.",
                    "Customers like you bought it before Christmas.",
                ],
            }
        ),
        segments=pd.DataFrame(
            {
                "segment": ["Christmas trade", "Kitchen regulars", "One-time buyers"],
                "customers": [512, 1203, 2619],
                "monetary": [3120.5, 1204.2, 310.9],
                "recency_days": [31.2, 44.0, 142.8],
                "offers": ["wooden stars, candles", "tea cups, cake tins", "popular items"],
            }
        ),
        rules=pd.DataFrame(
            {
                "antecedent": [("ROSES TEACUP", "PINK TEACUP"), ("ALARM CLOCK RED",)],
                "consequent": ["GREEN TEACUP", "ALARM CLOCK GREEN"],
                "support": [0.021, 0.034],
                "confidence": [0.82, 0.61],
                "lift": [18.23, 9.4],
            }
        ),
        tree="bought before <= 0.5\n|--- popularity <= 120: 1.2%\n|--- popularity > 120: 6.0%\n",
        trials=trials(),
        warnings=["The outcome window lies before Christmas; January will be quieter."],
        limitations=["Stock and delivery times are not known to any method."],
        versions={"lodeworks": "0.1.0", "python": "3.11.9"},
        seeds={"run": 0, "bootstrap": 17},
        digests={"online_retail.csv.gz": "5f1b" * 16},
        config="kind: cross-sell\nname: online-retail\nseed: 0\n",
        command="lode run configs/online-retail.yaml",
    )


@pytest.fixture
def bare_report(full_report):
    """Only what must be given."""
    return ReportData(
        title="Bare",
        name="bare",
        currency="EUR",
        as_of="2024-01-31",
        leaderboard=full_report.leaderboard,
        winner="rules",
        winner_reason="It is simple.",
    )
