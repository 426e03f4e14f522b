"""`lode score` with a bundle of deviation: who is unlike the others of the class, and why."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.drift import drift
from features.warehouse import Warehouse
from pipelines.deviating.profile import Profile, read_profile, served_profile
from pipelines.deviating.reading import classes_of, read
from pipelines.questions.scoring import RecordScorer, Rows

__all__ = ["DeviationScorer", "judged"]


class DeviationScorer(RecordScorer):
    """Holds customers against what was usual in their class."""

    kind = "deviation"

    def __init__(self, folder: Path) -> None:
        self.profile = read_profile(folder)
        self.meta = self.profile.meta

    @property
    def table(self) -> str:
        """The purchases."""
        return "lines"

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_profile()

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Judge everybody who bought in the span."""
        assert as_of is not None
        meta = self.meta
        seen = read(warehouse, as_of, meta["observe"], meta["families"], columns=meta["columns"])
        table = judged(self.profile, seen.features, classes_of(seen, meta["by"], meta["cuts"]))
        counts = {"customers": len(table), "unusual": int(table["unusual"].sum())}
        return Rows(
            table=table,
            said=[f"{counts['unusual']:,} of {counts['customers']:,} customers are unusual"],
            facts={
                "list": counts,
                "drift": drift(meta["profile"], seen.features),
                "notes": _notes(meta, table),
            },
            csv_digits=10,
        )


def judged(profile: Profile, features: pd.DataFrame, classes: pd.Series) -> pd.DataFrame:
    """Judge customers, the most unusual first.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``rank``, ``unusual``, ``class``, ``score`` (1 = as unusual as the share
        that the profile was made with; NaN in a class that it does not know) and ``text``, why.
    """
    found = profile.members.judge(features, classes)
    table = pd.DataFrame(
        {
            "customer_id": features.index.astype(str),
            "unusual": found["unusual"].to_numpy(dtype=bool),
            "class": found["group"].to_numpy(dtype=object),
            "score": (found["score"] / found["limit"]).to_numpy(dtype=np.float64),
            "text": found["text"].to_numpy(dtype=object),
        }
    )
    keys = ["unusual", "score", "customer_id"]
    ordered = table.sort_values(keys, ascending=[False, False, True], ignore_index=True)
    ordered.insert(1, "rank", np.arange(1, len(ordered) + 1))
    return ordered


def _notes(meta: Mapping[str, Any], table: pd.DataFrame) -> list[str]:
    strange = table.loc[table["score"].isna(), "class"].value_counts().sort_index()
    return [
        f"class {name!r} with {count:,} customers is not in the profile of {meta['name']}:"
        " nobody in it is judged"
        for name, count in strange.items()
    ]
