"""A bundle of a question behind MLflow's `predict`: a frame in, the rows of `lode score` out."""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.bundle.mlmodel import EXAMPLE_LINES, INPUT_COLUMNS, Served, describe
from lodeworks.errors import DataError

if TYPE_CHECKING:
    from pipelines.questions.scoring import RecordScorer

__all__ = ["ServedModel", "served_lines", "served_table", "write_served"]

LOADER = "pipelines.questions.served"
TYPES = {"number": "double", "text": "string"}
COLUMN_TYPES = {"double": "number", "string": "text", "datetime": "timestamp"}
EXAMPLE = {"double": 1.0, "string": "a"}
AS_OF = {"name": "as_of", "type": "string", "default": "", "shape": None}
RETURNED = {"column": "quantity", "below": 0}


def served_table(
    columns: Mapping[str, str], outputs: Mapping[str, str], optional: Collection[str] = ()
) -> Served:
    """Say what a model of a table of one's own takes and gives.

    Parameters
    ----------
    columns : mapping of str to str
        What must be given: ``number`` or ``text``.
    outputs : mapping of str to str
        What comes back, by MLflow's name of its type.
    optional : collection of str
        What does not always come.
    """
    inputs = {name: TYPES[kind] for name, kind in columns.items()}
    row = [EXAMPLE[kind] for kind in inputs.values()]
    return Served(loader=LOADER, inputs=inputs, outputs=outputs, optional=optional, rows=[row])


def served_lines(outputs: Mapping[str, str], optional: Collection[str] = ()) -> Served:
    """Say what a model of purchases takes and gives; a negative quantity is a return.

    Parameters
    ----------
    outputs, optional
        As of `served_table`.
    """
    rows = [
        [customer, "item", order, moment, quantity, amount]
        for customer, order, moment, quantity, amount in EXAMPLE_LINES
    ]
    return Served(
        loader=LOADER,
        inputs=INPUT_COLUMNS,
        outputs=outputs,
        optional=optional,
        params=(AS_OF,),
        rows=rows,
    )


def write_served(folder: Path, served: Served, meta: Mapping[str, Any]) -> None:
    """Write MLflow's description into a bundle whose other files are complete."""
    day = meta.get("as_of") or meta.get("trained_through") or "1970-01-01"
    describe(folder, served, f"{str(day)[:10]} 00:00:00")


class ServedModel:
    """A bundle behind MLflow's `predict`.

    Parameters
    ----------
    scorer : RecordScorer
        The bundle.
    """

    def __init__(self, scorer: "RecordScorer") -> None:
        self.scorer = scorer

    def predict(
        self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Score a frame as `lode score` would a file of it.

        Parameters
        ----------
        model_input : pandas.DataFrame
            The columns of the signature, by the names that the model knows them by.
        params : mapping, optional
            ``as_of``, the last day that may be seen of purchases; default that of the latest one.

        Raises
        ------
        DataError
            When a column is missing or nothing can be scored.
        """
        from features.sources.spec import ParquetSource

        frame = self._given(model_input)
        day = self._day(frame, (params or {}).get("as_of"))
        with TemporaryDirectory() as folder, self.scorer.warehouse() as warehouse:
            path = Path(folder) / "given.parquet"
            frame.to_parquet(path, index=False)
            source = ParquetSource.model_validate({**self._source(), "path": str(path)})
            warehouse.add([source])
            return self.scorer.rows(warehouse, day).table

    def _given(self, frame: pd.DataFrame) -> pd.DataFrame:
        inputs = self.scorer.served.inputs
        lacking = [name for name in inputs if name not in frame]
        if lacking:
            raise DataError(f"the model needs the columns {', '.join(lacking)}")
        if not len(frame):
            raise DataError("there is no row to score")
        return pd.DataFrame({name: _as(frame[name], kind) for name, kind in inputs.items()})

    def _source(self) -> dict[str, Any]:
        inputs = self.scorer.served.inputs
        columns = {n: {"from": n, "type": COLUMN_TYPES[kind]} for n, kind in inputs.items()}
        returns = RETURNED if self.scorer.needs_day else None
        return {"table": self.scorer.table, "columns": columns, "returns": returns}

    def _day(self, frame: pd.DataFrame, asked: Any) -> date | None:
        if not self.scorer.needs_day:
            return None
        if not asked:
            return pd.Timestamp(frame["ordered_at"].max()).date()
        try:
            return date.fromisoformat(str(asked))
        except ValueError as error:
            raise DataError(f"as_of: {asked!r} is not a date like 2024-12-31") from error


def _as(values: pd.Series, kind: str) -> pd.Series:
    if kind == "double":
        return pd.to_numeric(values, errors="coerce").astype("float64")
    if kind == "datetime":
        return pd.to_datetime(values)
    return values.astype(object).where(values.notna(), None).map(str, na_action="ignore")


def _load_pyfunc(path: str) -> ServedModel:
    from pipelines.score import scorer_of

    folder = Path(path)
    return ServedModel(scorer_of(folder)(folder))
