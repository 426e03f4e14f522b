import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def numbers():
    random = np.random.default_rng(0)
    return pd.DataFrame(random.normal(size=(200, 3)), columns=["a", "b", "c"])
