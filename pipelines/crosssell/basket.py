"""Answer for one basket with a bundle: what `lode score --basket` prints."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.bundle import load_bundle
from experiments.bundle.basket import BasketOffer
from experiments.registry import Registry

__all__ = ["BasketAnswer", "answer"]


@dataclass(frozen=True)
class BasketAnswer:
    """What to offer beside a basket.

    Attributes
    ----------
    basket : tuple of str
        The items in it.
    offers : tuple of BasketOffer
        The best first.
    """

    basket: tuple[str, ...]
    offers: tuple[BasketOffer, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {"basket": list(self.basket), "offers": [one.to_dict() for one in self.offers]}

    def text(self) -> str:
        """Give one line an offer for the terminal."""
        if not self.offers:
            return "nothing else is known to offer"
        return "\n".join(
            f"{one.rank}. {one.item_name} ({one.item_id}): {one.reason}" for one in self.offers
        )


def answer(address: str, basket: str, rows: int, workspace: Path) -> BasketAnswer:
    """Load the bundle and ask it; see `pipelines.score.basket_offers`."""
    is_model = address.startswith("models:")
    folder = Registry.open(workspace).resolve(address) if is_model else Path(address)
    items = tuple(item.strip() for item in basket.split(",") if item.strip())
    return BasketAnswer(items, tuple(load_bundle(folder).offers(items, rows)))
