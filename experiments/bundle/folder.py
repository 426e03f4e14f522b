"""A fitted candidate and all that scoring needs, written to a sealed folder and read back."""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import lodeworks
from experiments.bundle.mlmodel import REQUIREMENTS, write_mlmodel
from experiments.bundle.parts import read_frame, read_state, write_frame, write_state
from experiments.bundle.plain import read_json, to_plain, write_json
from experiments.bundle.seal import check_seal, seal
from lodeworks.errors import BundleError, did_you_mean
from lodeworks.files import new_folder

if TYPE_CHECKING:
    from experiments.bundle.basket import BasketOffer, Counter
    from models.baskets import BasketTable
    from models.recommend.base import Recommender

__all__ = ["Bundle", "load_bundle", "write_bundle"]

Registry = Mapping[str, "type[Recommender]"]


@dataclass(frozen=True)
class Bundle:
    """What a candidate learned, and under which terms it is to be used.

    Attributes
    ----------
    recommender : Recommender
        Fitted.
    calibrator : PurchaseCalibrator or None
        Turns scores into probabilities of a purchase.
    items : pandas.DataFrame
        One row an item: ``item_id`` and, where known, ``item_name``, ``category``, ``price``,
        ``margin``.
    item_features : pandas.DataFrame or None
        Numbers by ``item_id`` (the index) that the recommender was fitted with.
    meta : dict
        Plain values: name, recipe, sources, window, features, policy, economics, seeds, dates ...
        ``customer_features`` (names of the indicators, in order), ``families`` of them and
        ``window.observe`` (days) are used when scoring; ``as_of`` dates the MLflow model.
    profile : dict
        Plain values that describe the training data, for drift.
    baskets : BasketTable or None
        What lies in the same basket, over the recommender's items.
    """

    recommender: "Recommender"
    calibrator: Any = None
    items: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"item_id": []}, dtype=object))
    item_features: pd.DataFrame | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    baskets: "BasketTable | None" = None

    @cached_property
    def counter(self) -> "Counter":
        """The bundle made ready to answer for one basket at a time."""
        from experiments.bundle.basket import Counter

        return Counter(self)

    def offers(self, basket: Sequence[str], n: int = 5) -> "list[BasketOffer]":
        """Give the best `n` items that are not in the basket; see `Counter.offers`.

        Of a bundle that was exported: ``load_bundle("shop.bundle").offers(["A", "B"])``.
        """
        return self.counter.offers(basket, n)


def write_bundle(folder: str | Path, bundle: Bundle, *, registry: Registry | None = None) -> None:
    """Write a bundle, whole or not at all; equal bundles give equal bytes.

    Parameters
    ----------
    folder : str or Path
        Its name; an existing folder of that name is replaced.
    bundle : Bundle
        What to write.
    registry : mapping of kind to class, optional
        Where the recommender's kind is looked up; default the registry of `models.recommend`.

    Raises
    ------
    TypeError
        When a part has no open format.
    BundleError
        When the recommender is not in the registry.
    """
    kind = _kind(bundle.recommender, registry)
    with new_folder(folder) as aside:
        _write_recommender(aside, kind, bundle.recommender)
        if bundle.calibrator is not None:
            write_state(aside, "calibrator", bundle.calibrator.get_state())
        if bundle.baskets is not None:
            write_state(aside, "baskets", bundle.baskets.get_state())
        write_frame(aside / "items.parquet", bundle.items)
        if bundle.item_features is not None:
            write_frame(aside / "item_features.parquet", bundle.item_features)
        write_json(aside / "meta.json", bundle.meta)
        write_json(aside / "profile.json", bundle.profile)
        write_json(aside / "licences.json", _licences())
        write_mlmodel(aside, _example_items(bundle.items), _created(bundle.meta))
        seal(aside)


def load_bundle(
    folder: str | Path, *, registry: Registry | None = None, calibrator: type | None = None
) -> Bundle:
    """Read a bundle after its seal was checked; nothing in it is run as code.

    Parameters
    ----------
    folder : str or Path
        A bundle.
    registry : mapping of kind to class, optional
        Where the recommender's kind is looked up; default the registry of `models.recommend`.
    calibrator : class, optional
        Default `models.calibration.PurchaseCalibrator`.

    Raises
    ------
    BundleError
        When the folder is no bundle, of a newer format, damaged, or its recommender is unknown.
    """
    folder = Path(folder)
    files = check_seal(folder)
    _require(folder, files, ("recommender.json", "model.json", "items.parquet", "meta.json"))
    try:
        return _read(folder, files, registry, calibrator)
    except BundleError:
        raise
    except Exception as error:  # whoever seals a bundle anew may have put anything in it
        raise BundleError(f"{folder}: a part cannot be read: {error}") from error


def _read(
    folder: Path, files: frozenset[str], registry: Registry | None, calibrator: type | None
) -> Bundle:
    return Bundle(
        recommender=_read_recommender(folder, registry),
        calibrator=_read_calibrator(folder, calibrator) if "calibrator.json" in files else None,
        items=read_frame(folder / "items.parquet"),
        item_features=(
            read_frame(folder / "item_features.parquet")
            if "item_features.parquet" in files
            else None
        ),
        meta=read_json(folder / "meta.json"),
        profile=read_json(folder / "profile.json") if "profile.json" in files else {},
        baskets=_read_baskets(folder) if "baskets.json" in files else None,
    )


def _require(folder: Path, files: frozenset[str], needed: tuple[str, ...]) -> None:
    absent = [name for name in needed if name not in files]
    if absent:
        raise BundleError(f"{folder}: the bundle lacks {', '.join(absent)}")


def _write_recommender(folder: Path, kind: str, recommender: "Recommender") -> None:
    about = {
        "kind": kind,
        "params": to_plain(recommender.get_params(deep=False), "params"),
        "family": recommender.family,
        "complexity": recommender.complexity,
    }
    write_json(folder / "model.json", about)
    write_state(folder, "recommender", recommender.get_state())


def _read_recommender(folder: Path, registry: Registry | None) -> "Recommender":
    about = read_json(folder / "model.json")
    known, kind = _registry(registry), str(about.get("kind"))
    if kind not in known:
        raise BundleError(
            f"{folder}: no recommender of kind {kind!r} here; {did_you_mean(kind, known)}"
        )
    state = read_state(folder, "recommender")
    try:
        return known[kind](**about.get("params", {})).set_state(state)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the recommender cannot be set up: {error}") from error


def _read_calibrator(folder: Path, calibrator: type | None) -> Any:
    if calibrator is None:
        from models.calibration import PurchaseCalibrator

        calibrator = PurchaseCalibrator
    state = read_state(folder, "calibrator")
    try:
        return calibrator().set_state(state)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the calibrator cannot be set up: {error}") from error


def _read_baskets(folder: Path) -> "BasketTable":
    from models.baskets import BasketTable

    try:
        return BasketTable().set_state(read_state(folder, "baskets"))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the table of baskets cannot be set up: {error}") from error


def _kind(recommender: "Recommender", registry: Registry | None) -> str:
    known = _registry(registry)
    for kind, known_class in known.items():
        if type(recommender) is known_class:
            return kind
    raise BundleError(
        f"{type(recommender).__name__} is not a registered recommender; known: {', '.join(known)}"
    )


def _registry(registry: Registry | None) -> Registry:
    if registry is not None:
        return registry
    from models.recommend.registry import REGISTRY

    return REGISTRY


def _licences() -> dict[str, Any]:
    """Name the version and the licence of what the bundle needs to run."""
    needed = {name: importlib.metadata.metadata(name) for name in REQUIREMENTS}
    return {
        "lodeworks": {"version": lodeworks.__version__, "licence": "Apache-2.0"},
        **{
            name: {"version": about["Version"], "licence": _licence(about)}
            for name, about in needed.items()
        },
    }


def _licence(about: Any) -> str:
    """Prefer the short expression; some packages put the whole text into the older field."""
    named = [c.rsplit(" :: ", 1)[1] for c in about.get_all("Classifier", []) if "License ::" in c]
    first = (about.get("License") or "").strip().split("\n")[0]
    return about.get("License-Expression") or ", ".join(named) or first or "see the package"


def _example_items(items: pd.DataFrame) -> list[str]:
    return [str(item) for item in items["item_id"].sort_values().head(3)]


def _created(meta: Mapping[str, Any]) -> str:
    return f"{str(meta.get('as_of', '1970-01-01'))[:10]} 00:00:00"
