"""The job behind `lode run`: from sources to a list, a report and a tracked, promoted model."""

from typing import TYPE_CHECKING

from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from pipelines.config import Config
    from pipelines.crosssell.summary import RunSummary

__all__ = ["run"]


def run(config: "Config", *, progress: Progress | None = None, fresh: bool = False) -> "RunSummary":
    """Run the whole job of a configuration.

    Parameters
    ----------
    config : Config
        What `pipelines.config.load` gave.
    progress : Progress, optional
        Told about every stage.
    fresh : bool
        Make everything again, whatever an earlier run left.

    Returns
    -------
    RunSummary
        The leaderboard, the figures of the list and where everything lies.

    Raises
    ------
    LodeError
        `DataError` for data that cannot be used, `BudgetExceeded`, and so on.
    """
    from pipelines.crosssell.job import Job

    return Job(config, progress or Silent(), fresh).run()
