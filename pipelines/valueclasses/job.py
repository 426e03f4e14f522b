"""The job of the question which class of value a corporate customer belongs to."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.findings.draft import Draft, Evidence, Words
from features.warehouse import Warehouse
from lodeworks.progress import Progress
from models.neural import NetworkRules
from models.neural.training import has_torch
from pipelines.config.value_classes import ClassNetwork, ValueClasses
from pipelines.questions import Answer, QuestionJob
from pipelines.valueclasses.bundled import ClassBundle, read_classes, write_classes
from pipelines.valueclasses.classifier import fit_classes, rules_in_words
from pipelines.valueclasses.clients import Cases, read_cases
from pipelines.valueclasses.judging import FIGURES, Judged, judge
from pipelines.valueclasses.page import page
from pipelines.valueclasses.promoting import ClassJudge, held_out
from pipelines.valueclasses.scoring import classed

__all__ = ["Job"]

RULES = ("rule", "answer", "rows", "fidelity")


class Job(QuestionJob):
    """Trains the network, judges it, puts it into rules and classes the prospects."""

    def __init__(self, config: ValueClasses, progress: Progress, fresh: bool) -> None:
        super().__init__(config, progress, fresh)
        self.config = config

    def answer(self, warehouse: Warehouse) -> Answer:
        """Answer the question."""
        cases = read_cases(self.config, warehouse)
        judged = self._judged(cases)
        folder = self._bundle(cases, judged)
        bundle = read_classes(folder)
        prospects = classed(bundle, cases.prospect_ids, cases.prospects)
        notes = list(cases.notes)
        if not has_torch() and self.config.network.backend == "auto":
            notes.append(
                "PyTorch is not installed: the network is scikit-learn's perceptron; install it by"
                " pip install 'lodeworks[neural]'"
            )
        customers = self._customers(cases, judged)
        return Answer(
            sheet=page(self.config, cases, judged, bundle, prospects, customers, notes),
            metrics=_metrics(judged, bundle),
            tables={"prospects": prospects, "customers": customers, "rules": bundle.rules},
            bundle=folder,
            judge=ClassJudge(
                self.config,
                cases,
                judged.by_customer,
                lambda network: self._judged(cases, network).by_customer,
            ),
            candidates=judged.board,
            records=_findings(bundle, len(cases.ids)),
            facts={"customers": len(cases.ids), "prospects": len(cases.prospect_ids)},
            notes=notes,
        )

    def _depends(self) -> dict[str, Any]:
        told = self.config.model_dump(
            mode="json", include={"data", "network", "evaluation", "rules", "seed"}
        )
        return {**told, "warehouse": self.digest, "torch": has_torch()}

    def _judged(self, cases: Cases, network: ClassNetwork | None = None) -> Judged:
        """Judge the network that was asked for, or another one, on the same customers."""
        config, network = self.config, network or self.config.network

        def make(folder: Path) -> None:
            found = judge(
                cases.table,
                cases.labels,
                config.data.classes,
                network,
                config.evaluation,
                config.seed,
            )
            found.board.to_parquet(folder / "board.parquet")
            found.confusion.to_parquet(folder / "confusion.parquet")
            np.save(folder / "by_customer.npy", found.by_customer)

        depends = {**self._depends(), "network": network.model_dump(mode="json")}
        folder = self.cache.step("mine", "judge", depends, make).folder
        return Judged(
            pd.read_parquet(folder / "board.parquet"),
            pd.read_parquet(folder / "confusion.parquet"),
            np.load(folder / "by_customer.npy"),
        )

    def _bundle(self, cases: Cases, judged: Judged) -> Path:
        """Fit on all customers, take out the rules and export both."""
        config = self.config

        def make(folder: Path) -> None:
            model = fit_classes(
                cases.table, list(cases.labels), config.data.classes, config.network, config.seed
            )
            found = rules_in_words(
                model,
                pd.concat([cases.table, cases.prospects], ignore_index=True),
                queries=config.rules.queries,
                most=config.rules.most,
                min_rows=config.rules.min_rows,
                seed=config.seed,
            )
            meta = self._meta(cases, judged, found)
            write_classes(folder / "bundle", ClassBundle(model, found.table[list(RULES)], meta))

        return self.cache.step("act", "bundle", self._depends(), make).folder / "bundle"

    def _meta(self, cases: Cases, judged: Judged, found: NetworkRules) -> dict[str, Any]:
        network = judged.board[judged.board["candidate"] == "network"].iloc[0]
        numbers = cases.table.select_dtypes("number").columns
        data = self.config.data
        wanted = {data.table, data.prospects} - {None}
        sources = [
            source.model_dump(mode="json", by_alias=True, exclude={"url"})
            for source in self.config.sources
            if source.table in wanted
        ]
        return {
            "kind": "value-classes",
            "name": self.config.model_name,
            "seed": self.config.seed,
            "id": data.id,
            "table": data.prospects or data.table,
            "columns": {n: "number" if n in numbers else "text" for n in cases.table},
            "sources": [s for s in sources if s["table"] == (data.prospects or data.table)],
            "conditions": found.conditions,
            "fidelity": found.fidelity,
            "right": [float(network[name]) for name in ("right", "right_low", "right_high")],
            "customers": len(cases.ids),
            "network": self.config.network.model_dump(mode="json"),
            "held_out": held_out(judged.by_customer).to_dict(),
        }

    def _customers(self, cases: Cases, judged: Judged) -> pd.DataFrame:
        return pd.DataFrame(
            {
                self.config.data.id: cases.ids,
                "stated": cases.labels,
                "found_again": judged.by_customer,
            }
        )


def _metrics(judged: Judged, bundle: ClassBundle) -> dict[str, float]:
    network = judged.board[judged.board["candidate"] == "network"].iloc[0]
    ends = [f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")]
    found = {name: float(network[name]) for name in ends}
    return {**found, "fidelity": float(bundle.meta["fidelity"]), "rules": float(len(bundle.rules))}


def _findings(bundle: ClassBundle, customers: int) -> list[Draft]:
    return [
        Draft(
            kind="value-class",
            pattern={"if": conditions, "class": str(row["answer"])},
            words=Words(
                "plain",
                {
                    "en": f"If {row['rule']}, then the value is {row['answer']}.",
                    "zh": f"若 {row['rule']}，则价值等级为 {row['answer']}。",  # noqa: RUF001 (Chinese)
                },
            ),
            evidence=Evidence(n=customers, confidence=float(row["fidelity"])),
            source="network",
        )
        for conditions, (_, row) in zip(
            bundle.meta["conditions"], bundle.rules.iterrows(), strict=True
        )
    ]
