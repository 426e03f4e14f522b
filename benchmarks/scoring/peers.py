"""One model's list made by `lode score`, by MLflow's `predict` and by plain pandas, in turns.

    python -m benchmarks.scoring.peers BUNDLE DIR --rounds 3

The folder holds `lines.parquet` and `items.parquet` of `lode generate`. MLflow is asked through
`mlflow.pyfunc.load_model(BUNDLE).predict(purchases)`, which is what `mlflow models predict` calls;
reading and cleaning the lines for it counts, as it does for the others. It knows no policy: it
gives ten offers with reasons to everybody. Plain pandas does what a script of one page would: it
reads everything, encodes it at once and asks the recommender, without reasons, money or policy.
`found` is the number of customers with an offer: the policy of `lode score` leaves out who does
not promise to pay for the contact, the others leave out nobody.
"""

import argparse
from pathlib import Path

from benchmarks.turns import OURS, Program, take_turns

__all__ = ["main"]

_CLEAN = """
import sys
from pathlib import Path
import pandas as pd
bundle, folder, as_of = sys.argv[1:4]
def purchases():
    lines = pd.read_parquet(Path(folder) / "lines.parquet")
    lines["ordered_at"] = pd.to_datetime(
        lines["ordered_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    lines["quantity"] = pd.to_numeric(lines["quantity"], errors="coerce")
    good = lines["customer_id"].notna() & lines["item_id"].notna() & lines["ordered_at"].notna()
    good &= (lines["quantity"] > 0) & (lines["price"] > 0)
    good &= ~lines["order_id"].str.startswith("C")
    lines = lines[good]
    return lines.assign(amount=lines["quantity"] * lines["price"]).drop(columns="price")
def check(found):
    return [int(found)]
"""

_OURS = """
import tempfile
from datetime import date
from pipelines.score import score
def work():
    with tempfile.TemporaryDirectory() as place:
        data = {name: [Path(folder) / f"{name}.parquet"] for name in ("lines", "items")}
        out = Path(place) / "list.parquet"
        made = score(
            bundle, data=data, as_of=date.fromisoformat(as_of), out=out, memory="4GiB", workers=1)
        counts = made.values["list"]
        return counts["target_customers"] + counts["control_customers"]
"""

_MLFLOW = """
import mlflow
def work():
    model = mlflow.pyfunc.load_model(bundle)
    found = model.predict(purchases(), params={"as_of": as_of, "rows": 10})
    found.to_parquet("/dev/null")
    return found["customer_id"].nunique()
"""

_PANDAS = """
from experiments.bundle import load_bundle
from models.recommend.history import History
def work():
    loaded = load_bundle(Path(bundle))
    model, bought = loaded.recommender, purchases()
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    window = bought["ordered_at"] < end
    window &= bought["ordered_at"] >= end - pd.Timedelta(days=loaded.meta["window"]["observe"])
    history = History.from_purchases(bought[window], pd.Timestamp(as_of), items=model.items_)
    found = model.recommend(history, n=10)
    names = history.customers[found["customer"]], model.items_[found["item"]]
    listed = pd.DataFrame({"customer_id": names[0], "item_id": names[1], "score": found["score"]})
    listed.to_parquet("/dev/null")
    return listed["customer_id"].nunique()
"""


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", default="2024-12-31")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=3600)
    given = parser.parse_args()
    programs = [
        Program(OURS, _CLEAN + _OURS),
        Program("mlflow predict", _CLEAN + _MLFLOW),
        Program("pandas", _CLEAN + _PANDAS),
    ]
    arguments = [given.bundle, str(given.folder), given.as_of]
    results = take_turns(programs, arguments, given.rounds, given.patience, slow=1e9)
    base = results[OURS]
    print("| program | customers with an offer | time, median | ratio | peak memory |")
    print("|---|---|---|---|---|")
    for name, result in results.items():
        if not result.seconds:
            print(f"| {name} | | {result.failure} | | |")
            continue
        assert isinstance(result.found, list)
        found = result.found[0]
        ratio = result.median / base.median if base.seconds else float("nan")
        print(
            f"| {name} | {found:,} | {result.median:.1f} s, {len(result.seconds)} rounds"
            f" | {ratio:.2f} | {result.peak_mb:,.0f} MB |"
        )


if __name__ == "__main__":
    main()
