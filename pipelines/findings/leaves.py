"""The leaves of a readable tree as findings, measured on the offers of the test window."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from experiments.effect.multiplicity import holm
from experiments.findings import Draft, Evidence, Words
from models.recommend.history import History
from models.recommend.tree import Tree
from pipelines.findings.held_out import lift_interval

__all__ = ["leaf_drafts", "offers_by_leaf", "paths_of"]

MOST = 20_000
ABOVE, UP_TO = " above ", " up to "


def offers_by_leaf(tree: Tree, history: History, offers: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Count the offers that fell into each leaf, and those that were bought.

    Parameters
    ----------
    tree : Tree
        Fitted at the date of `history`.
    history : History
        In any vocabulary.
    offers : pandas.DataFrame
        ``customer``, ``item`` in the codes of `history`, and ``bought``; of many, some are drawn.
    seed : int
        For the draw.

    Returns
    -------
    pandas.DataFrame of int
        ``covered`` and ``hits`` by leaf.
    """
    some = offers if len(offers) <= MOST else offers.sample(MOST, random_state=seed)
    recoded = history.with_items(tree.items_)
    item = tree.items_.get_indexer(history.items)[some["item"].to_numpy()]
    names = pd.Series(tree.items_, index=tree.items_, dtype=object)
    said = tree.explain(recoded, some["customer"].to_numpy(), item, names)
    leaf = np.array([int(one.evidence_id.removeprefix("leaf:")) for one in said], dtype=np.int64)
    bought = some["bought"].to_numpy(dtype=np.int64)
    table = pd.DataFrame({"leaf": leaf, "covered": 1, "hits": bought})
    return table.groupby("leaf")[["covered", "hits"]].sum()


def leaf_drafts(
    tree: Tree,
    counts: pd.DataFrame | None,
    *,
    source: str,
    money: Mapping[str, Mapping[str, Any]] | None = None,
    currency: str = "",
) -> list[Draft]:
    """Make a draft of every leaf.

    Parameters
    ----------
    tree : Tree
        Fitted.
    counts : pandas.DataFrame, optional
        What `offers_by_leaf` gave. Default: the counts of training, which say more than holds.
    source : str
        Name of the candidate.
    money : mapping, optional
        By evidence id ``money``, ``money_low``, ``money_high``, when a list was made by this tree;
        leaves have evidence ids then.
    currency : str
        Of the money.
    """
    frame = tree.tree_frame().set_index("node")
    frame = frame[frame["split"] == ""]
    trained = frame[["pairs", "bought"]].set_axis(["covered", "hits"], axis=1)
    table = trained if counts is None else counts.reindex(frame.index, fill_value=0)
    evidence = _evidence(table, held_out=counts is not None)
    paths = paths_of(tree)
    return [
        Draft(
            kind="leaf",
            pattern={"path": paths[leaf], "outcome": "purchase"},
            words=Words("leaf", _values(paths[leaf], int(table.loc[leaf, "covered"]), one)),
            evidence=one,
            evidence_ids=() if money is None else (f"leaf:{leaf}",),
            source=source,
            currency=currency,
            **(money or {}).get(f"leaf:{leaf}", {}),
        )
        for leaf, one in zip(table.index.tolist(), evidence, strict=True)
        if paths[leaf] and (one.confidence is not None or money is not None)
    ]


def paths_of(tree: Tree) -> dict[int, list[str]]:
    """Give the answers on the way to each node; a later one to a question replaces an earlier."""
    paths: dict[int, list[str]] = {}
    way: list[str] = []
    table = tree.tree_frame()
    columns = (table[name].tolist() for name in ("node", "depth", "condition"))
    for node, depth, condition in zip(*columns, strict=True):
        way = [*way[: max(depth - 1, 0)], *([condition] if depth else [])]
        paths[node] = sorted({_question(answer): answer for answer in way}.values())
    return paths


def _question(answer: str) -> str:
    sign = ABOVE if ABOVE in answer else UP_TO
    return answer.rpartition(sign)[0] + sign


def _evidence(table: pd.DataFrame, *, held_out: bool) -> list[Evidence]:
    n, then = int(table["covered"].sum()), int(table["hits"].sum())
    rows: Sequence[tuple[int, int]] = list(table[["covered", "hits"]].itertuples(index=False))
    p = [stats.hypergeom.sf(hits - 1, n, then, covered) for covered, hits in rows]
    found = []
    for (covered, hits), one, adjusted in zip(rows, p, holm(p), strict=True):
        lift, low, high = lift_interval(n, then, int(covered), int(hits))
        found.append(
            Evidence(
                n=n,
                support=hits / n if n else None,
                confidence=hits / covered if covered else None,
                lift=lift,
                lift_low=low,
                lift_high=high,
                p=float(one) if covered else None,
                p_adjusted=float(adjusted) if covered else None,
                held_out=held_out,
            )
        )
    return found


def _values(path: list[str], covered: int, evidence: Evidence) -> dict[str, object]:
    return {
        "conditions": path,
        "covered": covered,
        "confidence": evidence.confidence,
        "times": evidence.lift,
        "outcome": "purchase",
    }
