"""What every machine needs to score a part of the customers: sealed files, nothing that runs."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from experiments.bundle import SEAL, load_bundle
from experiments.bundle.seal import check_seal, seal
from features.windows import Window
from lodeworks.errors import BundleError
from lodeworks.files import file_digest
from models.recommend.crowd import Crowd
from pipelines.crosssell.facts import Facts
from pipelines.crosssell.parts import PartScorer
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.lists.baseline import Baseline
from pipelines.lists.bundled import scorer_of
from pipelines.lists.exclusions import Exclusions
from pipelines.lists.make import ListSpec
from pipelines.lists.policy import Policy
from pipelines.lists.restrictions import Restrictions

__all__ = ["pack", "unpack"]

BUNDLE = "bundle"
TERMS = "terms.json"


def pack(folder: Path, bundle: Path, scorer: PartScorer, window: Window) -> str:
    """Write all that a part needs to be scored, in open formats.

    Parameters
    ----------
    folder : Path
        Empty.
    bundle : Path
        The folder that the model of `scorer` was read from.
    scorer : PartScorer
        Terms, exclusions and facts.
    window : Window
        The dates.

    Returns
    -------
    str
        SHA-256 of the seal, which names the hash of every file.
    """
    shutil.copytree(bundle, folder / BUNDLE)
    facts, exclusions, baseline = scorer.facts, scorer.exclusions, scorer.scorer.baseline
    terms = {
        "version": scorer.scorer.version,
        "spec": asdict(scorer.spec),
        "baseline": {"kind": baseline.kind, "days": baseline.days},
        "window": asdict(window),
        "customers": facts.customers,
        "oldest": facts.oldest,
        "vetoes": [asdict(rule) for rule in scorer.vetoes],
    }
    (folder / TERMS).write_text(json.dumps(terms, default=str), encoding="utf-8")
    tables = {
        "labels": facts.labels,
        "shares": facts.shares.rename("share").rename_axis("item_id").reset_index(),
        "stated": baseline.rows,
        "pairs": exclusions.pairs,
        "barred_customers": pd.DataFrame({"id": sorted(exclusions.customers)}, dtype="str"),
        "barred_items": pd.DataFrame({"id": sorted(exclusions.items)}, dtype="str"),
    }
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    owned = facts.crowd.owned
    np.savez(
        folder / "crowd.npz",
        size=np.int64(owned.shape[0]),
        indptr=owned.indptr,
        indices=owned.indices,
        again=facts.crowd.again,
    )
    seal(folder)
    return file_digest(folder / SEAL)


def unpack(folder: Path, expected: str) -> tuple[PartScorer, Window]:
    """Read what `pack` wrote, after it was found to be just that.

    Parameters
    ----------
    folder : Path
        Written by `pack`, perhaps on another machine.
    expected : str
        What `pack` gave.

    Raises
    ------
    BundleError
        When a file differs.
    """
    if not (folder / SEAL).is_file() or file_digest(folder / SEAL) != expected:
        raise BundleError(f"{folder}: not what the driver sent")
    check_seal(folder)
    terms = json.loads((folder / TERMS).read_text(encoding="utf-8"))
    bundle = load_bundle(folder / BUNDLE)
    scorer = scorer_of(bundle, terms["version"])
    stated = _frame(folder, "stated")
    facts = _facts(folder, terms, scorer.recommender.items_)
    made = PartScorer.of(
        bundle,
        replace(scorer, baseline=Baseline(**terms["baseline"], rows=stated)),
        _spec(terms["spec"]),
        _exclusions(folder),
        facts,
        tuple(PurchaseRule(tuple(rule["needs"]), rule["item"]) for rule in terms["vetoes"]),
    )
    return made, _window(terms["window"])


def _frame(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def _facts(folder: Path, terms: Mapping[str, Any], items: pd.Index) -> Facts:
    with np.load(folder / "crowd.npz", allow_pickle=False) as stored:
        bought = np.ones(len(stored["indices"]), dtype=bool)
        shape = (int(stored["size"]), len(items))
        owned = sparse.csc_matrix((bought, stored["indices"], stored["indptr"]), shape=shape)
        crowd = Crowd(owned, stored["again"], items)
    return Facts(
        customers=terms["customers"],
        lines=pd.Series(dtype=np.int64),
        shares=_frame(folder, "shares").set_index("item_id")["share"],
        oldest=terms["oldest"],
        crowd=crowd,
        labels=_frame(folder, "labels"),
    )


def _exclusions(folder: Path) -> Exclusions:
    customers, items = (
        frozenset(_frame(folder, f"barred_{what}")["id"]) for what in ("customers", "items")
    )
    return Exclusions(customers, items, _frame(folder, "pairs"))


def _spec(stated: Mapping[str, Any]) -> ListSpec:
    policy = Policy(**stated["policy"])
    restrictions = Restrictions.from_plain(stated["restrictions"])
    return ListSpec(**{**stated, "policy": policy, "restrictions": restrictions})


def _window(stated: Mapping[str, Any]) -> Window:
    as_of = pd.Timestamp(stated["as_of"]).date()
    return Window(as_of, stated["observe"], stated["gap"], stated["outcome"])
