"""`lode sync`: tell the tracking server what it missed."""

from pathlib import Path

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["sync"]


def sync(
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Send the runs that were kept while the tracking server was away."""
    from pipelines.sync import sync as send_all

    show(send_all(workspace or Path(".lode")), as_json=json)
