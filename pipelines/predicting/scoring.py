"""`lode score` with a bundle of a question about one outcome: probabilities and reasons."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from experiments.bundle.mlmodel import Served
from experiments.drift import drift
from features.warehouse import Warehouse
from features.warehouse.tables import ORIGIN
from features.windows import Window
from lodeworks.errors import DataError
from pipelines.config.predict import Money, Predict, Purchases
from pipelines.config.predict import Records as Declared
from pipelines.predicting.bundled import read_predictor, served_predictor
from pipelines.predicting.listing import list_of
from pipelines.predicting.records import Records
from pipelines.predicting.table import PLACE, read_records
from pipelines.predicting.windows import customers_at
from pipelines.questions.scoring import RecordScorer, Rows

__all__ = ["PredictScorer", "name_of_id", "sources_for_scoring"]


def name_of_id(data: Declared | None) -> str:
    """Give the name of the column that names a record: ``row`` where none is stated."""
    if data is None:
        return "customer_id"
    return data.id or "row"


def sources_for_scoring(config: Predict, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Give the sources as a bundle keeps them: only the columns that scoring needs.

    Parameters
    ----------
    config : Predict
        What was asked.
    columns : sequence of str
        What the classifier reads.
    """
    dumped = [
        source.model_dump(mode="json", by_alias=True, exclude={"url"}) for source in config.sources
    ]
    if config.data is None:
        return dumped
    money = config.economics
    named = [config.data.id, money.cost, money.revenue, money.loyalty]
    wanted = [*columns, *(n for n in named if isinstance(n, str) and n not in columns)]
    found = [source for source in dumped if source["table"] == config.data.table]
    return [_narrowed(source, wanted, config.data.id) for source in found]


def _narrowed(source: dict[str, Any], wanted: Sequence[str], id_: str | None) -> dict[str, Any]:
    stated = source["columns"]
    columns = {name: stated.get(name, {"from": name}) for name in wanted}
    rules = [rule for rule in source["rules"] if rule["column"] in columns]
    return {**source, "columns": columns, "rules": rules, "all_columns": False, "id": id_}


class PredictScorer(RecordScorer):
    """Says of new records how likely the outcome is, why, and whether it pays to act."""

    kind = "predict"

    def __init__(self, folder: Path) -> None:
        self.bundle = read_predictor(folder)
        self.meta = self.bundle.meta
        stated = self.meta["data"]
        self.data: Declared | None = None if stated is None else _section(Declared, stated)
        self.money: Money = _section(Money, self.meta["economics"])

    @property
    def table(self) -> str:
        """The table of records, or the purchases."""
        return "lines" if self.data is None else self.data.table

    @property
    def declared(self) -> Sequence[Mapping[str, Any]]:
        """The sources, with the type of every column that the configuration left open."""
        return [_typed(source, self.meta["columns"]) for source in self.meta["sources"]]

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_predictor(self.meta)

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """List the records, those to act upon first."""
        bundle, records = self.bundle, self._records(warehouse, as_of)
        listed = list_of(
            records,
            bundle.scaling.probabilities(bundle.model.decision_function(records.table)),
            bundle.model,
            self.money,
            name=name_of_id(self.data),
            loyal_from=self.meta["loyal_from"],
        )
        features = records.table.select_dtypes("number").astype(np.float64)
        acted, currency = listed[listed["act"]], self.money.currency
        profit = float(acted["expected_profit"].sum())
        counts = {"records": len(listed), "act": len(acted), "expected_profit": profit}
        return Rows(
            table=listed,
            said=[
                f"{len(listed):,} records scored; it pays to act upon {len(acted):,}, expected"
                f" profit {profit:,.2f} {currency}"
            ],
            facts={
                "question": self.meta["question"],
                "list": {**counts, "currency": currency},
                "drift": drift(bundle.profile.get("features", {}), features),
            },
        )

    def _records(self, warehouse: Warehouse, as_of: date | None) -> Records:
        columns = list(self.meta["columns"])
        if self.data is None:
            assert as_of is not None
            stated: Purchases = _section(Purchases, self.meta["purchases"])
            asked = stated.window
            window = Window(as_of, asked.observe, asked.gap, asked.outcome)
            return customers_at(warehouse, window, stated, self.money, columns)
        frame = warehouse.table(self.table.removeprefix("own:")).to_pandas()
        frame = frame.sort_values(PLACE, kind="stable").reset_index(drop=True)
        if not len(frame):
            raise DataError(f"{self.table}: there is no record to score")
        frame = frame.drop(columns=[*ORIGIN])
        records = read_records(frame, self.data, self.money, self.table, scoring=True)
        return records.with_columns(columns)


def _typed(source: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """State the type of every column that the configuration left open."""
    id_ = source.get("id")
    columns = {
        name: {**spec, "type": spec.get("type") or _type(name, types, id_)}
        for name, spec in source["columns"].items()
    }
    kept = {name: value for name, value in source.items() if name != "id"}
    return {**kept, "columns": columns} if "id" in source else kept


def _type(name: str, types: Mapping[str, str], id_: str | None) -> str:
    if name == id_ and name not in types:
        return "text"
    return types.get(name, "number")


def _section(kind: Any, values: Mapping[str, Any]) -> Any:
    """Read a section back; JSON has lists in the place of tuples."""
    return kind.model_validate(values, strict=False)
