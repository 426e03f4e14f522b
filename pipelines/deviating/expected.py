"""Customers who spent otherwise than customers like them did."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from features.warehouse import Warehouse
from models.deviation import Residuals, expected_values
from pipelines.cache import Cache
from pipelines.config.deviation import Deviation, Expected
from pipelines.deviating.found import Found, table_of
from pipelines.deviating.reading import spending_after

__all__ = ["find_unexpected"]

FEWEST = 50


def find_unexpected(
    warehouse: Warehouse,
    config: Deviation,
    wanted: Expected,
    as_of: date,
    cache: Cache,
    digest: str,
) -> Found:
    """Hold the last days against what the days before let expect, customer by customer.

    How far off is far is learned from the window before, in the same manner.
    """
    now = _window(warehouse, config, wanted, as_of, cache, digest)
    before = _window(
        warehouse, config, wanted, as_of - timedelta(days=wanted.outcome), cache, digest
    )
    if now is None or before is None:
        note = (
            f"fewer than {FEWEST} customers before one of the last two windows of"
            f" {wanted.outcome} days: too few to say what is expected"
        )
        return Found("unexpected", table_of("unexpected", pd.DataFrame()), notes=(note,))
    judge = Residuals().fit(np.log1p(before["spent"]), before["predicted"])
    judged = judge.predict(np.log1p(now["spent"]), now["predicted"])
    judged = judged.set_index(now.index).assign(spent=now["spent"])
    judged["foreseen"] = np.expm1(now["predicted"].clip(lower=0))
    found = judged[judged["p"] <= wanted.share]
    overview = {"Surprises": _overview(judged, wanted, found)}
    return Found("unexpected", _table(found, wanted), overview)


def _window(
    warehouse: Warehouse,
    config: Deviation,
    wanted: Expected,
    as_of: date,
    cache: Cache,
    digest: str,
) -> pd.DataFrame | None:
    """Give what was spent in the last days and what was predicted; None for too few customers."""
    depends = {
        "warehouse": digest,
        "as_of": str(as_of),
        "observe": config.window.observe,
        "families": list(config.features.families),
        "outcome": wanted.outcome,
        "folds": wanted.folds,
        "seed": config.seed,
    }

    def make(folder: Path) -> None:
        features, spent = spending_after(
            warehouse, as_of, config.window.observe, wanted.outcome, config.features.families
        )
        predicted = pd.Series(np.nan, features.index)
        if len(features) >= max(FEWEST, 2 * wanted.folds):
            predicted = expected_values(
                features, np.log1p(spent), folds=wanted.folds, random_state=config.seed
            )
        table = pd.DataFrame({"spent": spent, "predicted": predicted})
        table.to_parquet(folder / "window.parquet")

    step = cache.step("mine", f"expected-{as_of}", depends, make)
    table = pd.read_parquet(step.folder / "window.parquet")
    return None if table["predicted"].isna().any() or not len(table) else table


def _table(found: pd.DataFrame, wanted: Expected) -> pd.DataFrame:
    ordered = found.assign(size=found["z"].abs(), name=found.index.astype(str))
    ordered = ordered.sort_values(["p", "size", "name"], ascending=[True, False, True])
    measure = f"spend in {wanted.outcome} days"
    texts = [
        Residuals.sentence(measure, float(row["spent"]), float(row["foreseen"]), float(row["p"]))
        for row in ordered.to_dict("records")
    ]
    return table_of(
        "unexpected",
        pd.DataFrame(
            {
                "subject": ordered.index,
                "rank": range(1, len(ordered) + 1),
                "score": ordered["size"].to_numpy(),
                "measure": measure,
                "observed": ordered["spent"].to_numpy(),
                "expected": ordered["foreseen"].to_numpy(),
                "p": ordered["p"].to_numpy(),
                "text": texts,
            }
        ),
    )


def _overview(judged: pd.DataFrame, wanted: Expected, found: pd.DataFrame) -> pd.DataFrame:
    """Say how good the expectation is, and how many surprises chance alone would bring."""
    observed = judged["observed"]
    off = (judged["residual"] ** 2).sum()
    usual = ((observed - observed.mean()) ** 2).sum()
    rows = [
        ("customers judged", float(len(judged))),
        ("variance explained (log of spend, held out)", float(1 - off / usual) if usual else 0.0),
        ("spent more than expected", float((found["residual"] > 0).sum())),
        ("spent less than expected", float((found["residual"] < 0).sum())),
        ("surprises that chance alone would bring", wanted.share * len(judged)),
    ]
    return pd.DataFrame(rows, columns=["figure", "number"])
