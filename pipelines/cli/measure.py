"""`lode measure`: what a list caused, by its own control group."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lodeworks import ConfigError
from pipelines.cli import options
from pipelines.cli.limits import time_limit
from pipelines.cli.output import show

if TYPE_CHECKING:
    from pipelines.measuring.request import ExperimentRequest, MeasureRequest

__all__ = ["measure", "read_window"]

LIST, EXPERIMENT, DOUBTS = "A list", "Any other experiment", "Doubts"


def read_window(text: str | int) -> int:
    """Read a length of days such as ``31d``."""
    from pipelines.config.quantities import parse_days

    try:
        days = parse_days(int(text) if str(text).isdigit() else text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}") from None
    if days < 1:
        raise typer.BadParameter(f"{text!r}: at least one day is needed")
    return days


def measure(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[LIST]", help="The list that was sent.", show_default=False),
    ] = None,
    outcomes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Orders that came afterwards.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    contacts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Contacts made: customer_id, contacted_at, perhaps response.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    past: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Orders from before; they make the intervals shorter.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Configuration whose sources say what the columns are.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    changes: options.Overrides = [],  # noqa: B006 (typer copies it)
    window: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            parser=read_window,
            help="Length of the outcome, such as 31d; default: the list's.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    through: Annotated[
        date | None,
        typer.Option(
            metavar="DATE",
            parser=options.read_day,
            help="The orders are complete through this day.",
            show_default=False,
            rich_help_panel=LIST,
        ),
    ] = None,
    so_far: Annotated[
        bool,
        typer.Option("--so-far", help="Look before the outcome is over.", rich_help_panel=DOUBTS),
    ] = False,
    accept_mismatch: Annotated[
        bool,
        typer.Option(
            "--accept-mismatch",
            help="Go on though the groups are not as large as planned.",
            rich_help_panel=DOUBTS,
        ),
    ] = False,
    accept_edited: Annotated[
        bool,
        typer.Option(
            "--accept-edited",
            help="Go on though the list was changed.",
            rich_help_panel=DOUBTS,
        ),
    ] = False,
    experiment: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table with one row a unit.",
            show_default=False,
            rich_help_panel=EXPERIMENT,
        ),
    ] = None,
    treatment: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The arm.",
            show_default=False,
            rich_help_panel=EXPERIMENT,
        ),
    ] = None,
    control: Annotated[
        str | None,
        typer.Option(
            metavar="ARM",
            help="The arm that was left alone.",
            show_default=False,
            rich_help_panel=EXPERIMENT,
        ),
    ] = None,
    outcome: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="What is measured. Repeatable.",
            show_default=False,
            rich_help_panel=EXPERIMENT,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    covariate: Annotated[
        list[str],
        typer.Option(
            metavar="COLUMN",
            help="Known before. Repeatable.",
            show_default=False,
            rich_help_panel=EXPERIMENT,
        ),
    ] = [],  # noqa: B006 (typer copies it)
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder; default: beside the list.", show_default=False),
    ] = None,
    workspace: options.Workspace = None,
    timeout: options.Timeout = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Compare targets with controls: what the contacts caused, and how sure that is.

    Give a list with --outcomes, or --experiment with the names of its columns.
    """
    of_list = {
        "--outcomes": outcomes,
        "--contacts": contacts,
        "--past": past,
        "--config": config,
        "--window": window,
        "--through": through,
        "--so-far": so_far,
    }
    of_experiment = {
        "--treatment": treatment,
        "--control": control,
        "--outcome": outcome,
        "--covariate": covariate,
    }
    _refuse_mixture(path, experiment, of_list, of_experiment)
    with time_limit(timeout):
        from pipelines.measuring.request import ExperimentRequest, MeasureRequest

        if experiment is not None:
            trial = ExperimentRequest(
                path=experiment,
                treatment=treatment or "",
                control=control or "",
                outcomes=tuple(outcome),
                covariates=tuple(covariate),
                level=level,
                out=out,
            )
            _measure_experiment(trial, json)
            return
        assert path is not None
        assert outcomes is not None
        request = MeasureRequest(
            path=path,
            outcomes=outcomes,
            contacts=contacts,
            past=past,
            window=window,
            through=through,
            so_far=so_far,
            accept_mismatch=accept_mismatch,
            accept_edited=accept_edited,
            level=level,
            out=out,
        )
        _measure_list(request, config, changes, workspace, quiet, json)


def _refuse_mixture(
    path: Path | None,
    experiment: Path | None,
    of_list: Mapping[str, object],
    of_experiment: Mapping[str, object],
) -> None:
    """Hold the two ways to use the command apart; all problems at once."""
    problems = []
    if (path is None) == (experiment is None):
        problems.append("give a LIST with --outcomes, or --experiment FILE")
    if path is not None:
        problems += [] if of_list["--outcomes"] else ["--outcomes is missing"]
        problems += _strangers(of_experiment, "--experiment")
    if experiment is not None:
        needed = ("--treatment", "--control", "--outcome")
        problems += [f"{name} is missing" for name in needed if not of_experiment[name]]
        problems += _strangers(of_list, "a LIST")
    if len(problems) == 1:
        raise ConfigError(problems[0])
    if problems:
        raise ConfigError("the command cannot be run", problems)


def _strangers(options_given: Mapping[str, object], what: str) -> list[str]:
    return [f"{name} goes with {what} only" for name, value in options_given.items() if value]


def _measure_experiment(request: "ExperimentRequest", as_json: bool) -> None:
    from pipelines.measure import measure_experiment

    show(measure_experiment(request), as_json=as_json)


def _measure_list(
    request: "MeasureRequest",
    config: Path | None,
    changes: list[str],
    workspace: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    from pipelines.config import load_cross_sell
    from pipelines.measure import measure as measure_list
    from pipelines.progress import open_progress

    checked = (
        None
        if config is None
        else load_cross_sell(config, options.overrides_with(changes, workspace))
    )
    with open_progress(quiet=quiet) as progress:
        summary = measure_list(request, config=checked, workspace=workspace, progress=progress)
    show(summary, as_json=as_json)
