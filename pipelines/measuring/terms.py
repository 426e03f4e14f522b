"""What a list was made under: control share, money, window; and how its data are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import TypeAdapter

from features.sources.spec import Source, SourceBase
from lodeworks.errors import BundleError
from pipelines.measuring.given_list import GivenList

if TYPE_CHECKING:
    from pipelines.config.cross_sell import CrossSell

__all__ = ["DEFAULT_WINDOW", "Terms", "terms_of"]

DEFAULT_WINDOW = 31


@dataclass(frozen=True)
class Terms:
    """What is known of how a list was made; None is not known.

    Attributes
    ----------
    control : float or None
        Planned share of controls.
    contact_cost : float or None
        Money a contacted customer costs.
    margin : float or None
        Share of the amount that is earned on items that state no margin.
    currency : str or None
        Of all money.
    outcome, gap : int or None
        Length of the outcome window, and days before it, in days.
    items : pandas.DataFrame or None
        ``item_id`` and ``margin``, money a piece.
    sources : sequence of SourceBase
        How the data are read; empty when not known.
    """

    control: float | None = None
    contact_cost: float | None = None
    margin: float | None = None
    currency: str | None = None
    outcome: int | None = None
    gap: int | None = None
    items: pd.DataFrame | None = None
    sources: Sequence[SourceBase] = ()

    def filled_from(self, other: "Terms") -> "Terms":
        """Take from `other` what is not known here."""
        known = vars(other)
        lacking = [
            name
            for name, value in vars(self).items()
            if value is None or (name == "sources" and not value)
        ]
        return replace(self, **{name: known[name] for name in lacking})


def terms_of(given: GivenList, config: "CrossSell | None") -> Terms:
    """Gather what the manifest, the configuration and the model's bundle say, in this order.

    How data are read is asked of the configuration first: it was given for that.
    """
    stated = Terms() if config is None else _of_config(config)
    found = replace(_of_manifest(given.manifest), sources=stated.sources)
    return found.filled_from(stated).filled_from(_of_bundle(given.manifest))


def _of_manifest(manifest: dict[str, Any]) -> Terms:
    config, terms = manifest.get("config", {}), manifest.get("terms", {})
    economics = {**config.get("economics", {}), **manifest.get("economics", {})}
    window = {**config.get("window", {}), **manifest.get("window", {})}
    policy = terms.get("policy", {})
    return Terms(
        control=terms.get("control", config.get("policy", {}).get("control")),
        contact_cost=policy.get("contact_cost", economics.get("contact_cost")),
        margin=economics.get("margin"),
        currency=manifest.get("expected_profit", {}).get("currency", economics.get("currency")),
        outcome=window.get("outcome"),
        gap=window.get("gap"),
    )


def _of_config(config: "CrossSell") -> Terms:
    money = config.economics
    return Terms(
        control=config.policy.control,
        contact_cost=money.contact_cost,
        margin=money.margin,
        currency=money.currency,
        outcome=config.window.outcome,
        gap=config.window.gap,
        sources=tuple(config.sources),
    )


def _of_bundle(manifest: dict[str, Any]) -> Terms:
    """Read the bundle that made the list, where it still lies where it lay."""
    place = manifest.get("bundle") or manifest.get("outputs", {}).get("bundle")
    if not place or not Path(place).is_dir():
        return Terms()
    from experiments.bundle import load_bundle

    try:
        bundle = load_bundle(Path(place))
    except BundleError:
        return Terms()
    meta, adapter = bundle.meta, TypeAdapter[SourceBase](Source)
    economics, window = meta.get("economics", {}), meta.get("window", {})
    return Terms(
        contact_cost=economics.get("contact_cost"),
        margin=economics.get("margin"),
        currency=meta.get("currency"),
        outcome=window.get("outcome"),
        gap=window.get("gap"),
        items=bundle.items.reindex(columns=["item_id", "margin"]),
        sources=[adapter.validate_python(spec) for spec in meta.get("sources", [])],
    )
