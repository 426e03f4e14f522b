"""Histories that the tests of this folder share."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


def read_cdnow(path: Path) -> pd.DataFrame:
    """Read the 1/10 sample of CDNOW as a log of purchases."""
    columns = ["master", "customer_id", "day", "pieces", "amount"]
    log = pd.read_csv(path, sep=r"\s+", header=None, names=columns, dtype={"day": str})
    return log.assign(ordered_at=pd.to_datetime(log["day"], format="%Y%m%d"))


@pytest.fixture(scope="session")
def cdnow_log(real_data) -> pd.DataFrame:
    return read_cdnow(real_data / "cdnow_sample.txt")


@pytest.fixture(scope="session")
def cdnow_summary(real_data) -> pd.DataFrame:
    return pd.read_csv(real_data / "cdnow_customers_summary.csv")


@pytest.fixture(scope="session")
def drawn() -> pd.DataFrame:
    """Draw 1,500 customers of a known BG/NBD: r 0.5, alpha 5, a 0.5, b 1.5."""
    return draw_bgnbd(1500, (0.5, 5.0, 0.5, 1.5), seed=1)


def draw_bgnbd(n: int, parameters: tuple[float, ...], seed: int) -> pd.DataFrame:
    r, alpha, a, b = parameters
    random = np.random.RandomState(seed)
    rate, leave = random.gamma(r, 1 / alpha, n) + 1e-12, random.beta(a, b, n)
    length = random.uniform(27, 39, n).round()
    x, tx, now, active = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        who = np.flatnonzero(active)
        now[who] += random.exponential(1 / rate[who])
        bought = who[now[who] <= length[who]]
        active[np.setdiff1d(who, bought)] = False
        x[bought] += 1
        tx[bought] = now[bought]
        active[bought] = random.random_sample(len(bought)) > leave[bought]
    # To one decimal, so that histories repeat.
    recency = np.where(x > 0, np.clip(tx.round(1), 0.1, length), 0.0)
    return pd.DataFrame({"frequency": x, "recency": recency, "T": length})
