"""The table on which rough sets are taught."""

import pandas as pd
import pytest


@pytest.fixture
def flu():
    """Pawlak, "Rough set theory and its applications to data analysis" (1998), table 1."""
    return pd.DataFrame(
        [
            ("no", "yes", "high", "yes"),
            ("yes", "no", "high", "yes"),
            ("yes", "yes", "very high", "yes"),
            ("no", "yes", "normal", "no"),
            ("yes", "no", "high", "no"),
            ("no", "yes", "very high", "yes"),
        ],
        columns=["headache", "muscle_pain", "temperature", "flu"],
        index=["p1", "p2", "p3", "p4", "p5", "p6"],
    )
