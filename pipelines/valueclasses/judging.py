"""How sure the classes are: repeated folds, against guessing and against a linear model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.evaluation.resampled import corrected_t_test
from models.tabular.unit import UnitScaler
from pipelines.config.value_classes import ClassEvaluation, ClassNetwork
from pipelines.valueclasses.classifier import fit_classes

__all__ = ["FIGURES", "Judged", "judge"]

FIGURES = ("right", "right_or_next", "classes_off")
Predict = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]


@dataclass(frozen=True)
class Judged:
    """What repeated folds say.

    Attributes
    ----------
    board : pandas.DataFrame
        One row a method: ``candidate``, ``winner`` (the network, which the rules are taken from),
        ``right`` (share of customers in their class), ``right_or_next`` (in it or the one beside
        it), ``classes_off`` (mean distance), each with ``_low`` and ``_high``; ``behind_network``
        (right less that of the network) with ends and ``p``.
    confusion : pandas.DataFrame
        ``stated`` class against the class found, mean number of customers over the repeats.
    by_customer : numpy.ndarray of float64
        Share of repeats in which each customer was classed as stated.
    """

    board: pd.DataFrame
    confusion: pd.DataFrame
    by_customer: np.ndarray


def judge(
    table: pd.DataFrame,
    labels: np.ndarray,
    classes: Sequence[str],
    network: ClassNetwork,
    how: ClassEvaluation,
    seed: int,
) -> Judged:
    """Class every customer by models that had not seen it, several times.

    Parameters
    ----------
    table : pandas.DataFrame
        Indicators.
    labels : numpy.ndarray of str
        The stated classes.
    classes : sequence of str
        In their order.
    network, how : sections of the configuration
        The network; folds and level.
    seed : int
        Of folds and networks.
    """
    methods: dict[str, Predict] = {
        "network": lambda X, y, new: fit_classes(X, list(y), classes, network, seed).predict(new),
        "logistic": _logistic,
        "most frequent": lambda X, y, new: np.full(len(new), _most_frequent(y), dtype=object),
    }
    place = {name: number for number, name in enumerate(classes)}
    truth = np.array([place[label] for label in labels])
    folds = list(_folds(truth, how, seed))
    found = {
        name: [_places(method(table.iloc[a], labels[a], table.iloc[b]), place) for a, b in folds]
        for name, method in methods.items()
    }
    splits = [truth[check] for _, check in folds]
    rows = [_row(name, found, splits, how) for name in methods]
    return Judged(
        board=pd.DataFrame(rows),
        confusion=_confusion(found["network"], splits, classes, how.repeats),
        by_customer=_by_customer(found["network"], folds, truth),
    )


def _folds(
    truth: np.ndarray, how: ClassEvaluation, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    from sklearn.model_selection import RepeatedStratifiedKFold

    parts = RepeatedStratifiedKFold(n_splits=how.folds, n_repeats=how.repeats, random_state=seed)
    return list(parts.split(np.zeros(len(truth)), truth))


def _logistic(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression

    scaler = UnitScaler().fit(X)
    fitted = LogisticRegression(max_iter=1000).fit(scaler.transform(X), y.astype(str))
    return np.asarray(fitted.predict(scaler.transform(new)), dtype=object)


def _most_frequent(y: np.ndarray) -> str:
    names, counts = np.unique(y.astype(str), return_counts=True)
    return str(names[counts.argmax()])


def _places(answers: np.ndarray, place: dict[str, int]) -> np.ndarray:
    return np.array([place[str(answer)] for answer in answers])


def _figures(found: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    off = np.abs(found - truth)
    return {
        "right": float((off == 0).mean()),
        "right_or_next": float((off <= 1).mean()),
        "classes_off": float(off.mean()),
    }


def _row(
    name: str,
    found: dict[str, list[np.ndarray]],
    splits: list[np.ndarray],
    how: ClassEvaluation,
) -> dict[str, object]:
    share = 1.0 / how.folds
    each = pd.DataFrame([_figures(*pair) for pair in zip(found[name], splits, strict=True)])
    row: dict[str, object] = {"candidate": name, "winner": name == "network"}
    for figure in FIGURES:
        part = corrected_t_test(each[figure].to_numpy(), share, level=how.level)
        top = np.inf if figure == "classes_off" else 1.0
        row |= {
            figure: part.difference,
            f"{figure}_low": max(part.low, 0.0),
            f"{figure}_high": min(part.high, top),
        }
    network = [_figures(*pair)["right"] for pair in zip(found["network"], splits, strict=True)]
    behind = corrected_t_test(each["right"].to_numpy() - np.array(network), share, level=how.level)
    return row | {
        "behind_network": -behind.difference,
        "behind_network_low": -behind.high,
        "behind_network_high": -behind.low,
        "p": behind.p,
    }


def _confusion(
    found: list[np.ndarray], splits: list[np.ndarray], classes: Sequence[str], repeats: int
) -> pd.DataFrame:
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (np.concatenate(splits), np.concatenate(found)), 1.0 / repeats)
    frame = pd.DataFrame(counts.round(1), columns=list(classes))
    frame.insert(0, "stated", list(classes))
    return frame


def _by_customer(
    found: list[np.ndarray], folds: list[tuple[np.ndarray, np.ndarray]], truth: np.ndarray
) -> np.ndarray:
    right, asked = np.zeros(len(truth)), np.zeros(len(truth))
    for answer, (_, check) in zip(found, folds, strict=True):
        right[check] += answer == truth[check]
        asked[check] += 1
    return right / asked
