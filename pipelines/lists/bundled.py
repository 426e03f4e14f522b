"""What the lists need, into a bundle and out of it."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from experiments.bundle import Bundle
from experiments.evaluation.money import Economics, Spread
from lodeworks.errors import BundleError
from models.segments import ValuePyramid
from pipelines.lists.make import ListSpec, Scorer
from pipelines.lists.policy import Policy
from pipelines.lists.restrictions import Restrictions

__all__ = ["item_features_of", "list_spec", "scorer_of", "spec_meta"]


def spec_meta(
    spec: ListSpec, economics: Economics, spread: Spread, pyramid: ValuePyramid
) -> dict[str, Any]:
    """Give the terms of a list as plain values for ``Bundle.meta``."""
    return {
        "list": asdict(spec),
        "economics": asdict(economics),
        "spread": asdict(spread),
        "pyramid": {"cuts": pyramid.cuts_},
    }


def list_spec(bundle: Bundle) -> ListSpec:
    """Read the terms of the list that a bundle was made for."""
    terms = dict(_meta(bundle, "list"))
    policy = Policy(**terms["policy"])
    restrictions = Restrictions.from_plain(terms["restrictions"])
    return ListSpec(**{**terms, "policy": policy, "restrictions": restrictions})


def scorer_of(bundle: Bundle, version: str) -> Scorer:
    """Take everything that makes rows out of a bundle.

    Parameters
    ----------
    bundle : Bundle
        Loaded or just made.
    version : str
        Written into every row.

    Raises
    ------
    BundleError
        When the bundle was not made for lists.
    """
    pyramid = ValuePyramid()
    pyramid.cuts_ = [float(cut) for cut in _meta(bundle, "pyramid")["cuts"]]
    if bundle.calibrator is None:
        raise BundleError("the bundle has no calibrator, so its rows cannot be priced")
    return Scorer(
        recommender=bundle.recommender,
        calibrator=bundle.calibrator,
        pyramid=pyramid,
        items=bundle.items,
        economics=Economics(**_meta(bundle, "economics")),
        spread=Spread(**_meta(bundle, "spread")),
        model=str(_meta(bundle, "name")),
        version=version,
    )


def item_features_of(bundle: Bundle) -> pd.DataFrame:
    """Give what was known of the items when the bundle was made.

    Lists use this instead of what the data at hand say, so that the rows of a customer do not
    depend on who else is scored.
    """
    if bundle.item_features is None:
        raise BundleError("the bundle has no features of items; it was not made for lists")
    return bundle.item_features


def _meta(bundle: Bundle, name: str) -> Any:
    if name not in bundle.meta:
        raise BundleError(f"the bundle says nothing of {name!r}; it was not made for lists")
    return bundle.meta[name]
