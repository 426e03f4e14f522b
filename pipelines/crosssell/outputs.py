"""Write the folder of a run: the list, the report, the leaderboard, the manifest."""

import re
import sys
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.evaluation.money import Forecast, forecast_table
from experiments.report import ListSummary, ReportData, render
from features.windows import Window
from lodeworks.files import file_digest, new_folder, write_text
from lodeworks.spreadsheet import neutral
from pipelines.cache import Cache
from pipelines.config import public, resolved
from pipelines.config.cross_sell import CrossSell
from pipelines.crosssell.evaluate import Evaluation
from pipelines.crosssell.interpret import list_summary, report_data
from pipelines.crosssell.mine import Measured
from pipelines.crosssell.prepare import Loaded
from pipelines.crosssell.snapshots import Snapshot
from pipelines.crosssell.summary import RunSummary
from pipelines.crosssell.terms import settings
from pipelines.lists.make import CrossSellList
from pipelines.lists.words import money_values
from pipelines.lists.writer import write_list
from pipelines.manifest import Manifest, git_commit, peak_memory_mb, versions
from pipelines.plain import plain_rows
from pipelines.promotion import Promotion

__all__ = ["Outcome", "write_run"]

LOAD = ("rows_in", "rows_loaded", "rows_rejected", "sources")


@dataclass(frozen=True)
class Outcome:
    """All that a run found.

    Attributes
    ----------
    loaded : Loaded
        The warehouse and what became of every row.
    labelled : list of Snapshot
        The test window, then the back-tests.
    mined : list of Measured
        The candidates.
    evaluation : Evaluation
        What the last window said.
    bundle : Path
        The exported winner.
    promotion : Promotion or None
        What became of it in the registry.
    listed : CrossSellList
        The list.
    items : pandas.DataFrame
        Names of the items.
    forecasts : list of Forecast
        What earlier lists were expected to earn, and earned.
    notes : list of str
        What a person must know.
    """

    loaded: Loaded
    labelled: list[Snapshot]
    mined: list[Measured]
    evaluation: Evaluation
    bundle: Path
    promotion: Promotion | None
    listed: CrossSellList
    items: pd.DataFrame
    forecasts: list[Forecast] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_run(
    outcome: Outcome, config: CrossSell, place: Path, manifest: Manifest, cache: Cache
) -> RunSummary:
    """Write everything a person or a program reads after a run.

    Parameters
    ----------
    outcome : Outcome
        What was found.
    config : CrossSell
        What was asked.
    place : Path
        The folder of the run.
    manifest : Manifest
        Begun with the run.
    cache : Cache
        Knows which steps were made and which were kept.
    """
    paths = {
        "list": place / f"list.{config.act.format}",
        "report": place / "report.html",
        "manifest": place / "manifest.json",
        "bundle": outcome.bundle,
    }
    with new_folder(place) as aside:
        write_list(outcome.listed.batches(), aside / paths["list"].name)
        board = outcome.evaluation.leaderboard
        write_text(aside / "leaderboard.csv", neutral(board).to_csv(index=False))
        write_text(aside / "config.yaml", resolved(config))
        render(_report(outcome, config, paths["list"].name), aside / paths["report"].name)
        _fill(manifest, outcome, config, paths, cache)
        manifest.add(list_sha256=file_digest(aside / paths["list"].name))
        manifest.write(aside / paths["manifest"].name)
    return _summary(outcome, config, paths, manifest)


def _report(outcome: Outcome, config: CrossSell, list_name: str) -> ReportData:
    return report_data(
        outcome.evaluation,
        outcome.mined,
        outcome.labelled,
        _list_in_figures(outcome, list_name),
        outcome.listed,
        outcome.items,
        settings(config),
        outcome.loaded.report,
        _about(outcome.loaded, config),
        outcome.forecasts,
        outcome.notes,
        config.privacy.min_group,
    )


def _list_in_figures(outcome: Outcome, file: str) -> ListSummary:
    days = _outcome_days(outcome.listed, outcome.labelled[0].window)
    return list_summary(outcome.listed, outcome.items, days, file)


def _outcome_days(listed: CrossSellList, window: Window) -> tuple[str, str]:
    first = listed.history.as_of.date() + timedelta(days=window.gap + 1)
    return str(first), str(first + timedelta(days=window.outcome - 1))


def _about(loaded: Loaded, config: CrossSell) -> dict[str, Any]:
    digests = {source["source"]: source["sha256"] for source in loaded.report["sources"]}
    return {
        "name": config.name,
        "currency": config.economics.currency,
        "level": config.evaluation.level,
        "versions": dict(versions()),
        "seeds": {"seed": config.seed},
        "digests": {**digests, "warehouse": loaded.report["digest"]},
        "config": resolved(config),
        "command": " ".join([Path(sys.argv[0]).name, *map(_without_password, sys.argv[1:])]),
    }


def _fill(
    manifest: Manifest, outcome: Outcome, config: CrossSell, paths: dict[str, Path], cache: Cache
) -> None:
    window = outcome.labelled[0].window
    first, last = _outcome_days(outcome.listed, window)
    manifest.timings = {f"{step.stage}: {step.name}": step.seconds for step in cache.steps}
    manifest.add(
        load=outcome.loaded.report,
        config=public(config),
        git_commit=git_commit(Path.cwd()),
        seed=config.seed,
        windows=[asdict(snapshot.window) for snapshot in outcome.labelled],
        list_as_of=str(outcome.listed.history.as_of.date()),
        winner=outcome.evaluation.choice.winner,
        leaderboard=plain_rows(outcome.evaluation.leaderboard),
        list=outcome.listed.counts(),
        terms=asdict(outcome.listed.spec),
        economics=config.economics.model_dump(exclude={"baseline_file"}),
        window={"gap": window.gap, "outcome": window.outcome, "from": first, "to": last},
        expected_profit=_expected(outcome, config),
        forecasts=plain_rows(forecast_table(outcome.forecasts)),
        notes=outcome.notes,
        promotion=_promotion(outcome, config),
        reused_steps=[f"{step.stage}: {step.name}" for step in cache.steps if step.reused],
        outputs={name: str(path) for name, path in paths.items()},
    )


def _expected(outcome: Outcome, config: CrossSell) -> dict[str, Any]:
    money = config.economics
    return money_values(outcome.listed.expected_profit, money.currency, money.baseline)


def _promotion(outcome: Outcome, config: CrossSell) -> dict[str, Any] | None:
    decided = outcome.promotion
    return None if decided is None else {**asdict(decided), "alias": config.promotion.alias}


def _summary(
    outcome: Outcome, config: CrossSell, paths: dict[str, Path], manifest: Manifest
) -> RunSummary:
    choice = outcome.evaluation.choice
    refused = outcome.promotion is not None and outcome.promotion.refused
    return RunSummary(
        name=config.name,
        run_id=paths["manifest"].parent.name,
        load={name: outcome.loaded.report[name] for name in LOAD},
        leaderboard=outcome.evaluation.leaderboard,
        winner=choice.winner,
        reason=choice.reason,
        list_counts=outcome.listed.counts(),
        expected_profit=_expected(outcome, config),
        promotion=_promotion(outcome, config),
        notes=outcome.notes,
        forecasts=plain_rows(forecast_table(outcome.forecasts)),
        paths=paths,
        exit_code=4 if refused else 0,
        seconds=manifest.to_dict()["seconds"],
        peak_memory_mb=peak_memory_mb(),
    )


def _without_password(word: str) -> str:
    """Hide who signs in where, in an address that was typed."""
    return re.sub(r"://[^/@\s]*@", "://***@", word)
