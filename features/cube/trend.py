"""The trend of a measure over time: exponential smoothing with a forecast interval."""

import warnings
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.cube.derived import dimension_of, period_number, time_dimension
from lodeworks.errors import ConfigError, DataError

if TYPE_CHECKING:
    from features.cube.view import View

__all__ = ["Trend", "forecast", "period_name"]

_SEASONS = {"quarter": 4, "month": 12, "day": 7}
_FEWEST = 6
_MOST_PERIODS = 1000
_COLUMNS = ("period", "observed", "fitted", "forecast", "low", "high")


@dataclass(frozen=True)
class Trend:
    """What was and what is expected.

    Attributes
    ----------
    frame : pandas.DataFrame
        The other levels of the view, ``period``, ``observed``, ``fitted``, and for periods to
        come ``forecast``, ``low``, ``high``.
    measure : str
    level : float
        Coverage of the interval.
    models : dict
        The model that was chosen for each series, such as ``ETS(A,A,N)``.
    notes : tuple of str
    """

    frame: pd.DataFrame
    measure: str
    level: float
    models: dict[tuple, str]
    notes: tuple[str, ...] = ()


def period_name(level: str, number: int) -> str:
    """Write the period that `features.cube.derived.period_number` numbered.

    Examples
    --------
    >>> period_name("month", 1998 * 12), period_name("quarter", 1998 * 4 + 3)
    ('1998-01', '1998-Q4')
    """
    if level == "year":
        return str(number)
    if level == "day":
        return date.fromordinal(number).isoformat()
    if level == "week":
        # a week is numbered by its Monday, and day 1 was one
        return (date.fromordinal(1) + timedelta(weeks=number)).strftime("%G-W%V")
    year, part = divmod(number, 4 if level == "quarter" else 12)
    return f"{year}-Q{part + 1}" if level == "quarter" else f"{year}-{part + 1:02d}"


def forecast(view: "View", measure: str, periods: int, level: float = 0.95) -> Trend:
    """Continue a measure over the finest level of time that a view shows.

    Exponential smoothing with additive errors [1]_; trend (none, additive, damped) and season are
    chosen by the corrected Akaike criterion. Each member of the other levels is a series.

    Parameters
    ----------
    view : View
        Shows levels of one dimension of time.
    measure : str
    periods : int
        How many are forecast.
    level : float
        Coverage of the interval.

    Raises
    ------
    ConfigError
        When the view shows no time, or the numbers cannot be used.
    DataError
        When a series is too short or has gaps that cannot be filled.

    References
    ----------
    .. [1] Hyndman et al., Forecasting with Exponential Smoothing, Springer 2008.
    """
    if not 1 <= periods <= _MOST_PERIODS:
        raise ConfigError(f"a trend goes 1 to {_MOST_PERIODS} periods ahead but got {periods}")
    if not 0 < level < 1:
        raise ConfigError(f"the coverage must be between 0 and 1 but got {level:g}")
    time = time_dimension(view.cube.layout, view.shown, "a trend")
    plain = replace(view, total_mode=None, scenarios=(), compared=()).measures(measure)
    cells = plain.result()
    others = [key for key in cells.levels if dimension_of(key) != time]
    own = [key for key in cells.levels if dimension_of(key) == time]
    name = max(own, key=list(view.cube.layout.levels).index).partition(".")[2]
    frame = cells.frame.assign(number=_numbers(cells.frame, own, name))
    adds_up = view.cube.layout.measure(measure).kind in ("sum", "count")
    parts, models, notes = [], {}, list(cells.notes)
    for member, series in _series(frame, others):
        filled = _filled(series, measure, name, member, adds_up)
        part, models[member] = _continued(filled, name, periods, level)
        parts.append(part.assign(**dict(zip(others, member, strict=True))))
        added = len(filled) - len(series)
        notes += [f"{_who(member)}{added} periods without rows count as 0"] if added else []
    if not parts:
        raise DataError("a trend needs cells, and the view has none")
    whole = pd.concat(parts, ignore_index=True)[[*others, *_COLUMNS]]
    return Trend(whole, measure, level, models, tuple(notes))


def _numbers(frame: pd.DataFrame, own: list[str], name: str) -> list[int]:
    names = [key.partition(".")[2] for key in own]
    rows = frame[own].itertuples(index=False, name=None)
    numbers = [period_number(name, dict(zip(names, row, strict=True))) for row in rows]
    if any(number is None for number in numbers):
        raise DataError("a trend needs a period for every row; some rows have no date")
    return [number for number in numbers if number is not None]


def _series(frame: pd.DataFrame, others: list[str]) -> list[tuple[tuple, pd.DataFrame]]:
    if not others:
        return [((), frame)] if len(frame) else []
    return [(member, part) for member, part in frame.groupby(others, sort=False, dropna=False)]


def _who(member: tuple) -> str:
    return f"{', '.join(map(str, member))}: " if member else ""


def _filled(
    series: pd.DataFrame, measure: str, name: str, member: tuple, adds_up: bool
) -> pd.Series:
    values = series.set_index("number")[measure].astype(float).sort_index()
    whole = values.reindex(range(int(values.index[0]), int(values.index[-1]) + 1))
    if len(whole) < _FEWEST:
        raise DataError(
            f"{_who(member)}a trend needs at least {_FEWEST} periods; there are {len(whole)}"
        )
    gaps = whole.index.difference(values.index)
    unknown = values.index[values.isna()]
    if len(unknown) or (len(gaps) and not adds_up):
        first = period_name(name, int((unknown if len(unknown) else gaps)[0]))
        raise DataError(f"{_who(member)}{measure!r} has no value in {first}")
    return whole.fillna(0.0)


def _continued(
    values: pd.Series, name: str, periods: int, level: float
) -> tuple[pd.DataFrame, str]:
    first, size = int(values.index[0]), len(values)
    # a series of millions and one of tenths are fitted alike
    unit = float(values.abs().max()) or 1.0
    fitted, model = _best(values.reset_index(drop=True) / unit, _SEASONS.get(name, 1))
    coming = fitted.get_prediction(start=size, end=size + periods - 1)
    ahead = coming.summary_frame(alpha=1 - level) * unit
    numbers = range(first, first + size + periods)
    none_then, none_now = np.full(periods, np.nan), np.full(size, np.nan)
    frame = pd.DataFrame(
        {
            "period": [period_name(name, number) for number in numbers],
            "observed": np.concatenate([values, none_then]),
            "fitted": np.concatenate([fitted.fittedvalues * unit, none_then]),
            "forecast": np.concatenate([none_now, ahead["mean"]]),
            "low": np.concatenate([none_now, ahead["pi_lower"]]),
            "high": np.concatenate([none_now, ahead["pi_upper"]]),
        }
    )
    return frame, model


def _best(values: pd.Series, season: int) -> tuple[Any, str]:
    """Fit every form that the length allows and take the one with the least AICc."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    seasonal = [None, "add"] if season > 1 and len(values) >= 2 * season + 5 else [None]
    found: list[tuple[float, int, Any, str]] = []
    for form in seasonal:
        for trend, damped in ((None, False), ("add", False), ("add", True)):
            model = ETSModel(
                values, error="add", trend=trend, damped_trend=damped,
                seasonal=form, seasonal_periods=season if form else None,
            )  # fmt: skip
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fitted = model.fit(disp=False)
            score = fitted.aicc if np.isfinite(fitted.aicc) else np.inf
            letters = f"ETS(A,{'Ad' if damped else 'A' if trend else 'N'},{'A' if form else 'N'})"
            found.append((score, len(found), fitted, letters))
    _, _, best, letters = min(found, key=lambda each: each[:2])
    return best, letters
