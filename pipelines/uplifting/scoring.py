"""`lode score` with a bundle of uplift: new customers, ranked by how much treating changes them."""

from datetime import date
from pathlib import Path

from experiments.bundle.mlmodel import Served
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from pipelines.questions.scoring import RecordScorer, Rows
from pipelines.uplifting.bundled import listed, read_uplift_bundle, served_uplift
from pipelines.uplifting.trial import ids_of, read_frame

__all__ = ["UpliftScorer"]


class UpliftScorer(RecordScorer):
    """Ranks new customers."""

    kind = "uplift"

    def __init__(self, folder: Path) -> None:
        self.bundle = read_uplift_bundle(folder)
        self.meta = self.bundle.meta

    @property
    def table(self) -> str:
        """The table of customers."""
        return str(self.meta["data"]["table"])

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_uplift(self.meta)

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Rank who is in the table."""
        frame = read_frame(warehouse, self.table)
        if not len(frame):
            raise DataError(f"{self.table}: there is no customer to rank")
        ids = ids_of(frame, self.meta["data"]["id"])
        table = listed(self.bundle, ids, frame[list(self.meta["columns"])])
        treat = int(table["treat"].sum())
        return Rows(
            table=table,
            said=[f"{len(table):,} customers ranked; it pays to treat {treat:,}"],
            facts={"list": {"records": len(table), "treat": treat}},
        )
