"""The job behind `lode monitor`: whether a list of these data may be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from pipelines.monitoring import MonitorRequest, MonitorSummary

__all__ = ["monitor"]


def monitor(
    request: "MonitorRequest",
    *,
    workspace: Path = Path(".lode"),
    progress: Progress | None = None,
) -> "MonitorSummary":
    """Hold new data against what a bundle was trained with.

    Parameters
    ----------
    request : MonitorRequest
        Bundle, data, day, limits, and an earlier list where there is one.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress, optional
        Told about every step.

    Returns
    -------
    MonitorSummary
        Every comparison; ``exit_code`` is 4 when one went beyond its limit.

    Raises
    ------
    LodeError
        `BundleError` when the bundle cannot be trusted, `DataError` when the data cannot be used.
    """
    from pipelines.monitoring import Monitoring

    return Monitoring(request, workspace, progress or Silent()).run()
