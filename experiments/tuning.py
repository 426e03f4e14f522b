"""Search the parameters of a candidate within a budget; a killed search goes on where it was."""

import math
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lodeworks.errors import BudgetExceeded, ConfigError, LodeError
from lodeworks.files import digest
from models.search import Choice, IntRange, Range

if TYPE_CHECKING:
    import optuna

__all__ = ["Trial", "Tuned", "tune"]

Params = dict[str, Any]

# Random trials before the estimator of densities takes over; the library's ten would be all of a
# small budget.
STARTUP_TRIALS = 5


@dataclass(frozen=True)
class Trial:
    """One evaluation of the objective.

    Attributes
    ----------
    number : int
        Position in the search, from 0.
    params : dict
        The searched parameters alone.
    value : float or None
        What the objective gave; None when the trial failed.
    seconds : float
        Wall time of the evaluation.
    reason : str
        Why the trial failed, or an empty text.
    resumed : bool
        True when the trial was read from the journal and not run again.
    """

    number: int
    params: Params
    value: float | None
    seconds: float
    reason: str = ""
    resumed: bool = False


@dataclass(frozen=True)
class Tuned:
    """The outcome of a search.

    Attributes
    ----------
    params : dict
        The defaults, overridden by the best searched values.
    value : float
        The objective there.
    trials : pandas.DataFrame
        One row a trial, in order: ``number``, ``state`` (``finished`` or ``failed``), ``value``,
        ``seconds``, ``reason`` and ``params_NAME`` for every searched parameter.
    """

    params: Params
    value: float
    trials: pd.DataFrame


def tune(
    objective: Callable[[Params], float],
    space: Mapping[str, Range],
    *,
    trials: int,
    seed: int,
    journal: Path,
    defaults: Mapping[str, Any],
    timeout_s: float | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> Tuned:
    """Find the parameters with the highest value of `objective`.

    The first trial is the defaults, so that the answer is never worse than not searching. Every
    trial's randomness depends on `seed` and its number alone; therefore a search that was killed
    and started again gives the trials of one that was not disturbed. Values already met are not
    evaluated twice.

    Parameters
    ----------
    objective : callable
        Takes the defaults overridden by the searched values, gives a number; larger is better. A
        value that is not finite and a `BudgetExceeded` make the trial a failed one; any other
        error ends the search, which can be resumed.
    space : mapping of str to Range
        What may be varied; when empty, the defaults are evaluated once.
    trials : int
        Number of trials in all, those found in the journal included.
    seed : int
        Not negative.
    journal : Path
        File that keeps every finished trial. The journal of another search (other space,
        defaults or seed) is started anew.
    defaults : mapping
        Values of all parameters. One outside its range is moved to the nearest allowed value.
    timeout_s : float, optional
        Seconds of evaluation after which no new trial begins, those in the journal included. The
        first trial is always run. A search cut by time need not be repeatable.
    on_trial : callable, optional
        Told every trial, resumed ones included.

    Returns
    -------
    Tuned
        Of equal values, the earliest trial wins.

    Raises
    ------
    ValueError
        When `trials`, `seed` or a range makes no sense.
    ConfigError
        When `journal` is a file of another kind.
    LodeError
        When no trial gave a value.
    """
    _check(space, trials, seed)
    total = trials if space else 1
    with _quiet():
        study = _open_study(Path(journal), _identity(space, seed, defaults))
        search = _Search(study, objective, space, dict(defaults), seed, on_trial)
        search.replay()
        while search.open_for_more(total, timeout_s):
            search.step()
    return search.result()


class _Search:
    """A study and what is known of its trials so far."""

    def __init__(
        self,
        study: "optuna.Study",
        objective: Callable[[Params], float],
        space: Mapping[str, Range],
        defaults: Params,
        seed: int,
        on_trial: Callable[[Trial], None] | None,
    ) -> None:
        self._study = study
        self._objective = objective
        self._space = {name: space[name] for name in sorted(space)}
        self._defaults = defaults
        self._seed = seed
        self._tell_trial = on_trial or (lambda _: None)
        self._trials: list[Trial] = []

    def replay(self) -> None:
        """Take over the trials of the journal."""
        for frozen in self._study.get_trials(deepcopy=False):
            self._keep(_read_trial(frozen))

    def open_for_more(self, total: int, timeout_s: float | None) -> bool:
        """Tell whether another trial may begin."""
        spent = sum(trial.seconds for trial in self._trials)
        in_time = timeout_s is None or not self._trials or spent < timeout_s
        return len(self._trials) < total and in_time

    def step(self) -> None:
        """Run one trial and write it down."""
        number = len(self._trials)
        asked = self._ask(number)
        began = time.perf_counter()
        value, reason = self._evaluate(asked.params)
        seconds = time.perf_counter() - began
        self._write_down(asked, value, reason, seconds)
        self._keep(Trial(number, dict(asked.params), value, seconds, reason))

    def result(self) -> Tuned:
        """Choose the best trial."""
        finished = [trial for trial in self._trials if trial.value is not None]
        if not finished:
            raise _nothing_found(self._trials)
        best = max(finished, key=_height)
        assert best.value is not None
        return Tuned({**self._defaults, **best.params}, best.value, self._frame())

    def _ask(self, number: int) -> "optuna.Trial":
        import optuna

        if number == 0 and self._space:
            self._study.enqueue_trial(_inside(self._defaults, self._space))
        self._study.sampler = optuna.samplers.TPESampler(
            seed=_trial_seed(self._seed, number), n_startup_trials=STARTUP_TRIALS
        )
        return self._study.ask({name: _distribution(r) for name, r in self._space.items()})

    def _evaluate(self, params: Params) -> tuple[float | None, str]:
        for trial in self._trials:
            if trial.params == params:
                return trial.value, trial.reason
        try:
            value = float(self._objective({**self._defaults, **params}))
        except BudgetExceeded as error:
            return None, error.message
        return (value, "") if math.isfinite(value) else (None, f"the objective gave {value}")

    def _write_down(
        self, asked: "optuna.Trial", value: float | None, reason: str, seconds: float
    ) -> None:
        import optuna

        asked.set_user_attr("seconds", seconds)
        asked.set_user_attr("reason", reason)
        if value is None:
            self._study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(asked, value)

    def _keep(self, trial: Trial) -> None:
        self._trials.append(trial)
        self._tell_trial(trial)

    def _frame(self) -> pd.DataFrame:
        rows = [
            {
                "number": trial.number,
                "state": "failed" if trial.value is None else "finished",
                "value": math.nan if trial.value is None else trial.value,
                "seconds": trial.seconds,
                "reason": trial.reason,
                **{f"params_{name}": trial.params[name] for name in self._space},
            }
            for trial in self._trials
        ]
        return pd.DataFrame(rows)


def _height(trial: Trial) -> float:
    return -math.inf if trial.value is None else trial.value


def _check(space: Mapping[str, Range], trials: int, seed: int) -> None:
    if trials < 1:
        raise ValueError(f"trials must be at least 1, got {trials}")
    if seed < 0:
        raise ValueError(f"seed cannot be negative, got {seed}")
    for name, allowed in space.items():
        _check_range(name, allowed)


def _check_range(name: str, allowed: Range) -> None:
    if isinstance(allowed, Choice):
        if not allowed.options:
            raise ValueError(f"{name}: a choice needs at least one option")
        return
    if allowed.low > allowed.high:
        raise ValueError(f"{name}: low {allowed.low} is above high {allowed.high}")
    if allowed.log and allowed.low <= 0:
        raise ValueError(f"{name}: a logarithmic range must begin above 0, got {allowed.low}")


def _distribution(allowed: Range) -> "optuna.distributions.BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(allowed, Choice):
        return CategoricalDistribution(allowed.options)
    if isinstance(allowed, IntRange):
        return IntDistribution(allowed.low, allowed.high, log=allowed.log)
    return FloatDistribution(allowed.low, allowed.high, log=allowed.log)


def _inside(defaults: Params, space: Mapping[str, Range]) -> Params:
    """Move each default into its range; one that has no place there is left to the sampler."""
    moved = {name: _nearest(defaults.get(name), allowed) for name, allowed in space.items()}
    return {name: value[0] for name, value in moved.items() if value}


def _nearest(value: Any, allowed: Range) -> tuple[Any, ...]:
    if isinstance(allowed, Choice):
        return (value,) if value in allowed.options else ()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ()
    kind = int if isinstance(allowed, IntRange) else float
    return (kind(min(max(value, allowed.low), allowed.high)),)


def _trial_seed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _identity(space: Mapping[str, Range], seed: int, defaults: Mapping[str, Any]) -> str:
    ranges = {name: [type(allowed).__name__, vars(allowed)] for name, allowed in space.items()}
    return digest({"space": ranges, "seed": seed, "defaults": dict(defaults)})


def _read_trial(frozen: "optuna.trial.FrozenTrial") -> Trial:
    return Trial(
        number=frozen.number,
        params=dict(frozen.params),
        value=frozen.value,
        seconds=float(frozen.user_attrs["seconds"]),
        reason=str(frozen.user_attrs["reason"]),
        resumed=True,
    )


def _nothing_found(trials: list[Trial]) -> LodeError:
    problems = [f"trial {trial.number} ({trial.params}): {trial.reason}" for trial in trials]
    return LodeError(f"none of {len(trials)} trials gave a value", problems)


def _open_study(journal: Path, name: str) -> "optuna.Study":
    """Open the journal without what a dead process left unfinished, or another search at all."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    _drop_partial_line(journal)
    former = _finished_trials(journal, name)
    if former is None:
        journal.unlink(missing_ok=True)
        return _study(journal, name)
    finished, unfinished = former
    if not unfinished:
        return _study(journal, name)
    aside = journal.with_name(f".{journal.name}.tmp")
    aside.unlink(missing_ok=True)
    _study(aside, name).add_trials(finished)
    aside.replace(journal)
    return _study(journal, name)


def _finished_trials(
    journal: Path, name: str
) -> tuple[list["optuna.trial.FrozenTrial"], int] | None:
    """Give the finished trials and the number of others; None when this search is not in there."""
    import optuna

    storage = _storage(journal)
    if name not in optuna.get_all_study_names(storage):
        return None
    trials = optuna.load_study(study_name=name, storage=storage).get_trials()
    finished = [trial for trial in trials if trial.state.is_finished()]
    return finished, len(trials) - len(finished)


def _study(journal: Path, name: str) -> "optuna.Study":
    import optuna

    return optuna.create_study(
        storage=_storage(journal), study_name=name, direction="maximize", load_if_exists=True
    )


def _storage(journal: Path) -> "optuna.storages.JournalStorage":
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    # A lock that a killed process left would make this one wait for half a minute.
    journal.with_name(f"{journal.name}.lock").unlink(missing_ok=True)
    backend = JournalFileBackend(str(journal), lock_obj=JournalFileOpenLock(str(journal)))
    try:
        return JournalStorage(backend)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{journal}: not a journal of a search, or a damaged one; remove it to start anew"
        ) from error


def _drop_partial_line(journal: Path) -> None:
    """Cut what a process wrote of a line when it was killed."""
    if not journal.exists():
        return
    content = journal.read_bytes()
    if not content.startswith(b'{"op_code"'[: len(content)]):
        raise ConfigError(f"{journal}: not a journal of a search; remove it or name another file")
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(journal, whole)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the optimiser's log lines and warnings to itself."""
    import optuna

    former = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"optuna\..*")
            yield
    finally:
        optuna.logging.set_verbosity(former)
