"""Time of fitting and scoring the models of buying, side by side with `lifetimes`, in turns.

    python -m benchmarks.value.buying --data ../shared/data [--customers 1000000]
        [--peer lifetimes=PYTHON] [--models bg-nbd pareto-nbd] [--patience 300]

`PYTHON` is one that has `lifetimes` (0.11 needs pandas below 2.2 and numpy below 2). The 2,357
customers are those of the CDNOW sample; the others are drawn from BG/NBD with its estimates, to the
day. `lifetimes, grouped` gives it equal histories once with their number, which it can take.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.turns import OURS, Program, as_table, peer_pythons, take_turns

__all__ = ["drawn", "main"]

READ = """
import sys
import numpy as np
x, tx, t = np.load(sys.argv[1]).T
"""

# Sums to three digits: the searches stop at slightly different places.
CHECK = """
def check(result):
    alive, expected = result
    return [len(x), float(f"{alive.sum():.3g}"), float(f"{expected.sum():.3g}")]
"""

OWN = (
    READ
    + """
import pandas as pd
from models.value import PURCHASE_MODELS
X = pd.DataFrame({{"frequency": x, "recency": tx, "T": t}})

def work():
    model = PURCHASE_MODELS["{model}"]().fit(X)
    return model.p_alive(X), model.expected_purchases(X, 39)
"""
    + CHECK.replace("{", "{{").replace("}", "}}")
)

LIFETIMES = (
    READ
    + """
import warnings
warnings.simplefilter("ignore")
from lifetimes import {fitter}

def work():
    model = {fitter}()
    {fit}
    alive = np.asarray(model.conditional_probability_alive(x, tx, t))
    return alive, np.asarray(
        model.conditional_expected_number_of_purchases_up_to_time(39, x, tx, t)
    )
"""
    + CHECK.replace("{", "{{").replace("}", "}}")
)

WHOLE = "model.fit(x, tx, t)"
GROUPED = (
    "rows, count = np.unique(np.column_stack([x, tx, t]), axis=0, return_counts=True); "
    "model.fit(*rows.T, weights=count)"
)
FITTERS = {"bg-nbd": "BetaGeoFitter", "pareto-nbd": "ParetoNBDFitter"}


def drawn(customers: int, seed: int = 0) -> np.ndarray:
    """Draw histories of 27 to 39 weeks, to the day; (customers, 3)."""
    random = np.random.RandomState(seed)
    days = 273 - random.randint(0, 84, customers)
    t = days / 7
    rate = random.gamma(0.243, 1 / 4.414, customers) + 1e-12
    leaves = random.beta(0.793, 2.426, customers)
    x, tx, now = (np.zeros(customers) for _ in range(3))
    active = np.arange(customers)
    while len(active):
        now[active] += random.exponential(1 / rate[active])
        active = active[now[active] <= t[active]]
        x[active] += 1
        tx[active] = now[active]
        active = active[random.random_sample(len(active)) > leaves[active]]
    last = np.clip(np.ceil(tx * 7), 1, days)
    return np.column_stack([x, np.where(x > 0, last / 7, 0.0), t])


def sample(data: Path) -> np.ndarray:
    """Give the histories of the CDNOW sample; (2357, 3)."""
    frame = pd.read_csv(data / "cdnow_customers_summary.csv")
    return frame[["frequency", "recency", "T"]].to_numpy(dtype=np.float64)


def main() -> None:
    """Print one table line a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--models", nargs="+", default=list(FITTERS), choices=list(FITTERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=300)
    given = parser.parse_args()
    python = peer_pythons(given.peer).get("lifetimes")
    print("| case | program | customers | median | ratio | memory | sums |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (sample(given.data), drawn(given.customers)):
            path = Path(folder) / f"{len(rows)}.npy"
            np.save(path, rows)
            for model in given.models:
                results = take_turns(
                    programs(model, python), [str(path)], given.rounds, given.patience
                )
                print(as_table(model, results), flush=True)


def programs(model: str, python: str | None) -> list[Program]:
    """Give ours and, where there is a Python for it, the peer's."""
    found = [Program(OURS, OWN.format(model=model), warm=True)]
    if python is not None:
        for name, fit in (("lifetimes", WHOLE), ("lifetimes, grouped", GROUPED)):
            source = LIFETIMES.format(fitter=FITTERS[model], fit=fit)
            found.append(Program(name, source, python))
    return found


if __name__ == "__main__":
    main()
