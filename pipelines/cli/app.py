"""All commands, gathered into one application."""

from typing import Annotated

import typer

from pipelines.cli.catalog import catalog
from pipelines.cli.check import check
from pipelines.cli.cube import cube
from pipelines.cli.doctor import doctor
from pipelines.cli.findings import findings
from pipelines.cli.forget import forget
from pipelines.cli.generate import generate
from pipelines.cli.load import load
from pipelines.cli.measure import measure
from pipelines.cli.mine import mine
from pipelines.cli.monitor import monitor
from pipelines.cli.output import emit
from pipelines.cli.plan import plan
from pipelines.cli.quality import quality
from pipelines.cli.refresh import refresh
from pipelines.cli.run import run
from pipelines.cli.schema import schema
from pipelines.cli.score import score
from pipelines.cli.sync import sync
from pipelines.cli.text import text
from pipelines.cli.ui import ui
from pipelines.cli.version import version, version_text
from pipelines.cli.web import web

__all__ = ["app"]

app = typer.Typer(
    name="lode",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 failed; 2 bad usage or configuration; 3 bad data; 4 a gate "
    "refused; 5 a budget was exceeded; 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        emit(version_text())
        raise typer.Exit


@app.callback()
def lode(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Mine customer data: from transactions to a ranked, explained and priced cross-sell list."""


for command in (
    run,
    score,
    monitor,
    refresh,
    measure,
    plan,
    check,
    load,
    cube,
    generate,
    web,
    text,
    sync,
    schema,
    version,
):
    app.command()(command)
for about_data in (catalog, quality, doctor, forget):
    app.command()(about_data)
app.command()(ui)
app.add_typer(mine, name="mine")
app.add_typer(findings, name="findings")
