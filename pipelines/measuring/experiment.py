"""Any randomised experiment in one table: each arm against the control."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.effect import Effect, effect
from experiments.effect.breakdown import effect_frame
from experiments.effect.page import EffectPage
from experiments.effect.verdict import verdict
from experiments.effect.words import sentence
from lodeworks.errors import ConfigError, DataError, did_you_mean
from lodeworks.files import did_you_mean_file, file_digest
from pipelines.manifest import Manifest
from pipelines.measuring.outputs import check_folder, plain_values, write_measurement
from pipelines.measuring.reading import read_frame
from pipelines.measuring.request import ExperimentRequest
from pipelines.measuring.summary import MeasureSummary

__all__ = ["Trial", "measure_trial", "read_trial"]

MOST_ARMS = 50
MOST_WORDS = 20


@dataclass(frozen=True)
class Trial:
    """A randomised experiment.

    Attributes
    ----------
    arm : pandas.Series of str
        The arm of each unit.
    outcomes : pandas.DataFrame
        Numbers, one column an outcome.
    covariates : pandas.DataFrame
        Numbers, known before; may have no columns.
    """

    arm: pd.Series
    outcomes: pd.DataFrame
    covariates: pd.DataFrame

    def effects(self, control: str, level: float) -> dict[str, Effect]:
        """Compare each arm with the control, by ``ARM: OUTCOME``."""
        found = {}
        for arm in sorted(set(self.arm) - {control}):
            both = self.arm.isin([arm, control]).to_numpy()
            treated = (self.arm[both] == arm).to_numpy()
            known = self.covariates[both].to_numpy() if self.covariates.shape[1] else None
            for name in self.outcomes:
                values = self.outcomes[name].to_numpy()[both]
                found[f"{arm}: {name}"] = effect(values, treated, known, level=level)
        return found


def read_trial(request: ExperimentRequest) -> Trial:
    """Read the table of an experiment.

    Raises
    ------
    ConfigError
        When columns or arms are named that are not there; all of them at once.
    DataError
        When the file cannot be read, or values are missing or no numbers.
    """
    frame = _read(request)
    _refuse_names(frame, request)
    arm = frame[request.treatment].astype(str)
    problems = _arm_problems(frame[request.treatment], arm, request)
    outcomes, faults = _numbers(frame, request.outcomes)
    known, more = _numbers(_with_words(frame, request.covariates), None)
    problems = [*problems, *faults, *more]
    if len(problems) == 1:
        raise DataError(problems[0])
    if problems:
        raise DataError(f"{request.path} cannot be measured", problems)
    return Trial(arm, outcomes, known)


def measure_trial(request: ExperimentRequest) -> MeasureSummary:
    """Measure every arm and outcome; write only where `request.out` is given."""
    began = time.perf_counter()
    if request.out is not None:
        check_folder(request.out)
    trial = read_trial(request)
    effects = trial.effects(request.control, request.level)
    frame = effect_frame(effects, "look")
    statements = [
        f"{name.split(': ')[0]}, {_said(one, float(p), name, trial)}"
        for (name, one), p in zip(effects.items(), frame["p_holm"], strict=True)
    ]
    values: dict[str, Any] = {
        "experiment": str(request.path),
        "treatment": request.treatment,
        "control": request.control,
        "covariates": list(request.covariates),
        "level": request.level,
        "arms": {str(arm): int(n) for arm, n in trial.arm.value_counts().sort_index().items()},
        "effects": plain_values(frame.astype({"needed_customers": object}).to_dict("records")),
        "statements": statements,
    }
    values["effects"] = [
        {key: None if pd.isna(value) else value for key, value in row.items()}
        for row in values["effects"]
    ]
    values["seconds"] = round(time.perf_counter() - began, 3)
    paths = {}
    if request.out is not None:
        paths = write_measurement(request.out, values, _page(values, frame), [], _manifest(request))
    return MeasureSummary(plain_values(values), _lines(values, frame), paths)


def _read(request: ExperimentRequest) -> pd.DataFrame:
    path = request.path
    if not path.is_file():
        raise DataError(f"the experiment {path} is missing{did_you_mean_file(path)}")
    try:
        return read_frame(path)
    except (OSError, ValueError) as error:
        raise DataError(f"the experiment {path} cannot be read: {error}") from error


def _refuse_names(frame: pd.DataFrame, request: ExperimentRequest) -> None:
    named = {"--treatment": (request.treatment,), "--outcome": request.outcomes}
    named["--covariate"] = request.covariates
    columns = list(map(str, frame))
    problems = [
        f"{option} {name!r} is no column of {request.path}; {did_you_mean(name, columns)}"
        for option, names in named.items()
        for name in names
        if name not in columns
    ]
    if request.treatment in columns:
        arms = sorted(map(str, frame[request.treatment].dropna().unique()))
        if len(arms) <= MOST_ARMS and request.control not in arms:
            problems.append(
                f"--control {request.control!r} is no arm; {did_you_mean(request.control, arms)}"
            )
    twice = {*request.outcomes} & {request.treatment, *request.covariates}
    problems += [f"{name!r} cannot be an outcome and something else too" for name in sorted(twice)]
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("the experiment cannot be measured", problems)


def _arm_problems(raw: pd.Series, arm: pd.Series, request: ExperimentRequest) -> list[str]:
    problems = []
    if raw.isna().any():
        problems.append(f"{int(raw.isna().sum()):,} rows have no {request.treatment}")
    arms = arm.nunique()
    if arms < 2:
        problems.append(f"{request.treatment} has one arm only, so nothing can be compared")
    elif arms > MOST_ARMS:
        problems.append(
            f"{request.treatment} has {arms:,} values; at most {MOST_ARMS} can be arms: is it the"
            " right column?"
        )
    return problems


def _with_words(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Turn columns of a few words into columns of 0 and 1, one word left out."""
    chosen = frame[list(dict.fromkeys(names))]
    words = [
        name
        for name in chosen
        if not pd.api.types.is_numeric_dtype(chosen[name]) and chosen[name].nunique() <= MOST_WORDS
    ]
    if not words:
        return chosen
    coded: pd.DataFrame = pd.get_dummies(chosen, columns=words, drop_first=True, dtype=np.float64)
    return coded


def _numbers(frame: pd.DataFrame, names: tuple[str, ...] | None) -> tuple[pd.DataFrame, list[str]]:
    chosen = frame if names is None else frame[list(dict.fromkeys(names))]
    numbers = {name: pd.to_numeric(chosen[name], errors="coerce") for name in chosen}
    values = pd.DataFrame(numbers, index=frame.index).astype(np.float64)
    bad = (~np.isfinite(values)).sum()
    problems = [
        f"{int(count):,} of {len(frame):,} rows have no number in {name!r}"
        for name, count in bad.items()
        if count
    ]
    return values, problems


def _said(found: Effect, p: float, name: str, trial: Trial) -> str:
    outcome = name.split(": ", 1)[1]
    return sentence(found, verdict(found, p), outcome, _kind(trial.outcomes[outcome]))


def _kind(values: pd.Series) -> str:
    return "share" if set(values.unique()) <= {0.0, 1.0} else "units"


def _lines(values: dict[str, Any], frame: pd.DataFrame) -> list[str]:
    arms = ", ".join(f"{arm} {n:,}" for arm, n in values["arms"].items())
    shown = frame[
        ["look", "treated_mean", "control_mean", "difference", "low", "high", "p", "p_holm"]
    ]
    board = shown.to_string(index=False, float_format=lambda value: f"{value:.5f}")
    lines = [f"arms: {arms}; each against {values['control']!r}", "", board, ""]
    if values["covariates"]:
        best = float(frame["variance_reduction"].max())
        lines.append(f"covariates took up to {best:.1%} off the variance")
    return [*lines, *values["statements"]]


def _page(values: dict[str, Any], frame: pd.DataFrame) -> EffectPage:
    sure = int((frame["verdict"] != "too small to tell").sum())
    return EffectPage(
        title=f"Measured: {values['experiment']}",
        headline=f"{sure} of {len(frame)} comparisons differ.",
        mood="good" if sure else "open",
        verdict="Corrected for many looks after Holm",
        statements=values["statements"],
        tables={"Effects": frame.drop(columns=["total", "total_low", "total_high"])},
        facts={"treatment": values["treatment"], "control": values["control"]},
    )


def _manifest(request: ExperimentRequest) -> Manifest:
    manifest = Manifest("measure")
    manifest.add(inputs={"path": str(request.path), "sha256": file_digest(request.path)})
    return manifest
