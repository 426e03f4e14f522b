"""How well ranked lists meet what customers bought afterwards."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from experiments.evaluation.bootstrap import Interval, mean_intervals

__all__ = ["coverage", "ranking_metrics", "summary"]


def ranking_metrics(
    recommended: pd.DataFrame, truth: pd.DataFrame, ks: Sequence[int] = (5, 10, 20)
) -> pd.DataFrame:
    """Measure every customer's list against what that customer bought.

    Parameters
    ----------
    recommended : pandas.DataFrame
        ``customer``, ``item``, ``rank`` (whole numbers from 1; unique per customer). An item may
        stand once in a customer's list.
    truth : pandas.DataFrame
        ``customer``, ``item``: what was bought; repeated pairs count once.
    ks : sequence of int
        Lengths at which the lists are cut.

    Returns
    -------
    pandas.DataFrame of float64
        One row a customer of `truth`, indexed by customer, sorted; columns ``recall@k``,
        ``precision@k``, ``ndcg@k`` and ``hit@k`` for each k. A customer without a list scores 0;
        a customer who bought nothing is not measured.

    Raises
    ------
    ValueError
        When a rank is below 1 or a list names a rank or an item twice.

    Notes
    -----
    With ``hits`` the bought items among the first k: recall = hits / all items bought;
    precision = hits / k, also when the list is shorter; hit = 1 when hits > 0.
    NDCG is DCG / ideal DCG with DCG = sum of 1 / log2(rank + 1) over the hits, and the ideal list
    holds min(k, items bought) hits at the top: Järvelin and Kekäläinen (2002), *Cumulated
    gain-based evaluation of IR techniques*, ACM TOIS 20(4), with binary relevance.

    Examples
    --------
    >>> lists = pd.DataFrame({"customer": ["a", "a"], "item": ["x", "y"], "rank": [1, 2]})
    >>> bought = pd.DataFrame({"customer": ["a", "a"], "item": ["y", "z"]})
    >>> ranking_metrics(lists, bought, ks=[2]).round(4).to_dict("records")
    [{'recall@2': 0.5, 'precision@2': 0.5, 'ndcg@2': 0.3869, 'hit@2': 1.0}]
    """
    ks = _checked_lengths(ks)
    truth = truth[["customer", "item"]].drop_duplicates()
    customers = pd.Index(truth["customer"].unique()).sort_values()
    hits = _hits(recommended, truth, customers, max(ks))
    bought = np.bincount(
        customers.get_indexer(pd.Index(truth["customer"])), minlength=len(customers)
    )
    columns: dict[str, np.ndarray] = {}
    for k in ks:
        columns |= _at(k, hits[:, :k], bought)
    return pd.DataFrame(columns, index=customers.rename("customer"), dtype=np.float64)


def _checked_lengths(ks: Sequence[int]) -> list[int]:
    wrong = [k for k in ks if k < 1]
    if wrong or not len(ks):
        raise ValueError(f"ks must be whole numbers from 1 but got {list(ks)!r}.")
    return sorted(set(ks))


def _hits(
    recommended: pd.DataFrame, truth: pd.DataFrame, customers: pd.Index, longest: int
) -> np.ndarray:
    """Tell for each customer and rank whether the item was bought; (customers, longest), float."""
    items = pd.Index(truth["item"].unique())
    rank = recommended["rank"].to_numpy()
    if len(rank) and rank.min() < 1:
        raise ValueError(f"ranks begin at 1 but got {rank.min()}.")
    code = customers.get_indexer(pd.Index(recommended["customer"]))
    keep = (code >= 0) & (rank <= longest)
    cell = code[keep] * longest + (rank[keep].astype(np.int64) - 1)
    _refuse_repeats(cell, "rank")
    item = items.get_indexer(recommended["item"].to_numpy()[keep])
    pair = np.where(item >= 0, code[keep] * len(items) + item, -1)
    _refuse_repeats(pair[pair >= 0], "item")
    true_pair = customers.get_indexer(pd.Index(truth["customer"])) * len(items) + items.get_indexer(
        pd.Index(truth["item"])
    )
    hits = np.zeros(len(customers) * longest)
    hits[cell] = np.isin(pair, true_pair)
    return hits.reshape(len(customers), longest)


def _refuse_repeats(keys: np.ndarray, what: str) -> None:
    ordered = np.sort(keys)
    repeated = int((ordered[1:] == ordered[:-1]).sum())
    if repeated:
        raise ValueError(f"lists name the same {what} twice for a customer ({repeated} rows).")


def _at(k: int, hits: np.ndarray, bought: np.ndarray) -> dict[str, np.ndarray]:
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(bought, k) - 1]
    found = hits.sum(axis=1)
    return {
        f"recall@{k}": found / bought,
        f"precision@{k}": found / k,
        f"ndcg@{k}": hits @ discount / ideal,
        f"hit@{k}": (found > 0).astype(np.float64),
    }


def summary(
    frame: pd.DataFrame, seed: int = 0, *, level: float = 0.95, n: int = 2000
) -> pd.DataFrame:
    """Average each metric over customers, with a bootstrap interval.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `ranking_metrics` gave.
    seed, level, n
        As in `mean_intervals`; customers are resampled, all metrics together.

    Returns
    -------
    pandas.DataFrame
        One row a metric: ``metric``, ``mean``, ``low``, ``high``, ``se``, ``n`` (customers).
    """
    intervals = mean_intervals(frame, level=level, n=n, seed=seed)
    rows = [
        (metric, part.mean, part.low, part.high, part.se, part.n)
        for metric, part in zip(frame.columns, intervals, strict=True)
    ]
    return pd.DataFrame(rows, columns=["metric", "mean", "low", "high", "se", "n"])


def coverage(
    recommended: pd.DataFrame, n_items: int, k: int = 10, *, level: float = 0.95
) -> Interval:
    """Give the share of all items that stand in somebody's first `k`, with its interval.

    Also called catalogue coverage: Ge, Delgado-Battenfeld and Jannach (2010), *Beyond accuracy*,
    RecSys. Resampling customers would lose items in every resample; the interval is that of a
    count of species instead: variance = s (1 - s / S) with s items offered and S the items that
    more customers would be offered, by Chao's estimate from those offered once and twice, at most
    all (Colwell, Mao and Chang 2004, *Ecology* 85, eq. 6).

    Parameters
    ----------
    recommended : pandas.DataFrame
        ``item`` and ``rank``.
    n_items : int
        Number of items that could be offered.
    k : int
        Length at which the lists are cut.
    level : float
        Of the interval, which stays within 0 and 1.

    Examples
    --------
    >>> lists = pd.DataFrame({"item": ["x", "y", "x", "z"], "rank": [1, 2, 1, 3]})
    >>> coverage(lists, n_items=4, k=2).mean
    0.5
    """
    if n_items < 1:
        raise ValueError(f"n_items must be at least 1 but got {n_items!r}.")
    offered = recommended.loc[recommended["rank"] <= k, "item"].value_counts().to_numpy()
    once, twice = int((offered == 1).sum()), int((offered == 2).sum())
    reachable = min(n_items, len(offered) + once * (once - 1) / (2 * (twice + 1)))
    se = math.sqrt(len(offered) * (1 - len(offered) / max(reachable, 1))) / n_items
    share, half = len(offered) / n_items, NormalDist().inv_cdf(0.5 + level / 2) * se
    return Interval(
        share, max(0.0, share - half), min(1.0, share + half), se=se, n=len(offered), level=level
    )
