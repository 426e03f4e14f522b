"""Quality, time and memory of recommenders on Online Retail, at a date of one's choice.

    python -m benchmarks.recommend.candidates --data FOLDER --as-of 2011-09-08 KIND...

KIND is a name of the registry, with parameters if need be: `ease`, `als:rank=64,half_life=90`.
Without any, all run. The rules are those of the published comparison: lines with a customer, not
cancelled, quantity and price above 0, a stock code that begins with five digits (upper case).
Everything up to `--as-of` is known; items count that five customers bought; the truth is what a
known customer buys in the 31 days that follow, whether or not the item counts. `new` leaves out
what the customer had bought before, from the list and from the truth. Every recommender is fitted
in a process of its own; seconds are those of the processor, and memory is its peak above the
process that started it.
"""

import argparse
import json
import multiprocessing
import os
import resource
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from models.recommend import History, LabelledWindow, Recommender
from models.recommend.registry import create, kinds

__all__ = ["Case", "case_at", "create_from", "main", "measured", "online_retail", "windows_before"]

DAYS = 31
DEPTH = 10


class Case(NamedTuple):
    """A date: what was known, and which pairs of customer and item were bought afterwards."""

    history: History
    past: list[LabelledWindow]
    truth: sparse.csr_matrix
    """Customers x items of the vocabulary; the last column counts items outside it."""


def online_retail(folder: Path) -> pd.DataFrame:
    """Read the lines that count, in the columns of `History.from_purchases`."""
    raw = pd.read_csv(
        folder / "online_retail.csv.gz",
        dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": "Int64"},
        parse_dates=["InvoiceDate"],
    )
    code = raw["StockCode"].str.upper()
    good = raw["CustomerID"].notna() & ~raw["InvoiceNo"].str.startswith("C")
    good &= (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0) & code.str.match(r"\d{5}")
    return pd.DataFrame(
        {
            "customer_id": raw["CustomerID"].astype(str),
            "item_id": code,
            "item_name": raw["Description"].str.strip(),
            "order_id": raw["InvoiceNo"],
            "ordered_at": raw["InvoiceDate"],
            "quantity": raw["Quantity"].astype(float),
            "amount": raw["Quantity"] * raw["UnitPrice"],
        }
    )[good].reset_index(drop=True)


def case_at(lines: pd.DataFrame, as_of: pd.Timestamp, windows: int = 3) -> Case:
    """Cut the lines at a date; earlier windows end where the next begins."""
    known = lines[lines["ordered_at"] < as_of + pd.Timedelta(days=1)]
    buyers = known.groupby("item_id")["customer_id"].nunique()
    items = pd.Index(sorted(buyers.index[buyers >= 5]), dtype=object)
    history = _history(lines, as_of, items)
    return Case(history, windows_before(lines, as_of, items, windows), _bought(lines, history))


def windows_before(
    lines: pd.DataFrame, as_of: pd.Timestamp, items: pd.Index, windows: int
) -> list[LabelledWindow]:
    """Give earlier cuts whose outcome is known at `as_of`, latest last."""
    ends = [as_of - pd.Timedelta(days=DAYS * back) for back in range(windows, 0, -1)]
    found = []
    for end in ends:
        history = _history(lines, end, items)
        found.append(LabelledWindow(history, _bought(lines, history)[:, :-1].tocsr()))
    return found


def _history(lines: pd.DataFrame, as_of: pd.Timestamp, items: pd.Index) -> History:
    seen = lines[lines["ordered_at"] < as_of + pd.Timedelta(days=1)]
    groups = seen.groupby("customer_id")
    features = pd.DataFrame(
        {
            "recency_days": (as_of - groups["ordered_at"].max().dt.normalize()).dt.days,
            "frequency": groups["order_id"].nunique(),
            "monetary": groups["amount"].sum(),
        }
    )
    texts = seen.groupby("item_id")["item_name"].first()
    return History.from_purchases(
        seen, as_of, customer_features=features, items=items, item_texts=texts
    )


def _bought(lines: pd.DataFrame, history: History) -> sparse.csr_matrix:
    start = history.as_of + pd.Timedelta(days=1)
    later = lines[lines["ordered_at"].between(start, start + pd.Timedelta(days=DAYS), "left")]
    later = later[["customer_id", "item_id"]].drop_duplicates()
    row = history.customers.get_indexer(later["customer_id"])
    item = history.items.get_indexer(later["item_id"])
    column = np.where(item < 0, len(history.items), item)[row >= 0]
    shape = (len(history.customers), len(history.items) + 1)
    return sparse.csr_matrix((np.ones(len(column), np.float32), (row[row >= 0], column)), shape)


def create_from(spec: str) -> Recommender:
    """Build the recommender that a text such as ``als:rank=64`` asks for."""
    kind, _, rest = spec.partition(":")
    pairs = [part.split("=", 1) for part in rest.split(",") if part]
    return create(kind, **{name: _value(text) for name, text in pairs})


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None if text == "None" else text


def measured(table: pd.DataFrame, truth: sparse.csr_matrix, n: int = DEPTH) -> pd.DataFrame:
    """Give recall, NDCG and hit for each customer who bought something.

    Parameters
    ----------
    table : pandas.DataFrame
        From `Recommender.recommend`.
    truth : scipy.sparse.csr_matrix
        Entries count items: 1, or more in a column that stands for several.
    """
    size = np.asarray(truth.sum(axis=1)).ravel()
    top = table[table["rank"] <= n]
    hit = np.asarray(truth[top["customer"].to_numpy(), top["item"].to_numpy()]).ravel() > 0
    who, gain = top["customer"].to_numpy(), hit / np.log2(top["rank"].to_numpy() + 1.0)
    hits = np.bincount(who, hit, len(size))
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(n) + 2.0))])
    best = ideal[np.minimum(size, n).astype(int)]
    counted = size > 0
    return pd.DataFrame(
        {
            "recall": hits[counted] / size[counted],
            "ndcg": np.bincount(who, gain, len(size))[counted] / best[counted],
            "hit": (hits[counted] > 0).astype(float),
        },
        index=np.flatnonzero(counted),
    )


def _without_owned(case: Case) -> sparse.csr_matrix:
    owned = sparse.hstack([case.history.owned(), sparse.csr_matrix((case.truth.shape[0], 1))])
    left = sparse.csr_matrix(case.truth - case.truth.multiply(owned.tocsr()))
    left.eliminate_zeros()
    return left


def _run(spec: str, case: Case) -> dict[str, Any]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    model = create_from(spec).fit(case.history, case.past)
    fitted = time.process_time()
    row: dict[str, Any] = {"candidate": spec}
    for name, exclude, truth in (("all", False, case.truth), ("new", True, _without_owned(case))):
        buyers = np.flatnonzero(np.asarray(truth.sum(axis=1)).ravel())
        table = model.recommend(case.history, n=DEPTH, exclude_owned=exclude, rows=buyers)
        found = measured(table, truth)
        row |= {f"{measure} {name}": found[measure].mean() for measure in ("recall", "ndcg", "hit")}
        row[f"se {name}"] = found["recall"].sem()
        row[f"coverage {name}"] = table["item"].nunique() / len(case.history.items)
    row["fit s"] = fitted - began
    row["score s"] = time.process_time() - fitted
    row["MiB"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return row


def _apart(spec: str, case: Case) -> dict[str, Any]:
    """Run in a forked process, which shares the data and dies with its memory."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_run, (spec, case))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("specs", nargs="*", metavar="KIND")
    parser.add_argument("--data", type=Path, default=os.environ.get("LODE_DATA", "../shared/data"))
    parser.add_argument("--as-of", type=pd.Timestamp, default=pd.Timestamp("2011-09-08"))
    parser.add_argument("--windows", type=int, default=3, help="earlier windows to learn from")
    options = parser.parse_args()
    lines = online_retail(Path(options.data))
    case = case_at(lines, options.as_of, options.windows)
    size = np.asarray(case.truth.sum(axis=1)).ravel()
    print(f"{len(lines)} lines; {case.history.shape} known; {np.count_nonzero(size)} bought after")
    table = pd.DataFrame([_apart(spec, case) for spec in options.specs or kinds()])
    order = ["recall all", "se all", "recall new", "se new", "ndcg all", "ndcg new", "hit all"]
    order += ["hit new", "coverage all", "coverage new", "fit s", "score s", "MiB"]
    rounded = table.set_index("candidate")[order].round(4)
    rounded[["fit s", "score s", "MiB"]] = rounded[["fit s", "score s", "MiB"]].round(1)
    print(rounded.to_string())


if __name__ == "__main__":
    main()
