"""Invented corporate customers of a bank: no real company is behind any of them."""

from pathlib import Path

import numpy as np
import pandas as pd

from lodeworks.files import write_text

__all__ = ["invent", "write_example"]

CLASSES = ("very high", "high", "middle", "low", "very low")
RECORDS = ("good", "late", "bad")


def invent(
    labelled: int = 40, prospects: int = 160, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw labelled customers and prospects of a bank.

    The class follows how well a company does (margin, equity, management), how much business it
    brings (turnover), and its credit record: whoever has a bad one is of low
    value at best, however well it operates. A little chance is added, as between two people who
    judge.

    Parameters
    ----------
    labelled, prospects : int
        Numbers of companies.
    seed : int
        Of the draw.

    Returns
    -------
    clients, prospects : pandas.DataFrame
        ``company``, six indicators, and ``value_class`` of the clients.
    """
    random = np.random.default_rng(seed)
    count = labelled + prospects
    table = pd.DataFrame(
        {
            "company": [f"company {place + 1:03d}" for place in range(count)],
            "turnover": np.round(np.exp(random.normal(3.0, 0.8, count)), 1),
            "profit_margin": np.round(random.normal(0.07, 0.06, count), 3),
            "equity_ratio": np.round(random.beta(3, 5, count), 2),
            "years_with_bank": random.integers(0, 25, count),
            "management": random.integers(1, 6, count),
            "credit_record": random.choice(RECORDS, count, p=[0.62, 0.2, 0.18]),
        }
    )
    worth = _worth(table) + random.normal(0, 0.1, count)
    place = np.searchsorted([-1.0, -0.4, 0.2, 0.8], worth)
    classes = np.array(CLASSES[::-1])[place]
    return (
        table.head(labelled).assign(value_class=classes[:labelled]),
        table.iloc[labelled:].reset_index(drop=True),
    )


def _worth(table: pd.DataFrame) -> np.ndarray:
    does_well = 14 * table["profit_margin"] + 1.5 * table["equity_ratio"]
    led = 0.3 * (table["management"] - 3)
    brings = 0.4 * (np.log(table["turnover"]) - 3)
    worth = does_well - 1.4 + led + brings - 0.5 * (table["credit_record"] == "late")
    bad = (table["credit_record"] == "bad").to_numpy()
    return np.asarray(np.where(bad, np.minimum(worth - 1.5, -0.8), worth))


def write_example(folder: str | Path) -> None:
    """Write ``corporate_clients.csv`` and ``corporate_prospects.csv``, as the example reads."""
    clients, prospects = invent()
    write_text(Path(folder) / "corporate_clients.csv", clients.to_csv(index=False))
    write_text(Path(folder) / "corporate_prospects.csv", prospects.to_csv(index=False))
