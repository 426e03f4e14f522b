"""AUC and seconds of the classifiers of one table, beside untuned references, on the same folds.

    python -m benchmarks.predict.candidates --data FOLDER [--set telco|bank|coil] [KIND...]

All parameters are the defaults, on ours and on theirs. The references get the categories one-hot
(scikit-learn) or as categories (LightGBM). Seconds are those of the processor, for all folds: fit
and predict, the candidates taking turns within each fold, so that a busy machine hits all alike.
The bank's column `duration` is left out: it is known only when the call is over. Of CoIL the
training file is used alone.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from experiments.evaluation.resampled import corrected_t_test
from models.tabular.registry import REGISTRY

__all__ = ["SETS", "compare", "main"]

Learn = Callable[[pd.DataFrame, np.ndarray, pd.DataFrame], np.ndarray]


def telco(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    raw = pd.read_csv(folder / "telco_churn.csv")
    raw["TotalCharges"] = pd.to_numeric(raw["TotalCharges"], errors="coerce")
    return raw.drop(columns=["customerID", "Churn"]), (raw["Churn"] == "Yes").to_numpy(int)


def bank(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    raw = pd.read_csv(folder / "bank-additional-full.csv.gz", sep=";")
    return raw.drop(columns=["duration", "y"]), (raw["y"] == "yes").to_numpy(int)


def coil(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    raw = pd.read_csv(folder / "coil2000" / "ticdata2000.txt", sep="\t", header=None)
    table = raw.drop(columns=85).rename(columns=lambda place: f"v{place + 1}")
    return table.astype({"v1": str, "v5": str}), raw[85].to_numpy(int)


SETS = {"telco": telco, "bank": bank, "coil": coil}


def ours(kind: str) -> Learn:
    return lambda X, y, new: REGISTRY[kind]().fit(X, y).decision_function(new)


def sklearn_logistic(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        remainder=make_pipeline(SimpleImputer(), StandardScaler()),
    )
    fitted = make_pipeline(encoded, LogisticRegression(max_iter=2000)).fit(X, y)
    return np.asarray(fitted.predict_proba(new)[:, 1])


def lightgbm_untuned(X: pd.DataFrame, y: np.ndarray, new: pd.DataFrame) -> np.ndarray:
    from lightgbm import LGBMClassifier

    texts = list(X.select_dtypes(exclude="number"))
    both = pd.concat([X, new])
    both[texts] = both[texts].astype("category")
    fitted = LGBMClassifier(verbosity=-1, n_jobs=1).fit(both.iloc[: len(X)], y)
    return np.asarray(fitted.predict_proba(both.iloc[len(X) :])[:, 1])


REFERENCES: dict[str, Learn] = {
    "scikit-learn logistic": sklearn_logistic,
    "LightGBM untuned": lightgbm_untuned,
}


def compare(
    X: pd.DataFrame, y: np.ndarray, kinds: list[str], folds: int, seed: int = 0
) -> pd.DataFrame:
    methods = {**{kind: ours(kind) for kind in kinds}, **REFERENCES}
    areas: dict[str, list[float]] = {name: [] for name in methods}
    seconds = dict.fromkeys(methods, 0.0)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(X, y)
    for learn, check in parts:
        for name, method in methods.items():
            began = time.process_time()
            score = method(X.iloc[learn], y[learn], X.iloc[check])
            seconds[name] += time.process_time() - began
            areas[name].append(roc_auc_score(y[check], score))
    rows = []
    for name, found in areas.items():
        part = corrected_t_test(found, 1.0 / folds)
        rows.append((name, part.difference, part.low, part.high, seconds[name]))
    return pd.DataFrame(rows, columns=["method", "auc", "low", "high", "seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=SETS, default="telco")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="default: all")
    given = parser.parse_args()
    X, y = SETS[given.set](given.data)
    table = compare(X, y, given.kinds or list(REGISTRY), given.folds)
    print(table.to_string(index=False, float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
