"""A recurrent network that reads a customer's baskets in order and says what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from models.recommend.base import NEVER, Reason, Recommender, State, check_parts, item_index
from models.recommend.checks import at_least, between, not_empty, one_of
from models.recommend.evidence import Evidence
from models.recommend.gru import (
    Baskets,
    GatedNetwork,
    Questions,
    Training,
    torch_or_refuse,
    train,
)
from models.recommend.history import History, LabelledWindow
from models.recommend.knn import unit_rows
from models.recommend.network import softmax
from models.recommend.neural import log_odds, row_shares
from models.recommend.personal import Habits
from models.recommend.popularity import share_of_customers
from models.recommend.taste import sample
from models.search import FloatRange, IntRange, Range

__all__ = ["SequenceNet", "Timeline"]

WEIGHTS = tuple(field.name for field in fields(GatedNetwork))
BATCH = 128
LATEST = 5


class SequenceNet(Recommender):
    """Read the baskets with gated recurrent units and add what is known beforehand.

    To the log odds of an item's recent sales the network adds what the order of the customer's
    baskets says, and a weight for own earlier purchases of the item. It learns from dates in the
    history: what customers had bought by then, against what they bought in the `horizon` after.
    Learning needs PyTorch (``pip install 'lodeworks[neural]'``), on one thread of the processor;
    scoring needs NumPy alone.

    Parameters
    ----------
    target : {'new', 'all'}, default 'all'
        Learn purchases of items new to the customer, or all purchases.
    embedding : int, default 64
        Numbers that describe an item, taken from who bought it.
    hidden : int, default 96
        Numbers that describe a customer.
    half_life : float, default 120
        Days after which an own purchase of an item counts half.
    horizon : int, default 31
        Days in which purchases count as next.
    dates : int, default 12
        Dates to learn from, two weeks apart, the latest a `horizon` before the end.
    baskets : int, default 30
        Latest baskets that are read.
    top_items : int, default 5000
        Items read and predicted, the most frequent; the others are never offered.
    epochs : int, default 8
        Passes over the questions.
    learning_rate : float, default 0.02
        Largest step size.
    decay : float, default 0.1
        Weight decay.
    dropout : float, default 0.3
        Share of the descriptions hidden at each step of learning.
    max_customers : int, default 10000
        Customers learned from; above it a random sample.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    read_ : numpy.ndarray of int32
        Codes of the items read and predicted.
    share_ : numpy.ndarray of float64, (items read,)
        Share of customers who bought the item in the last 30 days.
    network_ : GatedNetwork
        The weights.

    References
    ----------
    F. Yu, Q. Liu, S. Wu, L. Wang, T. Tan, "A dynamic recurrent model for next basket
    recommendation", SIGIR (2016).
    """

    family: ClassVar[str] = "neural"
    complexity: ClassVar[int] = 7
    requires: ClassVar[str | None] = "torch"
    search_space: ClassVar[Mapping[str, Range]] = {
        "hidden": IntRange(32, 192, log=True),
        "half_life": FloatRange(30, 360, log=True),
        "learning_rate": FloatRange(0.005, 0.05, log=True),
        "dropout": FloatRange(0.0, 0.6),
    }

    read_: np.ndarray
    share_: np.ndarray
    network_: GatedNetwork

    def __init__(
        self,
        target: Literal["new", "all"] = "all",
        embedding: int = 64,
        hidden: int = 96,
        half_life: float = 120.0,
        horizon: int = 31,
        dates: int = 12,
        baskets: int = 30,
        top_items: int = 5000,
        epochs: int = 8,
        learning_rate: float = 0.02,
        decay: float = 0.1,
        dropout: float = 0.3,
        max_customers: int = 10_000,
        random_state: int = 0,
    ) -> None:
        self.target = target
        self.embedding = embedding
        self.hidden = hidden
        self.half_life = half_life
        self.horizon = horizon
        self.dates = dates
        self.baskets = baskets
        self.top_items = top_items
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.decay = decay
        self.dropout = dropout
        self.max_customers = max_customers
        self.random_state = random_state

    def fit(self, history: History, past: Sequence[LabelledWindow] = ()) -> Self:
        """Learn from dates in `history`; `past` is not used.

        Raises
        ------
        NotInstalled
            Without PyTorch.
        """
        self._check()
        not_empty(history)
        torch_or_refuse("the candidate 'sequence'")
        self.items_ = history.items
        ever = share_of_customers(history)
        self.read_ = np.sort(np.argsort(-ever, kind="stable")[: self.top_items]).astype(np.int32)
        self.share_ = share_of_customers(history, 30)[self.read_]
        some = sample(history, self.max_customers, self.random_state)
        read = some.with_items(self.items_[self.read_])
        asked, target, barred = self._learnable(read)
        timeline = Timeline.of(read)
        self.network_ = train(
            timeline.baskets, asked, target, barred, self._described(read), self._training()
        )
        return self

    def _check(self) -> None:
        one_of(("new", "all"), target=self.target)
        at_least(1, embedding=self.embedding, hidden=self.hidden, horizon=self.horizon)
        at_least(1, dates=self.dates, baskets=self.baskets, top_items=self.top_items)
        at_least(1, epochs=self.epochs, max_customers=self.max_customers)
        at_least(1e-9, half_life=self.half_life, learning_rate=self.learning_rate)
        at_least(0, decay=self.decay)
        between(0, 0.95, dropout=self.dropout)

    def _training(self) -> Training:
        return Training(
            hidden=self.hidden,
            epochs=self.epochs,
            batch=BATCH,
            learning_rate=self.learning_rate,
            decay=self.decay,
            dropout=self.dropout,
            random_state=self.random_state,
        )

    def _described(self, history: History) -> np.ndarray:
        """Describe the items by who bought them: leading singular vectors, rows of length one."""
        owned = unit_rows(history.owned())
        rank = min(self.embedding, *owned.shape)
        _, _, right = randomized_svd(owned, rank, random_state=self.random_state)
        length = np.maximum(np.linalg.norm(right, axis=0), 1e-12)
        start = np.zeros((owned.shape[1], self.embedding), dtype=np.float32)
        start[:, :rank] = (right / length).T
        return start

    def _learnable(
        self, history: History
    ) -> tuple[Questions, sparse.csr_matrix, sparse.csr_matrix | None]:
        """Ask at several dates about the customers who bought something next."""
        timeline, parts = Timeline.of(history), []
        oldest = int(history.lines["age"].max())
        for number in range(self.dates):
            ago = self.horizon + 14 * number
            if number and ago > oldest:
                break
            parts.append(self._at(history, timeline, ago, number))
        asked = _joined([part[0] for part in parts])
        target = sparse.vstack([part[1] for part in parts], format="csr")
        barred = asked.own.astype(bool).astype(np.float32) if self.target == "new" else None
        return asked, sparse.csr_matrix(target), barred

    def _at(
        self, history: History, timeline: "Timeline", ago: int, number: int
    ) -> tuple[Questions, sparse.csr_matrix]:
        age = history.lines["age"].to_numpy()
        asked = self._asked(history, timeline, ago, log_odds(_share(history, ago)))
        bought = history.weighted((age < ago) & (age >= ago - self.horizon))
        bought.data[:] = 1.0
        if self.target == "new":
            bought = sparse.csr_matrix(bought - bought.multiply(asked.own.astype(bool)))
            bought.eliminate_zeros()
        rows = np.flatnonzero((np.diff(bought.indptr) > 0) & (asked.seen > 0))
        kept = _taken(asked, rows)
        return replace(kept, date=np.full(len(rows), number)), row_shares(bought[rows])

    def _asked(
        self, history: History, timeline: "Timeline", ago: int, offset: np.ndarray
    ) -> Questions:
        """Ask about every customer, at the end of the day `ago` days before the history's date."""
        age = history.lines["age"].to_numpy(dtype=np.float32)
        weights = np.exp2(-np.maximum(age - ago, 0) / np.float32(self.half_life))
        own = history.weighted(weights * history.first_in_basket * (age >= ago))
        own.data = np.log1p(own.data)
        places, seen, waited = timeline.latest(ago, self.baskets)
        date = np.zeros(len(seen), dtype=np.int64)
        return Questions(places, seen, waited, own, date, offset)

    def scores(self, history: History, rows: np.ndarray) -> np.ndarray:
        """Give each item's expected share among the next purchases of the customer."""
        scores = np.full((len(rows), len(self.items_)), NEVER, dtype=np.float32)
        _, asked, states = self._read(history.of_customers(rows))
        state = states[np.arange(len(rows)), asked.seen]
        logits = self.network_.log_odds(self.network_.wanted(state, asked.waited), asked)
        scores[:, self.read_] = softmax(logits, np.ones_like(logits))
        return scores

    def _read(self, history: History) -> tuple["Timeline", Questions, np.ndarray]:
        known = history.with_items(self.items_[self.read_])
        timeline = Timeline.of(known)
        asked = self._asked(known, timeline, 0, log_odds(self.share_))
        inputs = self.network_.inputs(timeline.baskets)
        return timeline, asked, self.network_.states(inputs, asked.places)

    def explain(
        self, history: History, customer: np.ndarray, item: np.ndarray, names: pd.Series
    ) -> list[Reason]:
        """Name the order without which the log odds would fall most, or the own purchase."""
        who, at = np.unique(customer, return_inverse=True)
        evidence, some = Evidence.of(history), history.of_customers(who)
        habits = Habits.of(some)
        timeline, asked, states = self._read(some)
        place = np.minimum(np.searchsorted(self.read_, item), len(self.read_) - 1)
        fall = self._falls(timeline, asked, states)
        gain = np.einsum("pke,pe->pk", fall[at], self.network_.embed[place])
        own = np.asarray(asked.own[at, place]).ravel() * self.network_.repeat[place]
        back = np.where(gain.max(axis=1) > 0, gain.argmax(axis=1), -1)
        back = np.where(own > np.maximum(gain.max(axis=1), 0), LATEST, back)
        last = asked.places[np.arange(len(asked.seen)), np.maximum(asked.seen - 1, 0)]
        return [
            evidence.habit(habits, row, int(code), names.array[code])
            if which == LATEST
            else self._reason(code, which, basket, timeline, names)
            for row, code, which, basket in zip(
                at.tolist(), item, back.tolist(), last[at].tolist(), strict=True
            )
        ]

    def _falls(self, timeline: "Timeline", asked: Questions, states: np.ndarray) -> np.ndarray:
        """Tell how what is wanted changes when one of the latest baskets is left out.

        Returns
        -------
        numpy.ndarray of float32, (questions, LATEST, embedding)
            Column k: without the basket k before the last; zero where there is none.
        """
        net, rows = self.network_, np.arange(len(asked.seen))
        inputs = net.inputs(timeline.baskets)
        whole = net.wanted(states[rows, asked.seen], asked.waited)
        falls = np.zeros((len(rows), LATEST, whole.shape[1]), dtype=np.float32)
        for back in range(LATEST):
            some = np.flatnonzero(asked.seen > back)
            left_out = asked.seen[some] - 1 - back
            state = states[some, left_out]
            for later in range(back):
                state = net.step(state, inputs[asked.places[some, left_out + 1 + later]])
            falls[some, back] = whole[some] - net.wanted(state, asked.waited[some])
        return falls

    def _reason(
        self, item: int, back: int, last: int, timeline: "Timeline", names: pd.Series
    ) -> Reason:
        name, known = names.array[item], self.items_[item]
        if back < 0:
            return Reason(f"{name} sells well at present.", f"popular:{known}")
        codes = self.read_[timeline.baskets.contents[last - back].indices].tolist()
        some = " and ".join(names.array[code] for code in codes[:2])
        more = f" and {len(codes) - 2} more" if len(codes) > 2 else ""
        text = (
            f"The pattern of recent orders points to {name}, most of all the order of {some}{more} "
            f"{timeline.ages[last - back]} days ago."
        )
        return Reason(text, f"order:{'+'.join(self.items_[code] for code in codes[:2])}>{known}")

    def get_state(self) -> State:
        """Give the weights as arrays."""
        own: State = {"items": list(self.items_), "read": self.read_, "share": self.share_}
        return own | asdict(self.network_)

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` gave."""
        check_parts(type(self).__name__, state, {"items", "read", "share", *WEIGHTS})
        self.items_ = item_index(state)
        self.read_, self.share_ = np.asarray(state["read"]), np.asarray(state["share"])
        self.network_ = GatedNetwork(**{name: np.asarray(state[name]) for name in WEIGHTS})
        return self


@dataclass(frozen=True)
class Timeline:
    """Every customer's baskets by day, oldest first.

    Attributes
    ----------
    baskets : Baskets
        Sorted by customer, then oldest first.
    ages : numpy.ndarray of int64, (baskets - 1,)
        Days before the date of the history.
    starts : numpy.ndarray of int64, (customers + 1,)
        Where the baskets of each customer begin.
    """

    baskets: Baskets
    ages: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, history: History) -> Self:
        """Merge the baskets of a day."""
        owner, age, item = (history.lines[name].to_numpy() for name in ("customer", "age", "item"))
        new = np.ones(len(owner), dtype=bool)
        new[1:] = (owner[1:] != owner[:-1]) | (age[1:] != age[:-1])
        number, first = np.cumsum(new) - 1, np.flatnonzero(new)
        shape = (len(first) + 1, len(history.items))
        held = sparse.csr_matrix((np.ones(len(item), np.float32), (number, item)), shape=shape)
        held.data[:] = 1.0
        owners, ages = owner[first], age[first].astype(np.int64)
        gaps = np.zeros(len(first) + 1, dtype=np.float32)
        gaps[1:-1] = np.where(owners[1:] == owners[:-1], ages[:-1] - ages[1:], 0)[: len(first)]
        counts = np.bincount(owners, minlength=len(history.customers))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return cls(Baskets(row_shares(held), np.log1p(gaps)), ages, starts)

    def latest(self, ago: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the last `width` baskets by a day: places, how many, log of the days waited."""
        running = np.concatenate([[0], np.cumsum(self.ages >= ago)])
        count = running[self.starts[1:]] - running[self.starts[:-1]]
        seen = np.minimum(count, width)
        place = (self.starts[:-1] + count - seen)[:, None] + np.arange(width)
        places = np.where(np.arange(width) < seen[:, None], place, len(self.ages))
        last = np.where(count > 0, self.starts[:-1] + count - 1, 0)
        ages = np.append(self.ages, ago)[np.where(count > 0, last, len(self.ages))]
        return places, seen, np.log1p((ages - ago).astype(np.float32))


def _share(history: History, ago: int) -> np.ndarray:
    """Count the buyers of each item in the 30 days up to a day, as a share of those known then."""
    owner, age = (history.lines[name].to_numpy() for name in ("customer", "age"))
    known = len(np.unique(owner[age >= ago]))
    buyers = (history.weighted((age >= ago) & (age < ago + 30)) > 0).sum(axis=0)
    return np.asarray(buyers, dtype=np.float64).ravel() / max(known, 1)


def _taken(asked: Questions, rows: np.ndarray) -> Questions:
    return Questions(
        asked.places[rows],
        asked.seen[rows],
        asked.waited[rows],
        asked.own[rows],
        asked.date[rows],
        asked.offset,
    )


def _joined(parts: Sequence[Questions]) -> Questions:
    return Questions(
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.seen for part in parts]),
        np.concatenate([part.waited for part in parts]),
        sparse.csr_matrix(sparse.vstack([part.own for part in parts], format="csr")),
        np.concatenate([part.date for part in parts]),
        np.vstack([part.offset for part in parts]),
    )
