"""`lode run`: the main job, from transactions to a cross-sell list."""

import typer

from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

__all__ = ["run"]


def run(
    config: options.Config,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    workspace: options.Workspace = None,
    fresh: options.Fresh = False,
    timeout: options.Timeout = None,
    memory: options.Memory = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Run a whole job: load, learn, compare, promote, make the list and the report.

    What an earlier run finished is not done again; a run that was stopped goes on where it was.
    """
    with time_limit(timeout):
        from pipelines.config import load
        from pipelines.progress import open_progress

        checked = load(config, options.overrides_with(changes, workspace))
        from pipelines.run import run as run_job

        with open_progress(quiet=quiet) as progress:
            summary = run_job(checked, progress=progress, fresh=fresh, memory=memory)
    show(summary, as_json=json)
    if summary.exit_code:
        raise typer.Exit(summary.exit_code)
