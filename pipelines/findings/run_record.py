"""Record what a cross-sell run learned; patterns in its list that were accepted are acted on."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.findings import Draft, Filter, FindingStore, Recorded, RunFacts
from lodeworks.files import digest
from pipelines.config import public
from pipelines.config.cross_sell import CrossSell
from pipelines.findings.list_evidence import list_evidence
from pipelines.findings.place import store_of
from pipelines.findings.purchase_rule import PurchaseRule
from pipelines.findings.run_drafts import ListEvidence, drafts_of_run

if TYPE_CHECKING:
    from pipelines.crosssell.outputs import Outcome

__all__ = ["known_rules", "record_run"]

WHO = "lode run"


def record_run(
    outcome: "Outcome", config: CrossSell, about: dict[str, Any], list_path: Path
) -> Recorded:
    """Keep the findings of a run in its workspace.

    Parameters
    ----------
    outcome : Outcome
        All that the run found.
    config : CrossSell
        What was asked.
    about : dict
        The run's manifest: ``run_id`` and ``list_sha256``.
    list_path : Path
        The list as it was written.
    """
    store = store_of(config.workspace)
    evidence = ListEvidence(list_evidence(list_path), outcome.listed.scorer.spread)
    run = RunFacts(
        run_id=str(about["run_id"]),
        question=config.name,
        as_of=str(outcome.listed.history.as_of.date()),
        config_sha256=digest(public(config)),
        data_sha256=str(outcome.loaded.report["digest"]),
        list_sha256=str(about.get("list_sha256", "")),
    )
    drafts = drafts_of_run(
        outcome,
        evidence,
        known_rules(store, config.name),
        min_customers=config.items.min_customers,
        currency=config.economics.currency,
        seed=config.seed,
    )
    smallest = config.privacy.min_group
    found = store.record(
        run,
        [one for one in drafts.found if one.evidence_ids or _size(one) >= smallest],
        measured_again=[one for one in drafts.measured_again if _size(one) >= smallest],
    )
    sent = evidence.rows.loc[evidence.rows["group"] == "target", "evidence_id"].unique()
    why = f"in the list of {run.run_id}"
    store.follow(run.run_id, status="acted", who=WHO, names=sent.tolist(), why=why)
    return found


def _size(draft: Draft) -> float:
    """Give how many customers or cases a draft is about; of a group too small nothing is told."""
    values = draft.words.values
    return float(values.get("covered", values.get("customers", math.inf)))


def known_rules(store: FindingStore, question: str) -> dict[PurchaseRule, str]:
    """Give the rules that earlier runs of a question found, and the last day they knew of."""
    if not store.path.exists():
        return {}
    through = store.known_through()
    found = store.find(Filter(kinds=("rule",), question=question))
    return {rule: through[one.id] for one in found for rule in PurchaseRule.of(one.pattern)}
