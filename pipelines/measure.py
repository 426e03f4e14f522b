"""The job behind `lode measure`: what a list, or any randomised experiment, caused."""

from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.errors import ConfigError
from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from pipelines.config.cross_sell import CrossSell
    from pipelines.measuring.request import ExperimentRequest, MeasureRequest
    from pipelines.measuring.summary import MeasureSummary

__all__ = ["measure", "measure_experiment"]


def measure(
    request: "MeasureRequest",
    *,
    config: "CrossSell | None" = None,
    workspace: Path | None = None,
    progress: Progress | None = None,
) -> "MeasureSummary":
    """Compare target and control of a list by what was bought afterwards.

    Parameters
    ----------
    request : MeasureRequest
        The list, the orders, and how to measure.
    config : CrossSell, optional
        Maps the columns of the orders, and fills in what the list's manifest does not say.
    workspace : Path, optional
        Where the tracking store of the list's run lies.
    progress : Progress, optional
        Told about every step.

    Returns
    -------
    MeasureSummary

    Raises
    ------
    DataError
        When the list or the data cannot be measured; all reasons at once, nothing written.
    GateRefused
        When the sizes of the groups or the list's hash say that it must not be trusted.
    """
    _refuse_level(request.level)
    from pipelines.measuring.job import Measurement

    return Measurement(request, config, workspace, progress or Silent()).run()


def measure_experiment(request: "ExperimentRequest") -> "MeasureSummary":
    """Compare the arms of a randomised experiment with its control.

    Parameters
    ----------
    request : ExperimentRequest
        The table and the names of its columns.

    Raises
    ------
    ConfigError
        When columns or arms are named that are not there.
    DataError
        When the table cannot be measured.
    """
    _refuse_level(request.level)
    from pipelines.measuring.experiment import measure_trial

    return measure_trial(request)


def _refuse_level(level: float) -> None:
    if not 0 < level < 1:
        raise ConfigError(f"--level must be between 0 and 1 but got {level:g}")
