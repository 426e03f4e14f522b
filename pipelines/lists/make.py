"""Make the list: recommend, price, bound by policy, explain; in partitions of customers."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.money import Economics, Spread
from experiments.item_names import item_names
from lodeworks.progress import Progress, Silent
from models.calibration import PurchaseCalibrator
from models.recommend.base import Recommender
from models.recommend.history import History
from models.segments import ValuePyramid
from pipelines.lists.control import control_group
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.policy import Policy, Refusals, apply_policy
from pipelines.lists.pricing import priced

__all__ = ["CrossSellList", "ListSpec", "Scorer", "make_list"]


@dataclass(frozen=True)
class ListSpec:
    """What a list is made of.

    Attributes
    ----------
    exclude_owned : bool
        Whether items that the customer bought before are left out.
    policy : Policy
        Caps and limits.
    control : float
        Share of customers in the control group.
    experiment : str
        Name that the control group is drawn by.
    """

    exclude_owned: bool
    policy: Policy
    control: float
    experiment: str

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
    """

    recommender: Recommender
    calibrator: PurchaseCalibrator
    pyramid: ValuePyramid
    items: pd.DataFrame
    economics: Economics
    spread: Spread
    model: str
    version: str


@dataclass(frozen=True)
class CrossSellList:
    """A list before it is written.

    Attributes
    ----------
    rows : pandas.DataFrame
        ``customer``, ``item`` codes, ``rank``, ``score``, ``probability``, ``expected_profit``,
        ``is_control``; sorted by customer and rank.
    history : History
        What the codes mean.
    scorer : Scorer
        What made the rows.
    refusals : Refusals
        What the policy kept out.
    excluded_customers : int
        Customers who opted out or are suppressed.
    """

    rows: pd.DataFrame
    history: History
    scorer: Scorer
    refusals: Refusals
    excluded_customers: int

    def batches(self, size: int = 200_000) -> Iterator[pd.DataFrame]:
        """Give the rows with names, reasons and segments, some at a time, in order."""
        segments = self.scorer.pyramid.predict(_spend(self.history))
        for start in range(0, max(len(self.rows), 1), size):
            yield self._told(self.rows.iloc[start : start + size], segments)

    @property
    def expected_profit(self) -> Interval:
        """Expected profit of the target group, with the interval that was measured before."""
        target = self.rows[~self.rows["is_control"]]
        total = float(target["expected_profit"].sum())
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

    def _told(self, rows: pd.DataFrame, segments: np.ndarray) -> pd.DataFrame:
        scorer, history = self.scorer, self.history
        customer, item = rows["customer"].to_numpy(), rows["item"].to_numpy()
        names = item_names(scorer.items, history.items)
        reasons = scorer.recommender.explain(history, customer, item, names) if len(rows) else []
        return pd.DataFrame(
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


def make_list(
    scorer: Scorer,
    history: History,
    spec: ListSpec,
    exclusions: Exclusions,
    *,
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
    partition : int
        Customers scored at a time.
    progress : Progress, optional
        Told about every partition.
    """
    progress = progress or Silent()
    history = history.with_items(scorer.recommender.items_)
    rows = exclusions.eligible(history.customers)
    forbidden = exclusions.matrix(history.customers, history.items)
    barred = exclusions.barred(history.items)
    starts = range(0, len(rows), partition)
    progress.start("score", total=len(starts))
    parts = []
    for start in starts:
        some = rows[start : start + partition]
        offers = scorer.recommender.recommend(
            history,
            n=spec.depth,
            exclude_owned=spec.exclude_owned,
            rows=some,
            excluded=None if forbidden is None else forbidden[some],
            barred=barred,
        )
        parts.append(priced(offers, history, scorer.calibrator, scorer.economics))
        progress.step("score", f"{min(start + partition, len(rows)):,} of {len(rows):,} customers")
    offers = pd.concat(parts, ignore_index=True) if parts else _no_offers()
    progress.done("score")
    control = control_group(history.customers, share=spec.control, experiment=spec.experiment)
    chosen, refusals = apply_policy(offers.drop(columns="rank"), spec.policy, control)
    return CrossSellList(chosen, history, scorer, refusals, len(history.customers) - len(rows))


def _no_offers() -> pd.DataFrame:
    columns = {"customer": np.int32, "item": np.int32, "rank": np.int16, "score": np.float64}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return empty.assign(probability=0.0, margin=0.0, expected_margin=0.0, category=-1)


def _spend(history: History) -> pd.Series:
    amount = history.lines.groupby("customer")["amount"].sum()
    return amount.reindex(range(len(history.customers))).fillna(0.0)
