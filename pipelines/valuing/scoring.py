"""`lode score` with a bundle of value: purchases up to a day, and what each customer is worth."""

from datetime import date
from pathlib import Path

from experiments.bundle.mlmodel import Served
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from models.value import purchase_histories
from pipelines.questions.scoring import RecordScorer, Rows
from pipelines.valuing.bundled import read_value_bundle, served_value
from pipelines.valuing.histories import read_lines
from pipelines.valuing.job import priced

__all__ = ["ValueScorer"]


class ValueScorer(RecordScorer):
    """Prices the customers of new purchases."""

    kind = "value"
    label = "customers"

    def __init__(self, folder: Path) -> None:
        self.bundle = read_value_bundle(folder)
        self.meta = self.bundle.meta

    @property
    def table(self) -> str:
        """The purchases."""
        return "lines"

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_value()

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Price everybody who bought up to the day."""
        assert as_of is not None
        lines = read_lines(warehouse, as_of, self.meta["observe"])
        bought = lines[~lines["is_return"].astype(bool)]
        if not len(bought):
            raise DataError(f"there is no purchase up to {as_of}")
        table = priced(self.bundle, purchase_histories(bought, str(as_of), self.meta["unit"]))
        order = ["lifetime_value", "customer_id"]
        table = table.sort_values(order, ascending=[False, True]).reset_index(drop=True)
        equity, currency = float(table["lifetime_value"].sum()), self.meta["economics"]["currency"]
        told = {"customers": len(table), "customer_equity": equity, "currency": currency}
        return Rows(
            table=table,
            said=[f"{len(table):,} customers are worth {equity:,.2f} {currency}"],
            facts={"list": told},
        )
