"""Itemsets that are kept up to date: a state that every new file of baskets is added to."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from lodeworks.errors import ConfigError, DataError
from lodeworks.files import file_digest
from lodeworks.progress import Progress
from pipelines.mining.support import Support
from pipelines.mining.wording import many

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets
    from models.association.incremental import IncrementalItemsets

__all__ = ["State", "read_state"]

_ADDED = "added_files"


@dataclass(frozen=True, eq=False)
class State:
    """The baskets of all files so far and their itemsets.

    Parameters
    ----------
    kept : IncrementalItemsets
        Baskets and itemsets.
    added : tuple of str
        Digests of the files that were added, the new one included.
    """

    kept: "IncrementalItemsets"
    added: tuple[str, ...]

    def updated(self, baskets: "Baskets", budget: "Budget", n_jobs: int) -> "Itemsets":
        """Add baskets and give the itemsets of all.

        Raises
        ------
        BudgetExceeded
            When a search is over the budget.
        """
        from pipelines.mining.estimate import translated

        self.kept.budget, self.kept.n_jobs = budget, n_jobs
        with translated():
            return self.kept.update(baskets).itemsets_

    def write(self, path: Path) -> None:
        """Write the state as plain arrays."""
        arrays: dict[str, Any] = {**self.kept.to_arrays(), _ADDED: np.array(self.added)}
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)


def read_state(
    path: Path, source: Path, support: Support, max_length: int | None, progress: Progress
) -> State:
    """Read the state, or begin one where there is no file.

    Parameters
    ----------
    path : Path
        The state.
    source : Path
        The file that is going to be added.
    support : Support
        As before.
    max_length : int, optional
        As before.
    progress : Progress
        Told how many baskets there are already.

    Raises
    ------
    ConfigError
        When the file was added before, or the state was begun with other settings.
    DataError
        When the file is no state.
    """
    from models.association.incremental import IncrementalItemsets

    digest = file_digest(source)
    if not path.exists():
        progress.note(f"{path}: begun")
        named: dict[str, Any] = {"min_count": support.count, "max_length": max_length}
        return State(IncrementalItemsets(support.share, **named), (digest,))
    kept, added = _read(path)
    if digest in added:
        raise ConfigError(f"{source} was added to {path} before; nothing was written")
    _check_settings(path, kept, support, max_length)
    told = f"{many(len(kept), 'basket', 'baskets')} of {many(len(added), 'file', 'files')}"
    progress.note(f"{path}: {told} so far")
    return State(kept, (*added, digest))


def _read(path: Path) -> tuple["IncrementalItemsets", tuple[str, ...]]:
    from models.association.incremental import IncrementalItemsets

    try:
        with np.load(path) as arrays:
            return IncrementalItemsets.from_arrays(arrays), tuple(arrays[_ADDED].tolist())
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise DataError(f"{path} is no state of `lode mine itemsets --update`: {error}") from None


def _check_settings(
    path: Path, kept: "IncrementalItemsets", support: Support, max_length: int | None
) -> None:
    pairs = {
        "--min-support": (kept.min_support, support.share),
        "--min-count": (kept.min_count, support.count),
        "--max-length": (kept.max_length, max_length),
    }
    problems = [
        f"{option}: {'none' if then is None else f'{then:g}'} then, "
        f"{'none' if now is None else f'{now:g}'} now"
        for option, (then, now) in pairs.items()
        if then != now
    ]
    if problems:
        raise ConfigError(f"{path} was begun with other settings", problems)
