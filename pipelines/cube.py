"""The job behind `lode cube`: open a cube, turn it to the view asked for, show and write it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, DataError, LodeError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from features.cube import Cube, CubeDeclaration, View
    from pipelines.cubes.request import CubeRequest
    from pipelines.cubes.summary import CubeSummary, FrameSummary

__all__ = ["cube", "open_cube"]


def cube(request: "CubeRequest") -> "CubeSummary | FrameSummary":
    """Answer a question about a cube, and write what was asked for.

    Parameters
    ----------
    request : CubeRequest

    Raises
    ------
    ConfigError
        When the declaration or the question cannot be used; all problems at once.
    DataError
        When the data cannot be used; nothing was written.
    """
    from pipelines.cubes.declared import load_cube
    from pipelines.cubes.request import view_of

    _refuse_request(request)
    declaration = load_cube(request.path)
    with open_cube(declaration, request.workspace / "warehouse.duckdb") as opened:
        if request.members is not None:
            return _members(opened, request)
        view = view_of(opened.view, request)
        if request.trend is not None:
            return _trend(view, request)
        return _wallet(view, request) if request.wallet else _cells(view, request)


@contextmanager
def open_cube(
    declaration: "CubeDeclaration", warehouse: "Path", *, checked: bool = False
) -> "Iterator[Cube]":
    """Open a cube over its files and, where it names tables of one, a warehouse.

    The warehouse is opened for reading only, so that any number of readers can.

    Parameters
    ----------
    declaration : CubeDeclaration
    warehouse : Path
        The DuckDB file.
    checked : bool
        Whether it was opened over the same data before, and so need not be held against them.

    Raises
    ------
    DataError
        When the warehouse is needed and is not there.
    """
    from features.cube import Cube

    needs_warehouse = any(table.path is None for table in declaration.tables.values())
    connection = _connect(warehouse) if needs_warehouse else _connect(None)
    try:
        yield Cube(declaration, connection, checked=checked)
    finally:
        connection.close()


def _connect(warehouse: "Path | None") -> Any:
    import duckdb

    from features.connections import connect, connect_to_read

    if warehouse is None:
        return connect(None)
    if not warehouse.is_file():
        raise DataError(f"there is no warehouse {warehouse}; load one, or give tables a path")
    try:
        return connect_to_read(warehouse)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise LodeError(f"the warehouse {warehouse} cannot be opened: {first}") from error


def _refuse_request(request: "CubeRequest") -> None:
    from pipelines.cubes.writing import bad_files

    problems = bad_files(request.out, request.plot)
    if request.trend is not None and request.wallet:
        problems.append("give --trend or --wallet, not both")
    if (request.wallet or request.members) and request.plot is not None:
        problems.append("--plot draws cells and trends only")
    if request.trend is not None and len(request.measures) != 1:
        problems.append("--trend needs one measure in --measures")
    changing = (request.what_if, request.share_of_parent, request.rank, request.growth)
    if (request.trend is not None or request.wallet) and any(changing):
        problems.append("--trend and --wallet go without --what-if and comparisons")
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("the command cannot be run", problems)


def _cells(view: "View", request: "CubeRequest") -> "CubeSummary":
    from pipelines.cubes.plot import plot_cells
    from pipelines.cubes.summary import CubeSummary

    result = view.result()
    times = {key.partition(".")[0] for key in view.shown if view.cube.layout.level(key).is_time}

    def draw(path: "Path") -> None:
        plot_cells(result, min(times, default=None), path)

    written = _written(result.to_pandas(), request, draw)
    return CubeSummary(view.cube.declaration.name, result, written)


def _trend(view: "View", request: "CubeRequest") -> "FrameSummary":
    from features.cube.cells import Shown
    from features.cube.trend import forecast
    from pipelines.cubes.plot import plot_trend
    from pipelines.cubes.summary import FrameSummary

    assert request.trend is not None
    (name,) = request.measures
    trend = forecast(view, name, request.trend)
    written = _written(trend.frame, request, lambda path: plot_trend(trend, path))
    measure = view.cube.layout.measure(name)
    style = Shown(measure.format, measure.unit)
    summary: FrameSummary = FrameSummary.of_trend(view.cube.declaration.name, trend, style, written)
    return summary


def _wallet(view: "View", request: "CubeRequest") -> "FrameSummary":
    from features.cube.cells import Shown
    from features.cube.wallet import wallet_share
    from pipelines.cubes.summary import FrameSummary

    found = wallet_share(view)
    written = _written(found.frame, request)
    money = Shown(",.2f")
    styles = {"own": money, "need": money, "wallet_share": Shown(".1%")}
    name = view.cube.declaration.name
    return FrameSummary(name, "wallet", found.frame, found.notes, written, styles)


def _members(opened: "Cube", request: "CubeRequest") -> "FrameSummary":
    import pandas as pd

    from pipelines.cubes.summary import FrameSummary

    assert request.members is not None
    level = opened.layout.level(request.members)
    frame = pd.DataFrame({level.key: opened.members(level.dimension, level.name)})
    written = _written(frame, request)
    return FrameSummary(opened.declaration.name, "members", frame, (), written)


def _written(
    frame: "pd.DataFrame", request: "CubeRequest", draw: "Callable[[Path], None] | None" = None
) -> "tuple[Path, ...]":
    """Draw first: what cannot be drawn leaves no file behind."""
    from pipelines.cubes.writing import refuse_too_many, write_cells

    refuse_too_many(len(frame), request.out)
    if request.plot is not None and draw is not None:
        draw(request.plot)
    if request.out is not None:
        write_cells(frame, request.out)
    return tuple(path for path in (request.out, request.plot) if path is not None)
