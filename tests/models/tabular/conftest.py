import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def people():
    """Records whose outcome depends on a number, bent, and on a category."""
    random = np.random.default_rng(0)
    rows = 600
    age = random.uniform(18, 80, rows)
    job = random.choice(["clerk", "nurse", "pilot"], rows, p=[0.5, 0.3, 0.2])
    noise = random.normal(size=rows)
    log_odds = -1.0 + 0.08 * np.maximum(age - 50, 0) + 1.5 * (job == "pilot") - 0.5
    outcome = (random.uniform(size=rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    table = pd.DataFrame({"age": age, "job": job, "noise": noise})
    table.loc[::17, "age"] = np.nan
    table.loc[::23, "job"] = None
    return table, outcome
