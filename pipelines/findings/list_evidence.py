"""The columns of a list that say what its rows rest on and should earn."""

from pathlib import Path

import pandas as pd

from lodeworks.spreadsheet import FORMULA_STARTS

__all__ = ["list_evidence"]

COLUMNS = ["customer_id", "item_id", "evidence_id", "group", "expected_profit"]
TEXTS = COLUMNS[:4]


def list_evidence(path: Path) -> pd.DataFrame:
    """Read the columns of a list that say what its rows rest on and should earn."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path, columns=COLUMNS)
    frame = pd.read_csv(
        path, usecols=COLUMNS, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False
    )
    for name in TEXTS:
        guarded = frame[name].str.startswith(tuple(f"'{sign}" for sign in FORMULA_STARTS))
        frame[name] = frame[name].mask(guarded, frame[name].str[1:])
    return frame
