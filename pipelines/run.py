"""The job behind `lode run`: from sources to an answer, a report and a tracked model."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from lodeworks.progress import Progress, Silent
from pipelines.memory import memory_limit
from pipelines.stopped import noted_when_stopped

if TYPE_CHECKING:
    from pipelines.config import Question

__all__ = ["JOBS", "Summary", "run"]

JOBS: dict[str, str] = {
    "cross-sell": "pipelines.crosssell.job:Job",
    "predict": "pipelines.predicting.job:Job",
    "value-classes": "pipelines.valueclasses.job:Job",
    "segments": "pipelines.segmenting.job:Job",
    "deviation": "pipelines.deviating.job:Job",
    "uplift": "pipelines.uplifting.job:Job",
    "value": "pipelines.valuing.job:Job",
}
"""Which class carries out each kind of question; imported when it is asked for."""


class Summary(Protocol):
    """What a person or a program is told when a run is over."""

    exit_code: int

    def text(self) -> str:
        """Give a page for the terminal."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        ...


def run(
    config: "Question",
    *,
    progress: Progress | None = None,
    fresh: bool = False,
    memory: int | None = None,
) -> Summary:
    """Run the whole job of a configuration.

    Parameters
    ----------
    config : Question
        What `pipelines.config.load` gave.
    progress : Progress, optional
        Told about every stage.
    fresh : bool
        Make everything again, whatever an earlier run left.
    memory : int, optional
        Bytes that the job may hold with all processes that it begins. Default: no limit.

    Returns
    -------
    Summary
        The figures of the answer and where everything lies; for cross-sell a `RunSummary`.

    Raises
    ------
    LodeError
        `DataError` for data that cannot be used, `BudgetExceeded`, and so on.
    """
    module, _, name = JOBS[config.kind].partition(":")
    job = getattr(import_module(module), name)(config, progress or Silent(), fresh)
    with noted_when_stopped(job), memory_limit(memory):
        found: Summary = job.run()
    return found
