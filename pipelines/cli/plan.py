"""`lode plan`: how many customers an experiment needs, and how many to hold back."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["plan"]


def _number(text: str) -> object:
    return typer.Option(help=text, show_default=False)


def plan(
    base: Annotated[float | None, _number("Share who respond anyway; or")] = None,
    sd: Annotated[float | None, _number("standard deviation of money or pieces.")] = None,
    effect: Annotated[
        float | None, _number("Difference worth finding: points of a share (0.01), or money.")
    ] = None,
    customers: Annotated[int | None, _number("Customers in both groups.")] = None,
    control: Annotated[float | None, _number("Share held back; default: half.")] = None,
    value: Annotated[float | None, _number("Money that contacting a customer earns.")] = None,
    power: Annotated[float, typer.Option(help="Probability of finding the effect.")] = 0.8,
    alpha: Annotated[
        float, typer.Option(help="Probability of finding one that is not there.")
    ] = 0.05,
    path: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="A list: gives customers, control, base and value.",
            show_default=False,
        ),
    ] = None,
    measured: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="measure.json of an earlier list: gives the base.",
            show_default=False,
        ),
    ] = None,
    outcome: Annotated[
        str, typer.Option(metavar="NAME", help="Outcome of --measured.")
    ] = "response",
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Plan a control group: customers needed, effect that can be shown, share to hold back."""
    from pipelines.plan import PlanRequest
    from pipelines.plan import plan as make_plan

    request = PlanRequest(
        base=base,
        sd=sd,
        effect=effect,
        customers=customers,
        control=control,
        value=value,
        power=power,
        alpha=alpha,
        path=path,
        measured=measured,
        outcome=outcome,
    )
    show(make_plan(request), as_json=json)
