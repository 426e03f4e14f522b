"""Make the list: recommend, price, bound by policy, explain; in partitions of customers."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pandas as pd
from scipy import sparse

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.money import Economics, Spread
from experiments.item_names import item_names
from lodeworks.progress import Progress, Silent
from models.calibration import PurchaseCalibrator
from models.recommend.base import Reason, Recommender
from models.recommend.history import History
from models.segments import ValuePyramid
from pipelines.lists.baseline import Baseline
from pipelines.lists.control import control_group
from pipelines.lists.exact import NANO, nanos
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.policy import Policy, Refusals, apply_policy
from pipelines.lists.pricing import priced, unpriced
from pipelines.lists.reasons import Witness
from pipelines.lists.restrictions import Restrictions
from pipelines.lists.writer import BATCH

__all__ = [
    "CrossSellList",
    "ListSpec",
    "Scorer",
    "candidates",
    "controls",
    "list_notes",
    "make_list",
]


@dataclass(frozen=True)
class ListSpec:
    """What a list is made of.

    Attributes
    ----------
    policy : Policy
        Caps and limits.
    control : float
        Share of customers in the control group.
    experiment : str
        Name that control group and exploration are drawn by.
    restrictions : Restrictions
        Which pairs may be listed.
    """

    policy: Policy
    control: float
    experiment: str
    restrictions: Restrictions = field(default_factory=Restrictions)

    @property
    def depth(self) -> int:
        """Rows a customer that are looked at."""
        return self.policy.depth


@dataclass(frozen=True)
class Scorer:
    """All that turns a history into rows.

    Attributes
    ----------
    recommender : Recommender
        Fitted.
    calibrator : PurchaseCalibrator
        Fitted on a window that the recommender did not learn from.
    pyramid : ValuePyramid
        Fitted; gives the segment.
    items : pandas.DataFrame
        ``item_id`` and, where known, ``item_name``.
    economics : Economics
        Costs and margins.
    spread : Spread
        How far profits lay around their mean on held-out data.
    model, version : str
        Written into every row.
    baseline : Baseline
        What would be bought without an offer.
    """

    recommender: Recommender
    calibrator: PurchaseCalibrator
    pyramid: ValuePyramid
    items: pd.DataFrame
    economics: Economics
    spread: Spread
    model: str
    version: str
    baseline: Baseline = field(default_factory=Baseline)


@dataclass(frozen=True)
class CrossSellList:
    """A list before it is written.

    Attributes
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item`` codes, ``rank``, ``score``, ``probability``, ``expected_profit``,
        ``propensity``, ``is_control``; sorted by customer and rank.
    history : History
        What the codes mean.
    scorer : Scorer
        What made the rows.
    refusals : Refusals
        What the policy kept out.
    excluded_customers : int
        Customers who opted out, are suppressed or were contacted often enough.
    spec : ListSpec
        What was asked.
    """

    rows: pd.DataFrame
    history: History
    scorer: Scorer
    refusals: Refusals
    excluded_customers: int
    spec: ListSpec

    def batches(self, size: int = BATCH) -> Iterator[pd.DataFrame]:
        """Give the rows with names, reasons and segments, some at a time, in order."""
        segments = self.scorer.pyramid.predict(_spend(self.history))
        for start in range(0, max(len(self.rows), 1), size):
            yield self._told(self.rows.iloc[start : start + size], segments)

    def reasons(self, customer: np.ndarray, item: np.ndarray) -> list[Reason]:
        """Say for pairs of codes what drove the score, with the figures of what is claimed."""
        names = item_names(self.scorer.items, self.history.items)
        said = self.scorer.recommender.explain(self.history, customer, item, names)
        return Witness.of(self.history, names).told(said, item)

    @property
    def expected_profit(self) -> Interval:
        """Expected profit of the target group, with the interval that was measured before."""
        target = self.rows[~self.rows["is_control"]]
        total = nanos(target["expected_profit"].to_numpy()) / NANO
        return self.scorer.spread.around(total, target["customer"].nunique())

    def counts(self) -> dict[str, float]:
        """Give the figures of the manifest."""
        by_group = self.rows.groupby("is_control")["customer"].nunique()
        return {
            "customers": len(self.history.customers),
            "excluded_customers": self.excluded_customers,
            "rows": len(self.rows),
            "target_customers": int(by_group.get(False, 0)),
            "control_customers": int(by_group.get(True, 0)),
            **asdict(self.refusals),
        }

    def notes(self) -> list[str]:
        """Say what a person must know who reads the figures."""
        return list_notes(
            len(self.rows),
            self.refusals,
            unpriced(self.history.item_features, self.scorer.economics),
            len(self.history.items),
        )

    def _told(self, rows: pd.DataFrame, segments: np.ndarray) -> pd.DataFrame:
        scorer, history = self.scorer, self.history
        customer, item = rows["customer"].to_numpy(), rows["item"].to_numpy()
        reasons = self.reasons(customer, item) if len(rows) else []
        told = pd.DataFrame(
            {
                "customer_id": history.customers[customer].astype(object),
                "rank": rows["rank"].to_numpy(np.int16),
                "item_id": history.items[item].astype(object),
                "score": rows["score"].to_numpy(np.float64),
                "probability": rows["probability"].to_numpy(np.float64),
                "expected_profit": rows["expected_profit"].to_numpy(np.float64),
                "reason": np.array([reason.text for reason in reasons], dtype=object),
                "evidence_id": np.array([reason.evidence_id for reason in reasons], dtype=object),
                "segment": segments[customer].astype(object),
                "group": np.where(rows["is_control"], "control", "target").astype(object),
                "model": scorer.model,
                "model_version": scorer.version,
                "as_of": str(history.as_of.date()),
            }
        )
        if self.spec.policy.explore == 0:
            return told
        return told.assign(propensity=rows["propensity"].to_numpy(np.float64))


def make_list(
    scorer: Scorer,
    history: History,
    spec: ListSpec,
    exclusions: Exclusions,
    *,
    forbidden: sparse.csr_matrix | None = None,
    partition: int = 50_000,
    progress: Progress | None = None,
) -> CrossSellList:
    """Choose whom to offer what.

    Parameters
    ----------
    scorer : Scorer
        The fitted parts.
    history : History
        Everything known at the date of the list; items the recommender does not know are left out.
    spec : ListSpec
        Policy and control group.
    exclusions : Exclusions
        Who and what must not be listed.
    forbidden : scipy.sparse.csr_matrix, optional
        Further pairs that must not be listed, customers x items of `history`; with restrictions
        that are not plain, what `Restrictions.forbidden` gave.
    partition : int
        Customers scored at a time.
    progress : Progress, optional
        Told about every partition.
    """
    history = history.with_items(scorer.recommender.items_)
    offers = candidates(
        scorer,
        history,
        spec,
        exclusions,
        forbidden=forbidden,
        partition=partition,
        progress=progress,
    )
    chosen, refusals = apply_policy(
        offers,
        replace(spec.policy, experiment=spec.experiment),
        controls(history, spec),
        customers=history.customers,
        items=history.items,
    )
    excluded = len(history.customers) - len(exclusions.eligible(history.customers))
    return CrossSellList(chosen, history, scorer, refusals, excluded, spec)


def list_notes(rows: int, refusals: Refusals, unknown: int, items: int) -> list[str]:
    """Say what a person must know who reads the figures of a list.

    Parameters
    ----------
    rows : int
        Of the list.
    refusals : Refusals
        What the policy kept out.
    unknown, items : int
        Items of which it is not known what a sale earns, and all items.
    """
    if rows:
        said = []
    elif refusals.customers_below_profit:
        said = ["nobody is listed: no customer promises enough to pay for the contact"]
    else:
        said = [
            "nobody is listed: every item is owned, opted out of, suppressed, not eligible or"
            " out of stock for every customer"
        ]
    if unknown:
        said.append(
            f"{unknown:,} of {items:,} items have neither a margin nor a price to take a share of:"
            " they count as earning nothing"
        )
    if refusals.gap > 0:
        said.append(f"scarce items are shared out within {refusals.gap:.2%} of the best possible")
    return said


def controls(history: History, spec: ListSpec) -> np.ndarray:
    """Tell which customers of `history` are in the control group (bool)."""
    return control_group(history.customers, share=spec.control, experiment=spec.experiment)


def candidates(
    scorer: Scorer,
    history: History,
    spec: ListSpec,
    exclusions: Exclusions,
    *,
    forbidden: sparse.csr_matrix | None = None,
    partition: int = 50_000,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Give what might be offered to each customer, priced, before any limit.

    Parameters
    ----------
    scorer, spec, exclusions, forbidden, partition, progress
        As in `make_list`.
    history : History
        In the vocabulary of the recommender.

    Returns
    -------
    pandas.DataFrame
        What `priced` gives, without ``rank``.
    """
    progress = progress or Silent()
    rows = exclusions.eligible(history.customers)
    forbidden = _either(forbidden, exclusions.matrix(history.customers, history.items))
    barred = exclusions.barred(history.items)
    starts = range(0, len(rows), partition)
    progress.start("score", total=len(starts))
    parts = []
    for start in starts:
        some = rows[start : start + partition]
        offers = scorer.recommender.recommend(
            history,
            n=spec.depth,
            exclude_owned=not spec.restrictions.offers_owned,
            rows=some,
            excluded=None if forbidden is None else forbidden[some],
            barred=barred,
        )
        money = (scorer.calibrator, scorer.economics, scorer.baseline)
        parts.append(priced(offers, history, *money))
        progress.step("score", f"{min(start + partition, len(rows)):,} of {len(rows):,} customers")
    offers = pd.concat(parts, ignore_index=True) if parts else _no_offers()
    progress.done("score")
    return offers.drop(columns="rank")


def _either(
    one: sparse.csr_matrix | None, other: sparse.csr_matrix | None
) -> sparse.csr_matrix | None:
    if one is None or other is None:
        return other if one is None else one
    return sparse.csr_matrix(one + other)


def _no_offers() -> pd.DataFrame:
    columns = {"customer": np.int32, "item": np.int32, "rank": np.int16, "score": np.float64}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return empty.assign(probability=0.0, baseline=0.0, margin=0.0, expected_margin=0.0, category=-1)


def _spend(history: History) -> pd.Series:
    amount = history.lines.groupby("customer")["amount"].sum()
    return amount.reindex(range(len(history.customers))).fillna(0.0)
