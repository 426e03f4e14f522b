"""The frame of a job: lock, cache, tracking, the folder of the run; the question fills it."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.registry import Registry
from experiments.report.sheet import render_sheet
from experiments.tracking import Run
from features.warehouse import Warehouse
from lodeworks.files import digest, new_folder, write_text
from lodeworks.progress import Progress
from lodeworks.spreadsheet import neutral
from pipelines.cache import Cache
from pipelines.config import Question, public, resolved
from pipelines.crosssell.logbook import open_tracker
from pipelines.crosssell.prepare import Loaded, load_sources
from pipelines.findings import record
from pipelines.lists.words import load_sentence
from pipelines.manifest import Manifest, git_commit, peak_memory_mb
from pipelines.plain import plain_rows
from pipelines.promotion import AWAY, Promotion
from pipelines.questions.answer import Answer, AnswerSummary
from pipelines.questions.gate import decide
from pipelines.workspace import Workspace

__all__ = ["QuestionJob"]


class QuestionJob(ABC):
    """One run of a business question; derive, and write `answer`.

    Parameters
    ----------
    config : Question
        The checked configuration.
    progress : Progress
        Told about every stage.
    fresh : bool
        Make everything again.

    Notes
    -----
    Keep what is costly by ``self.cache.step(stage, name, depends_on, make)``: ``depends_on`` holds
    everything the result is a function of, ``self.digest`` of the warehouse among it.
    """

    def __init__(self, config: Question, progress: Progress, fresh: bool) -> None:
        self.question = config
        self.progress = progress
        self.workspace = Workspace(Path(config.workspace))
        self.cache = Cache(self.workspace.cache, fresh, progress)
        self.manifest = Manifest("run")
        self.run_id = self.workspace.new_run_id(config.name)

    @abstractmethod
    def answer(self, warehouse: Warehouse) -> Answer:
        """Answer the question from the loaded warehouse, open for reading."""

    def run(self) -> AnswerSummary:
        """Do it all; what a person reads appears at the end, whole."""
        with self.workspace.locked():
            loaded = load_sources(
                self.question.sources,
                self.workspace.warehouse,
                self.cache,
                self.progress,
                timezone=self.question.timezone,
                currency=self.question.currency,
            )
            self.progress.note(load_sentence(loaded.report))
            self.digest = str(loaded.report["digest"])
            tracker = open_tracker(self.question, self.workspace.root)
            tags = {"lode.kind": self.question.kind, "lode.run": self.run_id}
            with loaded.warehouse, tracker.run(self.run_id, tags) as tracked:
                self._log_start(tracked, loaded)
                answer = self.answer(loaded.warehouse)
                promotion, answer = self._promote(answer, tracked)
                summary = self._write(answer, promotion, loaded, tracked)
                if promotion is not None:
                    # Last, so that a disk that fills leaves no champion without a run.
                    promotion.carry_out(self._registry(tracked), self.question.promotion.alias)
                self._log_end(tracked, answer, summary)
                return summary

    def _log_start(self, tracked: Run, loaded: Loaded) -> None:
        tracked.text(resolved(self.question), "config.yaml")
        tracked.params({"seed": self.question.seed, **_own_sections(public(self.question))})
        commit = git_commit(Path.cwd())
        tracked.tags({"git.commit": commit} if commit else {})
        for source in loaded.report["sources"]:
            tracked.dataset(source["source"], source["sha256"], source=source["path"])
        tracked.dataset("warehouse", self.digest, context="features")

    def _registry(self, tracked: Run) -> Registry:
        return Registry(tracked.tracker.client, self.workspace.root)

    def _promote(self, answer: Answer, tracked: Run) -> tuple[Promotion | None, Answer]:
        """Register the bundle and ask whether it may become champion; 4 where it may not."""
        wanted = self.question.promotion
        if not wanted.register_ or answer.bundle is None or answer.judge is None:
            return None, answer
        if tracked.tracker.away:
            return None, replace(answer, notes=[*answer.notes, AWAY])
        self.progress.start("act: register")
        registry, name = self._registry(tracked), self.question.model_name
        made = registry.register(answer.bundle, name, tracked.id)
        decided = decide(registry, made, wanted.alias, self.question.kind, answer.judge)
        self.progress.done("act: register", decided.status)
        return decided, replace(answer, exit_code=4) if decided.refused else answer

    def _write(
        self, answer: Answer, promotion: Promotion | None, loaded: Loaded, tracked: Run
    ) -> AnswerSummary:
        self.progress.start("interpret: write")
        place = self.workspace.runs / self.run_id
        paths = {"report": place / "report.html", "manifest": place / "manifest.json"}
        paths |= {name: place / f"{name}.parquet" for name in answer.tables}
        paths |= {} if answer.bundle is None else {"bundle": answer.bundle}
        told = self._told(promotion)
        self.manifest.add(**self._about(answer, loaded, tracked, paths), promotion=told)
        with new_folder(place) as aside:
            render_sheet(answer.sheet, aside / "report.html")
            write_text(aside / "config.yaml", resolved(self.question))
            for name, frame in answer.tables.items():
                frame.to_parquet(aside / f"{name}.parquet", index=False)
            for name, file in answer.files.items():
                (aside / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, aside / name)
            if answer.candidates is not None:
                board = neutral(answer.candidates)
                write_text(aside / "leaderboard.csv", board.to_csv(index=False))
            self.manifest.write(aside / "manifest.json")
        self._keep(answer)
        self.progress.done("interpret: write")
        notes = [*answer.notes, *tracked.tracker.notes()]
        return self._summary(replace(answer, notes=notes), paths, told)

    def _told(self, promotion: Promotion | None) -> dict[str, Any] | None:
        if promotion is None:
            return None
        return {**asdict(promotion), "alias": self.question.promotion.alias}

    def _keep(self, answer: Answer) -> None:
        """Keep what was found; last, so that no finding leads to a run that was not written."""
        if answer.records:
            record(
                self.workspace.root,
                answer.records,
                run_id=self.run_id,
                question=self.question.name,
                config_sha256=digest(public(self.question)),
                data_sha256=self.digest,
            )

    def _about(
        self, answer: Answer, loaded: Loaded, tracked: Run, paths: dict[str, Path]
    ) -> dict[str, Any]:
        self.manifest.timings = {f"{s.stage}: {s.name}": s.seconds for s in self.cache.steps}
        board = answer.candidates
        return {
            "run_id": self.run_id,
            "kind": self.question.kind,
            "mlflow_run_id": tracked.id,
            "load": loaded.report,
            "config": public(self.question),
            "git_commit": git_commit(Path.cwd()),
            "seed": self.question.seed,
            "headline": answer.sheet.headline,
            "metrics": dict(answer.metrics),
            "leaderboard": None if board is None else plain_rows(board),
            "notes": [*answer.notes, *tracked.tracker.notes()],
            "reused_steps": [f"{s.stage}: {s.name}" for s in self.cache.steps if s.reused],
            "outputs": {name: str(path) for name, path in paths.items()},
            **answer.facts,
        }

    def _summary(
        self, answer: Answer, paths: dict[str, Path], promotion: dict[str, Any] | None
    ) -> AnswerSummary:
        return AnswerSummary(
            name=self.question.name,
            kind=self.question.kind,
            run_id=self.run_id,
            headline=answer.sheet.headline,
            metrics=answer.metrics,
            leaderboard=answer.candidates,
            paths=paths,
            promotion=promotion,
            notes=answer.notes,
            exit_code=answer.exit_code,
            seconds=self.manifest.to_dict()["seconds"],
            peak_memory_mb=peak_memory_mb(),
            said=[one for one in (answer.sheet.verdict, *answer.sheet.lead) if one],
        )

    def _log_end(self, tracked: Run, answer: Answer, summary: AnswerSummary) -> None:
        tracked.metrics(dict(answer.metrics))
        if answer.candidates is not None:
            _log_candidates(tracked, answer.candidates)
        for name in ("report", "manifest"):
            tracked.file(summary.paths[name])


def _own_sections(shown: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is logged elsewhere."""
    common: Sequence[str] = (
        "kind",
        "name",
        "workspace",
        "seed",
        "sources",
        "tracking",
        "promotion",
    )
    return {name: value for name, value in shown.items() if name not in common}


def _log_candidates(tracked: Run, board: pd.DataFrame) -> None:
    tracked.table(board, "leaderboard")
    for row in plain_rows(board):
        with tracked.child(str(row["candidate"])) as child:
            numbers = {
                name: float(value)
                for name, value in row.items()
                if isinstance(value, int | float) and not isinstance(value, bool)
            }
            child.metrics(dict(numbers))
            child.params({k: v for k, v in row.items() if k not in numbers and v is not None})
