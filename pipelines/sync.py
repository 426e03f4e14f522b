"""The job behind `lode sync`: runs that a tracking server missed are sent to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodeworks.errors import ConfigError, LodeError

__all__ = ["SyncSummary", "sync"]


@dataclass(frozen=True)
class SyncSummary:
    """What was sent.

    Attributes
    ----------
    runs, orders : int
        Runs that the server has now, and how many things were told of them.
    """

    runs: int
    orders: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return {"runs": self.runs, "orders": self.orders}

    def text(self) -> str:
        """Give a line for the terminal."""
        if not self.runs:
            return "nothing waits to be sent"
        return f"{self.runs} {'run' if self.runs == 1 else 'runs'} sent ({self.orders:,} orders)"


def sync(workspace: Path) -> SyncSummary:
    """Send every run that is kept in the workspace to the server that it was meant for.

    Parameters
    ----------
    workspace : Path
        The workspace.

    Raises
    ------
    ConfigError
        When there is no such workspace.
    LodeError
        When a server is still away; what it has taken is not sent again.
    """
    from experiments.outbox import pending, send
    from experiments.tracking import client_of
    from pipelines.workspace import Workspace

    if not workspace.is_dir():
        raise ConfigError(f"there is no workspace {workspace}")
    runs = orders = 0
    with Workspace(workspace).locked():
        for folder in pending(workspace):
            try:
                orders += send(folder, client_of)
            except Exception as error:
                told = f"{type(error).__name__}: {error}".splitlines()[0]
                raise LodeError(f"{runs} runs sent, then the server failed: {told}") from error
            runs += 1
    return SyncSummary(runs, orders)
