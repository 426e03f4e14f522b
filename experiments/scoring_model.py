"""What MLflow calls to score with a bundle: purchases in, ranked offers with their reasons out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.bundle import Bundle, load_bundle
from experiments.bundle.mlmodel import OUTPUT_COLUMNS
from experiments.item_names import item_names
from experiments.scoring_features import indicators_of
from lodeworks.errors import DataError
from models.recommend.history import History

__all__ = ["ScoringModel", "score"]


class ScoringModel:
    """A bundle behind MLflow's `predict`."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def predict(
        self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Recommend to every customer in a frame of purchases; see `score`."""
        given = dict(params or {})
        return score(
            self.bundle,
            model_input,
            as_of=given.get("as_of") or None,
            rows=int(given.get("rows", 10)),
            exclude_owned=bool(given.get("exclude_owned", True)),
        )


def score(
    bundle: Bundle,
    purchases: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp | None = None,
    rows: int = 10,
    exclude_owned: bool = True,
    customer_features: pd.DataFrame | None = None,
    subjects: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Recommend from purchases, and from what else the indicators of the bundle need.

    Of ``bundle.meta``, ``customer_features`` (the indicators of training, in order),
    ``families`` and ``window.observe`` are used.

    Parameters
    ----------
    bundle : Bundle
        The fitted candidate.
    purchases : pandas.DataFrame
        ``customer_id``, ``item_id``, ``order_id``, ``ordered_at``, ``quantity``, ``amount``.
    as_of : str or Timestamp, optional
        The last day that counts; default the day of the latest purchase.
    rows : int
        Offers a customer, at most.
    exclude_owned : bool
        Leave out what the customer bought before.
    customer_features : pandas.DataFrame, optional
        Indicators by ``customer_id`` (the index); those of the bundle that are not in there are
        missing values. Default: computed from `purchases` and `subjects`.
    subjects : mapping of str to pandas.DataFrame, optional
        Detail behind the marts that the bundle was trained with; see
        `experiments.scoring_features.indicators_of`.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``rank``, ``item_id``, ``score``, ``probability`` (NaN without a
        calibrator), ``reason``, ``evidence_id``; sorted by customer and rank.
    """
    if purchases.empty:
        return _empty()
    day = purchases["ordered_at"].max() if as_of is None else _day(as_of)
    seen = _seen(purchases, day, bundle.meta)
    if seen.empty:
        return _empty()
    history = History.from_purchases(
        seen,
        day,
        customer_features=_indicators(bundle, seen, day, customer_features, subjects),
        item_features=bundle.item_features,
        items=bundle.recommender.items_,
    )
    recommender = bundle.recommender
    found = recommender.recommend(history, n=rows, exclude_owned=exclude_owned)
    history = history.with_items(recommender.items_)
    reasons = recommender.explain(
        history,
        found["customer"].to_numpy(),
        found["item"].to_numpy(),
        item_names(bundle.items, bundle.recommender.items_),
    )
    return pd.DataFrame(
        {
            "customer_id": history.customers[found["customer"]].astype(object),
            "rank": found["rank"].to_numpy(dtype=np.int64),
            "item_id": recommender.items_[found["item"]].astype(object),
            "score": found["score"].to_numpy(),
            "probability": _probability(bundle, history, found),
            "reason": [reason.text for reason in reasons],
            "evidence_id": [reason.evidence_id for reason in reasons],
        }
    )


def _load_pyfunc(path: str) -> ScoringModel:
    return ScoringModel(load_bundle(Path(path)))


def _empty() -> pd.DataFrame:
    kinds = {"string": object, "long": np.int64, "double": np.float64}
    columns = {name: pd.Series(dtype=kinds[kind]) for name, kind in OUTPUT_COLUMNS.items()}
    return pd.DataFrame(columns)


def _day(as_of: str | pd.Timestamp) -> pd.Timestamp:
    try:
        return pd.Timestamp(as_of)
    except ValueError as error:
        raise DataError(f"as_of: {as_of!r} is not a date like 2024-12-31") from error


def _seen(purchases: pd.DataFrame, day: pd.Timestamp, meta: Mapping[str, Any]) -> pd.DataFrame:
    """Keep what training would have seen: up to the end of the day, and not too long ago."""
    end = day.normalize() + pd.Timedelta(days=1)
    seen = purchases["ordered_at"] < end
    observe = _observe(meta)
    if observe is not None:
        seen &= purchases["ordered_at"] >= end - pd.Timedelta(days=observe)
    return purchases[seen]


def _observe(meta: Mapping[str, Any]) -> int | None:
    return (meta.get("window") or {}).get("observe")


def _indicators(
    bundle: Bundle,
    seen: pd.DataFrame,
    day: pd.Timestamp,
    given: pd.DataFrame | None,
    subjects: Mapping[str, pd.DataFrame] | None,
) -> pd.DataFrame | None:
    known = bundle.meta.get("customer_features")
    if not known:
        return given
    if given is not None:
        customers = pd.Index(sorted(seen["customer_id"].unique()))
        return given.reindex(index=customers, columns=known).astype(np.float64)
    return indicators_of(
        seen,
        day.date(),
        observe=_observe(bundle.meta),
        items=bundle.items,
        columns=known,
        families=bundle.meta.get("families"),
        subjects=subjects,
    )


def _probability(bundle: Bundle, history: History, found: pd.DataFrame) -> np.ndarray:
    if bundle.calibrator is None:
        return np.full(len(found), np.nan)
    from models.calibration import offer_inputs

    return np.asarray(bundle.calibrator.predict_proba(offer_inputs(found, history)))
