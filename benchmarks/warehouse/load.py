"""Loading lines into a store and computing RFM from them, against pandas and polars.

    lode generate --out DIR/1m --lines 1000000 --format parquet
    python -m benchmarks.warehouse.load DIR/1m DIR/10m --peer-python polars=/path/to/python

All programs do the same: read the file as text, trim, parse times and numbers, reject rows without
a customer, item, time or a positive quantity, keep rejected rows with their reason, write what is
good to a store that can be read again, and compute recency, frequency, money and trend of every
customer. The store is a warehouse for us and Parquet files for the others. "again" computes RFM
from the store that is there. `equal` means: as many rows rejected, as many customers and orders,
and the same money to the cent.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.turns import OURS, Program, as_table, peer_pythons, take_turns

__all__ = ["main"]

_OURS = """
import sys
from pathlib import Path
import ibis.backends.duckdb  # as with the others, imports are not measured
from features.cut import Cut
from features.indicators.rfm import rfm
from features.sources import ParquetSource
from features.warehouse import Warehouse
data, store, phase, limit = sys.argv[1:5]
NAMES = ["customer_id", "order_id", "item_id", "ordered_at", "quantity", "price"]
source = ParquetSource(path=data, columns={name: name for name in NAMES})
file = Path(store) / "ours.duckdb"
def work():
    if phase == "load":
        file.unlink(missing_ok=True)
    with Warehouse.open(file, memory_limit=limit) as warehouse:
        if phase == "load":
            warehouse.load([source])
        cut = Cut.at(warehouse, warehouse.last_day)
        found = rfm(cut).to_pandas()
        rejected = int(warehouse.rejected.count().to_pandas())
    return rejected, found
def check(result):
    rejected, found = result
    money = round(float(found["monetary"].sum()) * 100)
    return [rejected, len(found), int(found["frequency"].sum()), money]
"""

_PANDAS = """
import sys
from pathlib import Path
import numpy as np
import pandas as pd
data, store, phase = sys.argv[1:4]
good_file, bad_file = Path(store) / "pandas.parquet", Path(store) / "pandas-rejected.parquet"
def load():
    raw = pd.read_parquet(data)
    raw["line"] = np.arange(1, len(raw) + 1)
    texts = {c: raw[c].str.strip().replace("", None) for c in
             ("customer_id", "order_id", "item_id", "ordered_at", "quantity")}
    good = pd.DataFrame({c: texts[c] for c in ("customer_id", "order_id", "item_id")})
    good["ordered_at"] = pd.to_datetime(texts["ordered_at"], format="ISO8601", errors="coerce")
    good["quantity"] = pd.to_numeric(texts["quantity"], errors="coerce")
    good["price"] = raw["price"]
    good["line"] = raw["line"]
    reason = np.select(
        [good["customer_id"].isna(), good["item_id"].isna(), good["ordered_at"].isna(),
         texts["quantity"].notna() & good["quantity"].isna(), good["quantity"] <= 0,
         good["price"] < 0],
        ["customer_id is missing", "item_id is missing", "ordered_at is not a timestamp",
         "quantity is not a number", "quantity is not above 0", "price is not at least 0"], "")
    bad = reason != ""
    raw[bad].assign(reason=reason[bad]).to_parquet(bad_file)
    good = good[~bad]
    good["quantity"] = good["quantity"].fillna(1.0)
    good["amount"] = (good["quantity"] * good["price"]).fillna(0.0)
    good.to_parquet(good_file)
    return good, int(bad.sum())
def rfm(lines):
    as_of = lines["ordered_at"].max().normalize()
    recent = lines["amount"].where(
        lines["ordered_at"] >= as_of - pd.Timedelta(days=89), 0.0)
    found = lines.assign(recent=recent).groupby("customer_id").agg(
        last=("ordered_at", "max"), first=("ordered_at", "min"),
        frequency=("order_id", "nunique"), monetary=("amount", "sum"), recent=("recent", "sum"))
    found["recency_days"] = (as_of - found["last"].dt.normalize()).dt.days
    earlier = (as_of - found["first"].dt.normalize()).dt.days + 1 - 90
    now, before = found["recent"] / 90, (found["monetary"] - found["recent"]) / earlier
    found["spend_trend"] = ((now - before) / (now + before)).where(earlier > 0, 0.0).fillna(0.0)
    return found
def work():
    if phase == "load":
        lines, rejected = load()
    else:
        lines = pd.read_parquet(good_file)
        rejected = len(pd.read_parquet(bad_file, columns=["reason"]))
    return rejected, rfm(lines)
def check(result):
    rejected, found = result
    money = round(float(found["monetary"].sum()) * 100)
    return [rejected, len(found), int(found["frequency"].sum()), money]
"""

_POLARS = """
import sys
from pathlib import Path
import polars as pl
data, store, phase = sys.argv[1:4]
good_file, bad_file = Path(store) / "polars.parquet", Path(store) / "polars-rejected.parquet"
def text(name):
    value = pl.col(name).str.strip_chars()
    return pl.when(value != "").then(value)
def load():
    checked = (
        pl.scan_parquet(data).with_row_index("line", 1)
        .with_columns(
            text("customer_id"), text("order_id"), text("item_id"),
            raw_time=pl.col("ordered_at"), raw_quantity=pl.col("quantity"),
            ordered_at=text("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
            quantity=text("quantity").cast(pl.Float64, strict=False),
        )
        .with_columns(reason=pl.coalesce(
            pl.when(pl.col("customer_id").is_null()).then(pl.lit("customer_id is missing")),
            pl.when(pl.col("item_id").is_null()).then(pl.lit("item_id is missing")),
            pl.when(pl.col("ordered_at").is_null()).then(pl.lit("ordered_at is not a timestamp")),
            pl.when(text("raw_quantity").is_not_null() & pl.col("quantity").is_null())
            .then(pl.lit("quantity is not a number")),
            pl.when(pl.col("quantity") <= 0).then(pl.lit("quantity is not above 0")),
            pl.when(pl.col("price") < 0).then(pl.lit("price is not at least 0"))))
    )
    quantity = pl.col("quantity").fill_null(1.0)
    good = (
        checked.filter(pl.col("reason").is_null())
        .with_columns(quantity=quantity, amount=(quantity * pl.col("price")).fill_null(0.0))
        .drop("raw_time", "raw_quantity", "reason")
    )
    good.sink_parquet(good_file)
    checked.filter(pl.col("reason").is_not_null()).sink_parquet(bad_file)
def rfm(lines):
    as_of = lines.select(pl.col("ordered_at").max()).collect().item().replace(
        hour=0, minute=0, second=0)
    day = pl.lit(as_of).dt.date()
    recent = pl.col("ordered_at") >= pl.lit(as_of).dt.offset_by("-89d")
    sums = lines.group_by("customer_id").agg(
        last=pl.col("ordered_at").max().dt.date(), first=pl.col("ordered_at").min().dt.date(),
        frequency=pl.col("order_id").n_unique(), monetary=pl.col("amount").sum(),
        recent=pl.col("amount").filter(recent).sum())
    earlier = (day - pl.col("first")).dt.total_days() + 1 - 90
    now, before = pl.col("recent") / 90, (pl.col("monetary") - pl.col("recent")) / earlier
    return sums.with_columns(
        recency_days=(day - pl.col("last")).dt.total_days(),
        spend_trend=pl.when(earlier > 0).then((now - before) / (now + before)).otherwise(0.0),
    ).collect(engine="streaming")
def work():
    if phase == "load":
        load()
    rejected = pl.scan_parquet(bad_file).select(pl.len()).collect().item()
    return rejected, rfm(pl.scan_parquet(good_file))
def check(result):
    rejected, found = result
    money = round(float(found["monetary"].sum()) * 100)
    return [rejected, len(found), int(found["frequency"].sum()), money]
"""


def main() -> None:
    """Print one Markdown table: every size, every phase, every program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, help="what `lode generate` wrote")
    parser.add_argument("--peer-python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="500MB", help="what DuckDB may use")
    given = parser.parse_args()
    pythons = peer_pythons(given.peer_python)
    programs = [Program(OURS, _OURS), Program("pandas", _PANDAS)]
    if "polars" in pythons:
        programs.append(Program("polars", _POLARS, pythons["polars"]))
    print("| lines, phase | program | rejected | time | ratio | peak memory | result |")
    print("|---|---|---|---|---|---|---|")
    for folder in given.folders:
        _measure(folder, programs, given.rounds, given.memory)


def _measure(folder: Path, programs: list[Program], rounds: int, memory: str) -> None:
    store = tempfile.mkdtemp(prefix="bench-load-")
    try:
        for phase in ("load", "again"):
            arguments = [str(folder / "lines.parquet"), store, phase, memory]
            results = take_turns(programs, arguments, rounds, patience=600, slow=1e9)
            title = f"{folder.name}, {'load and RFM' if phase == 'load' else 'RFM again'}"
            print(as_table(title, results), flush=True)
    finally:
        shutil.rmtree(store)


if __name__ == "__main__":
    main()
