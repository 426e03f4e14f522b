"""What every kind of mining does, so that one job runs them all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lodeworks.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.mining.limits import Limits
    from pipelines.mining.taxonomy import Levels
    from pipelines.mining.update import State

__all__ = ["Loaded", "Task"]


def _nothing() -> None:
    """There is nothing to remove."""


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
    levels : Levels, optional
        The product hierarchy.
    state : State, optional
        What the baskets are added to.
    beside : mapping of Path to callable
        Further files that appear with the output, each with what writes it.
    close : callable
        Removes what was put aside.
    """

    data: Any
    baskets: int
    items: int
    about: dict[str, Any] = field(default_factory=dict)
    levels: "Levels | None" = None
    state: "State | None" = None
    beside: Mapping[Path, Callable[[Path], None]] = field(default_factory=dict)
    close: Callable[[], None] = _nothing


class Task(Protocol):
    """One kind of mining with its settings.

    Attributes
    ----------
    name : str
        What is found, in the plural.
    """

    name: ClassVar[str]

    @property
    def limits(self) -> "Limits":
        """What may be spent."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""

    def load(self, progress: Progress) -> Loaded:
        """Read the data."""

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the patterns, one a row."""
