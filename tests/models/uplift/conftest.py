"""An experiment whose effects are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest


@dataclass
class Known:
    """Customers, what was done, what came of it, and what it changed."""

    X: pd.DataFrame
    y: np.ndarray
    treated: np.ndarray
    effect: np.ndarray


def draw(n: int = 6000, seed: int = 0, amount: bool = False) -> Known:
    """Only women below 40 are moved; men respond more, whatever is done."""
    random = np.random.RandomState(seed)
    age = random.randint(18, 80, n).astype(float)
    sex = random.choice(["man", "woman"], n)
    X = pd.DataFrame({"age": age, "sex": sex, "noise": random.normal(size=n)})
    treated = random.randint(0, 2, n)
    effect = np.where((sex == "woman") & (age < 40), 0.3, 0.0)
    base = np.where(sex == "man", 0.4, 0.1)
    happened = (random.random_sample(n) < base + effect * treated).astype(float)
    y = happened * random.gamma(4, 5, n) if amount else happened
    return Known(X, y, treated, effect)


@pytest.fixture(scope="session")
def known() -> Known:
    return draw()


@pytest.fixture(scope="session")
def fresh() -> Known:
    return draw(4000, seed=1)
