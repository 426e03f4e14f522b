"""Run a task of mining and show what it made."""

from typing import TYPE_CHECKING

from pipelines.cli.limits import time_limit
from pipelines.cli.mine.keeping import Keeping
from pipelines.cli.mine.options import Files, Output
from pipelines.cli.output import show

if TYPE_CHECKING:
    from pipelines.mining.task import Task

__all__ = ["carry_out"]


def carry_out(task: "Task", files: Files, output: Output, keeping: Keeping | None = None) -> None:
    """Run the task within its limits, with progress on standard error."""
    from pipelines.mine import mine
    from pipelines.progress import open_progress

    keep = None if keeping is None else keeping.keeper(task.name, files.file)
    with open_progress(quiet=output.quiet) as progress:
        mined = mine(task, files.file, files.out, progress, within=time_limit, keep=keep)
    show(mined, as_json=output.json)
