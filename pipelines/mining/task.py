"""What every kind of mining does, so that one job runs them all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lodeworks.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Loaded", "Task"]


@dataclass(frozen=True)
class Loaded:
    """What a task has read.

    Attributes
    ----------
    data : object
        The data in the form that the task searches.
    baskets, items : int
        How many there are.
    about : dict
        Plain values for the manifest.
    """

    data: Any
    baskets: int
    items: int
    about: dict[str, Any] = field(default_factory=dict)


class Task(Protocol):
    """One kind of mining with its settings.

    Attributes
    ----------
    name : str
        What is found, in the plural.
    """

    name: ClassVar[str]

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""

    def load(self, progress: Progress) -> Loaded:
        """Read the data."""

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the patterns, one a row."""
