"""The rule that says who belongs to which segment: fitted, numbered, named, written and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.bundle.parts import read_frame, read_state, write_frame, write_state
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError
from lodeworks.files import new_folder
from models.segments import AttributeSpace, MixtureSegments, Segmenter, create_segmenter
from pipelines.questions.served import served_lines, served_table, write_served
from pipelines.segmenting.schemes import Schemes, write_schemes

__all__ = [
    "Segmentation",
    "places_of",
    "read_segmentation",
    "served_segments",
    "write_segmentation",
]

ROWS = 1 << 16  # at a time, which bounds the memory
FILES = ("meta.json", "space.json", "segmenter.json", "cards.parquet")


@dataclass(frozen=True)
class Segmentation:
    """Who belongs where.

    Attributes
    ----------
    columns : tuple of str
        Attributes that are used.
    space : AttributeSpace
        Fitted.
    segmenter : Segmenter
        Fitted.
    method : str
        Its kind.
    ids : tuple of int
        Number of each segment of `segmenter`.
    names : dict of int to str
        What each number is called.
    used : int
        The largest number ever used.
    """

    columns: tuple[str, ...]
    space: AttributeSpace
    segmenter: Segmenter
    method: str
    ids: tuple[int, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    used: int = 0

    def codes(self, attributes: pd.DataFrame) -> np.ndarray:
        """Give the place of each customer's segment in `ids`."""
        return self.segmenter.predict(places_of(self.space, attributes, self.segmenter.form))

    def assign(self, attributes: pd.DataFrame) -> pd.DataFrame:
        """Give ``segment``, ``name``, ``distance`` and, for a mixture, ``probability``.

        Returns
        -------
        pandas.DataFrame
            By the index of `attributes`; every customer once.
        """
        starts = range(0, max(len(attributes), 1), ROWS)
        return pd.concat([self._assign(attributes.iloc[at : at + ROWS]) for at in starts])

    def _assign(self, attributes: pd.DataFrame) -> pd.DataFrame:
        X = places_of(self.space, attributes, self.segmenter.form)
        code = self.segmenter.predict(X)
        segment = np.array(self.ids)[code]
        table = pd.DataFrame({"segment": segment}, index=attributes.index)
        table["name"] = [self.names.get(int(one), "") for one in segment]
        table["distance"] = self.segmenter.separations(X)[np.arange(len(X)), code]
        if isinstance(self.segmenter, MixtureSegments):
            table["probability"] = self.segmenter.probabilities(X).max(axis=1)
        return table


def places_of(space: AttributeSpace, attributes: pd.DataFrame, form: str) -> np.ndarray:
    """Give customers in the form that a clustering takes."""
    return space.mixed(attributes) if form == "mixed" else space.transform(attributes)


def write_segmentation(
    folder: str | Path,
    fitted: Segmentation,
    cards: pd.DataFrame,
    meta: Mapping[str, Any],
    schemes: Schemes | None = None,
) -> None:
    """Write it as a sealed bundle of plain files, whole or not at all.

    Parameters
    ----------
    folder : str or Path
        Its name.
    fitted : Segmentation
        The rule.
    cards : pandas.DataFrame
        What may be published of the segments.
    meta : mapping
        Plain values: ``kind``, ``name``, ``sources``, ``window`` ...
    schemes : Schemes, optional
        The classes that customers get beside the segment.
    """
    if schemes is not None:
        meta = {**meta, "classes": schemes.outputs}
    about = {
        **meta,
        "columns": list(fitted.columns),
        "method": fitted.method,
        "params": fitted.segmenter.get_params(),
        "space_params": fitted.space.get_params(),
        "ids": list(fitted.ids),
        "names": {str(number): name for number, name in fitted.names.items()},
        "used": fitted.used,
    }
    with new_folder(folder) as aside:
        write_json(aside / "meta.json", about)
        write_state(aside, "space", fitted.space.get_state())
        write_state(aside, "segmenter", fitted.segmenter.get_state())
        write_frame(aside / "cards.parquet", cards)
        if schemes is not None:
            write_schemes(aside, schemes)
        write_served(aside, served_segments(fitted, meta), meta)
        seal(aside)


def served_segments(fitted: Segmentation, meta: Mapping[str, Any]) -> Served:
    """Say what MLflow is told."""
    outputs = {"customer_id": "string", "segment": "long", "name": "string", "distance": "double"}
    if isinstance(fitted.segmenter, MixtureSegments):
        outputs["probability"] = "double"
    classes = dict(meta.get("classes", {}))
    if meta.get("table") is None:
        return served_lines(outputs | classes)
    kinds = np.where(fitted.space.is_category_, "text", "number")
    types = dict(zip(fitted.space.columns_, kinds.tolist(), strict=True))
    columns = {name: types.get(name, "text") for name in fitted.columns}
    return served_table({meta["id"]: "text", **columns}, outputs | classes, optional=classes)


def read_segmentation(folder: str | Path) -> tuple[Segmentation, dict[str, Any], pd.DataFrame]:
    """Read what `write_segmentation` wrote, after its seal was checked.

    Returns
    -------
    fitted : Segmentation
    meta : dict
    cards : pandas.DataFrame

    Raises
    ------
    BundleError
        When the folder is no bundle of segments, or damaged.
    """
    folder = Path(folder)
    lacking = [name for name in FILES if name not in check_seal(folder)]
    if lacking:
        raise BundleError(f"{folder}: not a bundle of segments, it lacks {', '.join(lacking)}")
    meta = read_json(folder / "meta.json")
    if meta.get("kind") != "segments":
        raise BundleError(f"{folder}: a bundle of the kind {meta.get('kind')!r}, not 'segments'")
    try:
        fitted = _fitted(folder, meta)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the segments cannot be set up: {error}") from error
    return fitted, meta, read_frame(folder / "cards.parquet")


def _fitted(folder: Path, meta: Mapping[str, Any]) -> Segmentation:
    params = {name: _as_given(value) for name, value in meta["params"].items()}
    return Segmentation(
        columns=tuple(meta["columns"]),
        space=AttributeSpace(**meta["space_params"]).set_state(read_state(folder, "space")),
        segmenter=create_segmenter(meta["method"], **params).set_state(
            read_state(folder, "segmenter")
        ),
        method=meta["method"],
        ids=tuple(int(one) for one in meta["ids"]),
        names={int(number): name for number, name in meta["names"].items()},
        used=int(meta["used"]),
    )


def _as_given(value: Any) -> Any:
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
