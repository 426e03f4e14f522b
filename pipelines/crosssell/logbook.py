"""What a run tells the tracker: a parent, a child a candidate, a grandchild a trial."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.tracking import Run, Tracker
from pipelines.config import Question, public, resolved
from pipelines.config.cross_sell import CrossSell
from pipelines.crosssell.evaluate import Evaluation
from pipelines.crosssell.mine import Measured
from pipelines.manifest import git_commit
from pipelines.plain import plain_rows

__all__ = ["log_candidates", "log_end", "log_start", "open_tracker"]

SECTIONS = ("window", "items", "tuning", "economics", "policy")
WORDS = ["candidate", "family", "winner"]
PARAM = "params_"


def open_tracker(config: Question, workspace: Path) -> Tracker:
    """Open the experiment; values that came from the environment are masked."""
    named = re.findall(r"\$\{(\w+)", " ".join(config.secrets.values()))
    return Tracker.open(
        workspace,
        config.tracking.uri,
        config.tracking.experiment or config.name,
        secrets=[os.environ[name] for name in sorted(set(named)) if name in os.environ],
    )


def log_start(
    tracked: Run, config: CrossSell, run_id: str, as_of: str, load: Mapping[str, Any]
) -> None:
    """Note the configuration, the data and the code."""
    shown = public(config)
    tracked.text(resolved(config), "config.yaml")
    tracked.params({"as_of": as_of, "seed": config.seed, **{s: shown[s] for s in SECTIONS}})
    commit = git_commit(Path.cwd())
    tracked.tags({"lode.run": run_id, **({"git.commit": commit} if commit else {})})
    for source in load["sources"]:
        tracked.dataset(source["source"], source["sha256"], source=source["path"])
    tracked.dataset("warehouse", load["digest"], context="features")


def log_candidates(tracked: Run, mined: Sequence[Measured], evaluation: Evaluation) -> None:
    """Note every candidate, its curves and its trials."""
    board = evaluation.leaderboard
    for each in mined:
        name = each.candidate.name
        with tracked.child(name, {"lode.family": each.family}) as child:
            child.params({"kind": each.candidate.kind, **each.params})
            child.metrics(_numbers(board[board["candidate"] == name].iloc[0]))
            child.table(evaluation.curves[name], "profit_curve")
            child.table(evaluation.gains[name], "gains")
            _log_trials(child, each)


def log_end(
    tracked: Run,
    evaluation: Evaluation,
    expected_profit: Mapping[str, Any],
    files: Sequence[Path],
) -> None:
    """Note the winner's figures and the files a person reads."""
    board = evaluation.leaderboard
    tracked.metrics(_numbers(board[board["winner"]].iloc[0]))
    tracked.metrics(
        {f"list_expected_profit_{part}": expected_profit[part] for part in ("mean", "low", "high")}
    )
    tracked.tags({"lode.winner": evaluation.choice.winner})
    tracked.table(board, "leaderboard")
    for file in files:
        tracked.file(file)


def _numbers(row: pd.Series) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.drop(WORDS).items()}


def _log_trials(child: Run, each: Measured) -> None:
    for trial in plain_rows(each.trials):
        params = {k.removeprefix(PARAM): v for k, v in trial.items() if k.startswith(PARAM)}
        with child.child(f"trial {trial['number']}") as grandchild:
            grandchild.params(params)
            grandchild.metrics({"value": trial["value"], "seconds": trial["seconds"]})
