"""A fitted classifier and all that scoring needs, in a sealed folder without code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.bundle.mlmodel import Served
from experiments.bundle.parts import read_state, write_state
from experiments.bundle.plain import read_json, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError, did_you_mean
from lodeworks.files import new_folder
from models.tabular import TableClassifier
from models.tabular.registry import REGISTRY
from models.tabular.scaling import Platt
from pipelines.predicting.reasons import REASONS
from pipelines.questions.served import served_lines, served_table, write_served

__all__ = ["PredictBundle", "read_predictor", "served_predictor", "write_predictor"]

PARTS = ("classifier.json", "meta.json", "model.json", "profile.json")


@dataclass(frozen=True)
class PredictBundle:
    """What a question about one outcome learned.

    Attributes
    ----------
    model : TableClassifier
        Fitted.
    scaling : Platt
        From its log odds to probabilities.
    meta : dict
        ``kind`` ('predict'), ``name``, ``question``, ``columns`` (name and type of each), ``data``
        or ``purchases``, ``economics``, ``sources``, ``seed``, ``trained_through`` ...
    profile : dict
        Describes the training records, for drift.
    """

    model: TableClassifier
    scaling: Platt
    meta: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)


def write_predictor(folder: str | Path, bundle: PredictBundle) -> None:
    """Write a bundle, whole or not at all; equal bundles give equal bytes."""
    kinds = {one: kind for kind, one in REGISTRY.items()}
    about = {
        "kind": kinds[type(bundle.model)],
        "params": bundle.model.get_params(deep=False),
        "scaling": {"slope": bundle.scaling.slope, "intercept": bundle.scaling.intercept},
    }
    with new_folder(folder) as aside:
        write_state(aside, "classifier", bundle.model.get_state())
        write_json(aside / "model.json", about)
        write_json(aside / "meta.json", bundle.meta)
        write_json(aside / "profile.json", bundle.profile)
        write_served(aside, served_predictor(bundle.meta), bundle.meta)
        seal(aside)


def served_predictor(meta: Mapping[str, Any]) -> Served:
    """Say what MLflow is told."""
    outputs = {
        "rank": "long",
        "probability": "double",
        "expected_profit": "double",
        "act": "boolean",
        **({} if meta.get("loyal_from") is None else {"loyal": "boolean"}),
        **{f"reason_{place + 1}": "string" for place in range(REASONS)},
    }
    data, money = meta.get("data"), meta.get("economics", {})
    if data is None:
        return served_lines({"customer_id": "string", **outputs})
    told = [money.get(name) for name in ("cost", "revenue", "loyalty")]
    columns = {} if data["id"] is None else {data["id"]: "text"}
    columns |= {name: "number" for name in told if isinstance(name, str)} | meta["columns"]
    return served_table(columns, {data["id"] or "row": "string", **outputs})


def read_predictor(folder: str | Path) -> PredictBundle:
    """Read a bundle after its seal was checked; nothing in it is run as code.

    Raises
    ------
    BundleError
        When the folder is no such bundle, or damaged, or its classifier is unknown.
    """
    folder = Path(folder)
    check_seal(folder, needed=PARTS)
    meta, about = read_json(folder / "meta.json"), read_json(folder / "model.json")
    if meta.get("kind") != "predict":
        raise BundleError(f"{folder}: a bundle of kind {meta.get('kind')!r}, not 'predict'")
    return PredictBundle(
        model=_classifier(folder, about),
        scaling=Platt(**about["scaling"]),
        meta=meta,
        profile=read_json(folder / "profile.json"),
    )


def _classifier(folder: Path, about: Mapping[str, Any]) -> TableClassifier:
    kind = about["kind"]
    if kind not in REGISTRY:
        raise BundleError(f"{folder}: unknown classifier {kind!r}; {did_you_mean(kind, REGISTRY)}")
    try:
        made: TableClassifier = REGISTRY[kind](**about["params"])
        return made.set_state(read_state(folder, "classifier"))
    except (TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the classifier cannot be read: {error}") from error
