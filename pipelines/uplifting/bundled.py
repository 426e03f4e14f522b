"""A fitted ranking and its segments in a sealed folder, and what they say of customers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.bundle.parts import read_state, write_state
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError
from lodeworks.files import new_folder
from models.uplift import UPLIFT_MODELS, UpliftModel, UpliftTree
from pipelines.questions.served import served_table, write_served

__all__ = ["UpliftBundle", "listed", "read_uplift_bundle", "served_uplift", "write_uplift_bundle"]

PARTS = ("meta.json", "ranking.json", "segments.json")


@dataclass(frozen=True)
class UpliftBundle:
    """What was learned.

    Attributes
    ----------
    ranking : UpliftModel
        The winner.
    segments : UpliftTree
        Who is persuadable.
    meta : dict
        ``kind`` ('uplift'), ``model``, ``params``, ``threshold``, ``columns``, ``data``,
        ``sources`` ...
    """

    ranking: UpliftModel
    segments: UpliftTree
    meta: dict[str, Any] = field(default_factory=dict)


def listed(
    bundle: UpliftBundle, ids: np.ndarray, table: pd.DataFrame, score: np.ndarray | None = None
) -> pd.DataFrame:
    """Rank customers.

    Parameters
    ----------
    bundle : UpliftBundle
    ids : numpy.ndarray of str
    table : pandas.DataFrame
        What is known of them.
    score : numpy.ndarray of float64, optional
        Scores by models that had not seen them; default those of the bundle's.

    Returns
    -------
    pandas.DataFrame
        The identifier, ``rank``, ``score``, ``treat`` (whether it pays), ``segment`` (in words)
        and ``segment_effect`` (measured there); best first.
    """
    scores = bundle.ranking.predict(table) if score is None else score
    leaves = bundle.segments.leaves().set_index("node")
    node = bundle.segments.leaf(table)
    frame = pd.DataFrame(
        {
            bundle.meta["id"]: ids,
            "score": scores,
            "treat": scores >= bundle.meta["threshold"],
            "segment": leaves["segment"].reindex(node).to_numpy(),
            "segment_effect": leaves["effect"].reindex(node).to_numpy(),
        }
    )
    order = frame.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)
    order.insert(1, "rank", np.arange(1, len(order) + 1))
    return order


def write_uplift_bundle(folder: str | Path, bundle: UpliftBundle) -> None:
    """Write a bundle, whole or not at all; equal bundles give equal bytes."""
    with new_folder(folder) as aside:
        write_state(aside, "ranking", bundle.ranking.get_state())
        write_state(aside, "segments", bundle.segments.get_state())
        write_json(aside / "meta.json", bundle.meta)
        write_served(aside, served_uplift(bundle.meta), bundle.meta)
        seal(aside)


def served_uplift(meta: Mapping[str, Any]) -> Served:
    """Say what MLflow is told."""
    named = meta["data"]["id"]
    columns = {**({} if named is None else {named: "text"}), **meta["columns"]}
    outputs = {"rank": "long", "score": "double", "treat": "boolean", "segment": "string"}
    return served_table(columns, {meta["id"]: "string", **outputs, "segment_effect": "double"})


def read_uplift_bundle(folder: str | Path) -> UpliftBundle:
    """Read a bundle after its seal was checked; nothing in it is run as code.

    Raises
    ------
    BundleError
        When the folder is no such bundle, or damaged.
    """
    folder = Path(folder)
    check_seal(folder, needed=PARTS)
    meta = read_json(folder / "meta.json")
    if meta.get("kind") != "uplift" or meta.get("model") not in UPLIFT_MODELS:
        raise BundleError(f"{folder}: not a bundle of the question of uplift")
    try:
        ranking = UPLIFT_MODELS[meta["model"]](**meta["params"])
        ranking.set_state(read_state(folder, "ranking"))
        segments = UpliftTree().set_state(read_state(folder, "segments"))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the model cannot be read: {error}") from error
    return UpliftBundle(ranking, segments, meta)
