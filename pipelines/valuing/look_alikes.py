"""Who looks like the profitable: their traits in words, and who else has them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.model_selection import StratifiedKFold, train_test_split

from experiments.effect.multiplicity import holm
from experiments.evaluation.bootstrap import Interval
from experiments.evaluation.classification import auc
from features.cut import Cut
from features.indicators import indicators
from features.warehouse import Warehouse
from models.statistics import compare_means
from models.trees import ReadableTree, tree_rules
from pipelines.config.value import ValueQuestion
from pipelines.findings.held_out import lift_interval

__all__ = ["LookAlikes", "look_alikes", "traits_at"]

SHARE = 0.2
HELD = 0.4
FOLDS = 5
DEPTH = 3
FEWEST = 200
FAMILIES = ("basket", "category")
# Of money, of lines in all, or fuller the more was bought: they would say who buys much.
LEFT_OUT = ("basket_amount", "basket_pieces", "category_entropy")
DIFFERENCES = [
    *("trait", "profitable", "others", "difference", "difference_low", "difference_high"),
    *("effect", "p_value"),
]


@dataclass(frozen=True)
class LookAlikes:
    """What sets the most profitable fifth apart.

    Attributes
    ----------
    groups : pandas.DataFrame
        One row a group of a readable tree, the highest lift first: ``who``, ``customers``,
        ``share_profitable``, ``lift``, ``lift_low``, ``lift_high``, ``p_value``, ``p_corrected``,
        all of customers whom the tree had not seen. The p is that of Fisher's exact test, group
        against all others; it is corrected after Holm over the groups.
    differences : pandas.DataFrame
        One row a trait that varies, the largest effect first: ``trait``, ``profitable`` and
        ``others`` (means), ``difference`` with ``difference_low`` and ``difference_high``, which
        hold for all traits at once (Bonferroni), ``effect`` (Hedges' g), ``p_value`` (Welch) and
        ``p_corrected`` (Holm).
    scores : pandas.DataFrame
        Of the other four fifths: ``customer_id``, ``profit`` (so far), ``look_alike`` (0 to 1),
        the most alike first.
    auc : Interval
        How well the score of customers whom its tree had not seen ranks the profitable first;
        0.5 is chance.
    """

    groups: pd.DataFrame
    differences: pd.DataFrame
    scores: pd.DataFrame
    auc: Interval


def traits_at(warehouse: Warehouse, day: date, observe: int) -> pd.DataFrame:
    """Give what a usual order of each customer is made of, and what is declared of the customer.

    How much and how often they buy would only say again that the profitable are profitable. A
    share of a category still tells a little of it: over many orders it is seldom 0.

    Returns
    -------
    pandas.DataFrame of float64
        By ``customer_id``: ``basket_items``, shares of categories, and declared attributes.
    """
    cut = Cut.at(warehouse, day, observe)
    declared = set(cut.customers.columns) - {"customer_id", "opt_out"}
    traits = indicators(cut, [*FAMILIES, *(["attributes"] if declared else [])])
    return traits.drop(columns=[name for name in LEFT_OUT if name in traits])


def look_alikes(
    profit: pd.Series, traits: pd.DataFrame, config: ValueQuestion
) -> LookAlikes | None:
    """Describe the most profitable fifth and score the others by their likeness.

    Parameters
    ----------
    profit : pandas.Series
        Money by customer.
    traits : pandas.DataFrame
        Numbers by customer.
    config : ValueQuestion
        The seed, the level, and the smallest group that is told of.

    Returns
    -------
    LookAlikes or None
        None of fewer than 200 customers, or where no profit is above the others.
    """
    known = traits.loc[traits.index.intersection(profit.index).sort_values()]
    money = profit.reindex(known.index)
    best = (money > money.quantile(1 - SHARE)).to_numpy().astype(np.int64)
    if len(known) < FEWEST or best.sum() < 2 * FOLDS:
        return None
    score = _unseen_scores(known, best, config)
    others = pd.DataFrame({"customer_id": known.index.astype(str), "profit": money.to_numpy()})
    others = others.assign(look_alike=score)[best == 0]
    return LookAlikes(
        groups=_groups(known, best, config),
        differences=_differences(known, best == 1, config.evaluation.level),
        scores=others.sort_values(
            ["look_alike", "customer_id"], ascending=[False, True], ignore_index=True
        ),
        auc=auc(score, best.astype(np.float64), level=config.evaluation.level),
    )


def _tree(rows: int, config: ValueQuestion) -> ReadableTree:
    least = max(config.privacy.min_group, rows // 50)
    return ReadableTree(max_depth=DEPTH, min_samples_leaf=least, random_state=config.seed)


def _unseen_scores(traits: pd.DataFrame, best: np.ndarray, config: ValueQuestion) -> np.ndarray:
    """Score every customer by a tree that had not seen them."""
    score = np.zeros(len(traits))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=config.seed)
    for learn, check in folds.split(traits, best):
        tree = _tree(len(learn), config).fit(traits.iloc[learn], best[learn])
        score[check] = tree.predict_proba(traits.iloc[check])[:, 1]
    return score


def _groups(traits: pd.DataFrame, best: np.ndarray, config: ValueQuestion) -> pd.DataFrame:
    rows = np.arange(len(traits))
    learn, check = train_test_split(rows, test_size=HELD, stratify=best, random_state=config.seed)
    learn, check = np.sort(learn), np.sort(check)
    tree = _tree(len(learn), config).fit(traits.iloc[learn], best[learn])
    told = []
    for rule in tree_rules(tree, traits.iloc[check], best[check], simplify=False):
        inside = rule.holds(traits.iloc[check])
        covered, hits = int(inside.sum()), int(best[check][inside].sum())
        if covered < config.privacy.min_group or not rule.conditions:
            continue
        lift = lift_interval(
            len(check), int(best[check].sum()), covered, hits, config.evaluation.level
        )
        who = " and ".join(condition.text for condition in rule.conditions)
        told.append((who, covered, hits / covered, *lift, _exact(best[check], inside)))
    columns = ["who", "customers", "share_profitable", "lift", "lift_low", "lift_high", "p_value"]
    frame = pd.DataFrame(told, columns=columns)
    frame["p_corrected"] = holm(frame["p_value"].to_numpy())
    return frame.sort_values(["lift", "who"], ascending=[False, True], ignore_index=True)


def _exact(best: np.ndarray, inside: np.ndarray) -> float:
    hits, others = int(best[inside].sum()), int(best[~inside].sum())
    counts = [[hits, int(inside.sum()) - hits], [others, int((~inside).sum()) - others]]
    return float(stats.fisher_exact(np.array(counts)).pvalue)


def _differences(traits: pd.DataFrame, best: np.ndarray, level: float) -> pd.DataFrame:
    """Compare every trait of the profitable with that of the others."""
    vary = [str(name) for name in traits if np.ptp(traits[name].to_numpy()) > 0]
    together = 1 - (1 - level) / max(len(vary), 1)
    rows = []
    for name in vary:
        mine, theirs = traits[name].to_numpy()[best], traits[name].to_numpy()[~best]
        one = compare_means(mine, theirs, level=together)
        ends = (one.difference, one.difference_low, one.difference_high)
        rows.append((name, mine.mean(), theirs.mean(), *ends, one.size, one.p_value))
    frame = pd.DataFrame(rows, columns=DIFFERENCES)
    frame["p_corrected"] = holm(frame["p_value"].to_numpy())
    order = frame.assign(size=-frame["effect"].abs()).sort_values(["size", "trait"]).index
    return frame.loc[order].reset_index(drop=True)
