"""Where the findings of a workspace lie."""

from pathlib import Path

from experiments.findings import FindingStore

__all__ = ["FILE", "store_of"]

FILE = "findings.db"


def store_of(workspace: str | Path) -> FindingStore:
    """Give the findings of a workspace; the file need not be there yet."""
    return FindingStore(Path(workspace) / FILE)
