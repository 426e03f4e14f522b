"""`lode forget`: take one customer out of everything, and prove it."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli import options
from pipelines.cli.output import show

__all__ = ["forget"]


def forget(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="Whom, by identifier.", show_default=False)
    ],
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why, for the certificate.", show_default=False),
    ] = None,
    workspace: options.Workspace = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Remove one customer from every table, list and cache of a workspace.

    All of it happens or nothing does. A certificate tells every place that was looked at. A load of
    the same files does not bring the customer back. The environment variable LODE_PSEUDONYM_KEY is
    needed.
    """
    from pipelines.forgetting import forget as forget_customer

    certificate = forget_customer(workspace or Path(".lode"), customer, reason=reason)
    show(certificate, as_json=json)
