"""The stages of the question of deviations, one after the other."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from experiments.bundle.plain import read_json, write_json
from experiments.drift import profile_of
from features.warehouse import Warehouse
from pipelines.config import public
from pipelines.config.deviation import Deviation
from pipelines.deviating.changes import find_changes
from pipelines.deviating.drafts import deviation_drafts
from pipelines.deviating.exceptions import find_exceptions
from pipelines.deviating.expected import find_unexpected
from pipelines.deviating.found import Found
from pipelines.deviating.members import find_members
from pipelines.deviating.page import page
from pipelines.deviating.profile import (
    Profile,
    agreement,
    fit_profile,
    read_profile,
    write_profile,
)
from pipelines.deviating.reading import Seen, classes_of, level_cuts, read
from pipelines.questions import Answer, QuestionJob
from pipelines.questions.gate import Judge, Verdict, by_bound

__all__ = ["Job"]


class Job(QuestionJob):
    """One run of the question of deviations."""

    @property
    def config(self) -> Deviation:
        """The checked configuration."""
        return cast(Deviation, self.question)

    def answer(self, warehouse: Warehouse) -> Answer:
        """Search in every way that was asked for, and put what was found into one table."""
        config = self.config
        seen = read(
            warehouse, str(config.window.as_of), config.window.observe, config.features.families
        )
        found = self._search(warehouse, seen)
        bundle, agreed = self._profile(seen)
        figures = pd.concat([one.figures for one in found], ignore_index=True)
        everything = pd.concat([one.table for one in found], ignore_index=True)
        return Answer(
            sheet=page(config, found, len(seen.features)),
            metrics={f"{one.sort}s": float(len(one.table)) for one in found},
            tables={"deviations": everything, "figures": figures},
            bundle=bundle,
            judge=self._judge(seen, agreed),
            records=deviation_drafts(figures, len(seen.features)),
            facts={"as_of": str(seen.as_of), "agreement": None if np.isnan(agreed) else agreed},
            notes=[note for one in found for note in one.notes],
        )

    def _search(self, warehouse: Warehouse, seen: Seen) -> list[Found]:
        config, found = self.config, []
        if config.members is not None:
            self.progress.start("mine: members")
            least = config.privacy.min_group
            found.append(find_members(seen, config.members, config.seed, least))
            self.progress.done("mine: members")
        if config.exceptions is not None:
            self.progress.start("mine: exceptions")
            found.append(find_exceptions(seen, config.exceptions))
            self.progress.done("mine: exceptions")
        if config.expected is not None:
            found.append(
                find_unexpected(
                    warehouse, config, config.expected, seen.as_of, self.cache, self.digest
                )
            )
        if config.changes is not None:
            found.append(find_changes(seen, config.changes, config.window.observe))
        return found

    def _profile(self, seen: Seen) -> tuple[Path | None, float]:
        """Export what is usual, and say how far two halves of the customers agree on it.

        The local outlier factor is its customers, who do not leave with a model: without the
        forest there is no profile; nor where every class is too small.
        """
        wanted, seed = self.config.members, self.config.seed
        if wanted is None or "forest" not in wanted.methods:
            return None, float("nan")
        classes, meta = classes_of(seen, wanted.by), self._meta(seen, wanted.by)
        if classes.value_counts().max() < wanted.least:
            return None, float("nan")
        depends = {"warehouse": self.digest, "meta": meta, "members": wanted.model_dump()}

        def make(folder: Path) -> None:
            members = fit_profile(seen.features, classes, wanted, seed)
            agreed = agreement(seen.features, classes, wanted, seed)
            write_json(folder / "agreement.json", agreed)
            write_profile(folder / "bundle", Profile(members, meta))

        folder = self.cache.step("act", "bundle", depends, make).folder
        return folder / "bundle", float(read_json(folder / "agreement.json"))

    def _meta(self, seen: Seen, by: str) -> dict[str, Any]:
        config = self.config
        return {
            "kind": "deviation",
            "name": config.model_name,
            "by": by,
            "cuts": level_cuts(seen) if by == "pyramid" else None,
            "columns": [str(name) for name in seen.features],
            "families": list(config.features.families),
            "observe": config.window.observe,
            "as_of": str(seen.as_of),
            "seed": config.seed,
            "timezone": config.timezone,
            "currency": config.currency,
            # Without the folders of this machine: scoring is told where its files are.
            "sources": [
                {**one, "path": Path(one["path"]).name} for one in public(config)["sources"]
            ],
            "profile": profile_of(seen.features),
        }

    def _judge(self, seen: Seen, agreed: float) -> Judge:
        """Ask of a new profile that it comes again: there is no outcome to be right about."""
        wanted = self.config.members
        meta = self._meta(seen, "all" if wanted is None else wanted.by)
        bound = 0.0 if wanted is None else wanted.min_agreement

        def judge(folder: Path, version: str) -> Verdict:
            champion = read_profile(folder).meta
            same = all(champion[name] == meta[name] for name in ("by", "columns", "observe"))
            what = "The agreement of two halves of the customers on who is unusual"
            return by_bound(version, what, agreed, bound, same=same)

        return judge
