"""The stages of the question of deviations, one after the other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from experiments.bundle.plain import read_json, write_json
from experiments.drift import profile_of
from experiments.report.numbers import count
from experiments.report.sheet import Part, Sheet
from features.warehouse import Warehouse
from pipelines.config import public
from pipelines.config.deviation import Deviation
from pipelines.deviating.changes import find_changes
from pipelines.deviating.drafts import deviation_drafts
from pipelines.deviating.exceptions import find_exceptions
from pipelines.deviating.expected import find_unexpected
from pipelines.deviating.found import Found
from pipelines.deviating.members import find_members
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

HEADINGS = {
    "member": "Unlike the others of the class",
    "exception": "Exceptions to strong rules",
    "unexpected": "Spent otherwise than expected",
    "change": "Changed over time",
}
MOST_RULES = 30


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
            sheet=self._sheet(seen, found, figures),
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

    def _sheet(self, seen: Seen, found: Sequence[Found], figures: pd.DataFrame) -> Sheet:
        named = len({who for one in found for who in one.table["subject"]})
        return Sheet(
            title=f"Deviations: {self.config.name}",
            headline=(
                f"{count(named)} of {count(len(seen.features))} customers are not as they usually"
                " are or as others like them."
            ),
            mood="open",
            verdict="to be looked at, not proved",
            lead=[*(f"The shop: {text}." for text in figures["text"]), *map(_sentence, found)],
            tiles={HEADINGS[one.sort]: (count(len(one.table)), "customers") for one in found},
            parts=[_part(one, self.config.privacy.min_group) for one in found],
            doubts=[note for one in found for note in one.notes],
            currency=self.config.currency_shown,
            about={"Configuration": self.config.name, "Seed": str(self.config.seed)},
        )


def _sentence(found: Found) -> str:
    told = f"{HEADINGS[found.sort]}: {count(len(found.table))} customers"
    return f"{told}; who, and why, stands in deviations.parquet."


def _part(found: Found, min_group: int) -> Part:
    """Show no small group: rules with few exceptions lose their figures."""
    tables = dict(found.overview)
    rules = tables.get("Rules that are broken")
    if rules is not None:
        few = rules["exceptions"] < min_group
        told = rules["exceptions"].astype(object).where(~few, f"fewer than {min_group}")
        shown = rules.assign(exceptions=told, confidence=rules["confidence"].where(~few))
        tables["Rules that are broken"] = shown.head(MOST_RULES)
    return Part(heading=HEADINGS[found.sort], text=_about(found), tables=tables)


def _about(found: Found) -> tuple[str, ...]:
    told = {
        "member": "Isolation forest (rare anywhere) and local outlier factor (rare among its own"
        " neighbours), within each class.",
        "exception": "IF holds and THEN is missing, though nearly all others have it.",
        "unexpected": "Each customer is predicted from the others over the same days; how rare the"
        " difference is, is counted among customers with a like prediction in the window before.",
        "change": "Sums of deviations from the customer's own usual level (CUSUM, robust).",
    }
    return (told[found.sort],)
