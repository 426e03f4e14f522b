"""What was asked of a cube, and the view it means."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from features.cube import View
from lodeworks.errors import ConfigError

__all__ = ["CubeRequest", "view_of"]


@dataclass(frozen=True, kw_only=True)
class CubeRequest:
    """What was asked.

    Attributes
    ----------
    path : Path
        The declaration.
    workspace : Path
        Where the warehouse is that tables without a path are read from.
    rows, columns, measures : tuple of str
    where : tuple of str
        Conditions such as ``time.month=3..6``.
    totals : {None, 'nested', 'all'}
    share_of_parent, rank, difference, growth, running_total : tuple of str
        Measures.
    along : str or None
        Dimension of shares and ranks.
    what_if : tuple of str
        Names of declared scenarios, or scenarios as text.
    trend : int or None
        Periods to forecast.
    wallet : bool
        Show the share of wallet.
    members : str or None
        A level whose members are listed instead.
    out, plot : Path or None
        Files to write.
    """

    path: Path
    workspace: Path = Path(".lode")
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    totals: Literal["nested", "all"] | None = None
    share_of_parent: tuple[str, ...] = ()
    rank: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    growth: tuple[str, ...] = ()
    running_total: tuple[str, ...] = ()
    along: str | None = None
    what_if: tuple[str, ...] = ()
    trend: int | None = None
    wallet: bool = False
    members: str | None = None
    out: Path | None = None
    plot: Path | None = None


def view_of(everything: View, request: CubeRequest) -> View:
    """Turn the view of everything into the one asked for.

    Raises
    ------
    ConfigError
        With all that is unknown at once.
    """
    steps: list[tuple[Callable[..., View], tuple]] = [
        (View.rows, request.rows),
        (View.columns, request.columns),
        (View.measures, request.measures),
        (View.totals, (request.totals,)),
        *((View.where, (text,)) for text in request.where),
        *((View.share_of_parent, (name, request.along)) for name in request.share_of_parent),
        *((View.rank, (name, request.along)) for name in request.rank),
        *((View.difference, (name,)) for name in request.difference),
        *((View.growth, (name,)) for name in request.growth),
        *((View.running_total, (name,)) for name in request.running_total),
        *((View.what_if, (text,)) for text in request.what_if),
    ]
    problems: list[str] = []
    view = everything
    for method, given in steps:
        try:
            view = method(view, *given)
        except ConfigError as error:
            problems += [error.message] if not error.problems else list(error.problems)
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("the cube cannot be asked so", list(dict.fromkeys(problems)))
    return view
