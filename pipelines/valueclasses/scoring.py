"""Classes of prospects by a bundle: the class, how sure it is, and the rule that says why."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.mlmodel import Served
from features.warehouse import Warehouse
from models.neural import rule_met
from pipelines.questions.scoring import RecordScorer, Rows
from pipelines.valueclasses.bundled import ClassBundle, read_classes, served_classes
from pipelines.valueclasses.clients import table_of

__all__ = ["ClassScorer", "classed"]


class ClassScorer(RecordScorer):
    """Classes new prospects."""

    kind = "value-classes"

    def __init__(self, folder: Path) -> None:
        self.bundle = read_classes(folder)
        self.meta = self.bundle.meta

    @property
    def table(self) -> str:
        """The table of prospects."""
        return str(self.meta["table"])

    @property
    def declared(self) -> Sequence[Mapping[str, Any]]:
        """The sources, with the columns that the network reads and their types."""
        return [self._needed(source) for source in self.meta["sources"]]

    def _needed(self, source: Mapping[str, Any]) -> dict[str, Any]:
        types = {self.meta["id"]: "text", **self.meta["columns"]}
        columns = {
            name: {**source["columns"].get(name, {"from": name}), "type": kind}
            for name, kind in types.items()
        }
        return {**source, "columns": columns, "rules": [], "all_columns": False}

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_classes(self.meta)

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Class who is in the table."""
        frame = table_of(warehouse, self.table, self.meta["id"])
        ids = frame[self.meta["id"]].astype(str).to_numpy(dtype=object)
        found = classed(self.bundle, ids, frame[list(self.meta["columns"])])
        counts = {
            name: int((found["value_class"] == name).sum()) for name in self.bundle.model.classes
        }
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        return Rows(table=found, said=[f"classes: {told}"], facts={"list": counts})


def classed(bundle: ClassBundle, ids: np.ndarray, table: pd.DataFrame) -> pd.DataFrame:
    """Class prospects.

    Returns
    -------
    pandas.DataFrame
        The identifier, ``value_class``, ``probability`` of it by the network, ``rule`` and
        ``rule_says`` (the class by the rule; where it differs the network saw more than the rule
        can say); from the most to the least valuable, the surest first.
    """
    name, model = bundle.meta["id"], bundle.model
    shares = model.predict_proba(table) if len(table) else np.zeros((0, len(model.classes)))
    place = shares.argmax(axis=1) if len(table) else np.zeros(0, dtype=int)
    met = rule_met(bundle.meta["conditions"], table)
    frame = pd.DataFrame(
        {
            name: ids,
            "value_class": np.array(model.classes, dtype=object)[place],
            "probability": shares.max(axis=1) if len(table) else np.zeros(0),
            "rule": bundle.rules["rule"].to_numpy(dtype=object)[met],
            "rule_says": bundle.rules["answer"].to_numpy(dtype=object)[met],
            "place": place,
        }
    )
    ordered = frame.sort_values(["place", "probability", name], ascending=[True, False, True])
    return ordered.drop(columns="place").reset_index(drop=True)
