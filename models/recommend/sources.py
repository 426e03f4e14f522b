"""The cheap recommenders that propose candidates and whose scores a ranker weighs."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import clone

from models.recommend.base import Reason, Recommender, State
from models.recommend.content import Content
from models.recommend.cosine import Cosine
from models.recommend.ease import Ease
from models.recommend.history import History
from models.recommend.neighbours import Neighbours
from models.recommend.personal import Personal
from models.recommend.popularity import Popularity
from models.recommend.rules import Rules
from models.recommend.shelf import SHELF
from models.recommend.taste import Taste
from models.recommend.tifu import Tifu

__all__ = ["CONTENT", "EVERY", "OWN", "POPULAR", "Sources", "source_of"]

OWN = "own"
POPULAR = "popular"
CONTENT = "content"
# One is fitted for every training window; its time grows with the third power of the items.
EASE_ITEMS = 4000
ALIKE = 50


EVERY = (
    OWN,
    "alike",
    "together",
    "taste",
    "rules",
    "ease",
    "similar",
    "habits",
    CONTENT,
    POPULAR,
)


class Sources:
    """One recommender for each way in which an item may come into question.

    Parameters
    ----------
    random_state : int
        Seed of those that draw.
    names : sequence of str, default all
        Which of them; ``own`` and ``popular`` must be among them.

    Attributes
    ----------
    members : dict of str to Recommender
        ``own`` (what the customer buys again), ``alike`` (bought by the same customers),
        ``together`` (in the same orders), ``taste``, ``rules``, ``ease``, ``similar`` (nearest
        customers), ``habits`` (frequencies), ``content`` (similar words), ``popular``.
    """

    def __init__(self, random_state: int = 0, names: Sequence[str] = EVERY) -> None:
        every: dict[str, Recommender] = {
            OWN: Personal(),
            "alike": Cosine(neighbours=30),
            "together": Cosine(half_life=20, neighbours=100, basket="order"),
            "taste": Taste(random_state=random_state),
            "rules": Rules(min_support=0.002, min_confidence=0.05, max_length=2),
            "ease": Ease(max_items=EASE_ITEMS),
            "similar": Neighbours(neighbours=300, own=0.0, random_state=random_state),
            "habits": Tifu(random_state=random_state),
            CONTENT: Content(neighbours=ALIKE, attributes=0.0),
            POPULAR: Popularity(days=30),
        }
        self.members = {name: every[name] for name in names}

    def fit(self, history: History) -> Self:
        """Fit all, apart from those that were fitted on just this history before."""
        self.members = {name: _fitted(one, history) for name, one in self.members.items()}
        return self

    @property
    def items(self) -> pd.Index:
        """The items known."""
        return self.members[OWN].items_

    def scores(self, history: History) -> dict[str, np.ndarray]:
        """Score all items for all customers of a small history; 0 where nothing speaks for one.

        Returns
        -------
        dict of str to numpy.ndarray of float32, (customers, items)
            By the name of the source.
        """
        rows = np.arange(len(history.customers))
        return {
            name: np.maximum(member.scores(history, rows), 0.0, dtype=np.float32)
            for name, member in self.members.items()
        }

    @property
    def likeness(self) -> sparse.csr_matrix | None:
        """Give the likeness of items (rows) to items bought (columns) by their words, if known."""
        content = self.members.get(CONTENT)
        return content.likeness_ if isinstance(content, Content) else None

    def strongest(self, features: pd.DataFrame, parts: np.ndarray) -> np.ndarray:
        """Find for each pair the source that contributed most to its score.

        Only sources that have something to say for the pair come into question; where there is
        none, it is ``popular``.

        Parameters
        ----------
        features : pandas.DataFrame, (pairs, features)
            As `PairMaker` describes them; a feature belongs to the source its name begins with,
            the item's shares of customers to ``popular``.
        parts : numpy.ndarray, (pairs, features)
            What each feature added to the score.

        Returns
        -------
        numpy.ndarray of str, (pairs,)
        """
        names = list(self.members)
        owner = np.array([source_of(column) for column in map(str, features)])
        sums = np.stack([parts[:, owner == name].sum(axis=1) for name in names], axis=1)
        sums[features[names].to_numpy() <= 0] = -np.inf
        sums[~np.isfinite(sums).any(axis=1), names.index(POPULAR)] = 0.0
        return np.array(names)[np.argmax(sums, axis=1)]

    def explain(
        self,
        history: History,
        customer: np.ndarray,
        item: np.ndarray,
        names: pd.Series,
        source: np.ndarray,
    ) -> list[Reason]:
        """Let the chosen source speak for each pair."""
        reasons: list[Reason] = [Reason("", "")] * len(item)
        for name, member in self.members.items():
            places = np.flatnonzero(source == name)
            if len(places):
                said = member.explain(history, customer[places], item[places], names)
                for place, reason in zip(places, said, strict=True):
                    reasons[place] = reason
        return reasons

    @property
    def parts(self) -> set[str]:
        """Names of the parts of the state."""
        own = {f"{name}.{part}" for name, one in self.members.items() for part in one.learned}
        return {"items", *own}

    def get_state(self) -> State:
        """Give the members' states side by side, named ``source.part``."""
        state: State = {"items": list(self.items)}
        for name, member in self.members.items():
            parts = member.get_state()
            state |= {f"{name}.{part}": value for part, value in parts.items() if part != "items"}
        return state

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave; parts of others are passed over."""
        for name, member in self.members.items():
            start = f"{name}."
            own = {key[len(start) :]: part for key, part in state.items() if key.startswith(start)}
            # What is fitted may be shared with others: it is replaced, not changed.
            self.members[name] = clone(member).set_state({"items": state["items"], **own})
        return self


def _fitted(member: Recommender, history: History) -> Recommender:
    params = tuple(sorted(member.get_params().items()))
    key = ("source", type(member).__name__, params, history.fingerprint)
    return SHELF.get(key, lambda: member.fit(history))


def source_of(feature: str) -> str:
    """Tell which source a feature speaks for.

    Examples
    --------
    >>> source_of("taste_relative"), source_of("item_share_30"), source_of("item_price")
    ('taste', 'popular', 'item')
    """
    return POPULAR if feature.startswith("item_share") else feature.split("_")[0]
