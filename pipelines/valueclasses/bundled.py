"""A class model and its rules in a sealed folder without code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.bundle.mlmodel import Served
from experiments.bundle.parts import read_frame, read_state, write_frame, write_state
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError
from lodeworks.files import new_folder
from pipelines.questions.served import served_table, write_served
from pipelines.valueclasses.classifier import ClassModel

__all__ = ["ClassBundle", "read_classes", "served_classes", "write_classes"]

PARTS = ("classes.json", "meta.json", "rules.parquet")
OUTPUTS = {
    "value_class": "string",
    "probability": "double",
    "rule": "string",
    "rule_says": "string",
}


@dataclass(frozen=True)
class ClassBundle:
    """What the question learned.

    Attributes
    ----------
    model : ClassModel
        Fitted.
    rules : pandas.DataFrame
        Taken out of it: ``rule``, ``answer``, ``rows``, ``fidelity``.
    meta : dict
        ``kind`` ('value-classes'), ``name``, ``id``, ``columns``, ``sources``, figures.
    """

    model: ClassModel
    rules: pd.DataFrame
    meta: dict[str, Any] = field(default_factory=dict)


def write_classes(folder: str | Path, bundle: ClassBundle) -> None:
    """Write a bundle, whole or not at all."""
    with new_folder(folder) as aside:
        write_state(aside, "classes", bundle.model.get_state())
        write_frame(aside / "rules.parquet", bundle.rules)
        write_json(aside / "meta.json", bundle.meta)
        write_served(aside, served_classes(bundle.meta), bundle.meta)
        seal(aside)


def served_classes(meta: Mapping[str, Any]) -> Served:
    """Say what MLflow is told."""
    columns = {meta["id"]: "text", **meta["columns"]}
    return served_table(columns, {meta["id"]: "string", **OUTPUTS})


def read_classes(folder: str | Path) -> ClassBundle:
    """Read a bundle after its seal was checked.

    Raises
    ------
    BundleError
        When the folder is no such bundle or is damaged.
    """
    folder = Path(folder)
    check_seal(folder, needed=PARTS)
    meta = read_json(folder / "meta.json")
    if meta.get("kind") != "value-classes":
        raise BundleError(f"{folder}: a bundle of kind {meta.get('kind')!r}, not 'value-classes'")
    try:
        model = ClassModel.from_state(read_state(folder, "classes"))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the network cannot be read: {error}") from error
    return ClassBundle(model, read_frame(folder / "rules.parquet"), meta)
