"""The job behind `lode score`: from a bundle and today's data to a list."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lodeworks.progress import Progress, Silent

if TYPE_CHECKING:
    from pipelines.crosssell.scoring import ScoreSummary

__all__ = ["score"]


def score(
    address: str | Path,
    *,
    data: Mapping[str, Sequence[Path]],
    as_of: date,
    out: Path,
    opt_out: Path | None = None,
    suppress: Sequence[Path] = (),
    rows: int | None = None,
    control: float | None = None,
    seed: int | None = None,
    workspace: Path = Path(".lode"),
    progress: Progress | None = None,
) -> "ScoreSummary":
    """Make a list with a bundle.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    data : mapping of str to sequence of Path
        Files by the name of the bundle's source (or of its table) whose mapping they follow.
    as_of : date
        The last day that may be seen.
    out : Path
        The list, ``.csv`` or ``.parquet``; its manifest stands beside it as
        ``OUT.manifest.json``.
    opt_out : Path, optional
        Customers who must not be contacted, besides those that the data says.
    suppress : sequence of Path
        Files of customers, items or pairs that must not be on the list.
    rows, control, seed : optional
        In place of the bundle's rows a customer, control share and seed of the control group.
    workspace : Path
        Where a registry without a server is looked for.
    progress : Progress, optional
        Told about every step.

    Returns
    -------
    ScoreSummary
        The figures of the list and where it lies.

    Raises
    ------
    LodeError
        `BundleError` when the bundle cannot be trusted, `DataError` when the data cannot be used;
        nothing is written then.
    """
    from pipelines.crosssell.scoring import Request, Scoring

    request = Request(
        address=str(address),
        data=data,
        as_of=as_of,
        out=out,
        opt_out=opt_out,
        suppress=tuple(suppress),
        rows=rows,
        control=control,
        seed=seed,
    )
    return Scoring(request, workspace, progress or Silent()).run()
