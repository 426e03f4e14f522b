"""`lode score` with a bundle of segments: each customer of new data gets a segment."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.drift import drift
from features.warehouse import Warehouse
from lodeworks.errors import DataError
from pipelines.config.segments import Attributes
from pipelines.questions.scoring import RecordScorer, Rows
from pipelines.segmenting.people import People, people_at, people_of_table
from pipelines.segmenting.schemes import read_schemes
from pipelines.segmenting.segmentation import read_segmentation, served_segments

__all__ = ["SegmentScorer"]


class SegmentScorer(RecordScorer):
    """Puts the customers of new data into segments, and into the classes beside them."""

    kind = "segments"
    label = "segments"

    def __init__(self, folder: Path) -> None:
        self.fitted, self.meta, _ = read_segmentation(folder)
        self.schemes = read_schemes(folder)

    @property
    def table(self) -> str:
        """The purchases, or a table of customers."""
        return str(self.meta["table"] or "lines")

    @property
    def terms(self) -> Mapping[str, Any]:
        """Time zone and currency of the warehouse."""
        return dict(self.meta["warehouse"])

    @property
    def served(self) -> Served:
        """What MLflow is told."""
        return served_segments(self.fitted, self.meta)

    def rows(self, warehouse: Warehouse, as_of: date | None) -> Rows:
        """Give everybody a segment and, as far as the data allow, the classes beside it."""
        everything = self._people(warehouse, as_of)
        people = everything.only(self.fitted.columns)
        assigned = self.fitted.assign(people.attributes)
        if self.schemes is not None and self.schemes.can_class(everything):
            assigned = assigned.join(self.schemes.predict(everything))
        sizes = _sizes(assigned)
        told = [f"{one['segment']:>4}  {one['customers']:>9,}  {one['name']}" for one in sizes]
        return Rows(
            table=assigned.rename_axis("customer_id").reset_index(),
            said=[f"{len(assigned):,} customers in {len(sizes)} segments", *told],
            facts={
                "customers": len(assigned),
                "segments": sizes,
                "drift": drift(self.meta["profile"], people.attributes.select_dtypes("number")),
            },
            csv_digits=10,
        )

    def _people(self, warehouse: Warehouse, as_of: date | None) -> People:
        meta, columns = self.meta, list(self.fitted.columns)
        beside = () if self.schemes is None else self.schemes.columns
        read = list(dict.fromkeys([*columns, *beside]))
        if meta["table"] is None:
            assert as_of is not None
            observe = int(meta["window"]["observe"])
            return people_at(warehouse, as_of, observe, meta["families"], columns=read)
        people = people_of_table(warehouse, Attributes(table=meta["table"], id=meta["id"]))
        lacking = [name for name in columns if name not in people.attributes]
        if lacking:
            raise DataError(f"{meta['table']}: the segments need {', '.join(lacking)}")
        return people.only([name for name in read if name in people.attributes])


def _sizes(assigned: pd.DataFrame) -> list[dict[str, Any]]:
    counted = assigned.groupby(["segment", "name"]).size().reset_index(name="customers")
    return [
        {"segment": int(number), "name": str(name), "customers": int(count)}
        for number, name, count in counted.itertuples(index=False)
    ]
