"""Small tables on which every tree test stands."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def customers():
    """Leavers: mostly young on a monthly contract; income is missing for some."""
    rng = np.random.default_rng(3)
    n = 800
    X = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "contract": rng.choice(["month", "year", "two years"], n),
            "income": np.where(rng.random(n) < 0.2, np.nan, rng.normal(30, 8, n).round(1)),
            "noise": rng.normal(size=n),
        }
    )
    risk = 0.1 + 0.35 * (X.contract == "month") + 0.35 * (X.age < 40)
    return X, np.where(rng.random(n) < risk, "leaves", "stays")


@pytest.fixture(scope="session")
def telco(real_data):
    X = pd.read_csv(real_data / "telco_churn.csv").drop(columns="customerID")
    X["TotalCharges"] = pd.to_numeric(X["TotalCharges"], errors="coerce")
    return X.drop(columns="Churn"), X["Churn"].to_numpy()


@pytest.fixture(scope="session")
def german(real_data):
    table = pd.read_csv(real_data / "german.data", sep=" ", header=None)
    table.columns = [f"a{i}" for i in range(1, 21)] + ["risk"]
    return table.drop(columns="risk"), np.where(table["risk"] == 1, "good", "bad")
