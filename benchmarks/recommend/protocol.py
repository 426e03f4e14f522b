"""Every recommender on one fixed window of Online Retail, each in a process of its own.

    python -m benchmarks.recommend.protocol online_retail.csv.gz --kinds ranker ease personal

Lines with a customer, not cancelled, of positive quantity and price, whose item code begins with
five digits (upper-cased). Fitted on everything up to `--as-of`, items of at least five customers;
the truth is what each known customer buys of these items in the 31 days after it, `new` without
items bought before. Parameters are the defaults. Means are over customers. Peak memory is that of
the process; seconds are those of the processor, for fitting and for scoring everybody, both scopes
together: what the second fit can share with the first is made once.
"""

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from experiments.evaluation.bootstrap import paired_difference
from experiments.evaluation.ranking import coverage, ranking_metrics
from models.recommend.history import History, LabelledWindow
from models.recommend.registry import create, kinds

__all__ = ["Window", "compare", "main", "measure", "read_lines"]

OUTCOME = pd.Timedelta(days=31)
DAY = pd.Timedelta(days=1)
MIN_CUSTOMERS = 5
DEPTH = 10
SCOPES = ("all", "new")
EARLIER = 4
# They put the others' candidates in order, so they are no single method to be compared with.
COMBINED = ("ranker", "tree")


@dataclass(frozen=True)
class Window:
    """A date to fit at and what followed.

    Attributes
    ----------
    history : History
        What was known.
    past : list of LabelledWindow
        Earlier windows, latest last.
    truth : dict of str to pandas.DataFrame
        ``customer`` (code) and ``item`` (identifier) by scope.
    """

    history: History
    past: list[LabelledWindow]
    truth: dict[str, pd.DataFrame]

    @classmethod
    def at(cls, lines: pd.DataFrame, as_of: pd.Timestamp) -> "Window":
        """Cut the lines at the end of a day."""
        seen = lines[lines["ordered_at"] < as_of + DAY]
        buyers = seen.drop_duplicates(["customer_id", "item_id"])["item_id"].value_counts()
        items = pd.Index(sorted(buyers.index[buyers >= MIN_CUSTOMERS]), dtype=object)
        history = _history(seen, as_of, items)
        days = [as_of - number * OUTCOME for number in range(EARLIER, 0, -1)]
        past = [_labelled(lines, day, items) for day in days]
        return cls(history, past, _truth(lines, seen, as_of, history))


def read_lines(path: Path) -> pd.DataFrame:
    """Read the purchases that the protocol counts, in the columns of a history."""
    text = dict.fromkeys(("InvoiceNo", "StockCode", "CustomerID"), str)
    raw = pd.read_csv(path, dtype=text, parse_dates=["InvoiceDate"])
    item = raw["StockCode"].str.strip().str.upper()
    kept = raw["CustomerID"].notna() & ~raw["InvoiceNo"].str.startswith("C")
    kept &= (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0) & item.str.match(r"\d{5}")
    lines = pd.DataFrame(
        {
            "customer_id": raw["CustomerID"],
            "item_id": item,
            "item_name": raw["Description"].fillna("").str.strip(),
            "order_id": raw["InvoiceNo"],
            "ordered_at": raw["InvoiceDate"],
            "quantity": raw["Quantity"].astype(float),
            "amount": raw["Quantity"] * raw["UnitPrice"],
        }
    )
    return lines[kept].reset_index(drop=True)


def _history(seen: pd.DataFrame, day: pd.Timestamp, items: pd.Index) -> History:
    names = seen.groupby("item_id")["item_name"].first()
    return History.from_purchases(seen, day, items=items, item_texts=names)


def _labelled(lines: pd.DataFrame, day: pd.Timestamp, items: pd.Index) -> LabelledWindow:
    seen = lines[lines["ordered_at"] < day + DAY]
    history = _history(seen, day, items)
    later = _later(lines, day)
    row = history.customers.get_indexer(pd.Index(later["customer_id"]))
    column = items.get_indexer(pd.Index(later["item_id"]))
    known = (row >= 0) & (column >= 0)
    ones = np.ones(known.sum(), dtype=np.float32)
    bought = sparse.csr_matrix((ones, (row[known], column[known])), shape=history.shape)
    return LabelledWindow(history, bought)


def _later(lines: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    begin = day + DAY
    inside = (lines["ordered_at"] >= begin) & (lines["ordered_at"] < begin + OUTCOME)
    return lines.loc[inside, ["customer_id", "item_id"]].drop_duplicates()


def _truth(
    lines: pd.DataFrame, seen: pd.DataFrame, day: pd.Timestamp, history: History
) -> dict[str, pd.DataFrame]:
    """Give what known customers bought of the known items."""
    later = _later(lines, day)
    known = later["customer_id"].isin(history.customers) & later["item_id"].isin(history.items)
    later = later[known]
    owned = pd.MultiIndex.from_frame(seen[["customer_id", "item_id"]]).unique()
    new = ~pd.MultiIndex.from_frame(later).isin(owned)
    code = history.customers.get_indexer(pd.Index(later["customer_id"]))
    coded = pd.DataFrame({"customer": code, "item": later["item_id"].to_numpy()})
    return {"all": coded, "new": coded[new]}


def measure(kind: str, path: Path, as_of: pd.Timestamp) -> dict[str, object]:
    """Fit and measure one kind.

    Returns
    -------
    dict
        ``metrics``: by scope a frame of `ranking_metrics`; ``coverage`` by scope; ``seconds``,
        ``peak_mb``.
    """
    window = Window.at(read_lines(path), as_of)
    began = time.process_time()
    offers = {scope: _offers(kind, scope, window) for scope in SCOPES}
    seconds = time.process_time() - began
    items = len(window.history.items)
    return {
        "metrics": {
            scope: ranking_metrics(offers[scope], window.truth[scope], ks=[DEPTH])
            for scope in SCOPES
        },
        "coverage": {scope: coverage(offers[scope], items, DEPTH).mean for scope in SCOPES},
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _offers(kind: str, scope: str, window: Window) -> pd.DataFrame:
    model = create(kind)
    if "target" in model.get_params():
        model.set_params(target=scope)
    model.fit(window.history, window.past)
    table = model.recommend(window.history, n=DEPTH, exclude_owned=scope == "new")
    return table.assign(item=model.items_.to_numpy()[table["item"]])


def compare(results: dict[str, dict[str, object]]) -> pd.DataFrame:
    """Put the kinds side by side, with the paired difference to the best single method.

    Returns
    -------
    pandas.DataFrame
        One row a kind and scope; ``less_best`` is its recall less that of the best single method
        of the scope, with the ends of the 95 % bootstrap interval over customers.
    """
    rows = [
        _row(name, scope, results, _best_single(results, scope))
        for scope in SCOPES
        for name in results
    ]
    return pd.DataFrame(rows)


def _recall(result: dict[str, object], scope: str) -> pd.Series:
    metrics = result["metrics"]
    assert isinstance(metrics, dict)
    recall: pd.Series = metrics[scope][f"recall@{DEPTH}"]
    return recall


def _best_single(results: dict[str, dict[str, object]], scope: str) -> str:
    single = [name for name in results if name not in COMBINED] or list(results)
    return max(single, key=lambda name: _recall(results[name], scope).mean())


def _row(
    name: str, scope: str, results: dict[str, dict[str, object]], best: str
) -> dict[str, object]:
    result = results[name]
    metrics, share = result["metrics"], result["coverage"]
    assert isinstance(metrics, dict)
    assert isinstance(share, dict)
    means = metrics[scope].mean()
    gap = paired_difference(_recall(result, scope), _recall(results[best], scope))
    return {
        "scope": scope,
        "kind": name,
        **{measured: means[f"{measured}@{DEPTH}"] for measured in ("recall", "ndcg", "hit")},
        "coverage": share[scope],
        "best_single": best,
        "less_best": gap.mean,
        "low": gap.low,
        "high": gap.high,
        "customers": len(metrics[scope]),
        "seconds": result["seconds"],
        "peak_mb": result["peak_mb"],
    }


def main() -> None:
    """Measure the kinds asked for, one after the other, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--kinds", nargs="+", default=kinds(), choices=kinds())
    parser.add_argument("--as-of", type=pd.Timestamp, default=pd.Timestamp("2011-11-08"))
    given = parser.parse_args()
    results = {}
    for kind in given.kinds:
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            results[kind] = alone.apply(measure, (kind, given.path, given.as_of))
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(compare(results).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
