"""Time of one answer for one basket, and how often the answer is right.

Fits the table of baskets on the lines of Online Retail before the choice window, asks it for
baskets of three items, and prints the median and 95th percentile of the time. Then the last item
of each later basket is hidden: how often is it among five offers, against the most popular items?

    python -m benchmarks.recommend.basket ../shared/data/online_retail.csv.gz
"""

import sys
import time

import numpy as np
import pandas as pd

from experiments.bundle import Bundle
from models.baskets import BasketTable
from models.recommend.history import History
from models.recommend.popularity import Popularity

CUT, END = pd.Timestamp("2011-09-08"), pd.Timestamp("2011-10-09")
ASKED, HIDDEN = 2000, 5


def purchases(path: str) -> pd.DataFrame:
    """Read the lines of products with a customer."""
    lines = pd.read_csv(path, dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": str})
    good = lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)
    good &= ~lines["InvoiceNo"].str.startswith("C") & lines["StockCode"].str.match(r"\d{5}")
    lines = lines[good]
    return pd.DataFrame(
        {
            "customer_id": lines["CustomerID"],
            "item_id": lines["StockCode"].str.upper(),
            "order_id": lines["InvoiceNo"],
            "ordered_at": pd.to_datetime(lines["InvoiceDate"]),
            "quantity": lines["Quantity"].astype(float),
            "amount": lines["Quantity"] * lines["UnitPrice"],
        }
    )


def main(path: str) -> None:
    """Print the figures."""
    bought = purchases(path)
    before = bought["ordered_at"] < CUT + pd.Timedelta(days=1)
    history = History.from_purchases(bought[before], CUT)
    table = BasketTable().fit(history)
    bundle = Bundle(recommender=Popularity().fit(history), baskets=table)
    times = _times(bundle, history)
    print(f"{len(history.items):,} items, {table.together_.nnz:,} pairs kept")
    print(
        f"one basket: median {np.median(times) * 1e3:.2f} ms,"
        f" 95th percentile {np.quantile(times, 0.95) * 1e3:.2f} ms of the processor"
        f" ({ASKED:,} baskets)"
    )
    ours, popular, baskets = _hits(table, history, bought[~before & (bought["ordered_at"] < END)])
    print(
        f"hidden item among {HIDDEN} offers: {ours:.3f}, most popular items {popular:.3f}"
        f" ({baskets:,} baskets)"
    )


def _times(bundle: Bundle, history: History) -> np.ndarray:
    random, items = np.random.default_rng(0), history.items.to_numpy()
    bundle.offers([items[0]])
    times = []
    for _ in range(ASKED):
        basket = random.choice(items, 3, replace=False).tolist()
        # Time of this process alone: other work on the machine is not the product's.
        began = time.process_time()
        bundle.offers(basket, n=5)
        times.append(time.process_time() - began)
    return np.array(times)


def _hits(table: BasketTable, history: History, later: pd.DataFrame) -> tuple[float, float, int]:
    code = history.items.get_indexer(pd.Index(later["item_id"]))
    baskets = pd.Series(code[code >= 0]).groupby(later["order_id"].to_numpy()[code >= 0])
    best = np.argsort(-table.baskets_, kind="stable")
    ours, popular = [], []
    for basket in baskets.unique().to_list():
        if len(basket) < 2:
            continue
        *held, hidden = basket.tolist()
        ours.append(hidden in table.offers(np.array(held), n=HIDDEN).item)
        popular.append(hidden in best[~np.isin(best, held)][:HIDDEN])
    return float(np.mean(ours)), float(np.mean(popular)), len(ours)


if __name__ == "__main__":
    main(sys.argv[1])
